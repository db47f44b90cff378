/* bash: hides bash's quotes. */
#include "pure/bash.h"

#include <string.h>

static const char blanks[] = " \t\n";

/* Reads one word at *TEXT, which is not a blank, with its quotes. */
static void read_word(
    struct vmm_bash_line *line, const char **text, const char *breaks)
{
	AUTOBUF word = VMM_BUF_INIT;
	const char *p = *text;

	line->quote = 0;
	line->stays = 0;
	for (; *p && (line->quote || !strchr(blanks, *p)); p++) {
		if (*p == line->quote) {
			line->quote = 0;
			line->stays = 0; /* readline takes all of the word */
		} else if (!line->quote && (*p == '\'' || *p == '"')) {
			line->quote = *p;
			line->stays = word.length;
		} else if (*p == '\\' && line->quote != '\'') {
			if (!p[1])
				continue; /* its letter is still to come */
			/* within double quotes it is itself but before what
			 * it is needed for */
			if (!line->quote || strchr("$`\"\\\n", p[1]))
				p++;
			vmm_buf_addc(&word, *p);
		} else {
			vmm_buf_addc(&word, *p);
			if (!line->quote && strchr(breaks, *p))
				line->stays = word.length;
		}
	}
	*text = p;
	vmm_strv_take(&line->words, vmm_buf_take(&word));
}

void vmm_bash_read(
    struct vmm_bash_line *result, const char *line, const char *breaks)
{
	for (;;) {
		size_t gap = strspn(line, blanks);

		line += gap;
		if (!*line) {
			if (!gap && result->words.n)
				return; /* the last word is being typed */
			result->quote = 0;
			result->stays = 0;
			vmm_strv_take(
			    &result->words, vmm_buf_take(&(struct vmm_buf){0}));
			return;
		}
		read_word(result, &line, breaks);
	}
}

void vmm_bash_release(struct vmm_bash_line *line)
{
	vmm_strv_release(&line->words);
}

static void add_bare(struct vmm_buf *out, char c)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/_-.,:=@+%";

	if (!((unsigned char)c & 0x80) && !strchr(plain, c))
		vmm_buf_addc(out, '\\');
	vmm_buf_addc(out, c);
}

/* Readline adds the quote that is open, unless what it put on the line ends in
 * one: so that is to be the end of the quote. */
static void add_in_single(struct vmm_buf *out, const char *text)
{
	if (*text == '\'')
		vmm_buf_adds(out, text[1] ? "'\\''" : "'\\'");
	else
		vmm_buf_addc(out, *text);
}

static void add_in_double(struct vmm_buf *out, const char *text)
{
	if (*text == '!') /* a backslash within would stay */
		vmm_buf_adds(out, text[1] ? "\"\\!\"" : "\"\\!\"\"");
	else if (*text == '"' && !text[1])
		vmm_buf_adds(out, "\"\\\"");
	else if (strchr("$`\"\\", *text))
		vmm_buf_addf(out, "\\%c", *text);
	else
		vmm_buf_addc(out, *text);
}

void vmm_bash_quote(struct vmm_buf *out, const char *text, char quote)
{
	for (; *text; text++) {
		if (quote == '\'')
			add_in_single(out, text);
		else if (quote == '"')
			add_in_double(out, text);
		else
			add_bare(out, *text);
	}
}
