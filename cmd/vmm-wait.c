/* vmm-wait: waits until VMs are as they should be. */
#include <string.h>

#include "libvirt/wait.h"
#include "work/run.h"

/* Nobody has so much patience: the option was not given. */
#define NO_TIMEOUT ((unsigned)-1)

static int wait_for(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err)
{
	(void)job;
	return vmm_wait_for(vm, how, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_wait how = {.seconds = NO_TIMEOUT};
	AUTOFREE char *what = NULL;
	const struct vmm_option options[] = {
	    {"for", 0, VMM_OPT_TEXT, &what, "WHAT=ip|agent|STATE[,STATE...]",
		"wait for ip, agent or STATE[,STATE...] (running)"},
	    {"timeout", 0, VMM_OPT_SECONDS, &how.seconds, "SEC",
		"wait at most so long (for ever)"},
	    {0}};
	const struct vmm_command command = {.name = "wait",
	    .operands = "VM...",
	    .summary = "Waits until all VMs run, have an address, ...",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_TALK,
	    .needs_operand = true,
	    .options = options};
	struct vmm_action action = {
	    .verb = "wait for", .act = wait_for, .how = &how, .looks = true};

	vmm_run_parse(&run, &command, argc, argv);
	how.for_ever = how.seconds == NO_TIMEOUT;
	if (!what)
		how.states = 1U << VIR_DOMAIN_RUNNING;
	else if (strcmp(what, "ip") == 0)
		how.ip = true;
	else if (strcmp(what, "agent") == 0)
		how.agent = true;
	else
		vmm_opt_states(&command, what, &how.states, &how.saved);
	if (vmm_run_select(&run, VMM_LOOK, VMM_SELECT_VMS,
		VMM_FACT_STATE | VMM_FACT_META) < 0)
		return vmm_run_end(&run);
	/* all at once: each waits from now on */
	action.jobs = (unsigned)run.selection.n;
	vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
