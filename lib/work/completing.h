/*
 * completing: what could stand where the cursor is.
 *
 * All shells ask here, so that they offer the same. Which options a command has
 * it says itself (pure/usage.h); what a word can be follows from that, and what
 * there is of it is the host's to say. Only commands that live beside us are
 * asked: what else a line names is never run.
 *
 * Nothing is an error: where nothing can be known, nothing is offered.
 */
#ifndef VMM_WORK_COMPLETING_H
#define VMM_WORK_COMPLETING_H

#include "base/buf.h"
#include "work/opt.h"

struct vmm_candidates {       /* starts as {0} */
	struct vmm_strv word; /* whole words, not quoted */
	struct vmm_strv help; /* one each; "" is none */
	bool files;           /* the shell's own are wanted */
};

/* Finds what the last of WORDS, of which the first is the program, could be.
 * The host is ARGS's, unless they name another. Slow where a host is. */
void vmm_complete(const struct vmm_strv *words, const struct vmm_args *args,
    struct vmm_candidates *candidates);
void vmm_candidates_release(struct vmm_candidates *candidates);

#endif
