/*
 * snapxml: the XML of domain snapshots (libvirt: snapshot XML format).
 */
#ifndef VMM_PURE_SNAPXML_H
#define VMM_PURE_SNAPXML_H

#include <time.h>

#include "base/buf.h"
#include "pure/domxml.h"

struct vmm_snapxml {
	char *name;
	char *description; /* or NULL */
	char *parent;      /* or NULL */
	char *state;       /* of the domain then: "running", "shutoff", ... */
	long long created; /* seconds since 1970 */
	bool memory;       /* it has the memory, too */
	bool external;     /* some of it is in files of its own */
	bool has_domain;   /* it has the domain's definition */
	char *memory_file; /* NULL unless that is external */
	char *no_file;     /* a disk that was no file then, or NULL */
	struct vmm_strv disks; /* what the VM wrote to when it was taken */
	/* What it writes to since then if it is external, as long as this one
	 * is current; and what it did before it was put back to this one, on
	 * which snapshots taken meanwhile stand. */
	struct vmm_strv overlays, earlier;
	bool has_revert_disks; /* libvirt tells those two apart */
};

/* NULL with the error. */
struct vmm_snapxml *vmm_snapxml_read(const char *xml, struct vmm_err *err);
void vmm_snapxml_free(struct vmm_snapxml *snapshot);

DEFINE_CLEANUP(struct vmm_snapxml *, vmm_snapxml_free)
#define AUTOSNAPXML CLEANUP(vmm_snapxml_freep) struct vmm_snapxml

/* Adds what DOMAIN writes to. */
void vmm_snapshot_written(
    const struct vmm_domxml *domain, struct vmm_strv *files);
/* A disk of DOMAIN that is no file, to be freed, or NULL: libvirt goes back to
 * an external snapshot only where all are. */
char *vmm_snapshot_no_file(const struct vmm_domxml *domain);

/* How a domain can be snapshotted. */
struct vmm_snapplan {
	bool external;
	bool memory;
	/* why not internal, though nobody asked for external; or NULL: to be
	 * freed */
	char *why;
	const struct vmm_disk *first; /* the first disk of the snapshot */
};

/* Internal where every disk that the VM writes to is qcow2 and its firmware has
 * no flash memory, else external; with DISK_ONLY external, without memory. */
int vmm_snapshot_plan(const struct vmm_domxml *domain, bool active,
    bool disk_only, struct vmm_snapplan *plan, struct vmm_err *err) MUST_CHECK;
/* -1 with the reason where DOMAIN can have no external one. */
int vmm_snapshot_plan_files(
    const struct vmm_domxml *domain, struct vmm_err *err) MUST_CHECK;
/* The XML to take it with, to be freed. MEMORY is the file for the memory of an
 * external one. */
char *vmm_snapxml_build(const struct vmm_domxml *domain,
    const struct vmm_snapplan *plan, const char *name, const char *description,
    const char *memory, time_t now);

/* That XML with the domain's in it, to be freed: what libvirt needs to be told
 * of a snapshot that it does not know. NULL with the error. */
char *vmm_snapxml_with_domain(
    const char *xml, const char *domain, struct vmm_err *err);

/* The XML to put those disks of DOMAIN on new overlays with, and no other, to
 * be freed. */
char *vmm_snapxml_overlays(const struct vmm_domxml *domain,
    const struct vmm_diskfile *file, size_t files);

/* Whether NAME can name a snapshot; -1 with what is wrong with it. */
int vmm_snapshot_name_check(const char *name, struct vmm_err *err) MUST_CHECK;

/* The same for what is said of one; NULL is fine. */
int vmm_snapshot_text_check(const char *text, struct vmm_err *err) MUST_CHECK;
/* What a snapshot is called that nobody gave a name: the local time, to be
 * freed. */
char *vmm_snapshot_name_at(time_t when);

#endif
