/* vmm-console: opens the serial console of a VM. */
#include "base/escape.h"
#include "work/consoling.h"
#include "work/run.h"

static void console(struct vmm_run *run, struct vmm_console *how)
{
	struct vmm_vm *vm = run->selection.vm[0];
	AUTOFREE char *path = vmm_escaped(vm->path);
	AUTOERR err = VMM_ERR_INIT;
	bool off = false, opened = vmm_console_open(vm, how, &err) == 0;

	if (opened) {
		if (!run->args.quiet)
			vmm_report_note(&run->report,
			    "this is the console of '%s'; Ctrl-] leaves", path);
		if (vmm_console_run(vm, how, &off, &err) == 0) {
			if (off && !run->args.quiet)
				vmm_report_note(
				    &run->report, "'%s' went off", path);
			return;
		}
	}
	vmm_err_prefix(&err,
	    "%s the console of '%s': ", opened ? "lost" : "cannot open", path);
	vmm_report_err(&run->report, &err);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_console how = {0};
	AUTOFREE char *device = NULL;
	AUTOERR err = VMM_ERR_INIT;
	const struct vmm_option options[] = {
	    {"device", 0, VMM_OPT_TEXT, &device, "ALIAS",
		"another one than the first, as serial1"},
	    {"force", 0, VMM_OPT_FLAG, &how.force, NULL,
		"take it over from whoever has it"},
	    {"start", 0, VMM_OPT_FLAG, &how.start, NULL,
		"start a VM that is off, and miss nothing"},
	    {0}};
	const struct vmm_command command = {.name = "console",
	    .operands = "VM",
	    .summary = "Opens the serial console of a VM; Ctrl-] leaves it.",
	    .groups = VMM_OPTS_SELECT | VMM_OPTS_TALK,
	    .options = options};

	vmm_run_parse(&run, &command, argc, argv);
	how.device = device;
	if (run.args.operands.n != 1)
		vmm_opt_usage(&command, "the console of which VM?");
	if (vmm_console_check(&err) < 0)
		vmm_report_err(&run.report, &err);
	else if (vmm_run_select(&run, VMM_ACT, VMM_SELECT_VMS, VMM_FACT_STATE) <
		 0)
		;
	else if (run.selection.n > 1)
		vmm_report_failure(&run.report, VMM_FAILED,
		    "'%s' is %zu VMs; one console at a time is opened",
		    run.args.operands.v[0], run.selection.n);
	else if (run.selection.n)
		console(&run, &how);
	return vmm_run_end(&run);
}
