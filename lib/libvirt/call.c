/* call: hides the thread, the place, and that a handle is a connection's. */
#include "libvirt/call.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/fault.h"

/* Milliseconds that a call may still take after an interrupt. */
#define GRACE 5000

/* The asker and the thread share it; who leaves last releases it. */
struct vmm_call {
	pthread_mutex_t lock;
	pthread_cond_t news; /* it is back, or an interrupt */
	struct vmm_conn *conn;
	enum vmm_span span;
	virDomainPtr domain; /* our own handle: the asker's may be gone */
	vmm_call_fn *fn;
	unsigned flags;
	vmm_ask_fn *ask; /* instead of fn */
	void *answer;
	void (*release)(void *answer);
	bool heedless; /* begun after the interrupt, so in spite of it */
	bool abandoned, made, back;
	int result;
	struct vmm_err err;
};

static void call_free(struct vmm_call *call)
{
	virDomainFree(call->domain);
	if (call->release)
		call->release(call->answer);
	vmm_err_release(&call->err);
	pthread_cond_destroy(&call->news);
	pthread_mutex_destroy(&call->lock);
	free(call);
}

/* Whether it is still wanted, now that it has its place. */
static bool is_wanted(struct vmm_call *call)
{
	pthread_mutex_lock(&call->lock);
	call->made = !call->abandoned && (call->heedless || !vmm_interrupted());
	pthread_cond_signal(&call->news);
	pthread_mutex_unlock(&call->lock);
	return call->made;
}

static void wake(void *data)
{
	struct vmm_call *call = data;

	pthread_mutex_lock(&call->lock);
	pthread_cond_signal(&call->news);
	pthread_mutex_unlock(&call->lock);
}

bool vmm_call_wait_made(struct vmm_call *call, long long patience)
{
	struct timespec look = vmm_call_deadline(patience);
	long long left = patience;
	bool made;

	vmm_interrupt_wake(wake, call);
	pthread_mutex_lock(&call->lock);
	while (!call->made && !call->back && !vmm_interrupted() && left > 0) {
		if (pthread_cond_timedwait(&call->news, &call->lock, &look) ==
		    0)
			continue;
		/* what was before this began does not count */
		left = patience - vmm_conn_still(call->conn);
		look = vmm_call_deadline(left);
	}
	made = call->made || call->back;
	pthread_mutex_unlock(&call->lock);
	vmm_interrupt_forget(call);
	return made;
}

bool vmm_call_is_made(struct vmm_call *call)
{
	bool made;

	pthread_mutex_lock(&call->lock);
	made = call->made;
	pthread_mutex_unlock(&call->lock);
	return made;
}

static int not_begun(struct vmm_err *err)
{
	return vmm_err_set(err, VMM_FAILED, "interrupted before it began");
}

static int make(struct vmm_call *call, virConnectPtr virt, struct vmm_err *err)
{
	virDomainPtr domain = call->domain;
	int result;

	if (!is_wanted(call))
		return not_begun(err);
	if (virt == vmm_conn_virt(call->conn)) {
		virDomainRef(domain);
	} else {
		char uuid[VIR_UUID_STRING_BUFLEN] = "";

		virDomainGetUUIDString(call->domain, uuid);
		domain = virDomainLookupByUUIDString(virt, uuid);
		if (!domain)
			return vmm_fault(err, virt);
	}
	result = call->ask ? call->ask(domain, call->answer)
			   : call->fn(domain, call->flags);
	if (result < 0 && call->ask)
		vmm_fault(err, virt);
	else if (result < 0)
		vmm_fault_act(err, virt);
	virDomainFree(domain);
	return result;
}

static void *run(void *data)
{
	struct vmm_call *call = data;
	AUTOERR err = VMM_ERR_INIT;
	virConnectPtr virt = vmm_conn_enter(call->conn, call->span);
	int result = make(call, virt, &err);
	bool abandoned;

	pthread_mutex_lock(&call->lock);
	vmm_conn_leave(call->conn, virt, call->span);
	call->result = result;
	vmm_err_move(&call->err, &err);
	call->back = true;
	abandoned = call->abandoned;
	pthread_cond_signal(&call->news);
	pthread_mutex_unlock(&call->lock);
	if (abandoned)
		call_free(call);
	return NULL;
}

static struct vmm_call *begin(struct vmm_call *call, struct vmm_err *err)
{
	pthread_condattr_t monotonic;
	pthread_t thread;

	pthread_mutex_init(&call->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&call->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&thread, NULL, run, call) != 0) {
		call_free(call);
		vmm_err_set(err, VMM_FAILED, "no thread can be had");
		return NULL;
	}
	pthread_detach(thread);
	return call;
}

static struct vmm_call *new_call(const struct vmm_vm *vm, enum vmm_span span)
{
	struct vmm_call *call = vmm_calloc(1, sizeof *call);

	call->conn = vm->conn;
	call->span = span;
	call->domain = vm->domain;
	call->heedless = vmm_interrupted();
	virDomainRef(vm->domain);
	return call;
}

struct vmm_call *vmm_call_begin(const struct vmm_vm *vm, enum vmm_span span,
    vmm_call_fn *fn, unsigned flags, struct vmm_err *err)
{
	struct vmm_call *call = new_call(vm, span);

	call->fn = fn;
	call->flags = flags;
	return begin(call, err);
}

struct vmm_call *vmm_call_ask(const struct vmm_vm *vm, enum vmm_span span,
    vmm_ask_fn *fn, void *answer, void (*release)(void *answer),
    struct vmm_err *err)
{
	struct vmm_call *call = new_call(vm, span);

	call->ask = fn;
	call->answer = answer;
	call->release = release;
	return begin(call, err);
}

void *vmm_call_answer(struct vmm_call *call)
{
	return call->answer;
}

bool vmm_call_wait(
    struct vmm_call *call, const struct timespec *deadline, bool heed)
{
	bool back;
	int late = 0;

	if (heed)
		vmm_interrupt_wake(wake, call);
	pthread_mutex_lock(&call->lock);
	while (!call->back && !late && !(heed && vmm_interrupted()))
		late = deadline ? pthread_cond_timedwait(
				      &call->news, &call->lock, deadline)
				: pthread_cond_wait(&call->news, &call->lock);
	back = call->back;
	pthread_mutex_unlock(&call->lock);
	if (heed)
		vmm_interrupt_forget(call);
	return back;
}

int vmm_call_end(struct vmm_call *call, struct vmm_err *err)
{
	int result;

	/* the thread lets go of the lock last of all */
	pthread_mutex_lock(&call->lock);
	result = call->result;
	pthread_mutex_unlock(&call->lock);
	if (result < 0)
		vmm_err_move(err, &call->err);
	call_free(call);
	return result;
}

/* The lock is held. */
static void forgo(struct vmm_call *call)
{
	if (call->made && !call->back)
		vmm_conn_forgo(call->conn, &call->span);
}

void vmm_call_forgo(struct vmm_call *call)
{
	pthread_mutex_lock(&call->lock);
	forgo(call);
	pthread_mutex_unlock(&call->lock);
}

void vmm_call_abandon(struct vmm_call *call)
{
	bool back;

	vmm_conn_abandon(call->conn); /* the thread uses it */
	pthread_mutex_lock(&call->lock);
	back = call->back;
	call->abandoned = true;
	forgo(call);
	pthread_mutex_unlock(&call->lock);
	if (back)
		call_free(call);
}

struct timespec vmm_call_deadline(long long milliseconds)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += milliseconds / 1000;
	deadline.tv_nsec += milliseconds % 1000 * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_nsec -= 1000000000;
		deadline.tv_sec++;
	}
	return deadline;
}

bool vmm_call_is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

int vmm_call(const struct vmm_vm *vm, enum vmm_span span, vmm_call_fn *fn,
    unsigned flags, struct vmm_err *err)
{
	struct vmm_call *call = vmm_call_begin(vm, span, fn, flags, err);

	if (!call)
		return -1;
	return vmm_call_finish(call, err);
}

int vmm_call_finish(struct vmm_call *call, struct vmm_err *err)
{
	struct timespec grace;
	struct timespec soon = vmm_call_deadline(2 * GRACE);
	bool back = call->heedless ? vmm_call_wait(call, &soon, false)
				   : vmm_call_wait(call, NULL, true);

	if (!back && vmm_call_is_made(call)) {
		grace = vmm_call_deadline(GRACE);
		back = vmm_call_wait(call, &grace, false);
	}
	if (back)
		return vmm_call_end(call, err);
	if (vmm_call_is_made(call))
		vmm_err_set(err, VMM_FAILED,
		    "interrupted; libvirt has not answered, and may still do "
		    "it");
	else
		not_begun(err);
	vmm_call_abandon(call);
	return -1;
}
