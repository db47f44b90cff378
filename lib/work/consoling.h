/*
 * consoling: the user's terminal on a VM's serial console.
 *
 * All that is typed goes to the guest but Ctrl-], which leaves.
 */
#ifndef VMM_WORK_CONSOLING_H
#define VMM_WORK_CONSOLING_H

#include <stdbool.h>

#include "libvirt/set.h"

struct vmm_console {
	const char *device; /* its alias; NULL: the first */
	bool force;         /* take it over from somebody else */
	bool start;         /* a VM that is off */
	/* set by vmm_console_open(): */
	virStreamPtr stream;
	bool waits; /* the VM, for us, to run from its first instruction on */
};

/* Whether standard input and output are a terminal; else the error. */
int vmm_console_check(struct vmm_err *err) MUST_CHECK;
/* Opens the console of the VM, with VMM_FACT_STATE. */
int vmm_console_open(struct vmm_vm *vm, struct vmm_console *console,
    struct vmm_err *err) MUST_CHECK;
/* Lets the user work there until he leaves, or the console ends: *OFF says that
 * it did because the VM went off. Afterwards VM's connection is of no use. */
int vmm_console_run(struct vmm_vm *vm, struct vmm_console *console, bool *off,
    struct vmm_err *err) MUST_CHECK;

#endif
