/* vmm-view: shows the screens of VMs. */
#include "work/run.h"
#include "work/viewing.h"

static int view(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	return vmm_view(vm, how, job, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_view how = {.config = &run.args.config};
	const struct vmm_option options[] = {
	    {"start", 0, VMM_OPT_FLAG, &how.start, NULL, "start what is off"},
	    {"wait", 0, VMM_OPT_FLAG, &how.wait, NULL,
		"wait until the viewers are closed"},
	    {0}};
	const struct vmm_command command = {.name = "view",
	    .operands = "VM...",
	    .summary = "Shows the screens of VMs.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_TALK,
	    .needs_operand = true,
	    .options = options};
	struct vmm_action action = {
	    .verb = "view", .act = view, .how = &how, .jobs = 8};

	vmm_run_parse(&run, &command, argc, argv);
	if (how.wait)
		run.args.quiet = true; /* a viewer may use the terminal */
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_FACT_STATE) < 0)
		return vmm_run_end(&run);
	if (how.wait) /* all at once */
		action.jobs = (unsigned)run.selection.n;
	vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
