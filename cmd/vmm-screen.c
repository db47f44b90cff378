/* vmm-screen: prints what a menu shows. */
#include "base/escape.h"
#include "base/interrupt.h"
#include "pure/settings.h"
#include "work/line.h"
#include "work/live.h"
#include "work/run.h"

/* The first operand as it was before it was escaped. */
static void print_key(struct vmm_run *run)
{
	const char *text = run->args.operands.v[0];
	AUTOFREE char *undone = vmm_unescape(text);
	AUTOBUF out = VMM_BUF_INIT;

	vmm_buf_adds(&out, undone ? undone : text);
	vmm_report_out(&run->report, &out);
}

static void print(struct vmm_run *run, struct vmm_screen *screen)
{
	AUTOBUF out = VMM_BUF_INIT;
	AUTOERR err = VMM_ERR_INIT;

	if (vmm_screen_needs_host(screen) && vmm_run_connect(run, VMM_LOOK) < 0)
		return;
	screen->conn = run->conn;
	if (!vmm_screen_selects(screen)) {
		if (vmm_screen_write(screen, &out, &err) < 0)
			vmm_report_err(&run->report, &err);
	} else if (vmm_run_select(
		       run, VMM_LOOK, VMM_SELECT_TREE, VMM_SCREEN_FACTS) == 0) {
		vmm_screen_at(screen, &run->selection, &out);
	}
	if (!err.status)
		vmm_report_out(&run->report, &out);
}

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	struct vmm_screen screen = {0};
	AUTOFREE char *follow = NULL;
	AUTOFREE char *hold = NULL;
	AUTOFREE char *takes = vmm_screen_takes();
	bool unescape = false;
	const struct vmm_option options[] = {
	    {"follow", 0, VMM_OPT_TEXT, &follow, "FILE",
		"wait until it is other than what FILE holds"},
	    {"hold", 0, VMM_OPT_TEXT, &hold, "FILE",
		"with --follow, wait while FILE is not empty"},
	    {"unescape", 0, VMM_OPT_FLAG, &unescape, NULL,
		"print the operand, a KEY, as it was before it was escaped"},
	    {0}};
	const struct vmm_command command = {.name = "screen",
	    .operands = "SCREEN [OPERAND...]",
	    .summary = "Prints a screen of the menu, a line an entry: key, "
		       "verb, flags, label.",
	    .groups = VMM_OPTS_COLOR,
	    .options = options,
	    .takes = takes};

	vmm_run_parse(&run, &command, argc, argv);
	if (unescape && (run.args.operands.n != 1 || follow))
		vmm_opt_usage(
		    &command, "--unescape takes one KEY, and no more");
	if (unescape) {
		print_key(&run);
		return vmm_run_end(&run);
	}
	if (hold && !follow)
		vmm_opt_usage(&command, "--hold takes --follow");
	vmm_screen_take(&screen, &command, &run.args);
	screen.icons =
	    vmm_icons_choose(vmm_setting_value(&run.args.config, "menu.icons"));
	if (follow && vmm_screen_selects(&screen))
		vmm_opt_usage(&command, "this screen cannot be followed");
	if (follow) {
		vmm_interrupt_with_parent();
		vmm_live_run(&screen, follow, hold, &run.report);
	} else {
		print(&run, &screen);
	}
	return vmm_run_end(&run);
}
