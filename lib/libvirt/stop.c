/* stop: hides how a guest is asked, and how one learns that it obeyed. */
#include "libvirt/stop.h"

#include <string.h>

#include "base/interrupt.h"
#include "libvirt/call.h"
#include "libvirt/event.h"
#include "libvirt/power.h"

/* Milliseconds that QEMU or the agent has to take the request, where nobody
 * waits for more. */
#define HEARING 3000
/* Milliseconds after which it is asked again. */
#define AGAIN 5000

static const unsigned shutdown_flags[] = {
    [VMM_STOP_AUTO] = VIR_DOMAIN_SHUTDOWN_DEFAULT,
    [VMM_STOP_ACPI] = VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
    [VMM_STOP_AGENT] = VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
};
static const unsigned reboot_flags[] = {
    [VMM_STOP_AUTO] = VIR_DOMAIN_REBOOT_DEFAULT,
    [VMM_STOP_ACPI] = VIR_DOMAIN_REBOOT_ACPI_POWER_BTN,
    [VMM_STOP_AGENT] = VIR_DOMAIN_REBOOT_GUEST_AGENT,
};

int vmm_stop_mode_parse(const char *text, enum vmm_stop_mode *mode)
{
	if (!text)
		*mode = VMM_STOP_AUTO;
	else if (strcmp(text, "acpi") == 0)
		*mode = VMM_STOP_ACPI;
	else if (strcmp(text, "agent") == 0)
		*mode = VMM_STOP_AGENT;
	else
		return -1;
	return 0;
}

/* --- the plan --- */

static bool can_hear(const struct vmm_vm *vm)
{
	return vm->state != VIR_DOMAIN_PAUSED &&
	       vm->state != VIR_DOMAIN_PMSUSPENDED &&
	       vm->state != VIR_DOMAIN_CRASHED;
}

static int refuse_busy(const struct vmm_vm *vm, struct vmm_err *err)
{
	return vmm_err_set(err, VMM_FAILED,
	    "it is busy (%s), which 'vmm stop --now' would end, too; 'vmm "
	    "wait' "
	    "waits until it runs or is off",
	    vmm_state_reason(vm->state, vm->reason));
}

static int refuse_deaf(
    const struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
	const char *hard = how->reboot ? "'vmm reset' does not ask it"
				       : "'vmm stop --now' powers it off";

	switch (vm->state) {
	case VIR_DOMAIN_PAUSED:
		return vmm_err_set(err, VMM_FAILED,
		    "it is paused and cannot hear; 'vmm resume' resumes it, %s",
		    hard);
	case VIR_DOMAIN_PMSUSPENDED:
		return vmm_err_set(err, VMM_FAILED,
		    "it is asleep and cannot hear; 'vmm resume' wakes it, %s",
		    hard);
	default:
		return vmm_err_set(err, VMM_FAILED, "it has crashed; %s", hard);
	}
}

int vmm_stop_plan(const struct vmm_vm *vm, const struct vmm_stop *how,
    const char **verb, struct vmm_err *err)
{
	*verb = NULL;
	if (vm->state == VIR_DOMAIN_SHUTOFF && !how->reboot)
		return 0;
	if (vm->state == VIR_DOMAIN_SHUTOFF)
		return vmm_err_set(
		    err, VMM_FAILED, "it is off; 'vmm start' boots it");
	if (!how->now && vmm_power_is_busy(vm))
		return refuse_busy(vm, err);
	if (how->now || (how->force && !can_hear(vm))) {
		*verb = how->reboot ? "reset" : "power-off";
		return 0;
	}
	if (!can_hear(vm))
		return refuse_deaf(vm, how, err);
	*verb = how->reboot ? "reboot" : "shut-down";
	return 0;
}

/* --- asking --- */

static int hard_way(
    struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
	return how->reboot ? vmm_power_reset(vm, err) : vmm_power_off(vm, err);
}

static int has_job(virDomainPtr domain, unsigned flags)
{
	virDomainJobInfo job;

	(void)flags;
	return virDomainGetJobInfo(domain, &job) < 0
		   ? -1
		   : job.type != VIR_DOMAIN_JOB_NONE;
}

/* The time is over, or somebody has lost patience. MADE: it was asked. */
static int give_up(struct vmm_vm *vm, const struct vmm_stop *how, bool made,
    struct vmm_err *err)
{
	const char *asked = how->reboot ? "reboot" : "shut down";

	if (vmm_interrupted() && !made)
		return vmm_err_set(
		    err, VMM_FAILED, "interrupted before it began");
	if (vmm_interrupted())
		return vmm_err_set(err, VMM_FAILED,
		    "interrupted; it was asked to %s and may still do so",
		    asked);
	if (!made || how->no_wait)
		return vmm_err_set(err, VMM_TIMEOUT,
		    "libvirt did not take the request to %s in time; QEMU or "
		    "the guest's agent may be stuck",
		    asked);
	if (how->force) {
		/* somebody may have begun to save it meanwhile */
		if (vmm_power_look(vm, err) < 0)
			return -1;
		return vmm_power_is_busy(vm) ? refuse_busy(vm, err)
					     : hard_way(vm, how, err);
	}
	return vmm_err_set(err, VMM_TIMEOUT,
	    "it did not %s within %u second%s; %s", asked, how->seconds,
	    how->seconds == 1 ? "" : "s",
	    how->reboot ? "'vmm reset' does not ask it"
			: "'vmm stop --now' powers it off");
}

/* A guest without an agent that answers cannot hear one. But what fails because
 * libvirt is at work on the VM is not for us to end. */
static bool is_deaf_to(
    const struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
	return how->mode == VMM_STOP_AGENT && how->force && !how->no_wait &&
	       !vmm_interrupted() && !vmm_power_is_busy(vm) &&
	       vmm_call(vm, VMM_SHORT, has_job, 0, err) == 0;
}

/* The call did not go well. If the VM is off, somebody was quicker. */
static int look_why(
    struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;
	const char *verb;

	if (err->status == VMM_NOCONN || vmm_power_look(vm, &again) < 0)
		return -1;
	/* libvirt tells the old state for as long as it sees to a VM's end */
	if (vmm_state_is_active(vm->state) &&
	    virDomainIsActive(vm->domain) == 0)
		vm->state = VIR_DOMAIN_SHUTOFF;
	if (vmm_state_is_active(vm->state) && !is_deaf_to(vm, how, &again))
		return -1;
	vmm_err_release(err);
	return vmm_state_is_active(vm->state)
		   ? hard_way(vm, how, err)
		   : vmm_stop_plan(vm, how, &verb, err);
}

/* A button that is pressed while the guest boots is lost, and one more does no
 * harm; who takes only its agent has an answer of that. Not for a reboot:
 * libvirt keeps in mind that the guest is to come up again, and if it has just
 * done so, it would come up from its next power-off, too. False: QEMU is stuck.
 */
static bool ask_again(struct vmm_vm *vm, const struct vmm_stop *how)
{
	AUTOERR ignored = VMM_ERR_INIT;
	struct timespec hearing = vmm_call_deadline(HEARING);
	struct vmm_call *call;

	if (how->reboot || how->mode == VMM_STOP_AGENT || !can_hear(vm) ||
	    vmm_power_is_busy(vm))
		return true;
	call = vmm_call_begin(vm, VMM_SHORT, virDomainShutdownFlags,
	    shutdown_flags[VMM_STOP_ACPI], &ignored);
	if (!call)
		return false;
	if (!vmm_call_wait(call, &hearing, true)) {
		vmm_call_abandon(call);
		return false;
	}
	vmm_call_end(call, &ignored);
	return true;
}

/* As vmm_listener_next(), but 2 where no event told that the VM went off. Looks
 * and asks again meanwhile. */
static int next_event(struct vmm_listener *listener,
    const struct timespec *deadline, struct vmm_vm *vm,
    const struct vmm_stop *how, struct vmm_event *event, struct vmm_err *err)
{
	AUTOERR ignored = VMM_ERR_INIT;
	bool hears = true;

	for (;;) {
		struct timespec look =
		    vmm_call_deadline(hears ? AGAIN : VMM_EVENT_PATIENCE);
		bool last = !vmm_call_is_later(deadline, &look);
		int found = vmm_listener_next(
		    listener, last ? deadline : &look, event, err);

		if (found || vmm_interrupted())
			return found;
		/* a look that fails is no answer, and events still come */
		if (vmm_power_look(vm, &ignored) < 0) {
			if (ignored.status == VMM_NOCONN) {
				vmm_err_move(err, &ignored);
				return -1;
			}
			hears = false;
		}
		if (!how->reboot && !vmm_state_is_active(vm->state))
			return 2;
		if (last)
			return 0;
		hears = hears && ask_again(vm, how);
	}
}

static int wait_until_done(struct vmm_listener *listener,
    const struct timespec *deadline, struct vmm_vm *vm,
    const struct vmm_stop *how, struct vmm_err *err)
{
	AUTOEVENT event = {0};
	int found;

	do {
		found = next_event(listener, deadline, vm, how, &event, err);
		if (found == 1 && event.kind == VMM_EVENT_REBOOT)
			return 0;
	} while (found == 1 && event.event != VIR_DOMAIN_EVENT_STOPPED);
	if (found == 2)
		return 0;
	if (found < 0)
		return vmm_err_prefix(err,
		    "it was asked to %s and may do so, but ",
		    how->reboot ? "reboot" : "shut down");
	if (found == 0)
		return give_up(vm, how, true, err);
	if (event.detail == VIR_DOMAIN_EVENT_STOPPED_MIGRATED)
		return vmm_err_set(err, VMM_FAILED,
		    "it was migrated, and may run on another host");
	if (how->reboot)
		return vmm_err_set(err, VMM_FAILED,
		    "it went off and did not come up; 'vmm start' boots it");
	if (vmm_power_look(vm, err) < 0)
		return vmm_err_after(
		    err, "whether it was started again is not known: ");
	if (vmm_state_is_active(vm->state))
		return vmm_err_set(
		    err, VMM_FAILED, "it went off, but was started again");
	return 0;
}

/* Asks the guest, and waits; without a LISTENER nobody waits. */
static int ask(struct vmm_vm *vm, const struct vmm_stop *how,
    struct vmm_listener *listener, struct vmm_err *err)
{
	struct vmm_call *call =
	    how->reboot ? vmm_call_begin(vm, VMM_LONG, virDomainReboot,
			      reboot_flags[how->mode], err)
			: vmm_call_begin(vm, VMM_LONG, virDomainShutdownFlags,
			      shutdown_flags[how->mode], err);
	struct timespec deadline, hearing;
	AUTOERR ignored = VMM_ERR_INIT;
	bool made;
	int result;

	if (!call)
		return -1;
	/* the time of a guest that was not asked has not begun */
	made = vmm_call_wait_made(call, how->seconds * 1000LL + HEARING);
	deadline = vmm_call_deadline(how->seconds * 1000LL);
	hearing = how->seconds && !how->no_wait ? deadline
						: vmm_call_deadline(HEARING);
	if (!made || !vmm_call_wait(call, &hearing, true)) {
		/* QEMU or the agent is stuck, unless the plug helped */
		vmm_call_forgo(call);
		result = give_up(vm, how, vmm_call_is_made(call), err);
		hearing = vmm_call_deadline(HEARING);
		if (result == 0 && vmm_call_wait(call, &hearing, false))
			vmm_call_end(call, &ignored);
		else
			vmm_call_abandon(call);
		return result;
	}
	if (vmm_call_end(call, err) < 0)
		return look_why(vm, how, err);
	return listener ? wait_until_done(listener, &deadline, vm, how, err)
			: 0;
}

int vmm_stop(struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
	AUTOLISTENER *listener = NULL;
	AUTOERR ignored = VMM_ERR_INIT;
	const char *verb;

	if (!how->no_wait && !how->now && vmm_state_is_active(vm->state)) {
		listener = vmm_conn_listen(vm->conn, vm->uuid,
		    VMM_EVENT_LIFECYCLE | (how->reboot ? VMM_EVENT_REBOOT : 0),
		    err);
		if (!listener)
			return -1;
		/* listened first, looked second: no event is missed */
		if (vmm_power_look(vm, err) < 0)
			return -1;
	}
	if (!how->now && vmm_power_is_busy(vm) && !vmm_power_is_passing(vm) &&
	    vmm_call(vm, VMM_SHORT, has_job, 0, &ignored) == 0)
		vm->reason = VIR_DOMAIN_PAUSED_USER; /* it was restored so */
	if (vmm_stop_plan(vm, how, &verb, err) < 0)
		return -1;
	if (!verb)
		return 0;
	if (how->now || !can_hear(vm))
		return hard_way(vm, how, err);
	return ask(vm, how, listener, err);
}
