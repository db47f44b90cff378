/*
 * flatten: makes a VM independent of the files that its disks stand on.
 *
 * While it runs QEMU pulls what they have into the disks' own files. While it
 * is off each disk is copied to a new file, which takes the place of the old
 * one. Whatever dies in between, the VM has either what it had or what it is to
 * have, and nobody else's file is written to.
 */
#ifndef VMM_STORAGE_FLATTEN_H
#define VMM_STORAGE_FLATTEN_H

#include "base/progress.h"
#include "libvirt/set.h"

struct vmm_flatten {
	bool force; /* go on though a storage pool cannot be read */
	bool dry_run;
};

/* What there is to print of it. */
struct vmm_flattened {         /* starts as {0} */
	struct vmm_strv files; /* of the disks that stand on others */
	struct vmm_strv notes; /* whole sentences */
};

/*
 * Does it; a VM that stands on its own is a success. Refused (VMM_REFUSED, with
 * the way out) where something needs the disks as they are: a saved state,
 * snapshots, checkpoints, a block job, another VM or volume on the disk. An
 * interrupt calls it off. Bases that nobody needs any longer are told of, and
 * those that were a VM's are noted for fsck.
 */
int vmm_flatten(struct vmm_vm *vm, const struct vmm_flatten *how,
    struct vmm_progress *progress, struct vmm_flattened *flattened,
    struct vmm_err *err) MUST_CHECK;
void vmm_flattened_release(struct vmm_flattened *flattened);

/* What it wants to be known of the VM. */
#define VMM_FLATTEN_FACTS                                                      \
	(VMM_FACT_META | VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_PERSISTENT)

#endif
