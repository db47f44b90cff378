/*
 * power: what one call does to a VM's state.
 *
 * What is already so is a success. All want VMM_FACT_STATE; they look again
 * themselves where an answer could have changed since. Errors say why and name
 * the way out, without the VM: whoever prints them names it.
 *
 * Each has a plan: what it would do, as a verb, with *VERB NULL for nothing; or
 * the error that it would be. Plans ask libvirt nothing.
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
/* "boot", "restore", "resume" or "wake". Wants VMM_FACT_SAVED too. */
int vmm_power_start_plan(const struct vmm_vm *vm, const struct vmm_start *how,
    const char **verb, struct vmm_err *err) MUST_CHECK;

/* The processors stand still; memory and devices stay as they are. */
int vmm_power_pause(struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;
int vmm_power_pause_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err) MUST_CHECK;
/* They go on; a sleeping VM wakes. "resume" or "wake". */
int vmm_power_resume(struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;
int vmm_power_resume_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err) MUST_CHECK;
/* The reset button: the guest is not asked. */
int vmm_power_reset(struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;
int vmm_power_reset_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err) MUST_CHECK;
/* The plug. Any VM may be off meanwhile: that is a success. */
int vmm_power_off(struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;

#define VMM_AUTOSTART_FACTS (VMM_FACT_AUTOSTART | VMM_FACT_PERSISTENT)

/* Whether the VM starts with its host. "autostart" or "no-autostart". */
int vmm_power_autostart(
    struct vmm_vm *vm, bool on, struct vmm_err *err) MUST_CHECK;
int vmm_power_autostart_plan(const struct vmm_vm *vm, bool on,
    const char **verb, struct vmm_err *err) MUST_CHECK;

/* Looks at the state once more; a VM that is gone is off, and marked gone. */
int vmm_power_look(struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;
/* Whether the VM stands still because somebody saves it, restores it, ...:
 * it will go on, or off, by itself. */
bool vmm_power_is_busy(const struct vmm_vm *vm);
/* The same, but for the reason "migration", which libvirt (9.0) goes on giving
 * for a VM that was restored to be paused: whether it has a job tells. */
bool vmm_power_is_passing(const struct vmm_vm *vm);

#endif
