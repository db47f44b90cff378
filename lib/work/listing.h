/* listing: what vmm ls prints, for its options and a selection. */
#ifndef VMM_WORK_LISTING_H
#define VMM_WORK_LISTING_H

#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"
#include "work/vmcols.h"

struct vmm_listing {    /* starts as {0} */
	bool recursive; /* VMs only, all below a folder */
	bool aligned, json;
	char *output, *sort; /* as typed; owned */
	char *clones_of;     /* an operand as typed; owned */
	/* made of them */
	struct vmm_columns columns, order;
};

/* Understands what was typed; ends the program where that is wrong. */
void vmm_listing_check(struct vmm_listing *listing,
    const struct vmm_command *command, const struct vmm_args *args);
/* Narrows ARGS to the clones that are asked for; -1, reported, where there is
 * no such VM. */
int vmm_listing_narrow(const struct vmm_listing *listing, struct vmm_conn *conn,
    struct vmm_args *args, struct vmm_report *report) MUST_CHECK;
/* The facts that the listing shows or sorts by. */
unsigned vmm_listing_facts(
    const struct vmm_listing *listing, const struct vmm_args *args);
void vmm_listing_print(const struct vmm_listing *listing,
    struct vmm_selection *selection, const struct vmm_args *args,
    struct vmm_report *report);
void vmm_listing_release(struct vmm_listing *listing);

#endif
