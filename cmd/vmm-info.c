/* vmm-info: says everything worth knowing of a VM. */
#include "work/run.h"
#include "work/vminfo.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	bool json = false;
	const struct vmm_option options[] = {
	    {"json", 0, VMM_OPT_FLAG, &json, NULL, "a JSON object a line"},
	    {0}};
	const struct vmm_command command = {.name = "info",
	    .operands = "VM...",
	    .summary = "Says everything worth knowing of VMs.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_RECURSE,
	    .needs_operand = true,
	    .options = options};

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_run_select(&run, VMM_LOOK, VMM_SELECT_VMS, VMM_VMINFO_FACTS) ==
	    0)
		vmm_vminfo_print(&run.selection, json, &run.report);
	return vmm_run_end(&run);
}
