/*
 * clone: makes VMs of a VM, full copies or linked clones.
 *
 * All or nothing: what was made is removed where something fails, and nothing
 * else ever is. What a sudden death leaves is in a note (base/note, kind
 * "clones"), for fsck.
 */
#ifndef VMM_STORAGE_CLONE_H
#define VMM_STORAGE_CLONE_H

#include "base/progress.h"
#include "libvirt/set.h"

struct vmm_clone {
	const struct vmm_strv *names;  /* of the new VMs */
	bool linked;                   /* on a base; else copies */
	bool quiesce;                  /* see storage/pivot.h */
	const char *folder;            /* normal form; NULL: the source's */
	const struct vmm_strv *labels; /* beside the source's */
	const char *pool;              /* for the volumes; NULL: the source's */
	bool start;
	bool dry_run;
};

/* What there is to print of it; paths as they are, the rest as messages. */
struct vmm_cloned {               /* starts as {0} */
	struct vmm_strv paths;    /* of the clones */
	struct vmm_strv overlays; /* that the source got, or would get */
	struct vmm_strv warnings; /* whole sentences */
	struct vmm_strv notes;    /* the same */
};

/* Makes them. On failure there are no paths, unless it was their start that
 * failed, which undoes nothing. */
int vmm_clone(struct vmm_vm *source, const struct vmm_clone *how,
    struct vmm_progress *progress, struct vmm_cloned *cloned,
    struct vmm_err *err) MUST_CHECK;
void vmm_cloned_release(struct vmm_cloned *cloned);

/* What it wants to be known of the source. */
#define VMM_CLONE_FACTS                                                        \
	(VMM_FACT_META | VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_PERSISTENT)

#endif
