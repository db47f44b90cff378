/* vmm-edit: edits the definition of a VM. */
#include "base/interrupt.h"
#include "work/editing.h"
#include "work/run.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	const struct vmm_option options[] = {{0}};
	const struct vmm_command command = {.name = "edit",
	    .operands = "VM",
	    .summary = "Edits the XML that defines a VM.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_TALK,
	    .options = options};

	vmm_run_parse(&run, &command, argc, argv);
	if (run.args.operands.n != 1)
		vmm_opt_usage(&command, "the definition of which VM?");
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_EDIT_FACTS) < 0)
		return vmm_run_end(&run);
	vmm_interrupt_hold(true);
	if (run.selection.n > 1)
		vmm_report_failure(&run.report, VMM_FAILED,
		    "'%s' is %zu VMs; one at a time is edited",
		    run.args.operands.v[0], run.selection.n);
	else if (run.selection.n)
		vmm_edit(run.selection.vm[0], &run.args, &run.report);
	return vmm_run_end(&run);
}
