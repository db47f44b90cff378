/* run: hides in which order a command begins and ends. */
#include "work/run.h"

#include "base/interrupt.h"
#include "libvirt/trace.h"

void vmm_run_parse(struct vmm_run *run, const struct vmm_command *command,
    int argc, char **argv)
{
	vmm_opt_parse(command, argc, argv, &run->args);
	run->report.program = run->args.program;
	vmm_interrupt_catch();
}

void vmm_run_keep_first(struct vmm_run *run, struct vmm_strv *rest)
{
	struct vmm_strv *operands = &run->args.operands;

	for (size_t i = 1; i < operands->n; i++)
		vmm_strv_take(rest, TAKE_PTR(operands->v[i]));
	if (operands->n > 1)
		operands->n = 1;
}

int vmm_run_connect(struct vmm_run *run, enum vmm_access access)
{
	AUTOERR err = VMM_ERR_INIT;

	run->conn = vmm_conn_open(run->args.uri, access, &err);
	if (!run->conn)
		vmm_report_err(&run->report, &err);
	return run->conn ? 0 : -1;
}

int vmm_run_select(struct vmm_run *run, enum vmm_access access,
    enum vmm_select_mode mode, unsigned facts)
{
	if (!run->conn && vmm_run_connect(run, access) < 0)
		return -1;
	return vmm_select(
	    run->conn, &run->args, mode, facts, &run->selection, &run->report);
}

void vmm_run_each(struct vmm_run *run, const struct vmm_action *action)
{
	vmm_each(action, run->selection.vm, run->selection.n, &run->args,
	    &run->report);
}

int vmm_run_end(struct vmm_run *run)
{
	int status;

	vmm_selection_release(&run->selection);
	vmm_conn_close(run->conn);
	status = vmm_report_finish(&run->report);
	vmm_opt_release(&run->args);
	vmm_trace_end();
	vmm_interrupt_die();
	return status;
}
