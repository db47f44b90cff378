/* host-words: says to vmm-completion what a host has: KIND, how the word
 * begins, and the VMs that the line names. It is no command: nobody types it.
 */
#include "work/offering.h"
#include "work/report.h"

/* Both raw, each with its NUL. */
static void print(struct vmm_report *report, const struct vmm_candidates *words)
{
	AUTOBUF out = VMM_BUF_INIT;

	for (size_t i = 0; i < words->n; i++) {
		vmm_buf_adds(&out, words->v[i].word);
		vmm_buf_addc(&out, '\0');
		vmm_buf_adds(&out, words->v[i].help);
		vmm_buf_addc(&out, '\0');
	}
	vmm_report_out(report, &out);
}

int main(int argc, char **argv)
{
	struct vmm_args args = {0};
	struct vmm_report report = {0};
	struct vmm_candidates words = {0};
	const struct vmm_command command = {.name = "host-words",
	    .operands = "KIND WORD [VM...]",
	    .summary = "Says to vmm-completion what a host has.",
	    .groups = VMM_OPTS_RECURSE};
	struct vmm_args named;
	int status;

	vmm_opt_parse(&command, argc, argv, &args);
	report.program = args.program;
	if (args.operands.n < 2)
		vmm_opt_usage(&command, "which kind, and which word?");
	words.begin = args.operands.v[1];
	named = args;
	named.operands.v += 2;
	named.operands.n -= 2;
	vmm_offer(&named, args.operands.v[0], &words);
	print(&report, &words);
	vmm_candidates_release(&words);
	status = vmm_report_finish(&report);
	vmm_opt_release(&args);
	return status;
}
