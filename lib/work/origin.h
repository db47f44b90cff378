/* origin: which VM is a linked clone of which. */
#ifndef VMM_WORK_ORIGIN_H
#define VMM_WORK_ORIGIN_H

#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

/* Adds to the selection's set the VMs that the selected ones were cloned from,
 * as far as there are such, with their paths. Wants VMM_FACT_META. -1,
 * reported, when the connection is lost. */
int vmm_origin_fetch(
    struct vmm_selection *selection, struct vmm_report *report) MUST_CHECK;
/* What people are told: the path of VM's origin, its UUID where it is gone,
 * NULL where there never was one. Borrowed. After vmm_origin_fetch(). */
const char *vmm_origin_name(const struct vmm_set *set, const struct vmm_vm *vm);

/* Draws the selected VMs that are clones or have been cloned, each clone
 * beneath its origin. */
void vmm_origin_draw(struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report);

#endif
