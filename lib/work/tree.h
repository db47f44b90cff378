/* tree: folders and VMs as a drawing, for people. */
#ifndef VMM_WORK_TREE_H
#define VMM_WORK_TREE_H

#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

void vmm_tree_print(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report);

#endif
