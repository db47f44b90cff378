/*
 * snapcols: how snapshots are listed: lines, columns, JSON, a table, a tree.
 */
#ifndef VMM_WORK_SNAPCOLS_H
#define VMM_WORK_SNAPCOLS_H

#include "storage/snapshot.h"
#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

extern const struct vmm_table vmm_snapcols;

struct vmm_snaplisting { /* starts as {0} */
	bool aligned, json, tree;
	char *output; /* as typed; owned */
	struct vmm_columns columns;
};

/* Understands what was typed; ends the program where that is wrong. */
void vmm_snaplisting_check(struct vmm_snaplisting *listing,
    const struct vmm_command *command, const struct vmm_args *args);
/* Whether one of its options was given. */
bool vmm_snaplisting_wanted(const struct vmm_snaplisting *listing);
/* Asks for the snapshots of all selected VMs and prints them; what cannot be
 * had is reported. */
void vmm_snaplisting_print(const struct vmm_snaplisting *listing,
    const struct vmm_selection *selection, const struct vmm_args *args,
    struct vmm_report *report);
void vmm_snaplisting_release(struct vmm_snaplisting *listing);

#endif
