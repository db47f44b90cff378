/*
 * address: the network addresses of a VM, from whoever knows them.
 *
 * libvirt's DHCP server first, which knows by itself; then the guest's agent,
 * which knows best but may never answer; then the host's ARP table.
 */
#ifndef VMM_LIBVIRT_ADDRESS_H
#define VMM_LIBVIRT_ADDRESS_H

#include "base/buf.h"
#include "libvirt/set.h"

/*
 * Adds the addresses of VM, which must be running, as text and the best first:
 * IPv4 before IPv6, without those that are good for the guest itself or its own
 * link only. Of several sources the first that knows any. The AGENT is asked
 * only if that is set, and gets a few seconds. Knowing none is no error.
 */
int vmm_addresses(const struct vmm_vm *vm, bool agent,
    struct vmm_strv *addresses, struct vmm_err *err) MUST_CHECK;

#endif
