/* vmm-config: says what the configuration is, to scripts. */
#include <string.h>

#include "work/configuration.h"
#include "work/run.h"

int main(int argc, char **argv)
{
	struct vmm_run run = {0};
	bool known = false;
	const struct vmm_option options[] = {
	    {"known", 0, VMM_OPT_FLAG, &known, NULL,
		"list all settings there are: NAME, DEFAULT, HELP"},
	    {"null", '0', VMM_OPT_FLAG, &run.args.null, NULL,
		"records are raw, and end with NUL"},
	    {0}};
	const struct vmm_command command = {.name = "config",
	    .operands = "get KEY | list",
	    .summary = "Says what the configuration is.",
	    .options = options};
	const struct vmm_strv *words = &run.args.operands;

	vmm_run_parse(&run, &command, argc, argv);
	if (words->n == 2 && strcmp(words->v[0], "get") == 0 && !known)
		vmm_configuration_get(&run.args, words->v[1], &run.report);
	else if (words->n == 1 && strcmp(words->v[0], "list") == 0 && known)
		vmm_configuration_known(&run.args, &run.report);
	else if (words->n == 1 && strcmp(words->v[0], "list") == 0)
		vmm_configuration_list(&run.args, &run.report);
	else
		vmm_opt_usage(&command, "'get KEY', 'list' or 'list --known'");
	return vmm_run_end(&run);
}
