/* name: hides when libvirt can rename. */
#include "libvirt/name.h"

#include <string.h>

#include "libvirt/fault.h"
#include "pure/vpath.h"

int vmm_name_check(const char *name, struct vmm_err *err)
{
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || !vmm_text_is_storable(name))
		return vmm_err_set(err, VMM_USAGE,
		    "a VM's name is UTF-8 without a slash or control "
		    "characters, and neither '.' nor '..', so not '%s'",
		    name);
	return 0;
}

int vmm_name_can_change(const struct vmm_vm *vm, struct vmm_err *err)
{
	if (vmm_state_is_active(vm->state))
		return vmm_err_set(
		    err, VMM_FAILED, "it is not off; 'vmm stop' it first");
	if (vm->saved)
		return vmm_err_set(err, VMM_FAILED,
		    "it has a saved state; 'vmm start' and 'vmm stop' it "
		    "first");
	if (vm->snapshots)
		return vmm_err_set(err, VMM_FAILED,
		    "it has snapshots, and libvirt cannot rename those");
	return 0;
}

int vmm_name_change(struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	if (strcmp(vm->name, name) == 0)
		return 0;
	if (vmm_name_can_change(vm, err) < 0)
		return -1;
	if (virDomainRename(vm->domain, name, 0) < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	free(vm->path);
	vm->path = vmm_vpath_join(vm->meta.folder, name);
	return 0;
}
