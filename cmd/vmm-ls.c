/* vmm-ls: lists VMs and folders. */
#include "base/alloc.h"
#include "work/listing.h"
#include "work/run.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	CLEANUP(vmm_listing_release) struct vmm_listing listing = {0};
	const struct vmm_option options[] = {
	    {"recursive", 'R', VMM_OPT_FLAG, &listing.recursive, NULL,
		"all VMs below a folder, and no folders"},
	    {"long", 'l', VMM_OPT_FLAG, &listing.aligned, NULL,
		"a table for people"},
	    {"output", 'o', VMM_OPT_TEXT, &listing.output, "COL[,COL...]",
		"these columns, tab-separated"},
	    {"sort", 0, VMM_OPT_TEXT, &listing.sort, "COL",
		"sort all lines by this column"},
	    {"clones-of", 0, VMM_OPT_TEXT, &listing.clones_of, "VM",
		"only linked clones of this VM, and no folders"},
	    {"json", 0, VMM_OPT_FLAG, &listing.json, NULL,
		"a JSON object a line"},
	    {0}};
	const struct vmm_command command = {.name = "ls",
	    .operands = "[FOLDER|VM]...",
	    .summary = "Lists VMs and folders; without operands what is in "
		       "the folder /.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_COLOR,
	    .options = options,
	    .table = &vmm_vmcols};

	vmm_run_parse(&run, &command, argc, argv);
	vmm_listing_check(&listing, &command, &run.args);
	vmm_alloc_lean(); /* thousands of VMs, and hardly any work */
	if (vmm_run_connect(&run, VMM_LOOK) == 0 &&
	    vmm_listing_narrow(&listing, run.conn, &run.args, &run.report) ==
		0 &&
	    vmm_run_select(&run, VMM_LOOK, VMM_SELECT_TREE,
		vmm_listing_facts(&listing, &run.args)) == 0)
		vmm_listing_print(
		    &listing, &run.selection, &run.args, &run.report);
	return vmm_run_end(&run);
}
