/* save: hides how a save is called off. */
#include "libvirt/save.h"

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"
#include "libvirt/follow.h"
#include "libvirt/power.h"

/* How long a save is called off before it is left alone, and how long between
 * two tries, for a job that has not begun cannot be called off yet. */
#define PATIENCE 8000
#define AGAIN 100

/* --- calling it off --- */

/* Only our save: while that waits for its turn, the job is somebody else's, and
 * older than our call, which began at SINCE. */
static int abort_save(virDomainPtr domain, void *since)
{
	virTypedParameterPtr params = NULL;
	unsigned long long elapsed = 0;
	const struct timespec *began = since;
	struct timespec now;
	int type, n = 0, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	if (virDomainGetJobStats(domain, &type, &params, &n, 0) < 0)
		return -1;
	now = vmm_call_deadline(0);
	virTypedParamsGetInt(params, n, VIR_DOMAIN_JOB_OPERATION, &operation);
	virTypedParamsGetULLong(
	    params, n, VIR_DOMAIN_JOB_TIME_ELAPSED, &elapsed);
	virTypedParamsFree(params, n);
	if (operation != VIR_DOMAIN_JOB_OPERATION_SAVE ||
	    (long long)elapsed > (now.tv_sec - began->tv_sec) * 1000LL +
				     (now.tv_nsec - began->tv_nsec) / 1000000)
		return 0;
	return virDomainAbortJob(domain);
}

static bool is_before(const struct timespec *deadline)
{
	struct timespec now = vmm_call_deadline(0);

	return now.tv_sec < deadline->tv_sec ||
	       (now.tv_sec == deadline->tv_sec &&
		   now.tv_nsec < deadline->tv_nsec);
}

/* Calls SAVE off, which began at SINCE; false if it has not come back then. */
static bool call_off(const struct vmm_vm *vm, struct vmm_call *save,
    const struct timespec *since)
{
	struct timespec deadline = vmm_call_deadline(PATIENCE);

	while (is_before(&deadline)) {
		AUTOERR ignored = VMM_ERR_INIT;
		struct timespec *began = vmm_calloc(1, sizeof *began);
		struct vmm_call *off;
		struct timespec again;

		*began = *since;
		off = vmm_call_ask(
		    vm, VMM_SHORT, abort_save, began, free, &ignored);
		if (!off)
			return false;
		if (!vmm_call_wait(off, &deadline, false)) {
			vmm_call_abandon(off); /* QEMU is stuck */
			return false;
		}
		vmm_call_end(off, &ignored);
		again = vmm_call_deadline(AGAIN);
		if (vmm_call_wait(save, &again, false))
			return true;
	}
	return false;
}

static int interrupted(struct vmm_vm *vm, struct vmm_call *save,
    const struct timespec *since, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;

	if (!vmm_call_is_made(save)) {
		vmm_call_abandon(save);
		return vmm_err_set(
		    err, VMM_FAILED, "interrupted before it began");
	}
	if (!call_off(vm, save, since)) {
		vmm_call_abandon(save);
		return vmm_err_set(err, VMM_FAILED,
		    "interrupted; libvirt has not answered, and it may still "
		    "be saved");
	}
	if (vmm_call_end(save, &why) == 0)
		return 0; /* it was too late */
	if (why.status == VMM_NOCONN || vmm_power_look(vm, &why) < 0) {
		vmm_err_move(err, &why);
		return -1;
	}
	return vmm_err_set(err, VMM_FAILED,
	    "interrupted; it was not saved and is %s",
	    vmm_state_is_active(vm->state) ? vmm_state_name(vm->state) : "off");
}

/* --- save --- */

int vmm_save_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err)
{
	*verb = NULL;
	switch (vm->state) {
	case VIR_DOMAIN_SHUTOFF:
		if (vm->saved)
			return 0;
		return vmm_err_set(
		    err, VMM_FAILED, "it is off, so there is nothing to save");
	case VIR_DOMAIN_CRASHED:
		return vmm_err_set(err, VMM_FAILED,
		    "it has crashed; 'vmm stop --now' powers it off");
	case VIR_DOMAIN_SHUTDOWN:
		return vmm_err_set(err, VMM_FAILED,
		    "it is shutting down, so there is nothing to save");
	case VIR_DOMAIN_PMSUSPENDED:
		return vmm_err_set(
		    err, VMM_FAILED, "it is asleep; 'vmm resume' wakes it");
	default:
		break;
	}
	if (!vm->persistent)
		return vmm_err_set(err, VMM_FAILED,
		    "it is transient: when it is off, nothing is left to "
		    "restore");
	*verb = "save";
	return 0;
}

/* The call did not go well. If the VM is off, somebody was quicker: perhaps
 * with a save of their own. */
static int look_why(struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;
	const char *verb;
	int saved;

	if (err->status == VMM_NOCONN || vmm_power_look(vm, &again) < 0 ||
	    vmm_state_is_active(vm->state))
		return -1;
	saved = vmm_fault_none(virDomainHasManagedSaveImage(vm->domain, 0));
	if (saved < 0)
		return -1;
	vm->saved = saved > 0;
	if (!vm->saved)
		return vmm_err_set(
		    err, VMM_FAILED, "it went off before it could be saved");
	vmm_err_release(err);
	return vmm_save_plan(vm, &verb, err);
}

int vmm_save(
    struct vmm_vm *vm, struct vmm_progress *progress, struct vmm_err *err)
{
	struct vmm_call *save;
	struct timespec since;
	const char *verb;
	int result;

	if (vmm_save_plan(vm, &verb, err) < 0)
		return -1;
	if (!verb)
		return 0;
	since = vmm_call_deadline(0);
	save = vmm_call_begin(vm, VMM_LONG, virDomainManagedSave, 0, err);
	if (!save)
		return -1;
	if (!vmm_follow(vm, save, progress))
		return interrupted(vm, save, &since, err);
	result = vmm_call_end(save, err);
	return result < 0 ? look_why(vm, err) : 0;
}

int vmm_save_discard_plan(
    const struct vmm_vm *vm, const char **verb, struct vmm_err *err)
{
	(void)err;
	*verb = vm->saved ? "discard" : NULL;
	return 0;
}

int vmm_save_discard(struct vmm_vm *vm, struct vmm_err *err)
{
	if (!vm->saved)
		return 0;
	if (vmm_call(vm, VMM_LONG, virDomainManagedSaveRemove, 0, err) == 0)
		return 0;
	if (err->status == VMM_NOCONN ||
	    virDomainHasManagedSaveImage(vm->domain, 0) != 0)
		return -1;
	vmm_err_release(err); /* somebody was quicker */
	return 0;
}

/* Whether a job makes a saved state, or restores one, or may: 1, 0, -1. */
static int is_at_it(virDomainPtr domain)
{
	virTypedParameterPtr params = NULL;
	int type = VIR_DOMAIN_JOB_NONE, n = 0;
	int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	if (vmm_fault_none(
		virDomainGetJobStats(domain, &type, &params, &n, 0)) < 0)
		return -1;
	virTypedParamsGetInt(params, n, VIR_DOMAIN_JOB_OPERATION, &operation);
	virTypedParamsFree(params, n);
	return type != VIR_DOMAIN_JOB_NONE &&
	       (operation == VIR_DOMAIN_JOB_OPERATION_UNKNOWN ||
		   operation == VIR_DOMAIN_JOB_OPERATION_START ||
		   operation == VIR_DOMAIN_JOB_OPERATION_SAVE ||
		   operation == VIR_DOMAIN_JOB_OPERATION_RESTORE);
}

/* Whether the VM has run since any saved state of it was made: 1, 0, -1. While
 * it is saved or restored it is paused; and whoever saves one that a user
 * paused has a job. */
static int has_run_on(virDomainPtr domain)
{
	int state, reason, busy = -1;

	/* once more where it fails: there are no jobs of what is off by then */
	for (int tries = 0; busy < 0 && tries < 2; tries++) {
		if (virDomainGetState(domain, &state, &reason, 0) < 0)
			return -1;
		if (state == VIR_DOMAIN_SHUTOFF)
			return 0;
		busy = is_at_it(domain);
	}
	if (busy)
		return busy < 0 ? -1 : 0;
	switch (state) {
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
	case VIR_DOMAIN_PMSUSPENDED:
	case VIR_DOMAIN_CRASHED:
		return true;
	case VIR_DOMAIN_PAUSED:
		return reason == VIR_DOMAIN_PAUSED_USER ||
		       reason == VIR_DOMAIN_PAUSED_IOERROR ||
		       reason == VIR_DOMAIN_PAUSED_WATCHDOG;
	default:
		return false;
	}
}

/* All in one, so that nothing comes between the look and the removal. 1: it was
 * removed. */
static int drop_stale(virDomainPtr domain, unsigned flags)
{
	int saved = virDomainHasManagedSaveImage(domain, 0);
	int stale = saved == 1 ? has_run_on(domain) : saved;

	(void)flags;
	if (stale == 1 && virDomainManagedSaveRemove(domain, 0) < 0)
		return -1;
	return stale;
}

int vmm_save_drop_stale(struct vmm_vm *vm, bool *dropped, struct vmm_err *err)
{
	int result =
	    vmm_fault_none(virDomainHasManagedSaveImage(vm->domain, 0));

	*dropped = false;
	if (result < 0 && vmm_fault_code() == VIR_ERR_NO_DOMAIN)
		return 0;
	if (result < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	if (!result) /* nearly always that is all */
		return 0;
	result = vmm_call(vm, VMM_LONG, drop_stale, 0, err);
	*dropped = result == 1;
	if (result < 0 && err->status != VMM_NOCONN && !vmm_interrupted() &&
	    virDomainIsActive(vm->domain) == 1)
		vmm_err_append(err,
		    "; its saved state may be older than its disks, and 'vmm "
		    "save --discard' throws it away");
	return result < 0 ? -1 : 0;
}
