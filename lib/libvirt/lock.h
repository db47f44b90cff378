/*
 * lock: one process of this user at a time changes a VM's metadata.
 *
 * libvirt has no compare-and-swap: two that read, edit and write at once lose
 * one another's work. The locks are files in $XDG_RUNTIME_DIR/vmm (else
 * /run/user/UID/vmm, ~/.cache/vmm), a fixed number of them; they hold for the
 * threads of one process, too, and end with it whatever happens.
 */
#ifndef VMM_LIBVIRT_LOCK_H
#define VMM_LIBVIRT_LOCK_H

#include <stdbool.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"

#define VMM_LOCK_INIT (-1)

/* Takes the lock of the VM UUID, waiting for it, but not for ever and not after
 * an interrupt; *LOCK is VMM_LOCK_INIT before. Hold no two at a time: they may
 * be the same. */
int vmm_lock_take(int *lock, const char *uuid, struct vmm_err *err) MUST_CHECK;
/* The same. *CHANGED: what was read at the time SINCE, by CLOCK_MONOTONIC, may
 * not hold any more, for another process had the lock after that. */
int vmm_lock_take_since(int *lock, const char *uuid,
    const struct timespec *since, bool *changed,
    struct vmm_err *err) MUST_CHECK;
void vmm_lock_release(int *lock);

/* Shares the lock NAME with others, waiting while somebody has it alone. */
int vmm_lock_share(int *lock, const char *name, struct vmm_err *err) MUST_CHECK;
/* Whether nobody else shares it now; from then on until it is released nobody
 * can. The lock is to be released then. */
bool vmm_lock_is_last(int lock);

#define AUTOLOCK CLEANUP(vmm_lock_release) int

#endif
