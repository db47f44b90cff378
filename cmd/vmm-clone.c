/* vmm-clone: makes VMs of a VM, full copies or linked clones. */
#include "libvirt/name.h"
#include "pure/vpath.h"
#include "storage/clone.h"
#include "work/labels.h"
#include "work/run.h"

struct how {
	struct vmm_clone clone;
	bool raw;
};

static void print(const struct how *how, const struct vmm_vm *source,
    const struct vmm_cloned *cloned, struct vmm_job *job)
{
	bool dry_run = how->clone.dry_run;

	for (size_t i = 0; i < cloned->overlays.n && dry_run; i++)
		vmm_job_plan(job, "pivot", source->path, cloned->overlays.v[i],
		    how->raw);
	for (size_t i = 0; i < cloned->paths.n; i++)
		if (dry_run)
			vmm_job_plan(job, "clone", source->path,
			    cloned->paths.v[i], how->raw);
		else
			vmm_job_line(job, cloned->paths.v[i], how->raw);
}

static int clone_vm(struct vmm_vm *vm, const void *data, struct vmm_job *job,
    struct vmm_err *err)
{
	const struct how *how = data;
	CLEANUP(vmm_cloned_release) struct vmm_cloned cloned = {0};
	int result = vmm_clone(vm, &how->clone, &job->progress, &cloned, err);

	print(how, vm, &cloned, job);
	vmm_strv_move(&job->warnings, &cloned.warnings);
	vmm_strv_move(&job->notes, &cloned.notes);
	return result;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct how how = {0};
	AUTOSTRV names = VMM_STRV_INIT, labels = VMM_STRV_INIT;
	struct vmm_strv none = VMM_STRV_INIT;
	AUTOFREE char *raw_folder = NULL;
	AUTOFREE char *folder = NULL;
	AUTOFREE char *pool = NULL;
	AUTOERR err = VMM_ERR_INIT;
	const struct vmm_option options[] = {
	    {"linked", 0, VMM_OPT_FLAG, &how.clone.linked, NULL,
		"stand on the source's disks instead of copying them"},
	    {"quiesce", 0, VMM_OPT_FLAG, &how.clone.quiesce, NULL,
		"have the agent of a running source settle its file systems"},
	    {"folder", 0, VMM_OPT_TEXT, &raw_folder, "FOLDER",
		"file the clones there, instead of beside the source"},
	    {"add-label", 0, VMM_OPT_LIST, &labels, "LABEL",
		"give them this label, too"},
	    {"pool", 0, VMM_OPT_TEXT, &pool, "POOL",
		"put their volumes into this storage pool"},
	    {"start", 0, VMM_OPT_FLAG, &how.clone.start, NULL, "start them"},
	    {0}};
	const struct vmm_command command = {.name = "clone",
	    .operands = "SRC NAME...",
	    .summary = "Makes VMs of a VM: full copies, or linked clones.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_DRY_RUN | VMM_OPTS_TALK,
	    .options = options,
	    .takes = "VM NAME..."};
	const struct vmm_action action = {.verb = "clone",
	    .act = clone_vm,
	    .how = &how,
	    .jobs = 1,
	    .records = true};

	vmm_run_parse(&run, &command, argc, argv);
	vmm_run_keep_first(&run, &names);
	if (!names.n)
		vmm_opt_usage(&command,
		    "which VM, and what are its clones to be called?");
	for (size_t i = 0; i < names.n; i++)
		if (vmm_name_check(names.v[i], &err) < 0)
			vmm_opt_usage(&command, "%s", err.text);
	if (how.clone.quiesce && !how.clone.linked)
		vmm_opt_usage(&command, "--quiesce belongs to --linked: a VM "
					"that runs is not copied");
	if (raw_folder) {
		folder = vmm_vpath_strict(raw_folder, &err);
		if (!folder)
			vmm_opt_usage(&command, "%s", err.text);
	}
	vmm_labels_check(&labels, &none, &command);
	how.raw = run.args.null;
	how.clone.names = &names;
	how.clone.folder = folder;
	how.clone.labels = &labels;
	how.clone.pool = pool;
	how.clone.dry_run = run.args.dry_run;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_CLONE_FACTS) < 0)
		return vmm_run_end(&run);
	if (run.selection.n > 1)
		vmm_report_failure(&run.report, VMM_FAILED,
		    "'%s' is %zu VMs; one at a time is cloned",
		    run.args.operands.v[0], run.selection.n);
	else
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
