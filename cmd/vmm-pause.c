/* vmm-pause: stops the processors of VMs. */
#include "libvirt/power.h"
#include "work/run.h"

static int pause(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)how;
	(void)job;
	return vmm_power_pause(vm, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)how;
	(void)to;
	return vmm_power_pause_plan(vm, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	const struct vmm_command command = {.name = "pause",
	    .operands = "VM...",
	    .summary = "Stops the processors of VMs; memory and devices stay.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true};
	const struct vmm_action action = {
	    .verb = "pause", .plan = plan, .act = pause, .jobs = 16};

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_FACT_STATE) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
