/*
 * wait: until a VM is as it should be.
 *
 * By libvirt's events; only addresses, of which libvirt has none, are looked
 * for once a second. A VM was as it should be even if it is not so any more
 * when we hear of it.
 */
#ifndef VMM_LIBVIRT_WAIT_H
#define VMM_LIBVIRT_WAIT_H

#include "libvirt/set.h"

struct vmm_wait {
	/* any of these will do */
	unsigned states; /* bits 1 << virDomainState */
	bool saved;      /* off, with a saved state */
	bool ip;         /* it has an address */
	bool agent;      /* its guest's agent is listening */
	/* the VM must not go off meanwhile; one that has neither a channel for
	 * an agent nor a network card is waited for no longer than it runs */
	bool up;
	bool for_ever;
	unsigned seconds; /* else VMM_TIMEOUT after so many */
};

int vmm_wait_for(struct vmm_vm *vm, const struct vmm_wait *how,
    struct vmm_err *err) MUST_CHECK;

#endif
