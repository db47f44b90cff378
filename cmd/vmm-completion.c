/* vmm-completion: says how a command line could go on, to shells. */
#include "base/deadline.h"
#include "base/escape.h"
#include "pure/bash.h"
#include "work/completing.h"
#include "work/report.h"

/* Milliseconds. Who has pressed a key waits no longer; a far host takes more,
 * and who has one may say so. */
static int patience(void)
{
	const char *text = getenv("VMM_COMPLETION_TIMEOUT");
	long said = text ? strtol(text, NULL, 10) : 0;

	return said > 0 && said <= 60000 ? (int)said : 1000;
}

static void print_words(
    const struct vmm_candidates *candidates, struct vmm_buf *out)
{
	for (size_t i = 0; i < candidates->word.n; i++) {
		vmm_buf_adds(out, candidates->word.v[i]);
		vmm_buf_addc(out, '\t');
		vmm_escapes(out, candidates->help.v[i]);
		vmm_buf_addc(out, '\n');
	}
}

static void print_bash(const struct vmm_candidates *candidates,
    const struct vmm_bash_line *line, struct vmm_buf *out)
{
	for (size_t i = 0; i < candidates->word.n; i++) {
		vmm_bash_quote(
		    out, candidates->word.v[i] + line->stays, line->quote);
		vmm_buf_addc(out, '\n');
	}
}

static void complete(
    const struct vmm_args *args, const char *breaks, struct vmm_buf *out)
{
	CLEANUP(vmm_candidates_release) struct vmm_candidates candidates = {0};
	CLEANUP(vmm_bash_release) struct vmm_bash_line line = {0};

	if (breaks)
		vmm_bash_read(&line, args->operands.v[0], breaks);
	vmm_complete(breaks ? &line.words : &args->operands, args, &candidates);
	if (breaks)
		print_bash(&candidates, &line, out);
	else
		print_words(&candidates, out);
	if (candidates.files)
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
	if (vmm_deadline_fork(patience(), &out))
		complete(&args, breaks, &out);
	vmm_report_out(&report, &out);
	status = vmm_report_finish(&report);
	vmm_opt_release(&args);
	return status;
}
