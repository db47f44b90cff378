/* event: hides callbacks and the thread they come from. */
#include "libvirt/event.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/fault.h"

/* The loop's one thread. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool running, listening;
} loop = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};

static void do_nothing(int timer, void *unused)
{
	(void)timer;
	(void)unused;
}

/* Waits for a second, or until somebody listens. */
static bool rest(void)
{
	struct timespec until;
	bool listening;
	int late = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&loop.lock);
	while (!loop.listening && !late)
		late = pthread_cond_clockwait(
		    &loop.news, &loop.lock, CLOCK_MONOTONIC, &until);
	listening = loop.listening;
	pthread_mutex_unlock(&loop.lock);
	return listening;
}

static void *run_loop(void *data)
{
	int timer = *(int *)data;

	free(data);
	while (!rest()) {
		virEventUpdateTimeout(timer, 0); /* so that it only looks */
		if (virEventRunDefaultImpl() < 0)
			return NULL;
	}
	virEventRemoveTimeout(timer);
	while (virEventRunDefaultImpl() == 0)
		;
	return NULL;
}

static int start_loop(struct vmm_err *err)
{
	int *timer;
	pthread_t thread;

	if (virEventRegisterDefaultImpl() < 0)
		return vmm_fault(err, NULL);
	timer = vmm_calloc(1, sizeof *timer);
	*timer = virEventAddTimeout(-1, do_nothing, NULL, NULL);
	if (*timer < 0 || pthread_create(&thread, NULL, run_loop, timer) != 0) {
		free(timer);
		return vmm_err_set(
		    err, VMM_FAILED, "cannot start the event loop");
	}
	pthread_detach(thread);
	loop.running = true;
	return 0;
}

int vmm_event_prepare(struct vmm_err *err)
{
	int result;

	pthread_mutex_lock(&loop.lock);
	result = loop.running ? 0 : start_loop(err);
	pthread_mutex_unlock(&loop.lock);
	return result;
}

static void listen_now(void)
{
	pthread_mutex_lock(&loop.lock);
	loop.listening = true;
	pthread_cond_signal(&loop.news);
	pthread_mutex_unlock(&loop.lock);
}

struct vmm_events {
	pthread_mutex_t lock;
	pthread_cond_t news; /* something below changed, or an interrupt */
	struct vmm_event *log;
	size_t count;
	bool lost;
	int users; /* this structure's: ours, and libvirt's two callbacks' */
	int callback;
};

/* libvirt frees a callback's data when the loop has seen that it is gone,
 * which may be after the connection was closed. */
static void release(void *data)
{
	struct vmm_events *events = data;
	int left;

	pthread_mutex_lock(&events->lock);
	left = --events->users;
	pthread_mutex_unlock(&events->lock);
	if (left)
		return;
	pthread_cond_destroy(&events->news);
	pthread_mutex_destroy(&events->lock);
	free(events->log);
	free(events);
}

static void wake(void *data)
{
	struct vmm_events *events = data;

	pthread_mutex_lock(&events->lock);
	pthread_cond_broadcast(&events->news);
	pthread_mutex_unlock(&events->lock);
}

static int on_lifecycle(
    virConnectPtr virt, virDomainPtr domain, int event, int detail, void *data)
{
	struct vmm_events *events = data;
	struct vmm_event entry = {.event = event, .detail = detail};

	(void)virt;
	if (virDomainGetUUIDString(domain, entry.uuid) < 0)
		return 0;
	pthread_mutex_lock(&events->lock);
	VMM_GROW(events->log, events->count);
	events->log[events->count++] = entry;
	pthread_cond_broadcast(&events->news);
	pthread_mutex_unlock(&events->lock);
	return 0;
}

static void on_close(virConnectPtr virt, int reason, void *data)
{
	struct vmm_events *events = data;

	(void)virt;
	(void)reason;
	pthread_mutex_lock(&events->lock);
	events->lost = true;
	pthread_cond_broadcast(&events->news);
	pthread_mutex_unlock(&events->lock);
}

struct vmm_events *vmm_events_open(virConnectPtr virt, struct vmm_err *err)
{
	struct vmm_events *events = vmm_calloc(1, sizeof *events);
	pthread_condattr_t monotonic;

	pthread_mutex_init(&events->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&events->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	events->users = 2;
	events->callback = virConnectDomainEventRegisterAny(virt, NULL,
	    VIR_DOMAIN_EVENT_ID_LIFECYCLE,
	    VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), events, release);
	if (events->callback < 0) {
		vmm_fault(err, virt);
		events->users = 1;
		release(events);
		return NULL;
	}
	/* drivers without a server have nothing that could close */
	events->users++;
	if (virConnectRegisterCloseCallback(virt, on_close, events, release) <
	    0)
		events->users--;
	vmm_interrupt_wake(wake, events);
	listen_now();
	return events;
}

void vmm_events_close(struct vmm_events *events, virConnectPtr virt)
{
	vmm_interrupt_forget(events);
	virConnectDomainEventDeregisterAny(virt, events->callback);
	virConnectUnregisterCloseCallback(virt, on_close);
	release(events);
}

size_t vmm_events_cursor(struct vmm_events *events)
{
	size_t cursor;

	pthread_mutex_lock(&events->lock);
	cursor = events->count;
	pthread_mutex_unlock(&events->lock);
	return cursor;
}

/* 1: an event, 0: none so far, -1: the connection is gone. */
static int look(struct vmm_events *events, const char *uuid, size_t *cursor,
    struct vmm_event *event)
{
	while (*cursor < events->count) {
		*event = events->log[(*cursor)++];
		if (strcmp(event->uuid, uuid) == 0)
			return 1;
	}
	return events->lost ? -1 : 0;
}

int vmm_events_next(struct vmm_events *events, const char *uuid, size_t *cursor,
    const struct timespec *deadline, struct vmm_event *event,
    struct vmm_err *err)
{
	int found, late = 0;

	pthread_mutex_lock(&events->lock);
	while (!(found = look(events, uuid, cursor, event)) && !late &&
	       !vmm_interrupted())
		late = deadline
			   ? pthread_cond_timedwait(
				 &events->news, &events->lock, deadline)
			   : pthread_cond_wait(&events->news, &events->lock);
	pthread_mutex_unlock(&events->lock);
	if (found < 0)
		vmm_err_set(err, VMM_NOCONN, "the connection was lost");
	return found;
}
