/* vmm-tree: draws folders and the VMs in them, or clones. */
#include "work/origin.h"
#include "work/run.h"
#include "work/tree.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	bool clones = false;
	const struct vmm_option options[] = {
	    {"clones", 0, VMM_OPT_FLAG, &clones, NULL,
		"which VM is a linked clone of which"},
	    {0}};
	const struct vmm_command command = {.name = "tree",
	    .operands = "[FOLDER|VM]...",
	    .summary = "Draws folders and the VMs in them.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_COLOR,
	    .options = options};

	vmm_run_parse(&run, &command, argc, argv);
	if (vmm_run_select(&run, VMM_LOOK, VMM_SELECT_TREE,
		run.args.color ? VMM_FACT_STATE : 0) < 0)
		return vmm_run_end(&run);
	if (clones)
		vmm_origin_draw(&run.selection, &run.args, &run.report);
	else
		vmm_tree_print(&run.selection, &run.args, &run.report);
	return vmm_run_end(&run);
}
