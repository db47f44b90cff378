/* wait: hides which event means what, and what must be looked at. */
#include "libvirt/wait.h"

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/address.h"
#include "libvirt/call.h"
#include "libvirt/event.h"
#include "libvirt/fault.h"
#include "libvirt/power.h"

/* Milliseconds between two looks for an address, of which no event tells. */
#define LOOK 1000

/* --- looking --- */

/* 1 if HOW holds for the state that was looked at, else 0; -1. */
static int holds_state(
    const struct vmm_vm *vm, const struct vmm_wait *how, struct vmm_err *err)
{
	int saved = 0;

	if (how->states & 1U << vm->state)
		return 1;
	if (how->saved && vm->state == VIR_DOMAIN_SHUTOFF && !vm->gone)
		saved =
		    vmm_fault_none(virDomainHasManagedSaveImage(vm->domain, 0));
	return saved < 0 && vmm_fault_code() != VIR_ERR_NO_DOMAIN
		   ? vmm_fault(err, vmm_conn_virt(vm->conn))
		   : saved > 0;
}

static int has_address(
    const struct vmm_vm *vm, struct vmm_call **question, struct vmm_err *err)
{
	AUTOSTRV addresses = VMM_STRV_INIT;

	if (vmm_addresses(vm, question, &addresses, err) < 0)
		return -1;
	return addresses.n > 0;
}

/* Reads the XML of now; *CONNECTED is whether the agent is listening. */
static int look_at_devices(struct vmm_vm *vm, const struct vmm_wait *how,
    bool *connected, bool *reachable, struct vmm_err *err)
{
	AUTOFREE char *text = virDomainGetXMLDesc(vm->domain, 0);
	AUTODOMXML *xml = NULL;

	if (!text)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	xml = vmm_domxml_read(text, err);
	if (!xml)
		return -1;
	*connected = xml->agent_connected;
	*reachable =
	    (how->agent && xml->agent_channel) || (how->ip && xml->nics);
	return 0;
}

/* Whether it holds: 1, 0, or -1 where it cannot be, or cannot be told. */
static int look(struct vmm_vm *vm, const struct vmm_wait *how,
    struct vmm_call **question, struct vmm_err *err)
{
	bool connected = false, reachable = false;
	int holds;

	if (vmm_power_look(vm, err) < 0)
		return -1;
	holds = holds_state(vm, how, err);
	if (holds)
		return holds;
	if (vm->gone)
		return vmm_err_set(
		    err, VMM_FAILED, "it is not defined any more");
	if (how->up && vm->state == VIR_DOMAIN_SHUTOFF)
		return vmm_err_set(err, VMM_FAILED, "it went off again");
	if (how->up && vm->state == VIR_DOMAIN_PAUSED &&
	    !vmm_power_is_passing(vm))
		return vmm_err_set(err, VMM_FAILED,
		    "it is paused; 'vmm resume' lets it go on");
	if (!how->ip && !how->agent)
		return 0;
	if (look_at_devices(vm, how, &connected, &reachable, err) < 0)
		return -1;
	if (!reachable && how->up)
		return 1;
	if (!reachable && how->agent)
		return vmm_err_set(err, VMM_FAILED,
		    "it has no channel for a guest agent, so none can answer");
	if (!reachable)
		return vmm_err_set(err, VMM_FAILED,
		    "it has no network card, so it gets no address");
	if (how->agent && connected)
		return 1;
	if (how->ip && vmm_state_is_active(vm->state))
		return has_address(vm, question, err);
	return 0;
}

/* --- listening --- */

/* The state that a VM is in after a lifecycle event, or -1: of one that
 * started or went on by itself that is not known, it may be paused. */
static int state_after(const struct vmm_event *event)
{
	switch (event->event) {
	case VIR_DOMAIN_EVENT_SUSPENDED:
		return VIR_DOMAIN_PAUSED;
	case VIR_DOMAIN_EVENT_RESUMED:
		return VIR_DOMAIN_RUNNING;
	case VIR_DOMAIN_EVENT_STOPPED:
		return VIR_DOMAIN_SHUTOFF;
	case VIR_DOMAIN_EVENT_PMSUSPENDED:
		return VIR_DOMAIN_PMSUSPENDED;
	case VIR_DOMAIN_EVENT_CRASHED:
		return VIR_DOMAIN_CRASHED;
	default:
		return -1;
	}
}

/* Whether EVENT says that it held, even if it is over now; STARTED remembers a
 * start of which it is not known yet whether it was one into pause. */
static bool held(
    const struct vmm_event *event, const struct vmm_wait *how, bool *started)
{
	int state;

	if (event->kind == VMM_EVENT_AGENT)
		return how->agent &&
		       event->event ==
			   VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED;
	state = state_after(event);
	if (*started && state >= 0 && state != VIR_DOMAIN_PAUSED &&
	    (how->states & 1U << VIR_DOMAIN_RUNNING))
		return true;
	*started = event->event == VIR_DOMAIN_EVENT_STARTED;
	return state >= 0 && (how->states & 1U << state);
}

/* What to wait for next: the deadline, or the next look. */
static const struct timespec *until(const struct vmm_vm *vm,
    const struct vmm_wait *how, const struct timespec *deadline,
    struct timespec *next)
{
	bool often = how->ip && vmm_state_is_active(vm->state);

	*next = vmm_call_deadline(often ? LOOK : VMM_EVENT_PATIENCE);
	return how->for_ever || !vmm_call_is_later(next, deadline) ? next
								   : deadline;
}

static int too_late(
    const struct vmm_vm *vm, const struct vmm_wait *how, struct vmm_err *err)
{
	AUTOFREE char *state =
	    vmm_sprintf("it is %s", vmm_state_name(vm->state));
	const char *what = how->up      ? "it is not up"
			   : how->ip    ? "it has no address"
			   : how->agent ? "its agent is not listening"
					: state;

	return vmm_err_set(err, VMM_TIMEOUT, "%s after %u second%s", what,
	    how->seconds, how->seconds == 1 ? "" : "s");
}

/* QUESTION is what an agent was asked and has not answered yet. */
static int wait_for(struct vmm_vm *vm, const struct vmm_wait *how,
    struct vmm_call **question, struct vmm_err *err)
{
	struct timespec deadline = vmm_call_deadline(how->seconds * 1000LL);
	/* listens first, looks second, waits third */
	AUTOLISTENER *listener = vmm_conn_listen(vm->conn, vm->uuid,
	    VMM_EVENT_LIFECYCLE | (how->agent ? VMM_EVENT_AGENT : 0), err);
	AUTOEVENT event = {0};
	bool started = false;
	int found;

	if (!listener)
		return -1;
	for (;;) {
		struct timespec next, now;
		int result = look(vm, how, question, err);

		if (result)
			return result < 0 ? -1 : 0;
		found = vmm_listener_next(
		    listener, until(vm, how, &deadline, &next), &event, err);
		if (found < 0)
			return -1;
		if (found && held(&event, how, &started))
			return 0;
		if (vmm_interrupted())
			return vmm_err_set(err, VMM_FAILED,
			    how->up ? "interrupted; it was started, and may "
				      "still come up"
				    : "interrupted");
		now = vmm_call_deadline(0);
		if (!found && !how->for_ever &&
		    !vmm_call_is_later(&deadline, &now))
			return too_late(vm, how, err);
	}
}

int vmm_wait_for(
    struct vmm_vm *vm, const struct vmm_wait *how, struct vmm_err *err)
{
	struct vmm_call *question = NULL;
	int result = wait_for(vm, how, &question, err);

	vmm_addresses_end(question);
	return result;
}
