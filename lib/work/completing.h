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
#include "work/candidates.h"
#include "work/opt.h"

struct vmm_completion { /* starts as {0} */
	char *kept;     /* what all begin with, whatever follows; NULL: nothing
			 * can be told */
	char *word;     /* what is being completed, behind that */
	struct vmm_candidates found; /* not quoted */
	bool files;                  /* the shell's own are wanted */
};

/* Finds what the last of WORDS, of which the first is the program, could be.
 * The host is ARGS's, unless they name another. Slow where a host is. */
void vmm_complete(const struct vmm_strv *words, const struct vmm_args *args,
    struct vmm_completion *completion);
void vmm_completion_release(struct vmm_completion *completion);

#endif
