/* vmm-mv: files VMs and folders under another folder. */
#include <string.h>

#include "libvirt/meta.h"
#include "pure/vpath.h"
#include "work/moving.h"
#include "work/run.h"

static int move(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)job;
	return vmm_meta_move(vm, vmm_moves_folder(how, vm), err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)err;
	*to = vmm_vpath_join(vmm_moves_folder(how, vm), vm->name);
	*verb = strcmp(*to, vm->path) == 0 ? NULL : "move";
	return 0;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	CLEANUP(vmm_target_release) struct vmm_target target = {0};
	CLEANUP(vmm_moves_release) struct vmm_moves moves = {0};
	const struct vmm_option options[] = {{0}};
	const struct vmm_command command = {.name = "mv",
	    .operands = "VM|FOLDER/... FOLDER",
	    .summary = "Files VMs under a folder; renames a folder, or puts "
		       "it inside another.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_ACT,
	    .options = options};
	const struct vmm_action action = {.verb = "move",
	    .plan = plan,
	    .act = move,
	    .how = &moves,
	    .jobs = 16};

	vmm_run_parse(&run, &command, argc, argv);
	vmm_target_take(&target, &run.args, &command);
	/* all is checked before the first is changed */
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_FOLDERS, VMM_META_FACTS) ==
		0 &&
	    !vmm_report_failed(&run.report) &&
	    vmm_moves_plan(
		&moves, &run.selection, &target, run.conn, &run.report) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
