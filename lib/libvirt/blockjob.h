/*
 * blockjob: work that QEMU does on a disk while the guest goes on.
 */
#ifndef VMM_LIBVIRT_BLOCKJOB_H
#define VMM_LIBVIRT_BLOCKJOB_H

#include "libvirt/event.h"
#include "libvirt/follow.h"

/* To listen to, since before the VM was looked at. */
#define VMM_BLOCKJOB_EVENTS (VMM_EVENT_BLOCK_JOB | VMM_EVENT_LIFECYCLE)

/*
 * Has the disk TARGET take into its own file all that it stands on, and waits
 * until that is done. TELL, if not NULL, is called now and then. An interrupt
 * calls it off: what is in the disk's file by then stays there and does no
 * harm. So it does when it fails. After an error look at the VM: it may have
 * been too late to call it off.
 */
int vmm_blockjob_pull(const struct vmm_vm *vm, const char *target,
    struct vmm_listener *listener,
    void (*tell)(const struct vmm_amount *amount, void *arg), void *arg,
    struct vmm_err *err) MUST_CHECK;

/* 1: a block job of whomever is at work on the disk TARGET; 0: none is. */
int vmm_blockjob_look(const struct vmm_vm *vm, const char *target,
    struct vmm_err *err) MUST_CHECK;

/*
 * Has QEMU write to disk what it holds back. When a pull is done (QEMU 7.2) the
 * disk's file stands on nothing any more, but where in it lies what was pulled
 * may still be in QEMU's memory only, until the guest flushes that disk: were
 * QEMU killed in between, all that would be lost. To pause a VM flushes; a VM
 * that is paused already cannot be made to. A moment later it goes on.
 */
int vmm_blockjob_settle(
    const struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;

#endif
