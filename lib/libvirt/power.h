/*
 * power: on and off, and waiting until it is so.
 *
 * What is already so is a success. All calls want VMM_FACT_STATE; they look
 * again themselves where an answer could have changed since. Errors say why
 * and name the way out, without the VM: whoever prints them names it.
 */
#ifndef VMM_LIBVIRT_POWER_H
#define VMM_LIBVIRT_POWER_H

#include "libvirt/set.h"

struct vmm_start {
	bool paused; /* stop before the first instruction */
	bool fresh;  /* throw a saved state away and boot */
};

/* Boots the VM, restores its saved state, resumes a paused one, wakes a
 * sleeping one. */
int vmm_power_start(struct vmm_vm *vm, const struct vmm_start *how,
    struct vmm_err *err) MUST_CHECK;

/* What that would do, as a verb ("boot", "restore", "resume", "wake"), with
 * *VERB NULL for nothing; or the error. Wants VMM_FACT_SAVED too. */
int vmm_power_start_plan(const struct vmm_vm *vm, const struct vmm_start *how,
    const char **verb, struct vmm_err *err) MUST_CHECK;

enum vmm_stop_mode {
	VMM_STOP_AUTO, /* libvirt chooses: agent, else ACPI */
	VMM_STOP_ACPI,
	VMM_STOP_AGENT,
};

struct vmm_stop {
	enum vmm_stop_mode mode;
	bool now;         /* pull the plug, do not ask the guest */
	bool force;       /* pull it when the time is over */
	bool no_wait;     /* ask and return */
	unsigned seconds; /* how long to wait */
};

/* Errors: VMM_TIMEOUT where the guest did not go down in time. An interrupt
 * (base/interrupt.h) ends the wait, and the error says what was left. */
int vmm_power_stop(struct vmm_vm *vm, const struct vmm_stop *how,
    struct vmm_err *err) MUST_CHECK;
/* The same for that: "shut-down" or "power-off". */
int vmm_power_stop_plan(const struct vmm_vm *vm, const struct vmm_stop *how,
    const char **verb, struct vmm_err *err) MUST_CHECK;

#endif
