/* vmm-start: boots VMs, or restores their saved state. */
#include "libvirt/power.h"
#include "work/run.h"

static int start(struct vmm_vm *vm, const void *how, struct vmm_buf *out,
    struct vmm_err *err)
{
	(void)out;
	return vmm_power_start(vm, how, err);
}

static int plan(const struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)to;
	return vmm_power_start_plan(vm, how, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_start how = {0};
	const struct vmm_option options[] = {
	    {"paused", 0, VMM_OPT_FLAG, &how.paused, NULL,
		"stop before the first instruction"},
	    {"fresh", 0, VMM_OPT_FLAG, &how.fresh, NULL,
		"throw a saved state away and boot"},
	    {0}};
	const struct vmm_command command = {.name = "start",
	    .operands = "VM...",
	    .summary = "Boots VMs, or restores their saved state; paused ones "
		       "go on, sleeping ones wake.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {.verb = "start",
	    .plan = plan,
	    .act = start,
	    .how = &how,
	    .jobs = 8};
	unsigned facts = VMM_FACT_STATE;

	vmm_run_parse(&run, &command, argc, argv);
	if (run.args.dry_run)
		facts |= VMM_FACT_SAVED;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, facts) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
