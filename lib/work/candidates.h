/*
 * candidates: words that begin as one does which is being typed, each once,
 * with what there is to say of it.
 */
#ifndef VMM_WORK_CANDIDATES_H
#define VMM_WORK_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/index.h"

struct vmm_candidate {
	char *word;
	char *help; /* raw; "" is none */
	bool folder;
};

struct vmm_candidates {    /* starts as {0}, but for its first */
	const char *begin; /* how all begin; borrowed */
	struct vmm_candidate *v;
	size_t n;
	struct vmm_index seen;
};

/* Adds WORD, if it suits; HELP may be NULL. What would need escapes cannot be
 * typed, and is left out: what is taken with escapes comes with them. */
void vmm_candidates_add(
    struct vmm_candidates *candidates, const char *word, const char *help);
/* Folders first, and all in natural order. */
void vmm_candidates_sort(struct vmm_candidates *candidates);
void vmm_candidates_release(struct vmm_candidates *candidates);

#endif
