/*
 * health: what is wrong with the files that VMs stand on.
 */
#ifndef VMM_STORAGE_HEALTH_H
#define VMM_STORAGE_HEALTH_H

#include "libvirt/set.h"
#include "pure/clonexml.h"
#include "storage/guard.h"
#include "storage/leftover.h"

/* What can be mended of one VM. */
struct vmm_exposed { /* starts as {0} */
	/* disks that others stand on, so that it must not write to them */
	struct vmm_clonedisk *disk;
	size_t n;
	/*
	 * Disks that are elsewhere than libvirt knows. Where its daemon is
	 * killed at a certain moment of a snapshot or a pivot, the VM writes to
	 * the new overlay (seen in 2 of 80 tries), and libvirt has it on the
	 * old file: the next start would lose what is in there.
	 */
	struct vmm_clonedisk *stray;
	size_t strays;
};

/* Adds to PROBLEMS what is wrong with VM's disks, a line each, and to EXPOSED
 * those that vmm_health_mend() can mend. */
int vmm_health_look(struct vmm_guard *guard, const struct vmm_vm *vm,
    struct vmm_strv *problems, struct vmm_exposed *exposed,
    struct vmm_err *err) MUST_CHECK;
/* Moves VM off those disks, and has its next start use the strays. */
int vmm_health_mend(struct vmm_vm *vm, const struct vmm_exposed *exposed,
    struct vmm_err *err) MUST_CHECK;
void vmm_exposed_release(struct vmm_exposed *exposed);

/* A volume that no VM needs. */
struct vmm_idle {
	char *path;
	const char *problem; /* not to be freed */
	char *note;          /* that it is deleted by; NULL: it is not to be */
};
struct vmm_idles { /* starts as {0} */
	struct vmm_idle *idle;
	size_t n;
};

/* What commands of vmm left, and overlays that no VM and no other volume has.
 */
int vmm_health_idles(struct vmm_guard *guard, struct vmm_conn *conn,
    bool repair, struct vmm_idles *idles, struct vmm_err *err) MUST_CHECK;
/* Deletes one that vmm left: 1; 0 where it turns out to be somebody's. */
int vmm_idle_free(struct vmm_guard *guard, struct vmm_conn *conn,
    const struct vmm_idle *idle, struct vmm_err *err) MUST_CHECK;
void vmm_idles_release(struct vmm_idles *idles);

#endif
