/* vmm-resume: lets paused VMs go on. */
#include "libvirt/power.h"
#include "work/run.h"

static int resume(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)how;
	(void)job;
	return vmm_power_resume(vm, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)how;
	(void)to;
	return vmm_power_resume_plan(vm, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	const struct vmm_command command = {.name = "resume",
	    .operands = "VM...",
	    .summary = "Lets paused VMs go on, and wakes sleeping ones.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true};
	const struct vmm_action action = {
	    .verb = "resume", .plan = plan, .act = resume, .jobs = 16};

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_FACT_STATE) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
