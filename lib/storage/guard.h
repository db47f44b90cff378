/*
 * guard: who stands on a file, so that nobody pulls it from under them.
 *
 * What a volume stands on is what its header says, as libvirt reads it. But a
 * guest can write a header into its raw disk that names any file of the host:
 * of a volume which all who have it call raw no header is believed.
 *
 * Computed from libvirt's storage pools, which are refreshed first, and from
 * the definitions of all VMs, each time a command is run: others make and
 * delete volumes, too. All may be called from any thread.
 */
#ifndef VMM_STORAGE_GUARD_H
#define VMM_STORAGE_GUARD_H

#include "base/buf.h"
#include "libvirt/conn.h"
#include "storage/claim.h"

struct vmm_guard;

/* What to do where something cannot be read, or a pool is not active, so that
 * who stands on what in there is not known. */
enum vmm_doubt {
	VMM_DOUBT_REFUSES, /* an error (VMM_REFUSED) */
	VMM_DOUBT_ASKS,    /* that, and --force is the way out */
	VMM_DOUBT_FORCED,  /* to go on */
};

/* Reads all pools, all VMs, and the folders of their disks that are in no pool.
 * NULL with the error. */
struct vmm_guard *vmm_guard_read(
    struct vmm_conn *conn, enum vmm_doubt doubt, struct vmm_err *err);
void vmm_guard_free(struct vmm_guard *guard);

DEFINE_CLEANUP(struct vmm_guard *, vmm_guard_free)
#define AUTOGUARD CLEANUP(vmm_guard_freep) struct vmm_guard

/*
 * Refuses (VMM_REFUSED, naming them) where a volume stands on one of the disks
 * WRITTEN, as they are called in domain XML: paths, or POOL/VOLUME. Those in
 * OWN may: overlays that are merged with it. A folder in no pool is read for
 * the occasion.
 */
int vmm_guard_check(struct vmm_guard *guard, const struct vmm_strv *written,
    const struct vmm_strv *own, struct vmm_err *err) MUST_CHECK;

/*
 * Who needs FILE: "'/lab/a', '/lab/b' ('/disks/b.qcow2'), '/disks/c.qcow2'",
 * to be freed; VMs that have it, and volumes that stand on it with the VM whose
 * disk they are. The VM
 * EXCEPT (a UUID, or NULL) and the files OWN (or NULL) do not count. NULL:
 * nobody; or with the error, where that cannot be known.
 */
char *vmm_guard_users(struct vmm_guard *guard, const char *file,
    const char *except, const struct vmm_strv *own, struct vmm_err *err);
/* A volume that stands on FILE, that no VM has, and that was written to; or
 * NULL. */
const struct vmm_seen *vmm_guard_stray(
    struct vmm_guard *guard, const char *file);
/* Of those only the volumes that stand on it; those that the VM OWNER (a UUID,
 * or NULL) has do not count. Not *SURE where they may only seem to. */
char *vmm_guard_standing(struct vmm_guard *guard, const char *file,
    const char *owner, bool *sure, struct vmm_err *err);
/* What FILE stands on, to be freed, or NULL. */
char *vmm_guard_below(struct vmm_guard *guard, const char *file);

/* A volume that was seen. */
struct vmm_seen {
	char *path, *format;
	/* what its header says that it stands on; vmm_guard_below() tells
	 * whether that is to be believed. NULL: on nothing */
	char *backing;
	char *backing_format;
	char *changed;  /* when; no two files have the same. NULL: not known */
	bool untouched; /* an overlay to which nothing was written yet */
	bool gone;      /* it was forgotten */
};
/* The one of that number, from 0, or NULL, while no other thread asks anything.
 * What is asked may add some. */
const struct vmm_seen *vmm_guard_seen(
    const struct vmm_guard *guard, size_t number);
/* That of FILE, or NULL. */
const struct vmm_seen *vmm_guard_find(
    struct vmm_guard *guard, const char *file);
/* The VM of that UUID with its claims, or NULL. */
const struct vmm_claimant *vmm_guard_vm(
    const struct vmm_guard *guard, const char *uuid);
/* Whether any VM has FILE. */
bool vmm_guard_is_claimed(struct vmm_guard *guard, const char *file);
/* Has the folder of FILE read, unless it was. */
int vmm_guard_know(
    struct vmm_guard *guard, const char *file, struct vmm_err *err) MUST_CHECK;
/* Whether FILE is where nothing could be read, though it was forced. */
bool vmm_guard_is_blind(struct vmm_guard *guard, const char *file);
/* What could not be read so far, a sentence each, while no other thread asks
 * anything. */
const struct vmm_strv *vmm_guard_unread(const struct vmm_guard *guard);
/* Whether some of that failed, rather than being a pool that is not active,
 * as its owner may want it. */
bool vmm_guard_failed(const struct vmm_guard *guard);

/* The VM, or the file, is no more; whether the file was seen. */
void vmm_guard_forget_vm(struct vmm_guard *guard, const char *uuid);
bool vmm_guard_forget_file(struct vmm_guard *guard, const char *file);

#endif
