/*
 * bash: what was quoted is what bash reads, wherever on a line it stands. Two
 * lines: one that is being typed, and a text that completes it.
 */
#include "fuzz.h"

#include "pure/bash.h"

const char fuzz_name[] = "bash";
const char *const fuzz_words[] = {"\n", "\n", "vmm ", "start ",
    "--label=", "qemu:///", " ", "\t", "'", "'", "\"", "\"", "\\", "\\", "$",
    "`", "!", "=", ":", "@", "~", "#", "{", "[", "*", "?", ";", "&", "|", "(",
    "<", ">", "^", "a", "it's", "\xc3\xa9", "\xff", "", NULL};

static const char breaks[] = " \t\n\"'@><=;|&(:";

/* What bash does with a line that runs no command, expands nothing and has no
 * history: reads it into WORDS by POSIX's rules (2.2 Quoting) and bash's own.
 * False where it would do something else. *QUOTE is the one left open. */
static bool plain_read(const char *line, struct vmm_strv *words, char *quote)
{
	struct vmm_buf word = VMM_BUF_INIT;
	bool within = false, plain = true;

	for (*quote = 0; *line; line++) {
		char c = *line;

		if (!*quote && (c == ' ' || c == '\t')) {
			if (within)
				vmm_strv_take(words, vmm_buf_take(&word));
			within = false;
			continue;
		}
		within = true;
		if (c == *quote) {
			*quote = 0;
		} else if (!*quote && (c == '\'' || c == '"')) {
			*quote = c;
		} else if (*quote == '\'') {
			vmm_buf_addc(&word, c);
		} else if (c == '\\' &&
			   (!*quote || strchr("$`\"\\\n", line[1]))) {
			plain &= line[1] && line[1] != '\n'; /* goes on */
			if (line[1])
				vmm_buf_addc(&word, *++line);
		} else {
			plain &= !strchr(
			    *quote ? "$`!" : "$`!|&;()<>*?[]{}~#^\n", c);
			vmm_buf_addc(&word, c);
		}
	}
	if (within)
		vmm_strv_take(words, vmm_buf_take(&word));
	vmm_buf_release(&word);
	return plain;
}

static bool same(const struct vmm_strv *a, const struct vmm_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* A line that bash reads without doing more is read as bash does; what is
 * behind the last blank is a word, too. */
static void check_read(const char *text)
{
	AUTOSTRV words = VMM_STRV_INIT;
	struct vmm_bash_line line = {0};
	char quote;
	bool plain = plain_read(text, &words, &quote);

	vmm_bash_read(&line, text, breaks);
	HOLDS(line.words.n);
	HOLDS(line.stays <= strlen(line.words.v[line.words.n - 1]));
	HOLDS(!line.quote || line.quote == '\'' || line.quote == '"');
	if (plain) {
		if (line.words.n > words.n)
			vmm_strv_take(&words, vmm_strdup(""));
		HOLDS(same(&words, &line.words));
		HOLDS(quote == line.quote);
	}
	vmm_bash_release(&line);
}

/* As readline does: TEXT goes on the end of LINE, whose last word is open in
 * QUOTE, and so does the end of the quote unless it is there. */
static void put(struct vmm_buf *line, const char *text, char quote)
{
	vmm_bash_quote(line, text, quote);
	if (quote && vmm_buf_text(line)[line->length - 1] != quote)
		vmm_buf_addc(line, quote);
}

/* TEXT as a word of its own is that to bash, and to us. */
static void check_alone(const char *text, char quote)
{
	AUTOBUF line = VMM_BUF_INIT;
	AUTOSTRV words = VMM_STRV_INIT;
	struct vmm_bash_line again = {0};
	char left;

	vmm_buf_adds(&line, "vmm ");
	if (quote)
		vmm_buf_addc(&line, quote);
	put(&line, text, quote);
	vmm_buf_adds(&line, " x");
	HOLDS(plain_read(vmm_buf_text(&line), &words, &left) && !left);
	HOLDS(words.n == 3 && strcmp(words.v[1], text) == 0);
	vmm_bash_read(&again, vmm_buf_text(&line), breaks);
	HOLDS(same(&words, &again.words) && !again.quote);
	vmm_bash_release(&again);
}

/* TEXT put behind what was typed: the last word is longer by it, and all else
 * as it was. */
static void check_completed(const char *typed, const char *text)
{
	struct vmm_bash_line before = {0}, after = {0};
	AUTOBUF line = VMM_BUF_INIT;
	AUTOFREE char *expected = NULL;
	size_t n;

	vmm_bash_read(&before, typed, breaks);
	n = before.words.n;
	vmm_buf_adds(&line, typed);
	put(&line, text, before.quote);
	vmm_bash_read(&after, vmm_buf_text(&line), breaks);
	expected = vmm_sprintf("%s%s", before.words.v[n - 1], text);
	HOLDS(after.words.n == n && !after.quote);
	HOLDS(strcmp(after.words.v[n - 1], expected) == 0);
	while (--n)
		HOLDS(strcmp(before.words.v[n - 1], after.words.v[n - 1]) == 0);
	vmm_bash_release(&before);
	vmm_bash_release(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *typed = fuzz_line(&data, &size);
	AUTOFREE char *text = fuzz_line(&data, &size);
	size_t backslashes = 0;

	check_read(typed);
	if (!*text)
		return 0;
	check_alone(text, 0);
	check_alone(text, '\'');
	check_alone(text, '"');
	for (const char *p = typed; *p; p++)
		backslashes = *p == '\\' ? backslashes + 1 : 0;
	if (!backslashes) /* else its letter is still to come */
		check_completed(typed, text);
	return 0;
}
