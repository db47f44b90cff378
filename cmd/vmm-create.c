/* vmm-create: makes VMs by virt-manager or virt-install, and files them. */
#include "base/interrupt.h"
#include "pure/vpath.h"
#include "work/creating.h"
#include "work/labels.h"
#include "work/run.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	AUTOSTRV labels = VMM_STRV_INIT;
	struct vmm_strv none = VMM_STRV_INIT;
	AUTOFREE char *raw_folder = NULL;
	AUTOFREE char *folder = NULL;
	AUTOERR err = VMM_ERR_INIT;
	const struct vmm_option options[] = {
	    {"folder", 0, VMM_OPT_TEXT, &raw_folder, "FOLDER",
		"file what is made there"},
	    {"add-label", 0, VMM_OPT_LIST, &labels, "LABEL",
		"give it this label"},
	    {"null", '0', VMM_OPT_FLAG, &run.args.null, NULL,
		"paths are raw, and end with NUL"},
	    {0}};
	const struct vmm_command command = {.name = "create",
	    .operands = "[-- VIRT-INSTALL-OPTION...]",
	    .summary = "Makes VMs, by virt-manager or virt-install.",
	    .options = options};
	struct vmm_create how = {
	    .labels = &labels, .words = &run.args.operands};
	int made = 0, status;

	vmm_run_parse(&run, &command, argc, argv);
	if (raw_folder) {
		folder = vmm_vpath_strict(raw_folder, &err);
		if (!folder)
			vmm_opt_usage(&command, "%s", err.text);
	}
	vmm_labels_check(&labels, &none, &command);
	how.folder = folder;
	vmm_create_check(&how, &command);
	if (vmm_run_connect(&run, VMM_ACT) == 0) {
		vmm_interrupt_hold(true);
		made = vmm_create(run.conn, &how, &run.args, &run.report);
	}
	status = vmm_run_end(&run);
	return made ? made : status;
}
