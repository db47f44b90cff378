/* vmm-config: says what the configuration is, to scripts. It does not run (see
 * work/run.h) and so needs no libvirt, whose loading takes longer than all it
 * does. */
#include <string.h>

#include "work/configuration.h"
#include "work/opt.h"

int main(int argc, char **argv)
{
	struct vmm_args args = {0};
	struct vmm_report report = {0};
	int status;
	bool known = false;
	const struct vmm_option options[] = {
	    {"known", 0, VMM_OPT_FLAG, &known, NULL,
		"list all settings there are: NAME, DEFAULT, HELP"},
	    {"null", '0', VMM_OPT_FLAG, &args.null, NULL,
		"records are raw, and end with NUL"},
	    {0}};
	const struct vmm_command command = {.name = "config",
	    .operands = "get KEY | list",
	    .summary = "Says what the configuration is.",
	    .options = options};
	const struct vmm_strv *words = &args.operands;

	vmm_opt_parse(&command, argc, argv, &args);
	report.program = args.program;
	if (words->n == 2 && strcmp(words->v[0], "get") == 0 && !known)
		vmm_configuration_get(&args, words->v[1], &report);
	else if (words->n == 1 && strcmp(words->v[0], "list") == 0 && known)
		vmm_configuration_known(&args, &report);
	else if (words->n == 1 && strcmp(words->v[0], "list") == 0)
		vmm_configuration_list(&args, &report);
	else
		vmm_opt_usage(&command, "'get KEY', 'list' or 'list --known'");
	status = vmm_report_finish(&report);
	vmm_opt_release(&args);
	return status;
}
