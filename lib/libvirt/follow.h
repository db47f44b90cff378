/*
 * follow: how far a job is, while it is waited for.
 */
#ifndef VMM_LIBVIRT_FOLLOW_H
#define VMM_LIBVIRT_FOLLOW_H

#include "base/progress.h"
#include "libvirt/call.h"

/*
 * Waits for JOB, a call for VM that writes its memory; false if an interrupt
 * came before it was back. As long as somebody watches PROGRESS libvirt is
 * asked now and then how far it is, for it has no event for that.
 */
bool vmm_follow(const struct vmm_vm *vm, struct vmm_call *job,
    struct vmm_progress *progress) MUST_CHECK;

/* Milliseconds between two looks at how far a job is. The end is not waited for
 * so: it is a call's return, or an event. */
#define VMM_FOLLOW_LOOK 500

struct vmm_amount {
	unsigned long long done, total; /* bytes; total 0: not known (yet) */
};

/*
 * One look, for those who wait otherwise. QEMU itself is asked, which may be
 * stuck: so *QUESTION, NULL at first, is begun if none is open, and AMOUNT is
 * the answer once it has come back. Of a block job on the disk TARGET, or
 * (NULL) of the job on its memory.
 */
void vmm_follow_look(const struct vmm_vm *vm, const char *target,
    struct vmm_call **question, struct vmm_amount *amount);
/* Ends the looking. */
void vmm_follow_drop(struct vmm_call *question);

#endif
