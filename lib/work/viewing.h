/* viewing: a program that shows a VM's screen. */
#ifndef VMM_WORK_VIEWING_H
#define VMM_WORK_VIEWING_H

#include "libvirt/set.h"
#include "pure/config.h"
#include "work/each.h"

struct vmm_view {
	bool start; /* a VM that is off */
	bool wait;  /* until the viewer ends */
	const struct vmm_config *config;
};

/*
 * Opens the viewer for the VM. Without `wait` it is on its own afterwards; if
 * it fails within a moment, that is the error, with its last line. Wants
 * VMM_FACT_STATE.
 */
int vmm_view(struct vmm_vm *vm, const struct vmm_view *how, struct vmm_job *job,
    struct vmm_err *err) MUST_CHECK;

#endif
