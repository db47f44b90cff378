/* power: hides libvirt's states and the races between them. */
#include "libvirt/power.h"

#include "libvirt/call.h"
#include "libvirt/fault.h"

int vmm_power_look(struct vmm_vm *vm, struct vmm_err *err)
{
	vm->gone = false;
	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) == 0)
		return 0;
	if (vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	vm->gone = true; /* a transient VM is gone when off */
	vm->state = VIR_DOMAIN_SHUTOFF;
	return 0;
}

bool vmm_power_is_busy(const struct vmm_vm *vm)
{
	if (vm->state != VIR_DOMAIN_PAUSED)
		return false;
	switch (vm->reason) {
	case VIR_DOMAIN_PAUSED_MIGRATION:
	case VIR_DOMAIN_PAUSED_SAVE:
	case VIR_DOMAIN_PAUSED_DUMP:
	case VIR_DOMAIN_PAUSED_SHUTTING_DOWN:
	case VIR_DOMAIN_PAUSED_SNAPSHOT:
	case VIR_DOMAIN_PAUSED_STARTING_UP:
		return true;
	default:
		return false;
	}
}

bool vmm_power_is_passing(const struct vmm_vm *vm)
{
	return vmm_power_is_busy(vm) &&
	       vm->reason != VIR_DOMAIN_PAUSED_MIGRATION;
}

static int suspend(virDomainPtr domain, unsigned flags)
{
	(void)flags;
	return virDomainSuspend(domain);
}

static int resume(virDomainPtr domain, unsigned flags)
{
	(void)flags;
	return virDomainResume(domain);
}

/* What cannot be done to a VM in this state, for want of a processor that
 * runs. SOLUTION is what makes one that is off do. */
static int refuse(
    const struct vmm_vm *vm, const char *solution, struct vmm_err *err)
{
	switch (vm->state) {
	case VIR_DOMAIN_SHUTOFF:
		return vmm_err_set(err, VMM_FAILED, "it is off; %s", solution);
	case VIR_DOMAIN_CRASHED:
		return vmm_err_set(err, VMM_FAILED,
		    "it has crashed; 'vmm stop --now' powers it off, 'vmm "
		    "reset' boots it again");
	case VIR_DOMAIN_PMSUSPENDED:
		return vmm_err_set(
		    err, VMM_FAILED, "it is asleep; 'vmm resume' wakes it");
	default:
		return vmm_err_set(err, VMM_FAILED,
		    "it is shutting down; 'vmm wait --for=shutoff' waits until "
		    "it is off");
	}
}

/* It is paused by what libvirt does to it, and not for longer than that. */
static int refuse_busy(const struct vmm_vm *vm, struct vmm_err *err)
{
	return vmm_err_set(err, VMM_FAILED,
	    "it is busy (%s), and paused only meanwhile; 'vmm wait' waits "
	    "until it runs or is off",
	    vmm_state_reason(vm->state, vm->reason));
}

/* --- start --- */

static int create(
    const struct vmm_vm *vm, const struct vmm_start *how, struct vmm_err *err)
{
	unsigned flags = 0;

	if (how->paused)
		flags |= VIR_DOMAIN_START_PAUSED;
	if (how->fresh)
		flags |= VIR_DOMAIN_START_FORCE_BOOT;
	if (vmm_call(vm, VMM_LONG, virDomainCreateWithFlags, flags, err) == 0)
		return 0;
	if (err->status == VMM_FAILED && !how->fresh &&
	    virDomainHasManagedSaveImage(vm->domain, 0) == 1)
		vmm_err_append(
		    err, "; 'vmm start --fresh' boots without its saved state");
	return -1;
}

static int go_on(const struct vmm_vm *vm, struct vmm_err *err)
{
	return vmm_call(vm, VMM_SHORT,
	    vm->state == VIR_DOMAIN_PMSUSPENDED ? virDomainPMWakeup : resume, 0,
	    err);
}

int vmm_power_start_plan(const struct vmm_vm *vm, const struct vmm_start *how,
    const char **verb, struct vmm_err *err)
{
	*verb = NULL;
	switch (vm->state) {
	case VIR_DOMAIN_SHUTOFF:
		*verb = vm->saved && !how->fresh ? "restore" : "boot";
		return 0;
	case VIR_DOMAIN_PAUSED:
		if (how->paused && vmm_power_is_passing(vm))
			return refuse_busy(vm, err);
		*verb = how->paused ? NULL : "resume";
		return 0;
	case VIR_DOMAIN_PMSUSPENDED:
		*verb = "wake";
		return 0;
	case VIR_DOMAIN_CRASHED:
	case VIR_DOMAIN_SHUTDOWN:
		return refuse(vm, "", err);
	default:
		if (!how->paused)
			return 0;
		return vmm_err_set(err, VMM_FAILED,
		    "it is running already; 'vmm pause' pauses it as it is");
	}
}

static int start_once(
    struct vmm_vm *vm, const struct vmm_start *how, struct vmm_err *err)
{
	const char *verb;

	if (vmm_power_start_plan(vm, how, &verb, err) < 0)
		return -1;
	if (!verb)
		return 0;
	return vmm_state_is_active(vm->state) ? go_on(vm, err)
					      : create(vm, how, err);
}

int vmm_power_start(
    struct vmm_vm *vm, const struct vmm_start *how, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;
	int was = vm->state;

	if (start_once(vm, how, err) == 0)
		return 0;
	/* somebody else may have been quicker */
	if (err->status == VMM_NOCONN || vmm_power_look(vm, &again) < 0 ||
	    vm->state == was)
		return -1;
	vmm_err_release(err);
	return start_once(vm, how, err);
}

/* --- pause, resume, reset, off --- */

int vmm_power_pause_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err)
{
	*verb = NULL;
	switch (vm->state) {
	case VIR_DOMAIN_PAUSED:
		return vmm_power_is_passing(vm) ? refuse_busy(vm, err) : 0;
	case VIR_DOMAIN_NOSTATE:
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
		*verb = "pause";
		return 0;
	default:
		return refuse(vm, "'vmm start --paused' starts it paused", err);
	}
}

int vmm_power_resume_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err)
{
	*verb = NULL;
	switch (vm->state) {
	case VIR_DOMAIN_NOSTATE:
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
		return 0;
	case VIR_DOMAIN_PAUSED:
		*verb = "resume";
		return 0;
	case VIR_DOMAIN_PMSUSPENDED:
		*verb = "wake";
		return 0;
	default:
		return refuse(vm, "'vmm start' boots it, or restores it", err);
	}
}

int vmm_power_reset_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err)
{
	*verb = "reset";
	if (vmm_state_is_active(vm->state))
		return 0;
	*verb = NULL;
	return refuse(vm, "'vmm start' boots it", err);
}

/* A call failed. If the VM is not as it was when we looked, somebody else was
 * quicker, and the plan says what that means now: perhaps that all is well. */
static int look_why(struct vmm_vm *vm,
    int (*plan)(const struct vmm_vm *, const char **, struct vmm_err *),
    struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;
	int was = vm->state;
	const char *verb;

	if (err->status == VMM_NOCONN || vmm_power_look(vm, &again) < 0 ||
	    vm->state == was)
		return -1;
	if (plan(vm, &verb, &again) < 0) {
		vmm_err_move(err, &again);
		return -1;
	}
	if (verb)
		return -1;
	vmm_err_release(err);
	return 0;
}

int vmm_power_pause(struct vmm_vm *vm, struct vmm_err *err)
{
	const char *verb;

	if (vmm_power_pause_plan(vm, &verb, err) < 0)
		return -1;
	if (!verb || vmm_call(vm, VMM_LONG, suspend, 0, err) == 0)
		return 0;
	return look_why(vm, vmm_power_pause_plan, err);
}

int vmm_power_resume(struct vmm_vm *vm, struct vmm_err *err)
{
	const char *verb;

	if (vmm_power_resume_plan(vm, &verb, err) < 0)
		return -1;
	if (!verb || go_on(vm, err) == 0)
		return 0;
	return look_why(vm, vmm_power_resume_plan, err);
}

int vmm_power_reset(struct vmm_vm *vm, struct vmm_err *err)
{
	const char *verb;

	if (vmm_power_reset_plan(vm, &verb, err) < 0)
		return -1;
	if (vmm_call(vm, VMM_SHORT, virDomainReset, 0, err) == 0)
		return 0;
	return look_why(vm, vmm_power_reset_plan, err);
}

int vmm_power_off(struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;

	if (vmm_call(vm, VMM_DESTROY, virDomainDestroyFlags, 0, err) == 0)
		return 0;
	if (vmm_power_look(vm, &again) < 0 || vmm_state_is_active(vm->state))
		return -1;
	vmm_err_release(err); /* it went off by itself meanwhile */
	return 0;
}

/* --- with the host --- */

int vmm_power_autostart_plan(
    const struct vmm_vm *vm, bool on, const char **verb, struct vmm_err *err)
{
	*verb = NULL;
	if (vm->autostart == on)
		return 0;
	if (!vm->persistent)
		return vmm_err_set(err, VMM_FAILED,
		    "it is transient: when it is off, nothing is left to "
		    "start");
	*verb = on ? "autostart" : "no-autostart";
	return 0;
}

int vmm_power_autostart(struct vmm_vm *vm, bool on, struct vmm_err *err)
{
	const char *verb;

	if (vmm_power_autostart_plan(vm, on, &verb, err) < 0)
		return -1;
	if (verb && virDomainSetAutostart(vm->domain, on) < 0)
		return vmm_fault_act(err, vmm_conn_virt(vm->conn));
	return 0;
}
