/* config: hides both syntaxes.
 *
 * Not inih: as distributions build it, it cuts lines at 200 bytes and makes two
 * settings of one, joins indented lines, and ends a quoted value at a
 * semicolon.
 */
#include "pure/config.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

static const char blanks[] = " \t\r";

static bool is_name(const char *text, size_t length)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return length && strspn(text, letters) >= length;
}

/* Whether nothing but blanks and a comment stands at TEXT. */
static bool is_over(const char *text)
{
	text += strspn(text, blanks);
	return !*text || *text == '#' || *text == ';';
}

/* The name of the section that LINE begins, to be freed; NULL without. */
static char *section_of(const char *line)
{
	size_t length = strcspn(line, "]");

	if (!line[length] || !is_name(line + 1, length - 1) ||
	    !is_over(line + length + 1))
		return NULL;
	return vmm_strndup(line + 1, length - 1);
}

/* A value: quotes keep blanks and comment signs, a backslash goes before a
 * quote or a backslash. To be freed; NULL where a quote does not end. */
static char *value_of(const char *text)
{
	AUTOBUF out = VMM_BUF_INIT;
	size_t end = 0; /* behind the last character that is not a blank */
	bool quoted = false;

	for (text += strspn(text, blanks); *text; text++) {
		bool blank = strchr(blanks, *text) != NULL;

		if (*text == '"') {
			quoted = !quoted;
			end = out.length;
			continue;
		}
		/* as in git's own, but a sign within a word is the word's */
		if (!quoted && (*text == '#' || *text == ';') &&
		    (!out.length || strchr(blanks, text[-1])))
			break;
		if (*text == '\\' && (text[1] == '"' || text[1] == '\\'))
			text++;
		vmm_buf_addc(&out, *text);
		if (quoted || !blank)
			end = out.length;
	}
	return quoted ? NULL : vmm_strndup(vmm_buf_text(&out), end);
}

/* Understands one line; SECTION is the one that it stands in, and may change.
 * Returns false for a bad line. */
static bool read_line(
    struct vmm_config *config, const char *line, char **section)
{
	size_t length;
	char *value;

	line += strspn(line, blanks);
	if (is_over(line))
		return true;
	if (*line == '[') {
		free(*section);
		*section = section_of(line);
		return *section != NULL;
	}
	length = strcspn(line, " \t=");
	if (!*section || !is_name(line, length))
		return false;
	value = strchr(line, '=');
	if (!value ||
	    (size_t)(value - line) != length + strspn(line + length, blanks))
		return false;
	value = value_of(value + 1);
	if (!value)
		return false;
	vmm_strv_take(
	    &config->keys, vmm_sprintf("%s.%.*s", *section, (int)length, line));
	vmm_strv_take(&config->values, value);
	return true;
}

int vmm_config_read(struct vmm_config *config, const char *text)
{
	AUTOFREE char *section = NULL;
	int bad = 0;

	for (int number = 1; *text; number++) {
		size_t length = strcspn(text, "\n");
		AUTOFREE char *line = vmm_strndup(text, length);

		if (!read_line(config, line, &section) && !bad)
			bad = number;
		text += length + (text[length] == '\n');
	}
	return bad;
}

const char *vmm_config_get(const struct vmm_config *config, const char *key)
{
	for (size_t i = 0; i < config->keys.n; i++)
		if (strcmp(config->keys.v[i], key) == 0)
			return config->values.v[i];
	return NULL;
}

void vmm_config_release(struct vmm_config *config)
{
	vmm_strv_release(&config->keys);
	vmm_strv_release(&config->values);
}

/* Over blanks, newlines and comments. */
static const char *skip(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p != '#')
			return p;
		p += strcspn(p, "\n");
	}
}

/* A quoted string at *P ("x", 'x'), to be freed; NULL where there is none. */
static char *quoted(const char **p)
{
	char quote = **p;
	const char *end;
	char *text;

	if (quote != '"' && quote != '\'')
		return NULL;
	end = strchr(*p + 1, quote);
	if (!end || memchr(*p, '\n', (size_t)(end - *p)))
		return NULL;
	text = vmm_strndup(*p + 1, (size_t)(end - *p) - 1);
	*p = end + 1;
	return text;
}

static const char *read_list(const char *p, struct vmm_strv *list)
{
	if (*p != '[')
		return p;
	p++;
	for (;;) {
		char *item;

		p = skip(p);
		item = quoted(&p);
		if (!item)
			return p;
		vmm_strv_take(list, item);
		p = skip(p);
		p += *p == ',';
	}
}

char *vmm_config_read_libvirt(const char *text, struct vmm_strv *aliases)
{
	char *uri = NULL;

	for (const char *p = skip(text); *p; p = skip(p)) {
		const char *key = p;
		size_t length = strcspn(p, " \t=\r\n");

		p += length;
		p += strspn(p, " \t");
		if (*p == '=') {
			p++;
			p += strspn(p, " \t");
			if (length == strlen("uri_default") && !uri &&
			    strncmp(key, "uri_default", length) == 0)
				uri = quoted(&p);
			else if (length == strlen("uri_aliases") &&
				 strncmp(key, "uri_aliases", length) == 0)
				p = read_list(p, aliases);
		}
		p += strcspn(p, "\n");
	}
	return uri;
}
