/*
 * run: the four steps of a command: parse, connect, select, do.
 *
 *	struct vmm_run run = {0};
 *
 *	vmm_run_parse(&run, &command, argc, argv);
 *	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, facts) == 0)
 *		vmm_run_each(&run, &action);
 *	return vmm_run_end(&run);
 */
#ifndef VMM_WORK_RUN_H
#define VMM_WORK_RUN_H

#include "libvirt/conn.h"
#include "work/each.h"
#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

struct vmm_run {
	struct vmm_args args;
	struct vmm_report report;
	struct vmm_conn *conn;
	struct vmm_selection selection;
};

/* Parses the command line (or ends, see opt.h). */
void vmm_run_parse(struct vmm_run *run, const struct vmm_command *command,
    int argc, char **argv);
/* Moves all operands but the first, which is to be a VM, to REST. */
void vmm_run_keep_first(struct vmm_run *run, struct vmm_strv *rest);
/* Connects, where something is to be done before the selection; -1, reported,
 * if that fails. */
int vmm_run_connect(struct vmm_run *run, enum vmm_access access) MUST_CHECK;
/* Connects if need be, and selects; -1, reported, when there is nothing to go
 * on with. */
int vmm_run_select(struct vmm_run *run, enum vmm_access access,
    enum vmm_select_mode mode, unsigned facts) MUST_CHECK;
/* Does ACTION on all that was selected; from here on interrupts are held. */
void vmm_run_each(struct vmm_run *run, const struct vmm_action *action);
/* Releases everything and returns the exit status; dies of the signal
 * instead, if one came. */
int vmm_run_end(struct vmm_run *run);

#endif
