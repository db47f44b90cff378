/* name: another name for a VM. */
#ifndef VMM_LIBVIRT_NAME_H
#define VMM_LIBVIRT_NAME_H

#include "libvirt/set.h"

/* What the two below want. */
#define VMM_NAME_FACTS                                                         \
	(VMM_FACT_META | VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_SNAPSHOTS)

/* Whether NAME can be a VM's: not empty, no slash, no control character, and
 * neither "." nor "..", by which libvirt would reach, and delete, the snapshot
 * records of other VMs. The status of the error is VMM_USAGE. */
int vmm_name_check(const char *name, struct vmm_err *err) MUST_CHECK;
/* Whether libvirt can rename the VM as it is now; the error names the way. */
int vmm_name_can_change(
    const struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;
/* Renames it; vm->path is the new one afterwards. */
int vmm_name_change(
    struct vmm_vm *vm, const char *name, struct vmm_err *err) MUST_CHECK;

#endif
