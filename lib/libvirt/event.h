/*
 * event: libvirt's event loop, and a log of what VMs went through.
 *
 * The loop's callbacks only write into the log. Whoever waits reads the log
 * from where he stood, so nothing that came between looking and waiting is
 * lost: take the cursor first, look at the VM second, wait third.
 *
 * The loop has a thread of its own. Before anybody subscribes it only looks
 * once a second, which keepalive needs; run all the time it would be woken by
 * every call of every thread, and a listing would take twice as long.
 */
#ifndef VMM_LIBVIRT_EVENT_H
#define VMM_LIBVIRT_EVENT_H

#include <libvirt/libvirt.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"

/* Starts the loop, once a process; before the first connection is opened. */
int vmm_event_prepare(struct vmm_err *err) MUST_CHECK;

struct vmm_event {
	char uuid[VIR_UUID_STRING_BUFLEN];
	int event;  /* virDomainEventType */
	int detail; /* of that event's own enum */
};

/* The log of one connection. */
struct vmm_events;

/* Subscribes to the lifecycle of all VMs of VIRT. NULL with the error. */
struct vmm_events *vmm_events_open(virConnectPtr virt, struct vmm_err *err);
/* VIRT is the connection it was opened with. */
void vmm_events_close(struct vmm_events *events, virConnectPtr virt);
/* Where the log ends now. */
size_t vmm_events_cursor(struct vmm_events *events);
/*
 * The next event of the VM UUID from *CURSOR on, which moves behind it.
 * Returns 1 with *EVENT, 0 when DEADLINE (CLOCK_MONOTONIC; NULL: never) has
 * passed or an interrupt came, or -1 when the connection is gone.
 */
int vmm_events_next(struct vmm_events *events, const char *uuid, size_t *cursor,
    const struct timespec *deadline, struct vmm_event *event,
    struct vmm_err *err) MUST_CHECK;

#endif
