/*
 * fuzz: what a target has to have.
 *
 * A target is a fuzz-NAME.c with the three below. libFuzzer runs it (t/fuzz/run
 * NAME), or main.c does, as a regression test that needs no clang. A property
 * that does not hold aborts.
 */
#ifndef VMM_T_FUZZ_H
#define VMM_T_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

extern const char fuzz_name[];
/* What main.c makes inputs of; ends with NULL. An empty word is a NUL byte. */
extern const char *const fuzz_words[];
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(property)                                                        \
	do {                                                                   \
		if (!(property))                                               \
			fuzz_broken(#property, __FILE__, __LINE__);            \
	} while (0)

static inline _Noreturn void fuzz_broken(
    const char *property, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
	abort();
}

/* The text of *SIZE bytes at *DATA up to the first newline, or all of it where
 * there is none, without NUL bytes; to be freed. Both move on behind it. */
static inline char *fuzz_line(const uint8_t **data, size_t *size)
{
	struct vmm_buf line = VMM_BUF_INIT;
	bool more = true;

	for (; *size && more; ++*data, --*size) {
		more = **data != '\n';
		if (more && **data)
			vmm_buf_addc(&line, (char)**data);
	}
	return vmm_buf_take(&line);
}

/* All of it as text, without NUL bytes; to be freed. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	struct vmm_buf text = VMM_BUF_INIT;

	for (; size; data++, size--)
		if (*data)
			vmm_buf_addc(&text, (char)*data);
	return vmm_buf_take(&text);
}

#endif
