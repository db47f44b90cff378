/* vmm-flatten: makes VMs independent of the files their disks stand on. */
#include "storage/flatten.h"
#include "work/run.h"

struct how {
	struct vmm_flatten flatten;
	bool raw;
};

static int flatten(struct vmm_vm *vm, const void *data, struct vmm_job *job,
    struct vmm_err *err)
{
	const struct how *how = data;
	CLEANUP(vmm_flattened_release) struct vmm_flattened flattened = {0};
	int result =
	    vmm_flatten(vm, &how->flatten, &job->progress, &flattened, err);

	for (size_t i = 0; i < flattened.files.n; i++)
		if (result == 0 && how->flatten.dry_run)
			vmm_job_plan(job, "flatten", vm->path,
			    flattened.files.v[i], how->raw);
	vmm_strv_move(&job->notes, &flattened.notes);
	return result;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct how how = {0};
	const struct vmm_option options[] = {
	    {"force", 0, VMM_OPT_FLAG, &how.flatten.force, NULL,
		"go on though a storage pool cannot be read"},
	    {0}};
	const struct vmm_command command = {.name = "flatten",
	    .operands = "VM...",
	    .summary = "Makes VMs independent of the files that their disks "
		       "stand on.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {
	    .verb = "flatten", .act = flatten, .how = &how, .jobs = 2};

	vmm_run_parse(&run, &command, argc, argv);
	how.raw = run.args.null;
	how.flatten.dry_run = run.args.dry_run;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_FLATTEN_FACTS) ==
	    0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
