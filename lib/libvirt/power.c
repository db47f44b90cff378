/* power: hides libvirt's states and the races between them. */
#include "libvirt/power.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
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

/* Resumes or wakes. QEMU may be stuck, so this is a long call too. */
static int go_on(const struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOLANE lane = VMM_LANE_INIT;
	int result;

	if (vmm_lane_enter(&lane, vm, err) < 0)
		return -1;
	result = vm->state == VIR_DOMAIN_PMSUSPENDED
		     ? virDomainPMWakeup(lane.domain, 0)
		     : virDomainResume(lane.domain);
	return result < 0 ? vmm_fault(err, lane.virt) : 0;
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
	if (look_again(vm, &again) < 0 || vm->state == was)
		return -1;
	vmm_err_release(err);
	return start_once(vm, how, err);
}

/* --- stop --- */

/*
 * A question to the guest, in a thread of its own: QEMU, or an agent, may never
 * answer, and then the one who asked must still get to pull the plug.
 */
struct question {
	pthread_mutex_t lock;
	pthread_cond_t news; /* answered, or an interrupt */
	struct vmm_vm vm;    /* our own handle: the asker's may be gone */
	enum vmm_stop_mode mode;
	bool answered;
	int result;
	struct vmm_err err;
};

static void question_free(struct question *question)
{
	virDomainFree(question->vm.domain);
	vmm_err_release(&question->err);
	free(question);
}

static void *ask_guest(void *data)
{
	static const unsigned flags[] = {
	    [VMM_STOP_AUTO] = VIR_DOMAIN_SHUTDOWN_DEFAULT,
	    [VMM_STOP_ACPI] = VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
	    [VMM_STOP_AGENT] = VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
	};
	struct question *question = data;
	struct vmm_lane lane = VMM_LANE_INIT;
	AUTOERR err = VMM_ERR_INIT;
	int result = vmm_lane_enter(&lane, &question->vm, &err);

	if (result == 0 &&
	    virDomainShutdownFlags(lane.domain, flags[question->mode]) < 0)
		result = vmm_fault(&err, lane.virt);
	vmm_lane_leave(&lane);
	pthread_mutex_lock(&question->lock);
	question->result = result;
	vmm_err_move(&question->err, &err);
	question->answered = true;
	pthread_cond_signal(&question->news);
	pthread_mutex_unlock(&question->lock);
	return NULL;
}

static void wake_question(void *data)
{
	struct question *question = data;

	pthread_mutex_lock(&question->lock);
	pthread_cond_signal(&question->news);
	pthread_mutex_unlock(&question->lock);
}

/* Waits for the answer; false where it does not come in time. */
static bool wait_for_answer(
    struct question *question, const struct timespec *deadline)
{
	bool answered;
	int late = 0;

	vmm_interrupt_wake(wake_question, question);
	pthread_mutex_lock(&question->lock);
	while (!question->answered && !late && !vmm_interrupted())
		late = pthread_cond_clockwait(&question->news, &question->lock,
		    CLOCK_MONOTONIC, deadline);
	answered = question->answered;
	pthread_mutex_unlock(&question->lock);
	vmm_interrupt_forget(question);
	return answered;
}

static int look_after_plug(struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOERR again = VMM_ERR_INIT;

	if (look_again(vm, &again) < 0 || vmm_state_is_active(vm->state))
		return -1;
	vmm_err_release(err); /* it went off by itself meanwhile */
	return 0;
}

static int pull_plug(struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOLANE lane = VMM_LANE_INIT;

	if (vmm_lane_enter(&lane, vm, err) < 0)
		return look_after_plug(vm, err);
	if (virDomainDestroyFlags(lane.domain, 0) == 0)
		return 0;
	vmm_fault(err, lane.virt);
	return look_after_plug(vm, err);
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

/* The time is over, or somebody has lost patience. */
static int give_up(
    struct vmm_vm *vm, const struct vmm_stop *how, struct vmm_err *err)
{
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

static int wait_until_off(struct vmm_vm *vm, struct vmm_events *events,
    size_t cursor, const struct timespec *deadline, const struct vmm_stop *how,
    struct vmm_err *err)
{
	struct vmm_event event;
	int found;

	do {
		found = vmm_events_next(
		    events, vm->uuid, &cursor, deadline, &event, err);
	} while (found == 1 && event.event != VIR_DOMAIN_EVENT_STOPPED);
	if (found < 0)
		return -1;
	if (found == 0)
		return give_up(vm, how, err);
	if (event.detail == VIR_DOMAIN_EVENT_STOPPED_MIGRATED)
		return vmm_err_set(err, VMM_FAILED,
		    "it was migrated, and may run on another host");
	return 0;
}

/* Asks the guest, and waits. EVENTS is NULL where nobody waits. */
static int shut_down(struct vmm_vm *vm, struct vmm_events *events,
    size_t cursor, const struct vmm_stop *how, struct vmm_err *err)
{
	struct question *question = vmm_calloc(1, sizeof *question);
	struct timespec deadline;
	pthread_t thread;
	int result;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += how->seconds;
	pthread_mutex_init(&question->lock, NULL);
	pthread_cond_init(&question->news, NULL);
	question->vm.conn = vm->conn;
	question->vm.domain = vm->domain;
	memcpy(question->vm.uuid, vm->uuid, sizeof vm->uuid);
	virDomainRef(vm->domain);
	question->mode = how->mode;
	if (pthread_create(&thread, NULL, ask_guest, question) != 0) {
		question_free(question);
		return vmm_err_set(err, VMM_FAILED, "no thread can be had");
	}
	/* with no time at all, still let the guest hear it */
	if (!how->seconds)
		deadline.tv_sec++;
	if (!wait_for_answer(question, &deadline)) {
		result = give_up(vm, how, err);
		if (result < 0) { /* the plug would have made it answer */
			vmm_conn_abandon(vm->conn);
			pthread_detach(thread);
			return result;
		}
		pthread_join(thread, NULL);
		question_free(question);
		return result;
	}
	pthread_join(thread, NULL);
	result = question->result;
	vmm_err_move(err, &question->err);
	question_free(question);
	if (result < 0)
		return look_after_plug(vm, err);
	if (!how->seconds)
		deadline.tv_sec--;
	return events ? wait_until_off(vm, events, cursor, &deadline, how, err)
		      : 0;
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
