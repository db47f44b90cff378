/* watching: hides libvirt's numbers for events, and the names of VMs that are
 * not there any more. */
#include "work/watching.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/index.h"
#include "pure/vpath.h"

/* --- words --- */

struct words {
	const char *const *word; /* NULL: a number nobody uses */
	size_t n;
};

#define WORDS(...)                                                             \
	{                                                                      \
		(const char *const[]){__VA_ARGS__},                            \
		    sizeof((const char *const[]){__VA_ARGS__}) /               \
			sizeof(const char *)                                   \
	}

/* In the order of virDomainEventType. */
static const struct words lifecycle = WORDS("defined", "undefined", "started",
    "suspended", "resumed", "stopped", "shutdown", "pmsuspended", "crashed");
/* Each event's details, in the order of virDomainEventDefinedDetailType and so
 * on. */
static const struct words details[] = {
    WORDS("added", "updated", "renamed", "from-snapshot"),
    WORDS("removed", "renamed"),
    WORDS("booted", "migrated", "restored", "from-snapshot", "wakeup"),
    WORDS("paused", "migrated", "io-error", "watchdog", "restored",
	"from-snapshot", "api-error", "postcopy", "postcopy-failed"),
    WORDS(
	"unpaused", "migrated", "from-snapshot", "postcopy", "postcopy-failed"),
    WORDS("shutdown", "destroyed", "crashed", "migrated", "saved", "failed",
	"from-snapshot"),
    WORDS("finished", "guest", "host"),
    WORDS("memory", "disk"),
    WORDS("panicked", "crashloaded"),
};
/* virDomainJobOperation */
static const struct words jobs = WORDS("unknown", "start", "save", "restore",
    "migration-in", "migration-out", "snapshot", "snapshot-revert", "dump",
    "backup", "snapshot-delete");
/* virDomainBlockJobType */
static const struct words block_jobs =
    WORDS("unknown", "pull", "copy", "commit", "active-commit", "backup");
/* virConnectDomainEventBlockJobStatus */
static const struct words block_states =
    WORDS("completed", "failed", "canceled", "ready");
/* virConnectDomainEventAgentLifecycleState */
static const struct words agent = WORDS("unknown", "connected", "disconnected");

static const char *word(const struct words *words, int number)
{
	return number >= 0 && (size_t)number < words->n ? words->word[number]
							: "unknown";
}

/* Kinds of events that have one name. */
static const char *name_of(const struct vmm_event *event)
{
	switch (event->kind) {
	case VMM_EVENT_LIFECYCLE:
		return word(&lifecycle, event->event);
	case VMM_EVENT_REBOOT:
		return "rebooted";
	case VMM_EVENT_METADATA:
		return "metadata";
	case VMM_EVENT_DEVICE_IN:
		return "device-added";
	case VMM_EVENT_DEVICE_OUT:
		return "device-removed";
	case VMM_EVENT_DEVICE_KEPT:
		return "device-removal-failed";
	case VMM_EVENT_JOB:
		return "job-completed";
	case VMM_EVENT_BLOCK_JOB:
		return "block-job";
	case VMM_EVENT_AGENT:
		return "agent";
	default:
		return "unknown";
	}
}

/* To be freed. */
static char *detail_of(const struct vmm_event *event)
{
	switch (event->kind) {
	case VMM_EVENT_LIFECYCLE:
		if (event->event < 0 ||
		    (size_t)event->event >= ARRAY_SIZE(details))
			return vmm_strdup("unknown");
		return vmm_strdup(word(&details[event->event], event->detail));
	case VMM_EVENT_JOB:
		return vmm_strdup(word(&jobs, event->event));
	case VMM_EVENT_BLOCK_JOB:
		return vmm_sprintf("%s:%s:%s", event->text ? event->text : "",
		    word(&block_jobs, event->event),
		    word(&block_states, event->detail));
	case VMM_EVENT_AGENT:
		return vmm_strdup(word(&agent, event->event));
	default:
		return vmm_strdup_null(event->text);
	}
}

/* ISO 8601, local, with milliseconds and the zone. */
static void add_time(struct vmm_buf *out, const struct timespec *when)
{
	struct tm local;
	char text[sizeof "2026-11-24T23:59:59+0000"];

	localtime_r(&when->tv_sec, &local);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &local);
	/* strftime() knows neither fractions nor the colon in the zone */
	vmm_buf_addf(out, "%.19s.%03ld%.3s:%.2s", text, when->tv_nsec / 1000000,
	    text + 19, text + 22);
}

/* --- names --- */

/* A VM as it last was. */
struct known {
	char uuid[VIR_UUID_STRING_BUFLEN];
	char *folder;
};

struct watcher {
	const struct vmm_watching *watching;
	struct vmm_conn *conn;
	bool raw;
	struct vmm_index uuids;
	struct known **known;
	size_t n;
};

static struct known *add_known(
    struct watcher *watcher, const char *uuid, const char *folder)
{
	struct known *known = vmm_calloc(1, sizeof *known);

	memcpy(known->uuid, uuid, sizeof known->uuid);
	known->folder = vmm_strdup(folder);
	VMM_GROW(watcher->known, watcher->n);
	watcher->known[watcher->n++] = known;
	vmm_index_add(&watcher->uuids, known->uuid, known);
	return known;
}

static void watcher_release(struct watcher *watcher)
{
	for (size_t i = 0; i < watcher->n; i++) {
		free(watcher->known[i]->folder);
		free(watcher->known[i]);
	}
	free(watcher->known);
	vmm_index_release(&watcher->uuids);
}

/* The folder of the VM UUID as it is now, to be freed; NULL if it is gone. */
static char *look_up(struct watcher *watcher, const char *uuid)
{
	AUTOSET set = VMM_SET_INIT;
	AUTOERR ignored = VMM_ERR_INIT;
	virDomainPtr domain =
	    virDomainLookupByUUIDString(vmm_conn_virt(watcher->conn), uuid);

	if (!domain)
		return NULL;
	vmm_set_add(&set, watcher->conn, domain);
	if (vmm_set_fetch(set.vm, set.n, VMM_FACT_META, &ignored) < 0 ||
	    !(set.vm[0]->facts & VMM_FACT_META))
		return NULL;
	return vmm_strdup(set.vm[0]->meta.folder);
}

/* Where the folder may be another one than before. */
static bool may_have_moved(const struct vmm_event *event)
{
	return event->kind == VMM_EVENT_METADATA ||
	       (event->kind == VMM_EVENT_LIFECYCLE &&
		   (event->event == VIR_DOMAIN_EVENT_DEFINED ||
		       event->event == VIR_DOMAIN_EVENT_STARTED));
}

/* What is known of the event's VM; NULL where it is none of ours. */
static const struct known *know(
    struct watcher *watcher, const struct vmm_event *event)
{
	struct known *known = vmm_index_find(&watcher->uuids, event->uuid);
	char *folder;

	if (!known && !watcher->watching->all)
		return NULL;
	if (known && !may_have_moved(event))
		return known;
	folder = look_up(watcher, event->uuid);
	if (!known)
		known = add_known(watcher, event->uuid, folder ? folder : "/");
	else if (folder) {
		free(known->folder);
		known->folder = TAKE_PTR(folder);
	}
	free(folder);
	return known;
}

/* --- lines --- */

static void add_text(
    struct vmm_buf *out, const char *text, const struct watcher *watcher)
{
	if (watcher->raw)
		vmm_buf_adds(out, text);
	else
		vmm_escapes(out, text);
}

static void add_line(struct vmm_buf *out, const struct vmm_event *event,
    const char *path, const struct watcher *watcher)
{
	AUTOFREE char *detail = detail_of(event);

	add_time(out, &event->when);
	vmm_buf_addf(out, "\t%s\t", name_of(event));
	add_text(out, detail && *detail ? detail : "-", watcher);
	vmm_buf_addf(out, "\t%s\t", event->uuid);
	add_text(out, path, watcher);
	vmm_buf_addc(out, watcher->raw ? '\0' : '\n');
}

static void add_json(
    struct vmm_buf *out, const struct vmm_event *event, const char *path)
{
	AUTOFREE char *detail = detail_of(event);

	vmm_buf_adds(out, "{\"time\":\"");
	add_time(out, &event->when);
	vmm_buf_addf(out, "\",\"event\":\"%s\",\"detail\":", name_of(event));
	if (detail && *detail)
		vmm_escape_json(out, detail);
	else
		vmm_buf_adds(out, "null");
	vmm_buf_addf(out, ",\"uuid\":\"%s\",\"path\":", event->uuid);
	vmm_escape_json(out, path);
	vmm_buf_adds(out, "}\n");
}

void vmm_watching_run(const struct vmm_watching *watching,
    struct vmm_conn *conn, struct vmm_listener *listener,
    const struct vmm_selection *selection, const struct vmm_args *args,
    struct vmm_report *report)
{
	CLEANUP(watcher_release)
	struct watcher watcher = {
	    .watching = watching, .conn = conn, .raw = args->null};
	AUTOEVENT event = {0};
	AUTOERR err = VMM_ERR_INIT;

	for (size_t i = 0; i < selection->n; i++)
		add_known(&watcher, selection->vm[i]->uuid,
		    selection->vm[i]->meta.folder);
	while (!report->lost &&
	       vmm_listener_next(listener, NULL, &event, &err) == 1) {
		const struct known *known = know(&watcher, &event);
		AUTOFREE char *path = NULL;
		AUTOBUF out = VMM_BUF_INIT;

		if (!known)
			continue;
		path = vmm_vpath_join(known->folder, event.name);
		if (watching->json)
			add_json(&out, &event, path);
		else
			add_line(&out, &event, path, &watcher);
		vmm_report_out(report, &out);
		vmm_report_flush(report);
	}
	if (err.status)
		vmm_report_err(report, &err);
}
