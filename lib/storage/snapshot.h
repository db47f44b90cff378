/*
 * snapshot: takes snapshots of a VM, deletes them, and goes back to them.
 *
 * VMM_SNAPSHOT_FACTS are wanted. Errors say why and name the way out, without
 * the VM. What is refused is refused before anything is touched, and with
 * DRY_RUN that is all that is done.
 */
#ifndef VMM_STORAGE_SNAPSHOT_H
#define VMM_STORAGE_SNAPSHOT_H

#include "base/progress.h"
#include "libvirt/set.h"
#include "pure/snapxml.h"
#include "storage/guard.h"

#define VMM_SNAPSHOT_FACTS                                                     \
	(VMM_FACT_META | VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_PERSISTENT)

struct vmm_take {
	const char *name;
	const char *description; /* or NULL */
	bool disk_only;          /* without memory, in files of its own */
	bool quiesce;            /* with the guest's agent's help */
};

/* Takes one. Whatever else there is to say of it is added to WARNING. */
int vmm_snapshot_take(struct vmm_vm *vm, const struct vmm_take *how,
    struct vmm_progress *progress, bool dry_run, struct vmm_buf *warning,
    struct vmm_err *err) MUST_CHECK;

/* Deletes the snapshot NAME, with CHILDREN also those made after it. */
int vmm_snapshot_delete(struct vmm_vm *vm, const char *name, bool children,
    struct vmm_guard *guard, bool dry_run, struct vmm_err *err) MUST_CHECK;

struct vmm_revert {
	const char *to;       /* NULL: the current one */
	bool running, paused; /* else as it was then */
	struct vmm_guard *guard;
};

/* Goes back to a snapshot, whose name is *NAME then, to be freed. The VM's
 * folder and labels stay as they are. */
int vmm_snapshot_revert(struct vmm_vm *vm, const struct vmm_revert *how,
    bool dry_run, char **name, struct vmm_err *err) MUST_CHECK;

struct vmm_snapshots {
	struct vmm_snapxml **snapshot; /* by their age, the oldest first */
	size_t n;
	char *current; /* its name, or NULL */
};

/* All that the VM has; SNAPSHOTS must be all zero. */
int vmm_snapshot_list(struct vmm_vm *vm, struct vmm_snapshots *snapshots,
    struct vmm_err *err) MUST_CHECK;
void vmm_snapshots_release(struct vmm_snapshots *snapshots);

#endif
