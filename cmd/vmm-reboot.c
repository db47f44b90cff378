/* vmm-reboot: reboots VMs and waits until they did. */
#include "libvirt/stop.h"
#include "work/run.h"

static int reboot(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)job;
	return vmm_stop(vm, how, err);
}

static int plan(struct vmm_vm *vm, const void *how, const char **verb,
    char **to, struct vmm_err *err)
{
	(void)to;
	return vmm_stop_plan(vm, how, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_stop how = {.reboot = true, .seconds = 60};
	AUTOFREE char *mode = NULL;
	const struct vmm_option options[] = {
	    {"timeout", 0, VMM_OPT_SECONDS, &how.seconds, "SEC",
		"wait at most so long (60)"},
	    {"force", 0, VMM_OPT_FLAG, &how.force, NULL,
		"reset what has not done so after that time"},
	    {"no-wait", 0, VMM_OPT_FLAG, &how.no_wait, NULL,
		"ask the guest and do not wait"},
	    {"mode", 0, VMM_OPT_TEXT, &mode, "MODE=acpi|agent",
		"ask by acpi or agent only"},
	    {0}};
	const struct vmm_command command = {.name = "reboot",
	    .operands = "VM...",
	    .summary = "Asks guests to reboot, and waits until they did.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {.verb = "reboot",
	    .plan = plan,
	    .act = reboot,
	    .how = &how,
	    .jobs = 64}; /* they wait, mostly */

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_stop_mode_parse(mode, &how.mode) < 0)
		vmm_opt_usage(
		    &command, "--mode takes acpi or agent, not '%s'", mode);
	if (how.force && how.no_wait)
		vmm_opt_usage(&command, "--force needs the wait that --no-wait "
					"leaves out");
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_FACT_STATE) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
