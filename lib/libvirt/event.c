/* event: hides callbacks, the thread they come from, and queues. */
#include "libvirt/event.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/fault.h"
#include "pure/metaxml.h"

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
	pthread_setname_np(pthread_self(), "vmm-events"); /* for ps and gdb */
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

struct vmm_listener {
	struct vmm_events *events;
	char uuid[VIR_UUID_STRING_BUFLEN]; /* empty: all VMs */
	unsigned kinds;
	pthread_cond_t news; /* something for us, or an interrupt */
	struct vmm_event *queue;
	size_t first, count; /* of the queue: read so far, written so far */
};

/* libvirt's callbacks, as many as there are events to subscribe to. */
#define SOURCES 9

struct vmm_events {
	virConnectPtr virt; /* borrowed: it outlives us, or is lost */
	pthread_mutex_t lock;
	struct vmm_listener **listener;
	size_t listeners;
	bool lost;
	int users;             /* of this structure: ours, and the callbacks' */
	int callback[SOURCES]; /* -1: not subscribed to (yet) */
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
	pthread_mutex_destroy(&events->lock);
	free(events->listener);
	free(events);
}

static void wake(void *data)
{
	struct vmm_events *events = data;

	pthread_mutex_lock(&events->lock);
	for (size_t i = 0; i < events->listeners; i++)
		pthread_cond_signal(&events->listener[i]->news);
	pthread_mutex_unlock(&events->lock);
}

/* --- callbacks --- */

void vmm_event_release(struct vmm_event *event)
{
	free(event->name);
	free(event->text);
	*event = (struct vmm_event){0};
}

static void put(struct vmm_listener *listener, const struct vmm_event *event)
{
	struct vmm_event *slot;

	if (listener->first == listener->count)
		listener->first = listener->count = 0;
	VMM_GROW(listener->queue, listener->count);
	slot = &listener->queue[listener->count++];
	*slot = *event;
	slot->name = vmm_strdup_null(event->name);
	slot->text = vmm_strdup_null(event->text);
	pthread_cond_signal(&listener->news);
}

static void happened(struct vmm_events *events, virDomainPtr domain,
    enum vmm_event_kind kind, int event, int detail, const char *text)
{
	struct vmm_event entry = {.kind = kind,
	    .event = event,
	    .detail = detail,
	    .name = (char *)virDomainGetName(domain),
	    .text = (char *)text};

	if (virDomainGetUUIDString(domain, entry.uuid) < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &entry.when);
	pthread_mutex_lock(&events->lock);
	for (size_t i = 0; i < events->listeners; i++) {
		struct vmm_listener *listener = events->listener[i];

		if ((listener->kinds & kind) &&
		    (!*listener->uuid ||
			strcmp(listener->uuid, entry.uuid) == 0))
			put(listener, &entry);
	}
	pthread_mutex_unlock(&events->lock);
}

static int on_lifecycle(
    virConnectPtr virt, virDomainPtr domain, int event, int detail, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_LIFECYCLE, event, detail, NULL);
	return 0;
}

static void on_reboot(virConnectPtr virt, virDomainPtr domain, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_REBOOT, 0, 0, NULL);
}

static void on_metadata(virConnectPtr virt, virDomainPtr domain, int type,
    const char *uri, void *data)
{
	(void)virt;
	if (type == VIR_DOMAIN_METADATA_ELEMENT && uri &&
	    strcmp(uri, VMM_META_URI) == 0)
		happened(data, domain, VMM_EVENT_METADATA, 0, 0, NULL);
}

static void on_device_in(
    virConnectPtr virt, virDomainPtr domain, const char *alias, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_DEVICE_IN, 0, 0, alias);
}

static void on_device_out(
    virConnectPtr virt, virDomainPtr domain, const char *alias, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_DEVICE_OUT, 0, 0, alias);
}

static void on_device_kept(
    virConnectPtr virt, virDomainPtr domain, const char *alias, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_DEVICE_KEPT, 0, 0, alias);
}

static void on_job(virConnectPtr virt, virDomainPtr domain,
    virTypedParameterPtr params, int n, void *data)
{
	int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	(void)virt;
	virTypedParamsGetInt(params, n, VIR_DOMAIN_JOB_OPERATION, &operation);
	happened(data, domain, VMM_EVENT_JOB, operation, 0, NULL);
}

static void on_block_job(virConnectPtr virt, virDomainPtr domain,
    const char *target, int type, int status, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_BLOCK_JOB, type, status, target);
}

static void on_agent(
    virConnectPtr virt, virDomainPtr domain, int state, int reason, void *data)
{
	(void)virt;
	happened(data, domain, VMM_EVENT_AGENT, state, reason, NULL);
}

static void on_close(virConnectPtr virt, int reason, void *data)
{
	struct vmm_events *events = data;

	(void)virt;
	(void)reason;
	pthread_mutex_lock(&events->lock);
	events->lost = true;
	pthread_mutex_unlock(&events->lock);
	wake(events);
}

static const struct {
	enum vmm_event_kind kind;
	int id; /* virDomainEventID */
	virConnectDomainEventGenericCallback callback;
} sources[SOURCES] = {
    {VMM_EVENT_LIFECYCLE, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
	VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle)},
    {VMM_EVENT_REBOOT, VIR_DOMAIN_EVENT_ID_REBOOT, on_reboot},
    {VMM_EVENT_METADATA, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
	VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
    {VMM_EVENT_DEVICE_IN, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
	VIR_DOMAIN_EVENT_CALLBACK(on_device_in)},
    {VMM_EVENT_DEVICE_OUT, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
	VIR_DOMAIN_EVENT_CALLBACK(on_device_out)},
    {VMM_EVENT_DEVICE_KEPT, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
	VIR_DOMAIN_EVENT_CALLBACK(on_device_kept)},
    {VMM_EVENT_JOB, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
	VIR_DOMAIN_EVENT_CALLBACK(on_job)},
    {VMM_EVENT_BLOCK_JOB, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
	VIR_DOMAIN_EVENT_CALLBACK(on_block_job)},
    {VMM_EVENT_AGENT, VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
	VIR_DOMAIN_EVENT_CALLBACK(on_agent)},
};

/* --- subscribing --- */

/* Subscribes to those of KINDS that nobody listened to so far. The lock of
 * the connection (conn.c) keeps two threads from doing it at once; ours is not
 * held, for a callback may come before the call is over. */
static int subscribe(
    struct vmm_events *events, unsigned kinds, struct vmm_err *err)
{
	for (size_t i = 0; i < SOURCES; i++) {
		if (!(kinds & sources[i].kind) || events->callback[i] >= 0)
			continue;
		pthread_mutex_lock(&events->lock);
		events->users++;
		pthread_mutex_unlock(&events->lock);
		events->callback[i] =
		    virConnectDomainEventRegisterAny(events->virt, NULL,
			sources[i].id, sources[i].callback, events, release);
		if (events->callback[i] < 0) {
			vmm_fault(err, events->virt);
			release(events);
			return -1;
		}
	}
	return 0;
}

static void unsubscribe(struct vmm_events *events)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (events->callback[i] >= 0)
			virConnectDomainEventDeregisterAny(
			    events->virt, events->callback[i]);
	virConnectUnregisterCloseCallback(events->virt, on_close);
	release(events);
}

struct vmm_events *vmm_events_open(virConnectPtr virt, struct vmm_err *err)
{
	struct vmm_events *events = vmm_calloc(1, sizeof *events);

	pthread_mutex_init(&events->lock, NULL);
	events->virt = virt;
	events->users = 2; /* ours, and the close callback's */
	for (size_t i = 0; i < SOURCES; i++)
		events->callback[i] = -1;
	/* A driver without a server has nothing that could close: it fails, or
	 * says 0 and forgets us. One that keeps us refuses a second time. */
	if (virConnectRegisterCloseCallback(virt, on_close, events, release) <
		0 ||
	    virConnectRegisterCloseCallback(virt, on_close, events, NULL) == 0)
		events->users--;
	listen_now();
	if (virConnectIsAlive(virt) == 0) { /* before it was listened to */
		unsubscribe(events);
		vmm_err_set(err, VMM_NOCONN, "the connection was lost");
		return NULL;
	}
	return events;
}

void vmm_events_heed(struct vmm_events *events)
{
	vmm_interrupt_wake(wake, events);
}

void vmm_events_close(struct vmm_events *events)
{
	vmm_interrupt_forget(events);
	unsubscribe(events);
}

struct vmm_listener *vmm_events_listen(struct vmm_events *events,
    const char *uuid, unsigned kinds, struct vmm_err *err)
{
	struct vmm_listener *listener;
	pthread_condattr_t monotonic;

	if (subscribe(events, kinds, err) < 0)
		return NULL;
	listener = vmm_calloc(1, sizeof *listener);
	listener->events = events;
	listener->kinds = kinds;
	if (uuid)
		memcpy(listener->uuid, uuid, sizeof listener->uuid);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&listener->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_lock(&events->lock);
	VMM_GROW(events->listener, events->listeners);
	events->listener[events->listeners++] = listener;
	pthread_mutex_unlock(&events->lock);
	return listener;
}

/* --- listening --- */

int vmm_listener_next(struct vmm_listener *listener,
    const struct timespec *deadline, struct vmm_event *event,
    struct vmm_err *err)
{
	struct vmm_events *events = listener->events;
	int late = 0, found = 0;

	vmm_event_release(event);
	pthread_mutex_lock(&events->lock);
	while (listener->first == listener->count && !events->lost && !late &&
	       !vmm_interrupted())
		late = deadline
			   ? pthread_cond_timedwait(
				 &listener->news, &events->lock, deadline)
			   : pthread_cond_wait(&listener->news, &events->lock);
	if (listener->first < listener->count) {
		*event = listener->queue[listener->first++];
		found = 1;
	} else if (events->lost) {
		found = -1;
	}
	pthread_mutex_unlock(&events->lock);
	if (found < 0)
		vmm_err_set(err, VMM_NOCONN, "the connection was lost");
	return found;
}

void vmm_listener_close(struct vmm_listener *listener)
{
	struct vmm_events *events = listener->events;
	size_t kept = 0;

	pthread_mutex_lock(&events->lock);
	for (size_t i = 0; i < events->listeners; i++)
		if (events->listener[i] != listener)
			events->listener[kept++] = events->listener[i];
	events->listeners = kept;
	pthread_mutex_unlock(&events->lock);
	for (; listener->first < listener->count; listener->first++)
		vmm_event_release(&listener->queue[listener->first]);
	free(listener->queue);
	pthread_cond_destroy(&listener->news);
	free(listener);
}
