/* vmm-autostart: says which VMs start with their host. */
#include "libvirt/power.h"
#include "work/run.h"

static int set_autostart(struct vmm_vm *vm, const void *how,
    struct vmm_job *job, struct vmm_err *err)
{
	(void)job;
	return vmm_power_autostart(vm, !*(const bool *)how, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)to;
	return vmm_power_autostart_plan(vm, !*(const bool *)how, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	bool off = false;
	const struct vmm_option options[] = {
	    {"off", 0, VMM_OPT_FLAG, &off, NULL,
		"they do not start with their host any more"},
	    {0}};
	const struct vmm_command command = {.name = "autostart",
	    .operands = "VM...",
	    .summary = "Has VMs start with their host.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {.verb = "set the autostart of",
	    .plan = plan,
	    .act = set_autostart,
	    .how = &off,
	    .jobs = 16};

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_run_select(
		&run, VMM_ACT, VMM_SELECT_VMS, VMM_AUTOSTART_FACTS) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
