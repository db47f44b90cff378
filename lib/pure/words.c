/* words: hides quoting and letters. */
#include "pure/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

static const char blanks[] = " \t\r\n";

/* Appends the word at *TEXT, which is not a blank. False: a quote does not
 * end. */
static bool take_word(const char **text, struct vmm_strv *words)
{
	AUTOBUF word = VMM_BUF_INIT;
	const char *p = *text;
	char quote = 0;

	for (; *p && (quote || !strchr(blanks, *p)); p++) {
		if (*p == quote) {
			quote = 0;
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else {
			/* within double quotes a backslash is itself but
			 * before what it is needed for */
			if (*p == '\\' && p[1] && quote != '\'' &&
			    (!quote || strchr("\"\\", p[1])))
				p++;
			vmm_buf_addc(&word, *p);
		}
	}
	*text = p;
	vmm_strv_take(words, vmm_buf_take(&word));
	return !quote;
}

int vmm_words_split(
    const char *text, struct vmm_strv *words, struct vmm_err *err)
{
	size_t before = words->n;

	for (;;) {
		text += strspn(text, blanks);
		if (!*text)
			break;
		if (!take_word(&text, words))
			return vmm_err_set(
			    err, VMM_USAGE, "a quote that does not end");
	}
	return words->n > before
		   ? 0
		   : vmm_err_set(err, VMM_USAGE, "a command without a word");
}

/* WORD with its letters replaced, to be freed. *NOTHING: all that it was is a
 * letter that stands for nothing. NULL with the error. */
static char *expand(const char *word, vmm_letter_fn *letter, void *arg,
    bool *nothing, struct vmm_err *err)
{
	AUTOBUF out = VMM_BUF_INIT;

	*nothing = false;
	for (const char *p = word; *p; p++) {
		const char *value = NULL;

		if (*p != '%') {
			vmm_buf_addc(&out, *p);
			continue;
		}
		if (!*++p) {
			vmm_err_set(err, VMM_USAGE,
			    "a '%%' at an end stands for nothing; '%%%%' is "
			    "one");
			return NULL;
		}
		if (*p == '%')
			value = "%";
		else if (letter(*p, arg, &value, err) < 0)
			return NULL;
		if (!value)
			*nothing = p == word + 1 && !p[1];
		else
			vmm_buf_adds(&out, value);
	}
	return vmm_buf_take(&out);
}

int vmm_words_expand(struct vmm_strv *words, vmm_letter_fn *letter, void *arg,
    struct vmm_err *err)
{
	AUTOSTRV made = VMM_STRV_INIT;

	for (size_t i = 0; i < words->n; i++) {
		bool nothing;
		char *word = expand(words->v[i], letter, arg, &nothing, err);

		if (!word)
			return -1;
		if (nothing)
			free(word);
		else
			vmm_strv_take(&made, word);
	}
	vmm_strv_release(words);
	vmm_strv_move(words, &made);
	return 0;
}
