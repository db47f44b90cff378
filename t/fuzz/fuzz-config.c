/*
 * config: what was written is what is read. The input is read as it is, as
 * either kind of text, and then steers the writing of one of each kind.
 */
#include "fuzz.h"

#include "pure/config.h"

const char fuzz_name[] = "config";
const char *const fuzz_words[] = {"[core]", "[menu]", "[", "]", "uri", "jobs",
    " ", "\t", "    ", "=", " = ", "\n", "\n", "\r\n", "#", ";", " # ", " ; ",
    "\"", "\"", "'", "'", "\\", ":", ",", "uri_default", "uri_aliases",
    "uri_default = \"", "uri_aliases = [", "qemu:///system", "a=b", "\xc3\xa9",
    "\xff", "", "\001", "\002", "\003", "\004", "\005", NULL};

/* Numbers out of the input; zeros when it is used up. */
struct dice {
	const uint8_t *data;
	size_t size;
};

static unsigned below(struct dice *dice, unsigned limit)
{
	if (!dice->size)
		return 0;
	dice->size--;
	return *dice->data++ % limit;
}

static const char *one_of(struct dice *dice, const char *const *words)
{
	unsigned n = 0;

	while (words[n])
		n++;
	return words[below(dice, n)];
}

/* Up to 60 of the characters in LETTERS, none of the blank ones at an end; to
 * be freed. */
static char *made_up(struct dice *dice, const char *letters)
{
	AUTOBUF out = VMM_BUF_INIT;
	unsigned length = below(dice, 60);

	while (length--) {
		unsigned i = below(dice, (unsigned)strlen(letters));

		if (letters[i] != ' ' || (out.length && length))
			vmm_buf_addc(&out, letters[i]);
	}
	while (out.length && out.text[out.length - 1] == ' ')
		out.text[--out.length] = '\0';
	return vmm_buf_take(&out);
}

static const char *const blanks[] = {"", " ", "\t", "    ", " \t ", NULL};
static const char *const ends[] = {
    "\n", "\n", "\r\n", "\n\n", "\n# c=d\n", "\n\t# [x]\n", "\n  \n", NULL};

/* --- vmm's own --- */

/* Adds VALUE, as git writes it, between QUOTE, which may be empty. */
static void add_value(
    struct vmm_buf *text, const char *value, const char *quote)
{
	vmm_buf_adds(text, quote);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			vmm_buf_addc(text, '\\');
		vmm_buf_addc(text, *value);
	}
	vmm_buf_adds(text, quote);
}

static void check_raw(const char *text)
{
	struct vmm_config config = VMM_CONFIG_INIT;
	int bad = vmm_config_read(&config, text), lines = 1;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	HOLDS(bad >= 0 && bad <= lines);
	HOLDS(config.keys.n == config.values.n);
	for (size_t i = 0; i < config.keys.n; i++) {
		const char *key = config.keys.v[i];
		const char *value = vmm_config_get(&config, key);
		size_t first = 0;

		HOLDS(strchr(key, '.'));
		HOLDS(!strchr(key, '\n') && !strchr(value, '\n'));
		while (strcmp(config.keys.v[first], key) != 0)
			first++;
		HOLDS(value == config.values.v[first]);
	}
	vmm_config_release(&config);
}

static void check_written(struct dice *dice)
{
	static const char *const sections[] = {
	    "core", "menu", "my-viewer.2", "clone", NULL};
	static const char *const names[] = {
	    "uri", "jobs", "a", "long-name_9", NULL};
	static const char *const ways[] = {"", "", "\"", NULL};
	struct vmm_config config = VMM_CONFIG_INIT;
	AUTOSTRV keys = VMM_STRV_INIT;
	AUTOSTRV values = VMM_STRV_INIT;
	AUTOBUF text = VMM_BUF_INIT;
	const char *section = NULL;

	while (dice->size) {
		const char *name = one_of(dice, names);
		const char *quote = one_of(dice, ways);

		if (!section || below(dice, 4) == 0) {
			section = one_of(dice, sections);
			vmm_buf_addf(&text, "%s[%s]%s", one_of(dice, blanks),
			    section, one_of(dice, ends));
		}
		vmm_strv_take(&keys, vmm_sprintf("%s.%s", section, name));
		vmm_strv_take(
		    &values, made_up(dice, *quote ? "a+:/?=.&@[]\"\\'#; 9"
						  : "a+:/?=.&@[]\"\\' 9"));
		vmm_buf_addf(&text, "%s%s%s=%s", one_of(dice, blanks), name,
		    one_of(dice, blanks), one_of(dice, blanks));
		add_value(&text, values.v[values.n - 1], quote);
		vmm_buf_adds(&text, one_of(dice, blanks));
		vmm_buf_adds(&text, one_of(dice, ends));
	}
	HOLDS(vmm_config_read(&config, vmm_buf_text(&text)) == 0);
	HOLDS(config.keys.n == keys.n);
	for (size_t i = 0; i < keys.n; i++) {
		HOLDS(strcmp(config.keys.v[i], keys.v[i]) == 0);
		HOLDS(strcmp(config.values.v[i], values.v[i]) == 0);
	}
	vmm_config_release(&config);
}

/* --- libvirt's --- */

/* Whether TEXT has VALUE as a string, which does not go over a line. */
static bool has_string(const char *text, const char *value)
{
	AUTOFREE char *one = vmm_sprintf("'%s'", value);
	AUTOFREE char *two = vmm_sprintf("\"%s\"", value);

	return !strchr(value, '\n') && (strstr(text, one) || strstr(text, two));
}

static void check_raw_libvirt(const char *text)
{
	AUTOSTRV aliases = VMM_STRV_INIT;
	AUTOFREE char *uri = vmm_config_read_libvirt(text, &aliases);

	HOLDS(!uri || (strstr(text, "uri_default") && has_string(text, uri)));
	HOLDS(!aliases.n || strstr(text, "uri_aliases"));
	for (size_t i = 0; i < aliases.n; i++)
		HOLDS(has_string(text, aliases.v[i]));
}

/* Adds a string in either kind of quotes; to be freed. */
static char *add_string(struct vmm_buf *text, struct dice *dice)
{
	bool two = below(dice, 2);
	char *value =
	    made_up(dice, two ? "a+:/?=.&@[],'#; 9" : "a+:/?=.&@[],\"#; 9");

	vmm_buf_addf(text, "%s%s%s", two ? "\"" : "'", value, two ? "\"" : "'");
	return value;
}

static void add_aliases(
    struct vmm_buf *text, struct dice *dice, struct vmm_strv *aliases)
{
	static const char *const gaps[] = {
	    "", " ", "\n", "\r\n", "\n\t", "\n\n", NULL};
	unsigned n = below(dice, 4);

	vmm_buf_addf(text, "[%s", one_of(dice, gaps));
	while (n--) {
		vmm_strv_take(aliases, add_string(text, dice));
		vmm_buf_addf(text, "%s%s%s", one_of(dice, gaps),
		    n || below(dice, 2) ? "," : "", one_of(dice, gaps));
	}
	vmm_buf_addc(text, ']');
}

static void check_written_libvirt(struct dice *dice)
{
	AUTOSTRV written = VMM_STRV_INIT;
	AUTOSTRV aliases = VMM_STRV_INIT;
	AUTOBUF text = VMM_BUF_INIT;
	AUTOFREE char *first = NULL;
	AUTOFREE char *uri = NULL;

	while (dice->size) {
		static const char *const keys[] = {"uri_default", "uri_aliases",
		    "other", "uri_default2", NULL};
		const char *key = one_of(dice, keys);
		AUTOFREE char *value = NULL;

		vmm_buf_addf(&text, "%s%s%s", one_of(dice, blanks), key,
		    one_of(dice, blanks));
		vmm_buf_addf(&text, "=%s", one_of(dice, blanks));
		if (strcmp(key, "uri_aliases") == 0)
			add_aliases(&text, dice, &written);
		else
			value = add_string(&text, dice);
		if (!first && strcmp(key, "uri_default") == 0)
			first = TAKE_PTR(value);
		vmm_buf_addf(
		    &text, "%s%s", one_of(dice, blanks), one_of(dice, ends));
	}
	uri = vmm_config_read_libvirt(vmm_buf_text(&text), &aliases);
	HOLDS((uri == NULL) == (first == NULL));
	HOLDS(!uri || strcmp(uri, first) == 0);
	HOLDS(aliases.n == written.n);
	for (size_t i = 0; i < aliases.n; i++)
		HOLDS(strcmp(aliases.v[i], written.v[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = fuzz_text(data, size);

	check_raw(text);
	check_written(&(struct dice){data, size});
	check_raw_libvirt(text);
	check_written_libvirt(&(struct dice){data, size});
	return 0;
}
