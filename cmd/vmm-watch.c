/* vmm-watch: prints what VMs go through. */
#include "work/run.h"
#include "work/watching.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_watching watching = {0};
	AUTOLISTENER *listener = NULL;
	AUTOERR err = VMM_ERR_INIT;
	const struct vmm_option options[] = {
	    {"json", 0, VMM_OPT_FLAG, &watching.json, NULL,
		"a JSON object a line"},
	    {0}};
	const struct vmm_command command = {.name = "watch",
	    .operands = "[FOLDER|VM]...",
	    .summary = "Prints what VMs go through, a line an event; without "
		       "operands of all VMs.",
	    .groups = VMM_OPTS_SELECT,
	    .options = options};

	vmm_run_parse(&run, &command, argc, argv);
	watching.all = !run.args.operands.n && !run.args.labels.n &&
		       !run.args.no_labels.n && !run.args.states &&
		       !run.args.saved;
	if (vmm_run_connect(&run, VMM_LOOK) < 0)
		return vmm_run_end(&run);
	/* listens first, looks second: nothing that happens is missed */
	listener = vmm_conn_listen(run.conn, NULL, VMM_EVENT_ALL, &err);
	if (!listener)
		vmm_report_err(&run.report, &err);
	else if (vmm_run_select(
		     &run, VMM_LOOK, VMM_SELECT_TREE, VMM_FACT_META) == 0 &&
		 (watching.all || run.selection.n))
		vmm_watching_run(&watching, run.conn, listener, &run.selection,
		    &run.args, &run.report);
	vmm_listener_closep(&listener);
	listener = NULL;
	return vmm_run_end(&run);
}
