/* labels: what vmm label prints and takes. */
#ifndef VMM_WORK_LABELS_H
#define VMM_WORK_LABELS_H

#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

/* Prints `PATH<TAB>LABEL` lines for all VMs of the selection. */
void vmm_labels_print(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report);
/* Prints every label that they carry, one a line, in natural order. */
void vmm_labels_print_used(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report);
/* Brings labels as they were typed into the form in which they are stored. One
 * that cannot be a label, or is to be added and deleted, ends the program. */
void vmm_labels_check(struct vmm_strv *add, struct vmm_strv *remove,
    const struct vmm_command *command);

#endif
