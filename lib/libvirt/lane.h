/*
 * lane: one long call for one VM.
 *
 * Takes a place for a long call (conn.h says why) and a handle of the VM on
 * the connection that has the place.
 */
#ifndef VMM_LIBVIRT_LANE_H
#define VMM_LIBVIRT_LANE_H

#include "libvirt/set.h"

struct vmm_lane {
	struct vmm_conn *conn;
	virConnectPtr virt;
	virDomainPtr domain; /* what the long call is made on */
};

#define VMM_LANE_INIT                                                          \
	{                                                                      \
		NULL, NULL, NULL                                               \
	}

/* LANE must be empty; it is left with vmm_lane_leave() whatever comes back. */
int vmm_lane_enter(struct vmm_lane *lane, const struct vmm_vm *vm,
    struct vmm_err *err) MUST_CHECK;
void vmm_lane_leave(struct vmm_lane *lane);

#define AUTOLANE CLEANUP(vmm_lane_leave) struct vmm_lane

#endif
