/*
 * stop: asks the guest to shut down, or to reboot, and waits until it did.
 *
 * As in power.h: VMM_FACT_STATE is wanted, what is already so is a success,
 * and there is a plan.
 */
#ifndef VMM_LIBVIRT_STOP_H
#define VMM_LIBVIRT_STOP_H

#include "libvirt/set.h"

enum vmm_stop_mode {
	VMM_STOP_AUTO, /* libvirt chooses: agent, else ACPI */
	VMM_STOP_ACPI,
	VMM_STOP_AGENT,
};

/* "acpi", "agent", or NULL for either; -1 for anything else. */
int vmm_stop_mode_parse(const char *text, enum vmm_stop_mode *mode);

struct vmm_stop {
	enum vmm_stop_mode mode;
	bool reboot;      /* to come up again; else to be off */
	bool now;         /* do not ask the guest: power off, or reset */
	bool force;       /* the same when the time is over */
	bool no_wait;     /* ask and return */
	unsigned seconds; /* how long to wait */
};

/* Errors: VMM_TIMEOUT where the guest did not do it in time. An interrupt
 * (base/interrupt.h) ends the wait, and the error says what was left. */
int vmm_stop(struct vmm_vm *vm, const struct vmm_stop *how,
    struct vmm_err *err) MUST_CHECK;
/* "shut-down" or "power-off"; "reboot" or "reset". */
int vmm_stop_plan(const struct vmm_vm *vm, const struct vmm_stop *how,
    const char **verb, struct vmm_err *err) MUST_CHECK;

#endif
