/*
 * editing: a VM's definition in the user's editor.
 *
 * What the user wrote is in a file of ours until libvirt has it, and stays
 * there if libvirt does not take it, whatever ends the command.
 */
#ifndef VMM_WORK_EDITING_H
#define VMM_WORK_EDITING_H

#include "libvirt/set.h"
#include "work/opt.h"
#include "work/report.h"

#define VMM_EDIT_FACTS (VMM_FACT_STATE | VMM_FACT_PERSISTENT)

/* Edits the definition of VM, and reports all there is to say. Interrupts must
 * be held. */
void vmm_edit(
    struct vmm_vm *vm, const struct vmm_args *args, struct vmm_report *report);

#endif
