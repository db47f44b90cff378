/*
 * words: command lines that users write into their configuration.
 *
 * They are split as a shell splits them, quotes and backslashes included, but
 * no shell is asked: what a VM's owner chose can be put into a word and stays
 * one.
 */
#ifndef VMM_PURE_WORDS_H
#define VMM_PURE_WORDS_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the words of TEXT. The error, of status VMM_USAGE, is for a quote
 * that does not end, and for a line without words. */
int vmm_words_split(
    const char *text, struct vmm_strv *words, struct vmm_err *err) MUST_CHECK;

/* What %LETTER stands for: borrowed. NULL: a word that is nothing but it is
 * left out, and in others it is nothing. An unknown letter, and what there
 * should be and is not, are errors. */
typedef int vmm_letter_fn(
    char letter, void *arg, const char **value, struct vmm_err *err);
/* Replaces %LETTER in all words, and %% by a percent sign. */
int vmm_words_expand(struct vmm_strv *words, vmm_letter_fn *letter, void *arg,
    struct vmm_err *err) MUST_CHECK;

#endif
