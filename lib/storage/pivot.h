/*
 * pivot: moves a VM off the files that it writes to, onto overlays of its own,
 * so that those files can be the base of linked clones.
 *
 * QEMU's locks keep a base and a clone from running at once, but not one after
 * the other, and every client starts a base without asking. After a pivot no
 * start, save, snapshot or revert by any client writes to the base.
 */
#ifndef VMM_STORAGE_PIVOT_H
#define VMM_STORAGE_PIVOT_H

#include "libvirt/set.h"
#include "pure/clonexml.h"

struct vmm_base {
	char *target;          /* of the disk */
	struct vmm_layer file; /* what the VM wrote to, and no longer does */
	char *top;             /* what it writes to now */
	bool fresh;            /* top was made just now */
};

struct vmm_bases { /* starts as {0} */
	struct vmm_base *base;
	size_t n;
	bool anew; /* for what stands on them already, not for clones */
};

/*
 * Fills BASES, one for each of those disks of VM, with what they will be, where
 * overlays go to the pool POOL (NULL: beside each disk). A disk of a VM that is
 * off, whose overlay is still empty, can stay as it is, unless BASES are to be
 * made ANEW, for others stand on its disks already. Refused
 * (VMM_REFUSED, with the way out) where a base could not be kept safe, or would
 * be needed otherwise: a saved state, snapshots, checkpoints, a block job,
 * another VM on the disk. The VM's lock is to be held until the clones are
 * there.
 */
int vmm_pivot_plan(struct vmm_vm *vm, const struct vmm_clonedisk *disk,
    size_t disks, const char *pool, struct vmm_bases *bases,
    struct vmm_err *err) MUST_CHECK;
/* Does it; with QUIESCE the guest's agent settles its file systems. Where it
 * fails after all, the VM may have its overlays, which does no harm. */
int vmm_pivot_make(struct vmm_vm *vm, bool quiesce,
    const struct vmm_bases *bases, struct vmm_err *err) MUST_CHECK;
/* Refuses where a VM could write to one of BASES: after the clones are made. */
int vmm_bases_check(struct vmm_conn *conn, const struct vmm_bases *bases,
    struct vmm_err *err) MUST_CHECK;
void vmm_bases_release(struct vmm_bases *bases);

#define AUTOBASES CLEANUP(vmm_bases_release) struct vmm_bases

#endif
