/*
 * event: libvirt's event loop, and who listens to what VMs go through.
 *
 * The loop's callbacks only put events into the queues of the listeners. So
 * nothing that comes between looking and waiting is lost: listen first, look at
 * the VM second, wait third.
 *
 * The loop has a thread of its own. Before anybody listens it only looks once
 * a second, which keepalive needs; run all the time it would be woken by every
 * call of every thread, and a listing would take twice as long.
 */
#ifndef VMM_LIBVIRT_EVENT_H
#define VMM_LIBVIRT_EVENT_H

#include <libvirt/libvirt.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"

/* Starts the loop, once a process; before the first connection is opened. */
int vmm_event_prepare(struct vmm_err *err) MUST_CHECK;

/* What can be listened to, and what `event`, `detail` and `text` are then. */
enum vmm_event_kind {
	VMM_EVENT_LIFECYCLE = 1 << 0,   /* virDomainEventType, its own enum */
	VMM_EVENT_REBOOT = 1 << 1,      /* the guest was reset */
	VMM_EVENT_METADATA = 1 << 2,    /* our element was written */
	VMM_EVENT_DEVICE_IN = 1 << 3,   /* text: the device's alias */
	VMM_EVENT_DEVICE_OUT = 1 << 4,  /* the same */
	VMM_EVENT_DEVICE_KEPT = 1 << 5, /* the same: it could not be removed */
	VMM_EVENT_JOB = 1 << 6,         /* virDomainJobOperation, ended */
	VMM_EVENT_BLOCK_JOB = 1 << 7, /* virDomainBlockJobType, its status, and
					 the disk's target */
	VMM_EVENT_AGENT = 1 << 8, /* virConnectDomainEventAgentLifecycleState */
	VMM_EVENT_ALL = (1 << 9) - 1,
};

struct vmm_event {
	enum vmm_event_kind kind;
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct timespec when; /* CLOCK_REALTIME, as it reached us */
	int event, detail;
	char *name; /* the domain's then */
	char *text; /* or NULL */
};

/* Milliseconds after which whoever waits for an event had better look. libvirtd
 * can send none at all: one that is queued just when the last subscriber leaves
 * (virObjectEventStateQueueRemote() looks at the timer before it takes the
 * lock) stays in a queue that has no timer, and none that comes later sets it,
 * until all have left once more. Of 3000 subscriptions 11 were deaf in that
 * way, with two clients changing VMs all the time. */
#define VMM_EVENT_PATIENCE 10000

void vmm_event_release(struct vmm_event *event);

#define AUTOEVENT CLEANUP(vmm_event_release) struct vmm_event

/* The events of one connection. */
struct vmm_events;
/* One who listens to them. */
struct vmm_listener;

/* NULL with the error. */
struct vmm_events *vmm_events_open(virConnectPtr virt, struct vmm_err *err);
/* From now on an interrupt wakes who waits. The caller holds no lock. */
void vmm_events_heed(struct vmm_events *events);
/* Nobody may be listening any more. */
void vmm_events_close(struct vmm_events *events);
/* Listens, from now on, to the KINDS of events of the VM UUID, or of all where
 * that is NULL. NULL with the error. */
struct vmm_listener *vmm_events_listen(struct vmm_events *events,
    const char *uuid, unsigned kinds, struct vmm_err *err);

/*
 * The next event into EVENT, whose old content is released. Returns 1 with it,
 * 0 when DEADLINE (CLOCK_MONOTONIC; NULL: never) has passed or an interrupt
 * came, or -1 when the connection is gone.
 */
int vmm_listener_next(struct vmm_listener *listener,
    const struct timespec *deadline, struct vmm_event *event,
    struct vmm_err *err) MUST_CHECK;
void vmm_listener_close(struct vmm_listener *listener);

DEFINE_CLEANUP(struct vmm_listener *, vmm_listener_close)
#define AUTOLISTENER CLEANUP(vmm_listener_closep) struct vmm_listener

#endif
