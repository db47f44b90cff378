/*
 * bash: a line of bash that is being typed, and text as bash wants it.
 *
 * Readline hands over the line as it was typed, quotes and all, and replaces
 * only the end of the last word: what is behind an opening quote, or else
 * behind the last of COMP_WORDBREAKS. Nothing is expanded and no shell asked: a
 * `$(...)` on the line is so many letters.
 */
#ifndef VMM_PURE_BASH_H
#define VMM_PURE_BASH_H

#include "base/buf.h"

struct vmm_bash_line {         /* starts as {0} */
	struct vmm_strv words; /* the last one is being typed; may be empty */
	char quote;   /* that is open at the end of the line: ' or ", or 0 */
	size_t stays; /* so many bytes of the last word are not replaced */
};

/* Reads LINE up to the cursor. BREAKS are COMP_WORDBREAKS. */
void vmm_bash_read(
    struct vmm_bash_line *result, const char *line, const char *breaks);
void vmm_bash_release(struct vmm_bash_line *line);

/* Appends TEXT so that bash reads it as that, and nothing else; QUOTE is one
 * that is open, and is closed behind it, unless the last character is that. */
void vmm_bash_quote(struct vmm_buf *out, const char *text, char quote);

#endif
