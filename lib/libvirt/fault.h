/*
 * fault: libvirt's errors turned into ours.
 *
 * libvirt keeps the last error of each thread and forgets it at the next call
 * (virDomainFree() too), so it is taken in the function that failed, first of
 * all.
 */
#ifndef VMM_LIBVIRT_FAULT_H
#define VMM_LIBVIRT_FAULT_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <stdbool.h>

#include "base/err.h"

/* The code of the last error of this thread (VIR_ERR_OK: none). */
int vmm_fault_code(void);
/* ANSWER of the function of libvirt that was called last: how many there are,
 * or whether; 0 where this driver knows of no such thing, for then a VM has
 * none. */
int vmm_fault_none(int answer);
/* Whether it was that a file is not there. */
bool vmm_fault_is_no_file(void);
/* As vmm_fault(), of a call that changes something: where the connection was
 * lost nobody knows whether it was done. */
int vmm_fault_act(struct vmm_err *err, virConnectPtr virt);
/* Records the last error of this thread; the status is VMM_NOCONN where the
 * connection VIRT (may be NULL) is dead. Returns -1. */
int vmm_fault(struct vmm_err *err, virConnectPtr virt);
/* libvirt's message as one line, to be freed. */
char *vmm_fault_text(const char *message);

#endif
