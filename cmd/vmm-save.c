/* vmm-save: saves running VMs to disk, or throws their saved states away. */
#include "libvirt/save.h"
#include "work/run.h"

static int save(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)how;
	return vmm_save(vm, &job->progress, err);
}

static int plan_save(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)how;
	(void)to;
	return vmm_save_plan(vm, verb, err);
}

static int discard(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)how;
	(void)job;
	return vmm_save_discard(vm, err);
}

static int plan_discard(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)how;
	(void)to;
	return vmm_save_discard_plan(vm, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	bool discards = false;
	const struct vmm_option options[] = {
	    {"discard", 0, VMM_OPT_FLAG, &discards, NULL,
		"throw the saved states away instead"},
	    {0}};
	const struct vmm_command command = {.name = "save",
	    .operands = "VM...",
	    .summary = "Saves running VMs to disk, from where vmm start "
		       "restores them.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action saving = {
	    .verb = "save", .plan = plan_save, .act = save, .jobs = 8};
	const struct vmm_action discarding = {
	    .verb = "discard the saved state of",
	    .plan = plan_discard,
	    .act = discard,
	    .jobs = 16};

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS,
		discards ? VMM_FACT_SAVED : VMM_SAVE_FACTS) == 0)
		vmm_run_each(&run, discards ? &discarding : &saving);
	return vmm_run_end(&run);
}
