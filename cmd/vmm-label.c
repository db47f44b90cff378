/* vmm-label: adds labels to VMs, deletes and lists them. */
#include "libvirt/meta.h"
#include "work/labels.h"
#include "work/run.h"

static int label(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)job;
	return vmm_meta_change(vm, how, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)to;
	(void)err;
	*verb = vmm_meta_would_change(&vm->meta, how) ? "label" : NULL;
	return 0;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	AUTOSTRV add = VMM_STRV_INIT, remove = VMM_STRV_INIT;
	const struct vmm_meta_change how = {.add = &add, .remove = &remove};
	const struct vmm_option options[] = {
	    {"add", 'a', VMM_OPT_LIST, &add, "LABEL", "add this label"},
	    {"delete", 'd', VMM_OPT_LIST, &remove, "LABEL",
		"delete this label"},
	    {0}};
	const struct vmm_command command = {.name = "label",
	    .operands = "[VM...]",
	    .summary = "Adds labels to VMs and deletes them; without -a and "
		       "-d lists them.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .options = options};
	const struct vmm_action action = {.verb = "label",
	    .plan = plan,
	    .act = label,
	    .how = &how,
	    .jobs = 16};
	bool all, acts;

	vmm_run_parse(&run, &command, argc, argv);
	vmm_labels_check(&add, &remove, &command);
	all = run.args.operands.n == 0;
	acts = add.n || remove.n;
	if (all && acts)
		vmm_opt_usage(&command, VMM_OPT_WHICH);
	if (vmm_run_select(&run, acts ? VMM_ACT : VMM_LOOK,
		all ? VMM_SELECT_TREE : VMM_SELECT_VMS,
		acts ? VMM_META_FACTS : VMM_FACT_META) < 0)
		return vmm_run_end(&run);
	if (acts)
		vmm_run_each(&run, &action);
	else if (all)
		vmm_labels_print_used(&run.selection, &run.args, &run.report);
	else
		vmm_labels_print(&run.selection, &run.args, &run.report);
	return vmm_run_end(&run);
}
