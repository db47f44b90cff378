/*
 * meta: changes a VM's folder and labels, and loses nobody's work.
 *
 * Under a lock against this user's other processes; against all others what
 * was written is read back, and written once more if somebody came between.
 */
#ifndef VMM_LIBVIRT_META_H
#define VMM_LIBVIRT_META_H

#include "libvirt/set.h"

/*
 * Makes CHANGE hold now, after power-off, and after a restore from a saved
 * state. Wants VMM_FACT_STATE, VMM_FACT_SAVED and VMM_FACT_PERSISTENT. What
 * is so already is not written again.
 */
int vmm_meta_change(struct vmm_vm *vm, const struct vmm_meta_change *change,
    struct vmm_err *err) MUST_CHECK;

/* The same for a new folder (normal form); vm->path is the new one then. */
int vmm_meta_move(
    struct vmm_vm *vm, const char *folder, struct vmm_err *err) MUST_CHECK;

/* The element as it is in the configuration (of a transient VM, now), to be
 * freed; NULL without one, or with the error. */
char *vmm_meta_element(const struct vmm_vm *vm, struct vmm_err *err);
/* Makes it that one (NULL: none) again, now and after power-off, where it is
 * another. The state is looked at once more. */
int vmm_meta_put_back(
    struct vmm_vm *vm, const char *element, struct vmm_err *err) MUST_CHECK;

/* Adds to PROBLEMS what is wrong with the VM's metadata, a line each. */
int vmm_meta_problems(const struct vmm_vm *vm, struct vmm_strv *problems,
    struct vmm_err *err) MUST_CHECK;

/* What they want. */
#define VMM_META_FACTS                                                         \
	(VMM_FACT_META | VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_PERSISTENT)

#endif
