/*
 * conn: one libvirt host, and the connections to it.
 *
 * Opening never hangs: a daemon that does not answer is an error within
 * seconds (people who type a password have all the time they need). Later a
 * stalled daemon is noticed by keepalive.
 */
#ifndef VMM_LIBVIRT_CONN_H
#define VMM_LIBVIRT_CONN_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "base/err.h"
#include "libvirt/event.h"

enum vmm_access {
	VMM_PEEK, /* read-only: no one is asked whether we may do more */
	VMM_LOOK, /* read-only is enough where that is all the user may have */
	VMM_ACT,
};

struct vmm_conn;

/* Opens URI, which may be one of libvirt's aliases; NULL is libvirt's own
 * `uri_default`, else qemu:///system. NULL with the error. */
struct vmm_conn *vmm_conn_open(
    const char *uri, enum vmm_access access, struct vmm_err *err);
void vmm_conn_close(struct vmm_conn *conn);
/* Leaves the connection to a thread that may never end: closing it then does
 * nothing. */
void vmm_conn_abandon(struct vmm_conn *conn);

/* For short calls, from any thread; borrowed. */
virConnectPtr vmm_conn_virt(const struct vmm_conn *conn);
/* Whether it may only look. */
bool vmm_conn_is_read_only(const struct vmm_conn *conn);
const char *vmm_conn_uri(const struct vmm_conn *conn);
/* The name or address of the host, as the URI has it; NULL: it is this one. */
const char *vmm_conn_server(const struct vmm_conn *conn);
/* How many threads should make short calls at once: waiting for a far host
 * is what many threads hide. */
unsigned vmm_conn_threads(const struct vmm_conn *conn);
/* vmm_events_listen() on this connection, from any thread; to be closed before
 * the connection is. NULL with the error. */
struct vmm_listener *vmm_conn_listen(struct vmm_conn *conn, const char *uuid,
    unsigned kinds, struct vmm_err *err);

enum vmm_span {
	VMM_SHORT, /* unless QEMU is stuck */
	VMM_LONG,  /* by the size of memory or disks (start, save, snapshot and
		    * its deletion, revert, copy, deletion, a flush), or as the
		    * guest likes (shutdown, reboot: a minute, with an agent) */
	VMM_PROGRESS, /* how far a long one is */
	VMM_DESTROY   /* what ends another that is stuck, in 15 seconds */
};

/*
 * A place for a call that may not come back for long. The daemon serves five
 * calls a connection at a time (max_client_requests), and five that do not
 * come back would block all others and keepalive too, so there are four places
 * a connection, and a connection more when they are taken.
 *
 * And the daemon has twenty workers for all its clients (max_workers), but five
 * to begin with (min_workers), and where calls come at once it does not get the
 * others: virThreadPoolSendJob() takes one unsigned number from another and
 * asks whether that is below 1. From then on other clients cannot even read a
 * VM until one of the calls ends. So long ones are twelve in all; the fifth and
 * later come one by one, each when the daemon has a worker to spare.
 *
 * Give it back with vmm_conn_leave().
 */
virConnectPtr vmm_conn_enter(struct vmm_conn *conn, enum vmm_span span);
void vmm_conn_leave(
    struct vmm_conn *conn, virConnectPtr virt, enum vmm_span span);
/* Before that, from another thread: the call has taken too long, and does not
 * count as what it is any more; it is to be left with *SPAN. */
void vmm_conn_forgo(struct vmm_conn *conn, enum vmm_span *span);
/* Milliseconds since a long call last came or went. */
long long vmm_conn_still(struct vmm_conn *conn);

#endif
