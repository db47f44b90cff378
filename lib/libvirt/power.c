/* power: hides libvirt's states and the races between them. */
#include "libvirt/power.h"

#include <string.h>

#include "base/interrupt.h"
#include "libvirt/event.h"
#include "libvirt/fault.h"
#include "libvirt/lane.h"

static int look_again(struct vmm_vm *vm, struct vmm_err *err)
{
	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) == 0)
		return 0;
	if (vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	vm->state = VIR_DOMAIN_SHUTOFF; /* a transient VM is gone when off */
	return 0;
}

/* --- start --- */

static int create(
    const struct vmm_vm *vm, const struct vmm_start *how, struct vmm_err *err)
{
	AUTOLANE lane = VMM_LANE_INIT;
	unsigned flags = 0;

	if (how->paused)
		flags |= VIR_DOMAIN_START_PAUSED;
	if (how->fresh)
		flags |= VIR_DOMAIN_START_FORCE_BOOT;
	if (vmm_lane_enter(&lane, vm, err) < 0)
		return -1;
	if (virDomainCreateWithFlags(lane.domain, flags) == 0)
		return 0;
	vmm_fault(err, lane.virt);
	if (!how->fresh && virDomainHasManagedSaveImage(lane.domain, 0) == 1)
		vmm_err_append(
		    err, "; 'vmm start --fresh' boots without its saved state");
	return -1;
}

static int result_of(
    const struct vmm_vm *vm, int libvirt_result, struct vmm_err *err)
{
	return libvirt_result < 0 ? vmm_fault(err, vmm_conn_virt(vm->conn)) : 0;
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
		*verb = how->paused ? NULL : "resume";
		return 0;
	case VIR_DOMAIN_PMSUSPENDED:
		*verb = "wake";
		return 0;
	case VIR_DOMAIN_CRASHED:
		return vmm_err_set(err, VMM_FAILED,
		    "it has crashed; 'vmm stop --now' it first");
	case VIR_DOMAIN_SHUTDOWN:
		return vmm_err_set(err, VMM_FAILED,
		    "it is shutting down; start it again when it is off");
	default:
		if (!how->paused)
			return 0;
		return vmm_err_set(err, VMM_FAILED,
		    "it is running already; 'vmm stop' it first to start it "
		    "paused");
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
	if (vm->state == VIR_DOMAIN_PAUSED)
		return result_of(vm, virDomainResume(vm->domain), err);
	if (vm->state == VIR_DOMAIN_PMSUSPENDED)
		return result_of(vm, virDomainPMWakeup(vm->domain, 0), err);
	return create(vm, how, err);
}

int vmm_power_start(
    struct vmm_vm *vm, const struct vmm_start *how, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;
	int was = vm->state;

	if (start_once(vm, how, err) == 0)
		return 0;
	/* somebody else may have been quicker */
	if (look_again(vm, &again) < 0 || vm->state == was)
		return -1;
	vmm_err_release(err);
	return start_once(vm, how, err);
}

/* --- stop --- */

static int ask_guest(
    const struct vmm_vm *vm, enum vmm_stop_mode mode, struct vmm_err *err)
{
	static const unsigned flags[] = {
	    [VMM_STOP_AUTO] = VIR_DOMAIN_SHUTDOWN_DEFAULT,
	    [VMM_STOP_ACPI] = VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
	    [VMM_STOP_AGENT] = VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
	};
	AUTOLANE lane = VMM_LANE_INIT; /* an agent may take its time */

	if (vmm_lane_enter(&lane, vm, err) < 0)
		return -1;
	if (virDomainShutdownFlags(lane.domain, flags[mode]) == 0)
		return 0;
	return vmm_fault(err, lane.virt);
}

static int pull_plug(struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;
	AUTOLANE lane = VMM_LANE_INIT;

	if (vmm_lane_enter(&lane, vm, err) < 0)
		return -1;
	if (virDomainDestroyFlags(lane.domain, 0) == 0)
		return 0;
	vmm_fault(err, lane.virt);
	if (look_again(vm, &again) < 0 || vmm_state_is_active(vm->state))
		return -1;
	vmm_err_release(err); /* it went off by itself meanwhile */
	return 0;
}

int vmm_power_stop_plan(const struct vmm_vm *vm, const struct vmm_stop *how,
    const char **verb, struct vmm_err *err)
{
	*verb = how->now || how->force ? "power-off" : NULL;
	switch (vm->state) {
	case VIR_DOMAIN_SHUTOFF:
		*verb = NULL;
		return 0;
	case VIR_DOMAIN_PAUSED:
		if (*verb)
			return 0;
		return vmm_err_set(err, VMM_FAILED,
		    "it is paused and cannot hear; 'vmm start' resumes it, "
		    "'vmm stop --now' powers it off");
	case VIR_DOMAIN_PMSUSPENDED:
		if (*verb)
			return 0;
		return vmm_err_set(err, VMM_FAILED,
		    "it is asleep and cannot hear; 'vmm start' wakes it, "
		    "'vmm stop --now' powers it off");
	case VIR_DOMAIN_CRASHED:
		if (*verb)
			return 0;
		return vmm_err_set(err, VMM_FAILED,
		    "it has crashed; 'vmm stop --now' powers it off");
	default:
		*verb = how->now ? "power-off" : "shut-down";
		return 0;
	}
}

static int wait_until_off(struct vmm_vm *vm, struct vmm_events *events,
    size_t cursor, const struct vmm_stop *how, struct vmm_err *err)
{
	struct timespec deadline;
	struct vmm_event event;
	int found;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += how->seconds;
	do {
		found = vmm_events_next(
		    events, vm->uuid, &cursor, &deadline, &event, err);
	} while (found == 1 && event.event != VIR_DOMAIN_EVENT_STOPPED);
	if (found < 0)
		return -1;
	if (found == 1)
		return 0;
	if (vmm_interrupted())
		return vmm_err_set(err, VMM_FAILED,
		    "interrupted; it was asked to shut down and may still do "
		    "so");
	if (how->force)
		return pull_plug(vm, err);
	return vmm_err_set(err, VMM_TIMEOUT,
	    "it is still running after %u seconds; 'vmm stop --force' powers "
	    "it off",
	    how->seconds);
}

/* Asks the guest, and waits. EVENTS is NULL where nobody waits. */
static int shut_down(struct vmm_vm *vm, struct vmm_events *events,
    size_t cursor, const struct vmm_stop *how, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;

	if (ask_guest(vm, how->mode, err) < 0) {
		if (look_again(vm, &again) < 0 ||
		    vmm_state_is_active(vm->state))
			return -1;
		vmm_err_release(err); /* it went off by itself meanwhile */
		return 0;
	}
	return events ? wait_until_off(vm, events, cursor, how, err) : 0;
}

int vmm_power_stop(
    struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
	struct vmm_events *events = NULL;
	const char *verb;
	size_t cursor = 0;

	if (!how->no_wait && !how->now && vmm_state_is_active(vm->state)) {
		events = vmm_conn_events(vm->conn, err);
		if (!events)
			return -1;
		cursor = vmm_events_cursor(events);
		/* subscribed first, looked second: no event is missed */
		if (look_again(vm, err) < 0)
			return -1;
	}
	if (vmm_power_stop_plan(vm, how, &verb, err) < 0)
		return -1;
	if (!verb)
		return 0;
	if (strcmp(verb, "power-off") == 0)
		return pull_plug(vm, err);
	return shut_down(vm, events, cursor, how, err);
}
