/*
 * guard: which volumes stand on a file, so that nobody pulls it from under
 * them.
 *
 * Computed from libvirt's storage pools, which are refreshed first, each time a
 * command is run: others make and delete volumes, too.
 */
#ifndef VMM_STORAGE_GUARD_H
#define VMM_STORAGE_GUARD_H

#include "base/buf.h"
#include "libvirt/conn.h"

struct vmm_guard;

/*
 * Reads all pools, and the folders of all VMs' disks that are in none. One that
 * cannot be read, and one that is not active, is an error (VMM_REFUSED), unless
 * FORCE is set: who stands on what in there is not known then. NULL with the
 * error.
 */
struct vmm_guard *vmm_guard_read(
    struct vmm_conn *conn, bool force, struct vmm_err *err);
void vmm_guard_free(struct vmm_guard *guard);

DEFINE_CLEANUP(struct vmm_guard *, vmm_guard_free)
#define AUTOGUARD CLEANUP(vmm_guard_freep) struct vmm_guard

/*
 * Refuses (VMM_REFUSED, naming them) where a volume stands on one of the disks
 * WRITTEN, as they are called in domain XML: paths, or POOL/VOLUME. Those in
 * OWN may: overlays that are merged with it. A folder in no pool is read for
 * the occasion. From any thread.
 */
int vmm_guard_check(struct vmm_guard *guard, const struct vmm_strv *written,
    const struct vmm_strv *own, struct vmm_err *err) MUST_CHECK;

#endif
