/* conn: hides how a connection is opened, bounded and multiplied. */
#include "libvirt/conn.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/uri.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "libvirt/auth.h"
#include "libvirt/fault.h"
#include "libvirt/hint.h"
#include "libvirt/trace.h"
#include "libvirt/uri.h"

/* Seconds without a sign of life before an opening is given up. */
#define PATIENCE 4
/* The same for another host, whose name must be looked up first. */
#define PATIENCE_REMOTE 15
/* The same where a person may be typing, unseen by us: ssh asks by itself, and
 * polkit on the daemon's side. */
#define PATIENCE_PERSON 120
/* Seconds between keepalive messages, and how many may stay unanswered. */
#define KEEPALIVE_INTERVAL 2
#define KEEPALIVE_COUNT 3
#define KEEPALIVE_INTERVAL_REMOTE 5
#define KEEPALIVE_COUNT_REMOTE 5
/* One less than the daemon's default of max_client_requests. */
#define PLACES 4
/* How many of them are with the daemon at once. Of long ones that is well below
 * the twenty workers that it may have (max_workers). */
static const unsigned most[] = {[VMM_SHORT] = UINT_MAX,
    [VMM_LONG] = 12,
    [VMM_PROGRESS] = 4,
    [VMM_DESTROY] = 4};
/* So many it has workers for from the start: min_workers, less one. */
#define WORKERS 4
/* Milliseconds until who had its turn before has asked the daemon. */
#define ASKING 10

struct link {
	virConnectPtr virt;
	unsigned calls;
};

struct vmm_conn {
	char *uri;
	char *server; /* NULL: this host */
	bool remote, ssh;
	unsigned flags; /* of virConnectOpenAuth() */
	struct vmm_auth auth;
	virConnectPtr virt;      /* link[0]'s: what short calls use */
	struct vmm_conn *before; /* of those that were left as they are */
	bool stuck;           /* a thread that may never end still uses this */
	pthread_mutex_t turn; /* of one more of many long calls */
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t left;  /* a call ended */
	unsigned asked[ARRAY_SIZE(most)]; /* calls that are with the daemon */
	struct timespec moved; /* when a long one last came, or went */
	struct link *link;
	size_t links;
	bool opening, exhausted; /* one more link: under way, or refused */
	struct vmm_events *events;
};

/* --- opening, bounded --- */

/* An opening under way in a thread of its own, which may never come back:
 * whoever is last, the thread or its maker, releases it. */
struct opening {
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool done, abandoned;
	char *uri;
	unsigned flags;
	virConnectAuthPtr auth;
	virConnectPtr virt;
	int code, detail; /* libvirt's code, and errno for a system error */
	char *text;
};

static void opening_free(struct opening *opening)
{
	if (opening->virt)
		virConnectClose(opening->virt);
	free(opening->uri);
	free(opening->text);
	free(opening);
}

/* Returns whether nobody waits for it any more. */
static bool open_now(struct opening *opening)
{
	virConnectPtr virt =
	    virConnectOpenAuth(opening->uri, opening->auth, opening->flags);
	const virError *last = virt ? NULL : virGetLastError();
	bool abandoned;

	pthread_mutex_lock(&opening->lock);
	opening->virt = virt;
	opening->code = last ? last->code : VIR_ERR_OK;
	opening->detail = last ? last->int1 : 0;
	if (!virt)
		opening->text = vmm_fault_text(
		    last ? last->message : "no reason was given");
	opening->done = true;
	abandoned = opening->abandoned;
	pthread_cond_signal(&opening->news);
	pthread_mutex_unlock(&opening->lock);
	return abandoned;
}

static void *open_in_thread(void *data)
{
	struct opening *opening = data;

	if (open_now(opening))
		opening_free(opening);
	return NULL;
}

static struct opening *opening_start(
    const char *uri, unsigned flags, virConnectAuthPtr auth)
{
	struct opening *opening = vmm_calloc(1, sizeof *opening);
	pthread_condattr_t monotonic;
	pthread_t thread;

	pthread_mutex_init(&opening->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&opening->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	opening->uri = vmm_strdup(uri);
	opening->flags = flags;
	opening->auth = auth;
	if (pthread_create(&thread, NULL, open_in_thread, opening) == 0)
		pthread_detach(thread);
	else
		open_now(opening); /* its maker waits */
	return opening;
}

static bool opening_wait(struct opening *opening, int seconds)
{
	struct timespec deadline;
	int late = 0;
	bool done;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += seconds;
	pthread_mutex_lock(&opening->lock);
	while (!opening->done && !late)
		late = pthread_cond_timedwait(
		    &opening->news, &opening->lock, &deadline);
	done = opening->done;
	pthread_mutex_unlock(&opening->lock);
	return done;
}

static void opening_abandon(struct opening *opening)
{
	bool done;

	pthread_mutex_lock(&opening->lock);
	done = opening->done;
	opening->abandoned = true;
	pthread_mutex_unlock(&opening->lock);
	if (done)
		opening_free(opening);
}

/* Whether the daemon answers a read-only client, whom it asks nothing: then
 * the other opening waits for a person (polkit asks on the daemon's side). */
static bool answers_readers(const struct vmm_conn *conn)
{
	struct opening *probe = opening_start(conn->uri, VIR_CONNECT_RO, NULL);
	bool done = opening_wait(probe, PATIENCE);

	opening_abandon(probe);
	return done;
}

static bool may_be_denied_writing(const struct opening *opening)
{
	switch (opening->code) {
	case VIR_ERR_AUTH_FAILED:
	case VIR_ERR_AUTH_CANCELLED:
	case VIR_ERR_AUTH_UNAVAILABLE:
	case VIR_ERR_ACCESS_DENIED:
	case VIR_ERR_OPERATION_DENIED:
		return true;
	case VIR_ERR_SYSTEM_ERROR:
		return opening->detail == EACCES || opening->detail == EPERM ||
		       vmm_hint_is_denied(opening->text);
	default:
		return false;
	}
}

/* Opens one connection with conn->flags. Where *DENIED is set on failure, a
 * read-only one may do. */
static virConnectPtr open_link(
    struct vmm_conn *conn, bool *denied, struct vmm_err *err)
{
	struct opening *opening =
	    opening_start(conn->uri, conn->flags, &conn->auth.virt);
	int patience = conn->ssh      ? PATIENCE_PERSON
		       : conn->remote ? PATIENCE_REMOTE
				      : PATIENCE;
	const char *advice = NULL;
	int waited = 0;
	virConnectPtr virt;

	while (!opening_wait(opening, patience)) {
		waited += patience;
		if (vmm_auth_is_asking(&conn->auth))
			continue;
		if (!conn->remote && !(conn->flags & VIR_CONNECT_RO) &&
		    waited < PATIENCE_PERSON && answers_readers(conn))
			continue;
		opening_abandon(opening);
		vmm_conn_abandon(conn);
		vmm_err_set(err, VMM_NOCONN,
		    "cannot connect to '%s': it does not answer", conn->uri);
		return NULL;
	}
	virt = TAKE_PTR(opening->virt);
	if (!virt)
		advice = vmm_hint_connect(
		    opening->code, opening->detail, opening->text, conn->uri);
	*denied = !virt && may_be_denied_writing(opening);
	if (!virt)
		vmm_err_set(err, VMM_NOCONN, "cannot connect to '%s': %s%s%s%s",
		    conn->uri, opening->text, advice ? " (" : "",
		    advice ? advice : "", advice ? ")" : "");
	opening_abandon(opening);
	if (virt) /* a driver without a server has no keepalive: fine */
		virConnectSetKeepAlive(virt,
		    conn->remote ? KEEPALIVE_INTERVAL_REMOTE
				 : KEEPALIVE_INTERVAL,
		    conn->remote ? KEEPALIVE_COUNT_REMOTE : KEEPALIVE_COUNT);
	return virt;
}

/* --- the host --- */

static void read_uri(struct vmm_conn *conn)
{
	xmlURI *parsed = xmlParseURI(conn->uri);

	if (!parsed)
		return;
	conn->remote = parsed->server && *parsed->server;
	if (conn->remote)
		conn->server = vmm_strdup(parsed->server);
	conn->ssh = parsed->scheme && (strstr(parsed->scheme, "+ssh") ||
					  strstr(parsed->scheme, "+libssh"));
	xmlFreeURI(parsed);
}

static void say_nothing(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

struct vmm_conn *vmm_conn_open(
    const char *uri, enum vmm_access access, struct vmm_err *err)
{
	struct vmm_conn *conn;
	virConnectPtr virt;
	bool denied = false;

	/* NULL would not do: that is libvirt's own handler, which prints */
	virSetErrorFunc(NULL, say_nothing);
	xmlInitParser(); /* before there are threads */
	vmm_trace_begin();
	if (virInitialize() < 0) {
		vmm_fault(err, NULL);
		err->status = VMM_NOCONN;
		return NULL;
	}
	vmm_trace_begun();
	if (vmm_event_prepare(err) < 0)
		return NULL;
	conn = vmm_calloc(1, sizeof *conn);
	conn->uri = vmm_uri_resolve(uri);
	read_uri(conn);
	pthread_mutex_init(&conn->turn, NULL);
	pthread_mutex_init(&conn->lock, NULL);
	pthread_cond_init(&conn->left, NULL);
	clock_gettime(CLOCK_MONOTONIC, &conn->moved);
	vmm_auth_init(&conn->auth);
	if (access == VMM_PEEK)
		conn->flags = VIR_CONNECT_RO;
	virt = open_link(conn, &denied, err);
	if (!virt && denied && access == VMM_LOOK) {
		AUTOERR second = VMM_ERR_INIT;

		/* if this fails too, the first reason is the one to tell */
		conn->flags = VIR_CONNECT_RO;
		virt = open_link(conn, &denied, &second);
	}
	if (!virt) {
		vmm_conn_close(conn);
		return NULL;
	}
	vmm_err_release(err);
	conn->virt = virt;
	VMM_GROW(conn->link, conn->links);
	conn->link[conn->links++] = (struct link){.virt = virt};
	return conn;
}

void vmm_conn_abandon(struct vmm_conn *conn)
{
	__atomic_store_n(&conn->stuck, true, __ATOMIC_SEQ_CST);
}

void vmm_conn_close(struct vmm_conn *conn)
{
	/* a thread may use it: it is not lost, only left */
	static struct vmm_conn *left;

	if (!conn)
		return;
	if (conn->stuck) {
		conn->before = left;
		__atomic_store_n(&left, conn, __ATOMIC_SEQ_CST);
		return;
	}
	if (conn->events)
		vmm_events_close(conn->events);
	for (size_t i = 0; i < conn->links; i++)
		virConnectClose(conn->link[i].virt);
	free(conn->link);
	vmm_auth_release(&conn->auth);
	free(conn->server);
	free(conn->uri);
	free(conn);
}

virConnectPtr vmm_conn_virt(const struct vmm_conn *conn)
{
	return conn->virt;
}

bool vmm_conn_is_read_only(const struct vmm_conn *conn)
{
	return conn->flags & VIR_CONNECT_RO;
}

const char *vmm_conn_uri(const struct vmm_conn *conn)
{
	return conn->uri;
}

const char *vmm_conn_server(const struct vmm_conn *conn)
{
	return conn->server;
}

unsigned vmm_conn_threads(const struct vmm_conn *conn)
{
	/* libvirtd works at 5 calls of a client at a time (max_client_requests
	 * in its configuration): more only help while they travel. */
	return conn->remote ? 128 : 5;
}

struct vmm_listener *vmm_conn_listen(struct vmm_conn *conn, const char *uuid,
    unsigned kinds, struct vmm_err *err)
{
	struct vmm_listener *listener = NULL;
	bool first;

	pthread_mutex_lock(&conn->lock);
	first = !conn->events;
	if (first)
		conn->events = vmm_events_open(conn->virt, err);
	if (conn->events)
		listener = vmm_events_listen(conn->events, uuid, kinds, err);
	first &= conn->events != NULL;
	pthread_mutex_unlock(&conn->lock);
	/* Not under the lock: an interrupt wakes the waiting under one of its
	 * own, and who waits for a call takes ours under his. */
	if (first)
		vmm_events_heed(conn->events);
	return listener;
}

/* --- calls that may take long --- */

static struct link *free_place(struct vmm_conn *conn)
{
	for (size_t i = 0; i < conn->links; i++)
		if (conn->link[i].calls < PLACES)
			return &conn->link[i];
	return NULL;
}

/* One connection more. The lock is held, but not while opening. A refusal
 * (the daemon's max_clients) is no error: there are places to wait for. */
static void add_link(struct vmm_conn *conn)
{
	AUTOERR ignored = VMM_ERR_INIT;
	virConnectPtr virt;
	bool denied;

	conn->opening = true;
	pthread_mutex_unlock(&conn->lock);
	virt = open_link(conn, &denied, &ignored);
	pthread_mutex_lock(&conn->lock);
	conn->opening = false;
	if (virt) {
		VMM_GROW(conn->link, conn->links);
		conn->link[conn->links++] = (struct link){.virt = virt};
	} else {
		conn->exhausted = true;
	}
	pthread_cond_broadcast(&conn->left);
}

/* Until the daemon has a worker to spare: this call has to wait for one, unlike
 * those that have workers of their own, and gives it back at once. */
static void wait_for_worker(struct vmm_conn *conn, virConnectPtr virt)
{
	pthread_mutex_lock(&conn->turn);
	usleep(ASKING * 1000);
	virNodeGetCPUMap(virt, NULL, NULL, 0);
	pthread_mutex_unlock(&conn->turn);
}

/* The number of calls of SPAN changes. The lock is held. */
static void count(struct vmm_conn *conn, enum vmm_span span, int change)
{
	conn->asked[span] += (unsigned)change;
	if (span == VMM_LONG)
		clock_gettime(CLOCK_MONOTONIC, &conn->moved);
}

virConnectPtr vmm_conn_enter(struct vmm_conn *conn, enum vmm_span span)
{
	struct link *place;
	virConnectPtr virt;
	bool many;

	pthread_mutex_lock(&conn->lock);
	while (conn->asked[span] == most[span])
		pthread_cond_wait(&conn->left, &conn->lock);
	count(conn, span, 1);
	many = span == VMM_LONG && conn->asked[span] > WORKERS;
	while (!(place = free_place(conn))) {
		if (conn->opening || conn->exhausted)
			pthread_cond_wait(&conn->left, &conn->lock);
		else
			add_link(conn);
	}
	place->calls++;
	virt = place->virt;
	pthread_mutex_unlock(&conn->lock);
	if (many)
		wait_for_worker(conn, virt);
	return virt;
}

void vmm_conn_leave(
    struct vmm_conn *conn, virConnectPtr virt, enum vmm_span span)
{
	pthread_mutex_lock(&conn->lock);
	count(conn, span, -1);
	for (size_t i = 0; i < conn->links; i++)
		if (conn->link[i].virt == virt)
			conn->link[i].calls--;
	pthread_cond_broadcast(&conn->left);
	pthread_mutex_unlock(&conn->lock);
}

void vmm_conn_forgo(struct vmm_conn *conn, enum vmm_span *span)
{
	pthread_mutex_lock(&conn->lock);
	count(conn, *span, -1);
	*span = VMM_SHORT;
	count(conn, *span, 1);
	pthread_cond_broadcast(&conn->left);
	pthread_mutex_unlock(&conn->lock);
}

long long vmm_conn_still(struct vmm_conn *conn)
{
	struct timespec now, moved;

	pthread_mutex_lock(&conn->lock);
	moved = conn->moved;
	pthread_mutex_unlock(&conn->lock);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - moved.tv_sec) * 1000LL +
	       (now.tv_nsec - moved.tv_nsec) / 1000000;
}
