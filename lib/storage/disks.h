/*
 * disks: the disks of a VM, as its definitions have them, for those who move
 * it to other files.
 */
#ifndef VMM_STORAGE_DISKS_H
#define VMM_STORAGE_DISKS_H

#include "libvirt/set.h"
#include "pure/domxml.h"

/* What ties a VM to its disks as they are. */
enum vmm_tie {
	VMM_TIE_NONE,
	VMM_TIE_SAVED,       /* a saved state */
	VMM_TIE_SNAPSHOTS,   /* of whatever kind */
	VMM_TIE_CHECKPOINTS, /* of incremental backups */
};

/* Looks for the first of them, and at the VM's state. */
int vmm_disks_tie(
    struct vmm_vm *vm, enum vmm_tie *tie, struct vmm_err *err) MUST_CHECK;
/* What to say of a saved state. */
#define VMM_TIE_SAVED_TEXT                                                     \
	"it has a saved state, which needs its disks as they are; 'vmm "       \
	"start' restores it, 'vmm save --discard' throws it away"
/* Refuses (VMM_REFUSED) where a block job is at work on the disk TARGET. */
int vmm_disks_idle(
    struct vmm_vm *vm, const char *target, struct vmm_err *err) MUST_CHECK;

/* The VM's XML by virDomainXMLFlags; NULL with the error. */
struct vmm_domxml *vmm_disks_read(
    const struct vmm_vm *vm, unsigned flags, struct vmm_err *err);
/* The disk TARGET of DOMAIN, or NULL. */
struct vmm_disk *vmm_disk_of(
    const struct vmm_domxml *domain, const char *target);
/* The path of what the disk TARGET writes to, to be freed; NULL: nothing. */
char *vmm_disk_top(const struct vmm_vm *vm, const struct vmm_domxml *domain,
    const char *target);

/* A name for a file that becomes the VM's disk TARGET, to be freed: one that no
 * file had before, of what all file systems take. */
char *vmm_disk_new_name(
    const struct vmm_vm *vm, const char *target, const char *format);
/* Whether the file PATH has such a name, be it of another VM: what is below it
 * was that VM's disk before. */
bool vmm_disk_is_new_name(const char *path);

/* Redefines the VM with those disks on these files for its next start, and
 * without a word of what they stand on: an explicit chain is never probed
 * again, and would stop the VM once the chain is another. */
int vmm_disks_define(struct vmm_vm *vm, const struct vmm_diskfile *file,
    size_t files, struct vmm_err *err) MUST_CHECK;

#endif
