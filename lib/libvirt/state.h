/*
 * state: what a VM does, in words. STATE is a virDomainState, REASON one of the
 * enum that this state has; of libvirt nothing but these numbers is needed.
 */
#ifndef VMM_LIBVIRT_STATE_H
#define VMM_LIBVIRT_STATE_H

#include <stdbool.h>

/* "running", "shutoff", ...: as contract and man pages name the states. */
const char *vmm_state_name(int state);
/* The state that NAME names, or -1. */
int vmm_state_parse(const char *name);
/* "booted", "saved", ...: why the VM is in that state. */
const char *vmm_state_reason(int state, int reason);
/* Whether the VM has a process: all states but shutoff. */
bool vmm_state_is_active(int state);

#endif
