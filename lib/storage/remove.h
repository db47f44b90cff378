/*
 * remove: removes VMs, and with them what is theirs and nobody else's.
 *
 * Before a VM is touched its definition is kept (storage/kept), and what is to
 * be deleted is noted (storage/leftover). What is refused is refused before
 * that, and with dry_run that is all that is done. VMM_REMOVE_FACTS are wanted.
 */
#ifndef VMM_STORAGE_REMOVE_H
#define VMM_STORAGE_REMOVE_H

#include "libvirt/set.h"

#define VMM_REMOVE_FACTS                                                       \
	(VMM_FACT_META | VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_PERSISTENT)

struct vmm_remove {
	bool disks; /* what it writes to goes, too */
	bool force; /* running, saved and with snapshots, too */
	bool dry_run;
};

/* All that one command removes: a file that several of its VMs stand on is
 * deleted once, with the last of them. */
struct vmm_removing;

/* To be done on CONN; HOW outlives it. NULL with the error: with disks, who
 * needs which file must be known first (storage/guard). */
struct vmm_removing *vmm_removing_begin(
    struct vmm_conn *conn, const struct vmm_remove *how, struct vmm_err *err);
void vmm_removing_end(struct vmm_removing *removing);

/* What there is to say of a VM. */
struct vmm_removed {             /* starts as {0} */
	struct vmm_strv deleted; /* files that are, or would be */
	struct vmm_strv notes;   /* whole sentences: the way back, ... */
};

/* Removes VM; from any thread. On failure it may be gone all the same, where
 * it was a file that could not be deleted: the error says so. */
int vmm_remove(struct vmm_removing *removing, struct vmm_vm *vm,
    struct vmm_removed *removed, struct vmm_err *err) MUST_CHECK;
void vmm_removed_release(struct vmm_removed *removed);

#endif
