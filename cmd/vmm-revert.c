/* vmm-revert: puts VMs back to a snapshot. */
#include "storage/snapshot.h"
#include "work/run.h"

static int revert(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	AUTOFREE char *name = NULL;

	(void)job;
	return vmm_snapshot_revert(vm, how, false, &name, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	*verb = "revert";
	return vmm_snapshot_revert(vm, how, true, to, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_revert how = {0};
	AUTOFREE char *to = NULL;
	AUTOERR err = VMM_ERR_INIT;
	bool force = false;
	const struct vmm_option options[] = {
	    {"to", 0, VMM_OPT_TEXT, &to, "SNAPSHOT",
		"this one instead of each VM's current one"},
	    {"running", 0, VMM_OPT_FLAG, &how.running, NULL,
		"the VM runs afterwards"},
	    {"paused", 0, VMM_OPT_FLAG, &how.paused, NULL,
		"the VM is paused afterwards"},
	    {"force", 0, VMM_OPT_FLAG, &force, NULL,
		"go on though a storage pool cannot be read"},
	    {0}};
	const struct vmm_command command = {.name = "revert",
	    .operands = "VM...",
	    .summary = "Puts VMs back to a snapshot; folder and labels stay.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {.verb = "revert",
	    .plan = plan,
	    .act = revert,
	    .how = &how,
	    .jobs = 8};

	vmm_run_parse(&run, &command, argc, argv);
	if (how.running && how.paused)
		vmm_opt_usage(
		    &command, "--running and --paused exclude each other");
	how.to = to;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_SNAPSHOT_FACTS) <
	    0)
		return vmm_run_end(&run);
	if (run.selection.n) {
		how.guard = vmm_guard_read(
		    run.conn, force ? VMM_DOUBT_FORCED : VMM_DOUBT_ASKS, &err);
		if (how.guard)
			vmm_run_each(&run, &action);
		else
			vmm_report_err(&run.report, &err);
		vmm_guard_freep(&how.guard);
	}
	return vmm_run_end(&run);
}
