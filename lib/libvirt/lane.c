/* lane: hides that a VM's handle belongs to one connection. */
#include "libvirt/lane.h"

#include "base/interrupt.h"
#include "libvirt/fault.h"

int vmm_lane_enter(
    struct vmm_lane *lane, const struct vmm_vm *vm, struct vmm_err *err)
{
	lane->conn = vm->conn;
	lane->virt = vmm_conn_enter(vm->conn);
	if (vmm_interrupted()) /* while it waited for the place */
		return vmm_err_set(
		    err, VMM_FAILED, "interrupted before it began");
	if (lane->virt == vmm_conn_virt(vm->conn)) {
		lane->domain = vm->domain;
		virDomainRef(lane->domain);
		return 0;
	}
	lane->domain = virDomainLookupByUUIDString(lane->virt, vm->uuid);
	return lane->domain ? 0 : vmm_fault(err, lane->virt);
}

void vmm_lane_leave(struct vmm_lane *lane)
{
	if (lane->domain)
		virDomainFree(lane->domain);
	if (lane->virt)
		vmm_conn_leave(lane->conn, lane->virt);
	*lane = (struct vmm_lane)VMM_LANE_INIT;
}
