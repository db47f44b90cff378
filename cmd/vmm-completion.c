/* vmm-completion: says how a command line could go on, to shells. It needs no
 * libvirt, whose loading takes longer than all it does: what only a host can
 * say, work/asking has another program say. */
#include "base/alloc.h"
#include "base/escape.h"
#include "pure/bash.h"
#include "work/completing.h"
#include "work/report.h"

static void print_words(
    const struct vmm_completion *completion, struct vmm_buf *out)
{
	for (size_t i = 0; i < completion->found.n; i++) {
		vmm_buf_adds(out, completion->kept);
		vmm_buf_adds(out, completion->found.v[i].word);
		vmm_buf_addc(out, '\t');
		vmm_escapes(out, completion->found.v[i].help);
		vmm_buf_addc(out, '\n');
	}
}

static void print_bash(const struct vmm_completion *completion,
    const struct vmm_bash_line *line, struct vmm_buf *out)
{
	for (size_t i = 0; i < completion->found.n; i++) {
		AUTOFREE char *word = vmm_sprintf(
		    "%s%s", completion->kept, completion->found.v[i].word);

		vmm_bash_quote(out, word + line->stays, line->quote);
		vmm_buf_addc(out, '\n');
	}
}

static void complete(
    const struct vmm_args *args, const char *breaks, struct vmm_buf *out)
{
	CLEANUP(vmm_completion_release) struct vmm_completion completion = {0};
	CLEANUP(vmm_bash_release) struct vmm_bash_line line = {0};

	if (breaks)
		vmm_bash_read(&line, args->operands.v[0], breaks);
	vmm_complete(breaks ? &line.words : &args->operands, args, &completion);
	if (breaks)
		print_bash(&completion, &line, out);
	else
		print_words(&completion, out);
	if (completion.files)
		vmm_buf_adds(out, "\tfiles\n");
}

int main(int argc, char **argv)
{
	struct vmm_args args = {0};
	struct vmm_report report = {0};
	AUTOFREE char *breaks = NULL;
	AUTOBUF out = VMM_BUF_INIT;
	const struct vmm_option options[] = {
	    {"bash", 0, VMM_OPT_TEXT, &breaks, "BREAKS",
		"the operand is a line of bash, and so are the answers"},
	    {0}};
	const struct vmm_command command = {.name = "completion",
	    .operands = "WORD...",
	    .summary = "Prints what the last WORD of a command line could be, "
		       "for shells.",
	    .options = options,
	    .takes = ""};
	int status;

	vmm_opt_parse(&command, argc, argv, &args);
	report.program = args.program;
	if (!args.operands.n || (breaks && args.operands.n > 1))
		vmm_opt_usage(&command,
		    breaks ? "--bash takes one line" : "which words?");
	complete(&args, breaks, &out);
	vmm_report_out(&report, &out);
	status = vmm_report_finish(&report);
	vmm_opt_release(&args);
	return status;
}
