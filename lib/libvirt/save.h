/*
 * save: managed save, a VM's memory kept on disk until its next start.
 *
 * As in power.h: VMM_SAVE_FACTS are wanted, what is already so is a success,
 * and each has a plan.
 */
#ifndef VMM_LIBVIRT_SAVE_H
#define VMM_LIBVIRT_SAVE_H

#include "base/progress.h"
#include "libvirt/set.h"

#define VMM_SAVE_FACTS (VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_PERSISTENT)

/* Saves the VM, which is off afterwards. An interrupt cancels it, and the VM
 * runs on; the error says so, or what is not known. */
int vmm_save(struct vmm_vm *vm, struct vmm_progress *progress,
    struct vmm_err *err) MUST_CHECK;
/* "save". */
int vmm_save_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err) MUST_CHECK;

/* Throws a saved state away. */
int vmm_save_discard(struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;
/*
 * Throws away a saved state beside a VM that has run since, and sets *DROPPED.
 * libvirt
 * (9.0) keeps one where its daemon was killed during a save, or at the end of a
 * restore, and where a client created the domain from XML: to restore it after
 * the disks have gone on would damage them.
 */
int vmm_save_drop_stale(
    struct vmm_vm *vm, bool *dropped, struct vmm_err *err) MUST_CHECK;
/* "discard". */
int vmm_save_discard_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err) MUST_CHECK;

#endif
