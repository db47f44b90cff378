/*
 * address: the network addresses of a VM, from whoever knows them.
 *
 * libvirt's DHCP server first, which knows by itself; then the guest's agent,
 * which knows best but may never answer; then the host's ARP table.
 */
#ifndef VMM_LIBVIRT_ADDRESS_H
#define VMM_LIBVIRT_ADDRESS_H

#include "base/buf.h"
#include "libvirt/call.h"
#include "libvirt/set.h"

/*
 * Adds the addresses of VM, which must be running, as text and the best first:
 * IPv4 before IPv6, without those that are good for the guest itself or its own
 * link only. Of several sources the first that knows any. Knowing none is no
 * error.
 *
 * The guest's agent is asked unless QUESTION is NULL. It gets a few seconds;
 * then the question stays open in *QUESTION (NULL at first), and the next time
 * it is looked whether there is an answer, so that an agent is never asked
 * twice at once: each question may occupy the daemon for long.
 */
int vmm_addresses(const struct vmm_vm *vm, struct vmm_call **question,
    struct vmm_strv *addresses, struct vmm_err *err) MUST_CHECK;
/* Nobody asks any more. QUESTION may be NULL. */
void vmm_addresses_end(struct vmm_call *question);

#endif
