/*
 * words: what is quoted stays a word, and nothing that is put into one makes
 * another. The first line is read as it is; the others are words.
 */
#include "fuzz.h"

#include "pure/words.h"

const char fuzz_name[] = "words";
const char *const fuzz_words[] = {"\n", "\n", "\n", "vi", "-e", " ", "\t", "\r",
    "'", "'", "\"", "\"", "\\", "\\", "%", "%", "%%", "%n", "%v", "%x", "$(x)",
    "a", "it's", "\xc3\xa9", "\xff", "", NULL};

static const char blanks[] = " \t\r\n";

/* Adds WORD in one of the ways in which it can be written. */
static void write_word(struct vmm_buf *line, const char *word, unsigned way)
{
	const char *quote = way == 0 ? "'" : way == 1 ? "\"" : "";

	vmm_buf_adds(line, quote);
	for (const char *p = word; *p; p++) {
		if (way == 0 && *p == '\'')
			vmm_buf_adds(line, "'\\'");
		else if (way == 1 && strchr("\"\\", *p))
			vmm_buf_addc(line, '\\');
		else if (way == 2)
			vmm_buf_addc(line, '\\');
		vmm_buf_addc(line, *p);
	}
	if (way == 2 && !*word)
		vmm_buf_adds(line, "''");
	vmm_buf_adds(line, quote);
}

static void check_same(const struct vmm_strv *a, const struct vmm_strv *b)
{
	HOLDS(a->n == b->n);
	for (size_t i = 0; i < a->n; i++)
		HOLDS(strcmp(a->v[i], b->v[i]) == 0);
}

/* What was written in any way is what is read. */
static void check_written(const struct vmm_strv *words)
{
	for (unsigned way = 0; words->n && way < 6; way++) {
		AUTOBUF line = VMM_BUF_INIT;
		AUTOSTRV again = VMM_STRV_INIT;
		AUTOERR err = VMM_ERR_INIT;

		for (size_t i = 0; i < words->n; i++) {
			vmm_buf_addc(&line, blanks[(way + i) % 4]);
			write_word(&line, words->v[i],
			    way < 3 ? way : (way + (unsigned)i) % 3);
		}
		vmm_buf_addc(&line, blanks[way % 4]);
		HOLDS(vmm_words_split(vmm_buf_text(&line), &again, &err) == 0);
		check_same(words, &again);
	}
}

/* Without quotes and backslashes, blanks are all there is to it. */
static void check_plain(const char *text, const struct vmm_strv *words)
{
	size_t n = 0;

	for (text += strspn(text, blanks); *text;
	     text += strspn(text, blanks)) {
		size_t length = strcspn(text, blanks);

		HOLDS(n < words->n && strlen(words->v[n]) == length);
		HOLDS(strncmp(words->v[n++], text, length) == 0);
		text += length;
	}
	HOLDS(n == words->n);
}

static void check_raw(const char *text)
{
	AUTOSTRV words = VMM_STRV_INIT;
	AUTOERR err = VMM_ERR_INIT;
	bool good = vmm_words_split(text, &words, &err) == 0;

	HOLDS(
	    good ? words.n && !err.text : err.status == VMM_USAGE && err.text);
	if (good)
		check_written(&words);
	if (!strpbrk(text, "'\"\\")) {
		HOLDS(good == (text[strspn(text, blanks)] != '\0'));
		check_plain(text, &words);
	}
}

/* --- letters --- */

/* %v is VALUE, %n nothing, another an error. */
static int letter(char c, void *arg, const char **value, struct vmm_err *err)
{
	if (c == 'v')
		*value = arg;
	else if (c != 'n')
		return vmm_err_set(err, VMM_USAGE, "no %c", c);
	return 0;
}

/* WORD with its letters replaced, in the plainest way; to be freed. NULL for an
 * error. */
static char *replaced(const char *word, const char *value)
{
	struct vmm_buf out = VMM_BUF_INIT;

	for (; *word; word++) {
		if (*word != '%') {
			vmm_buf_addc(&out, *word);
			continue;
		}
		word++;
		if (*word == '%')
			vmm_buf_addc(&out, '%');
		else if (*word == 'v')
			vmm_buf_adds(&out, value);
		else if (*word != 'n') {
			vmm_buf_release(&out);
			return NULL;
		}
	}
	return vmm_buf_take(&out);
}

/* Whatever is put in, a word stays one; only %n alone is none. */
static void check_expand(const struct vmm_strv *words, char *value)
{
	AUTOSTRV made = VMM_STRV_INIT;
	AUTOSTRV expected = VMM_STRV_INIT;
	AUTOERR err = VMM_ERR_INIT;
	bool good = true;

	for (size_t i = 0; i < words->n; i++) {
		char *word = replaced(words->v[i], value);

		good &= word != NULL;
		if (word && strcmp(words->v[i], "%n") != 0)
			vmm_strv_take(&expected, word);
		else
			free(word);
		vmm_strv_take(&made, vmm_strdup(words->v[i]));
	}
	HOLDS((vmm_words_expand(&made, letter, value, &err) == 0) == good);
	HOLDS(good == (err.text == NULL));
	check_same(&made, good ? &expected : words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *line = fuzz_line(&data, &size);
	AUTOSTRV words = VMM_STRV_INIT;

	check_raw(line);
	while (size && words.n < 8)
		vmm_strv_take(&words, fuzz_line(&data, &size));
	check_written(&words);
	check_expand(&words, line);
	return 0;
}
