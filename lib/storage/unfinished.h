/*
 * unfinished: snapshots that were begun, kept in files of ours until they are
 * done.
 *
 * QEMU writes an internal snapshot into the disk before libvirt writes down
 * that there is one. Where its daemon is killed in between nobody knows of it
 * any more, and there is no way to ask: so it is noted before,
 * $XDG_STATE_HOME/vmm/snapshots/UUID.NAME with the XML that would make libvirt
 * know it.
 */
#ifndef VMM_STORAGE_UNFINISHED_H
#define VMM_STORAGE_UNFINISHED_H

#include "base/buf.h"
#include "libvirt/set.h"

/* Notes that the snapshot NAME of VM is begun, by XML. The note is locked until
 * *FD is closed, which whoever dies does, too. */
int vmm_unfinished_note(const struct vmm_vm *vm, const char *name,
    const char *xml, int *fd, struct vmm_err *err) MUST_CHECK;
/* It is done, or is known to have failed. */
void vmm_unfinished_forget(const struct vmm_vm *vm, const char *name);
/* Whether libvirt knows a snapshot NAME of VM: 1, 0, or -1 where it does not
 * say. */
int vmm_unfinished_is_known(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err) MUST_CHECK;
/* Adds the names of those of VM that were cut short. Those that are being taken
 * are left alone; those that libvirt knows are done, and forgotten. */
int vmm_unfinished_list(const struct vmm_vm *vm, struct vmm_strv *names,
    struct vmm_err *err) MUST_CHECK;
/* Removes what there may be of it in the disks, and forgets it; nothing where
 * there is no note. */
int vmm_unfinished_undo(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err) MUST_CHECK;
/* Removes what another client may have left in the disks under the name that
 * XML is about to take. */
int vmm_unfinished_clear(
    const struct vmm_vm *vm, const char *xml, struct vmm_err *err) MUST_CHECK;

#endif
