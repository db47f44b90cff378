/* vmm-start: boots VMs, or restores their saved state. */
#include "libvirt/power.h"
#include "libvirt/wait.h"
#include "work/run.h"

struct how {
	struct vmm_start start;
	bool waits;
	struct vmm_wait wait;
};

static int start(struct vmm_vm *vm, const void *data, struct vmm_job *job,
    struct vmm_err *err)
{
	const struct how *how = data;

	if (vmm_power_start(vm, &how->start, err) < 0)
		return -1;
	if (vmm_job_drop_stale(job, vm, err) < 0)
		return vmm_err_after(err, "%s", "");
	return how->waits ? vmm_wait_for(vm, &how->wait, err) : 0;
}

static int plan(struct vmm_vm *vm, const void *data, const char **verb,
    char **to, struct vmm_err *err)
{
	const struct how *how = data;

	(void)to;
	return vmm_power_start_plan(vm, &how->start, verb, err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct how how = {
	    .wait = {.ip = true, .agent = true, .up = true, .seconds = 120}};
	const struct vmm_option options[] = {
	    {"paused", 0, VMM_OPT_FLAG, &how.start.paused, NULL,
		"stop before the first instruction"},
	    {"fresh", 0, VMM_OPT_FLAG, &how.start.fresh, NULL,
		"throw a saved state away and boot"},
	    {"wait", 0, VMM_OPT_FLAG, &how.waits, NULL,
		"wait until the guest is up"},
	    {"timeout", 0, VMM_OPT_SECONDS, &how.wait.seconds, "SEC",
		"wait at most so long (120)"},
	    {0}};
	const struct vmm_command command = {.name = "start",
	    .operands = "VM...",
	    .summary = "Boots VMs, or restores their saved state; paused ones "
		       "go on, sleeping ones wake.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_ACT,
	    .needs_operand = true,
	    .options = options};
	struct vmm_action action = {.verb = "start",
	    .plan = plan,
	    .act = start,
	    .how = &how,
	    .jobs = 8};
	unsigned facts = VMM_FACT_STATE;

	vmm_run_parse(&run, &command, argc, argv);
	if (how.waits && how.start.paused)
		vmm_opt_usage(&command,
		    "--wait would never end: a VM that starts --paused does "
		    "not come up");
	if (how.waits)
		action.jobs = 64; /* they wait, mostly */
	if (run.args.dry_run)
		facts |= VMM_FACT_SAVED;
	if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, facts) == 0)
		vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
