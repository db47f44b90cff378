/* event: hides callbacks and the thread they come from. */
#include "libvirt/event.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/fault.h"

static void *run_loop(void *unused)
{
	while (virEventRunDefaultImpl() == 0)
		;
	return unused;
}

int vmm_event_loop(struct vmm_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool running;
	pthread_t thread;
	int result = 0;

	pthread_mutex_lock(&lock);
	if (!running && virEventRegisterDefaultImpl() < 0)
		result = vmm_fault(err, NULL);
	else if (!running && pthread_create(&thread, NULL, run_loop, NULL) != 0)
		result =
		    vmm_err_set(err, VMM_FAILED, "cannot start the event loop");
	else if (!running)
		pthread_detach(thread);
	running = result == 0;
	pthread_mutex_unlock(&lock);
	return result;
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
