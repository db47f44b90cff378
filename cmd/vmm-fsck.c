/* vmm-fsck: finds what is not as it should be, and mends it. */
#include "work/check.h"
#include "work/run.h"

static int check(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	/* the one thing that jobs share is counted atomically */
	return vmm_check_vm(
	    *(struct vmm_check *const *)how, vm, &job->out, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_check checking = {0}, *shared = &checking;
	bool all;
	const struct vmm_option options[] = {
	    {"repair", 0, VMM_OPT_FLAG, &checking.repair, NULL,
		"mend what is found"},
	    {0}};
	const struct vmm_command command = {.name = "fsck",
	    .operands = "[FOLDER|VM]...",
	    .summary = "Finds what is not as it should be; without "
		       "operands of all VMs.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_JOBS,
	    .options = options};
	const struct vmm_action action = {
	    .verb = "check", .act = check, .how = &shared, .jobs = 16};

	vmm_run_parse(&run, &command, argc, argv);
	checking.raw = run.args.null;
	all = !run.args.operands.n;
	if (vmm_run_select(&run, checking.repair ? VMM_ACT : VMM_LOOK,
		VMM_SELECT_TREE, VMM_CHECK_FACTS) < 0)
		return vmm_run_end(&run);
	vmm_check_storage(&checking, run.conn, &run.report);
	vmm_run_each(&run, &action);
	if (all && checking.guard)
		vmm_check_files(&checking, run.conn, &run.report);
	vmm_check_unread(&checking, &run.report);
	vmm_guard_freep(&checking.guard);
	if (checking.problems)
		vmm_report_count(&run.report, VMM_FAILED);
	return vmm_run_end(&run);
}
