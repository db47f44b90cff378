/* vmm-rm: removes VMs, and with --disks what is theirs alone. */
#include "storage/remove.h"
#include "work/run.h"

struct how {
	struct vmm_remove remove;
	struct vmm_removing *removing;
	bool raw;
};

static int rm(struct vmm_vm *vm, const void *data, struct vmm_job *job,
    struct vmm_err *err)
{
	const struct how *how = data;
	CLEANUP(vmm_removed_release) struct vmm_removed removed = {0};
	int result = vmm_remove(how->removing, vm, &removed, err);

	if (how->remove.dry_run && result == 0) {
		vmm_job_plan(job, "remove", vm->path, NULL, how->raw);
		for (size_t i = 0; i < removed.deleted.n; i++)
			vmm_job_plan(job, "delete", vm->path,
			    removed.deleted.v[i], how->raw);
	}
	vmm_strv_move(&job->notes, &removed.notes);
	return result;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct how how = {0};
	AUTOERR err = VMM_ERR_INIT;
	const struct vmm_option options[] = {
	    {"disks", 0, VMM_OPT_FLAG, &how.remove.disks, NULL,
		"delete the disks that nobody else needs, too"},
	    {"force", 0, VMM_OPT_FLAG, &how.remove.force, NULL,
		"also those that run, are saved or have snapshots"},
	    {0}};
	const struct vmm_command command = {.name = "rm",
	    .operands = "VM...",
	    .summary = "Removes VMs; their disks stay, but for --disks.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {
	    .verb = "remove", .act = rm, .how = &how, .jobs = 4};

	vmm_run_parse(&run, &command, argc, argv);
	how.raw = run.args.null;
	how.remove.dry_run = run.args.dry_run;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_REMOVE_FACTS) <
		0 ||
	    !run.selection.n)
		return vmm_run_end(&run);
	how.removing = vmm_removing_begin(run.conn, &how.remove, &err);
	if (how.removing) {
		vmm_run_each(&run, &action);
		vmm_removing_end(how.removing);
	} else {
		vmm_report_err(&run.report, &err);
	}
	return vmm_run_end(&run);
}
