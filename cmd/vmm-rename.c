/* vmm-rename: gives a VM another name. */
#include <string.h>

#include "libvirt/name.h"
#include "pure/vpath.h"
#include "work/run.h"

static int rename_vm(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)job;
	return vmm_name_change(vm, how, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	*to = vmm_vpath_join(vm->meta.folder, how);
	*verb = strcmp(vm->name, how) == 0 ? NULL : "rename";
	return *verb ? vmm_name_can_change(vm, err) : 0;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	AUTOFREE char *name = NULL;
	AUTOERR err = VMM_ERR_INIT;
	const struct vmm_option options[] = {{0}};
	const struct vmm_command command = {.name = "rename",
	    .operands = "VM NAME",
	    .summary = "Gives a VM another name; its folder and labels stay.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_ACT,
	    .options = options};
	struct vmm_action action = {
	    .verb = "rename", .plan = plan, .act = rename_vm, .jobs = 1};

	vmm_run_parse(&run, &command, argc, argv);
	if (run.args.operands.n != 2)
		vmm_opt_usage(&command, "which VM, and which name?");
	name = run.args.operands.v[--run.args.operands.n];
	run.args.operands.v[run.args.operands.n] = NULL;
	if (vmm_name_check(name, &err) < 0)
		vmm_opt_usage(&command, "%s", err.text);
	action.how = name;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_NAME_FACTS) < 0)
		return vmm_run_end(&run);
	if (run.selection.n > 1)
		vmm_report_failure(&run.report, VMM_FAILED,
		    "'%s' is %zu VMs; one at a time is renamed",
		    run.args.operands.v[0], run.selection.n);
	else
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
