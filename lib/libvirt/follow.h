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

#endif
