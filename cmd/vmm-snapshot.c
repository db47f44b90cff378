/* vmm-snapshot: takes snapshots of VMs, lists and deletes them. */
#include <time.h>

#include "base/alloc.h"
#include "storage/snapshot.h"
#include "work/run.h"
#include "work/snapcols.h"

struct how {
	struct vmm_take take;
	const char *delete; /* the name of what is to be deleted */
	bool children, raw;
	struct vmm_guard *guard;
};

static int take(struct vmm_vm *vm, const void *data, struct vmm_job *job,
    struct vmm_err *err)
{
	const struct how *how = data;

	if (vmm_snapshot_take(
		vm, &how->take, &job->progress, false, &job->warning, err) < 0)
		return -1;
	vmm_job_record(job, vm->path, how->take.name, how->raw);
	return 0;
}

static int plan_take(struct vmm_vm *vm, const void *data, const char **verb,
    char **to, struct vmm_err *err)
{
	const struct how *how = data;
	AUTOBUF warning = VMM_BUF_INIT;

	*verb = "snapshot";
	*to = vmm_strdup(how->take.name);
	return vmm_snapshot_take(vm, &how->take, NULL, true, &warning, err);
}

static int delete (struct vmm_vm *vm, const void *data, struct vmm_job *job,
    struct vmm_err *err)
{
	const struct how *how = data;

	(void)job;
	return vmm_snapshot_delete(
	    vm, how->delete, how->children, how->guard, false, err);
}

static int plan_delete(struct vmm_vm *vm, const void *data, const char **verb,
    char **to, struct vmm_err *err)
{
	const struct how *how = data;

	*verb = "delete";
	*to = vmm_strdup(how->delete);
	return vmm_snapshot_delete(
	    vm, how->delete, how->children, how->guard, true, err);
}

int main(int argc, char **argv)
{
	static const struct vmm_action taking = {
	    .verb = "snapshot", .plan = plan_take, .act = take, .jobs = 8};
	static const struct vmm_action deleting = {
	    .verb = "delete a snapshot of",
	    .plan = plan_delete,
	    .act = delete,
	    .jobs = 8};
	struct vmm_run run = {0};
	struct how how = {0};
	CLEANUP(vmm_snaplisting_release) struct vmm_snaplisting listing = {0};
	AUTOFREE char *name = NULL;
	AUTOFREE char *description = NULL;
	AUTOFREE char *doomed = NULL;
	AUTOERR err = VMM_ERR_INIT;
	struct vmm_action action;
	bool list = false, force = false;
	const struct vmm_option options[] = {
	    {"name", 0, VMM_OPT_TEXT, &name, "NAME",
		"call it so, instead of by the time"},
	    {"description", 0, VMM_OPT_TEXT, &description, "TEXT",
		"what there is to say of it"},
	    {"disk-only", 0, VMM_OPT_FLAG, &how.take.disk_only, NULL,
		"without memory, in files of its own"},
	    {"quiesce", 0, VMM_OPT_FLAG, &how.take.quiesce, NULL,
		"have the guest's agent settle its file systems"},
	    {"delete", 0, VMM_OPT_TEXT, &doomed, "NAME=SNAPSHOT", "delete it"},
	    {"children", 0, VMM_OPT_FLAG, &how.children, NULL,
		"and all that stand on it"},
	    {"force", 0, VMM_OPT_FLAG, &force, NULL,
		"go on though a storage pool cannot be read"},
	    {"list", 0, VMM_OPT_FLAG, &list, NULL, "list what there is"},
	    {"tree", 0, VMM_OPT_FLAG, &listing.tree, NULL,
		"list as a tree; * marks the current one"},
	    {"long", 'l', VMM_OPT_FLAG, &listing.aligned, NULL,
		"list as a table for people"},
	    {"output", 'o', VMM_OPT_TEXT, &listing.output, "COL[,COL...]",
		"list these columns, tab-separated"},
	    {"json", 0, VMM_OPT_FLAG, &listing.json, NULL,
		"list as a JSON object a line"},
	    {0}};
	const struct vmm_command command = {.name = "snapshot",
	    .operands = "VM...",
	    .summary = "Takes snapshots of VMs, lists and deletes them.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options,
	    .table = &vmm_snapcols};

	vmm_run_parse(&run, &command, argc, argv);
	list = list || vmm_snaplisting_wanted(&listing);
	if ((list && (doomed || name)) || (doomed && name))
		vmm_opt_usage(&command,
		    "it takes, lists or deletes snapshots, one at a time");
	if ((how.children || force) && !doomed)
		vmm_opt_usage(
		    &command, "--children and --force belong to --delete");
	if (how.take.quiesce && !how.take.disk_only)
		vmm_opt_usage(&command,
		    "--quiesce belongs to --disk-only: with its memory a "
		    "snapshot needs no settled file systems");
	if (!name)
		name = vmm_snapshot_name_at(time(NULL));
	if (vmm_snapshot_name_check(name, &err) < 0 ||
	    vmm_snapshot_text_check(description, &err) < 0)
		vmm_opt_usage(&command, "%s", err.text);
	if (list)
		vmm_snaplisting_check(&listing, &command, &run.args);
	how.take.name = name;
	how.take.description = description;
	how.delete = doomed;
	how.raw = run.args.null;
	if (vmm_run_select(&run, list ? VMM_LOOK : VMM_ACT, VMM_SELECT_VMS,
		VMM_SNAPSHOT_FACTS) < 0)
		return vmm_run_end(&run);
	if (doomed && run.selection.n)
		how.guard = vmm_guard_read(
		    run.conn, force ? VMM_DOUBT_FORCED : VMM_DOUBT_ASKS, &err);
	action = doomed ? deleting : taking;
	action.how = &how;
	if (list)
		vmm_snaplisting_print(
		    &listing, &run.selection, &run.args, &run.report);
	else if (err.status)
		vmm_report_err(&run.report, &err);
	else
		vmm_run_each(&run, &action);
	vmm_guard_freep(&how.guard);
	return vmm_run_end(&run);
}
