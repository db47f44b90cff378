/* vmm-ip: prints the addresses of VMs. */
#include "libvirt/address.h"
#include "work/run.h"

struct how {
	bool first, alone, raw;
};

static int print_addresses(struct vmm_vm *vm, const void *data,
    struct vmm_job *job, struct vmm_err *err)
{
	const struct how *how = data;
	AUTOSTRV addresses = VMM_STRV_INIT;
	struct vmm_call *question = NULL;
	int result;

	if (!vmm_state_is_active(vm->state))
		return vmm_err_set(
		    err, VMM_FAILED, "it is off; 'vmm start' boots it");
	result = vmm_addresses(vm, &question, &addresses, err);
	vmm_addresses_end(question);
	if (result < 0)
		return -1;
	if (!addresses.n)
		return vmm_err_set(err, VMM_FAILED,
		    "none is known to libvirt's DHCP server, a guest agent or "
		    "the ARP table; 'vmm wait --for=ip' waits for one");
	for (size_t i = 0; i < (how->first ? 1 : addresses.n); i++) {
		if (!how->alone) {
			vmm_job_record(job, vm->path, addresses.v[i], how->raw);
			continue;
		}
		vmm_buf_adds(&job->out, addresses.v[i]);
		vmm_buf_addc(&job->out, how->raw ? '\0' : '\n');
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct how how = {0};
	const struct vmm_option options[] = {
	    {"first", '1', VMM_OPT_FLAG, &how.first, NULL,
		"only the best address of each VM"},
	    {0}};
	const struct vmm_command command = {.name = "ip",
	    .operands = "VM...",
	    .summary = "Prints the network addresses of VMs.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE | VMM_OPTS_JOBS,
	    .needs_operand = true,
	    .options = options};
	const struct vmm_action action = {.verb = "tell an address of",
	    .act = print_addresses,
	    .how = &how,
	    .jobs = 16,
	    .looks = true};

	vmm_run_parse(&run, &command, argc, argv);
	how.raw = run.args.null;
	if (vmm_run_select(&run, VMM_LOOK, VMM_SELECT_VMS,
		VMM_FACT_STATE | VMM_FACT_META) < 0)
		return vmm_run_end(&run);
	how.alone = run.selection.n == 1;
	vmm_run_each(&run, &action);
	return vmm_run_end(&run);
}
