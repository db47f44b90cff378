/*
 * usage: what a command line can have, read from what a program prints.
 *
 * Programs print it as --dump-options, for completion; of a script there is
 * --help, whose lines look alike:
 *
 *	--output<TAB>-o<TAB>COL[,COL...]<TAB>these columns<TAB>COL[,COL...]
 *	column<TAB>path<TAB>its path
 *	operands<TAB>[FOLDER|VM]...
 *
 * What an option or an operand can be stands there as in a synopsis: words in
 * capitals are kinds of things (VM, LABEL), others are themselves, `|` means
 * or, `,...` a list with commas, `...` any number, and brackets mean nothing.
 * Operands are separated by blanks, and whole alternatives of them by ` | `.
 */
#ifndef VMM_PURE_USAGE_H
#define VMM_PURE_USAGE_H

#include <stdbool.h>

#include "base/buf.h"

struct vmm_usage_option {
	char *name;    /* "label" */
	char letter;   /* 'L', or 0 */
	bool optional; /* its value: then only behind a '=' */
	char *takes;   /* "LABEL"; NULL: a flag */
	char *help;
};

struct vmm_usage { /* starts as {0} */
	struct vmm_usage_option *option;
	size_t n;
	struct vmm_strv columns, column_help; /* of the same length */
	char *operands;                       /* NULL: not known */
};

/* Reads --dump-options, or --help; lines that are something else are passed
 * over. */
void vmm_usage_read_dump(struct vmm_usage *usage, const char *text);
void vmm_usage_read_help(struct vmm_usage *usage, const char *text);
void vmm_usage_release(struct vmm_usage *usage);

/* The option --NAME (of LENGTH bytes), or -LETTER; NULL: there is none. */
const struct vmm_usage_option *vmm_usage_long(
    const struct vmm_usage *usage, const char *name, size_t length);
const struct vmm_usage_option *vmm_usage_letter(
    const struct vmm_usage *usage, char letter);

/* Appends what a value TAKES can be: "running", "LABEL", "STATE," for a list of
 * them. */
void vmm_usage_value(const char *takes, struct vmm_strv *kinds);
/* The same for the operand that follows those BEFORE. */
void vmm_usage_operand(const char *operands, const struct vmm_strv *before,
    struct vmm_strv *kinds);

#endif
