/* each: hides jobs. */
#include "work/each.h"

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"
#include "base/parallel.h"

struct job {
	struct vmm_buf out;
	struct vmm_err err;
	int result;
};

struct each {
	const struct vmm_action *action;
	struct vmm_vm **vm;
	struct job *job;
	const struct vmm_args *args;
	struct vmm_report *report;
};

static void add_text(struct vmm_buf *out, const char *text, bool raw)
{
	if (raw)
		vmm_buf_adds(out, text);
	else
		vmm_escapes(out, text);
}

static int plan(const struct each *each, size_t i)
{
	struct job *job = &each->job[i];
	AUTOFREE char *to = NULL;
	const char *verb;

	if (each->action->plan(
		each->vm[i], each->action->how, &verb, &to, &job->err) < 0)
		return -1;
	if (!verb)
		return 0;
	vmm_buf_addf(&job->out, "%s ", verb);
	add_text(&job->out, each->vm[i]->path, each->args->null);
	if (to) {
		vmm_buf_addc(&job->out, '\t');
		add_text(&job->out, to, each->args->null);
	}
	vmm_buf_addc(&job->out, each->args->null ? '\0' : '\n');
	return 0;
}

static void work(size_t i, void *arg)
{
	const struct each *each = arg;
	struct job *job = &each->job[i];

	if (each->args->dry_run)
		job->result = plan(each, i);
	else if (vmm_interrupted())
		job->result = vmm_err_set(
		    &job->err, VMM_FAILED, "interrupted before it began");
	else
		job->result = each->action->act(
		    each->vm[i], each->action->how, &job->out, &job->err);
}

static void retire(size_t i, void *arg)
{
	const struct each *each = arg;
	struct job *job = &each->job[i];

	if (job->result == 0 && each->args->verbose && !each->args->dry_run) {
		add_text(&job->out, each->vm[i]->path, each->args->null);
		vmm_buf_addc(&job->out, each->args->null ? '\0' : '\n');
	}
	vmm_report_out(each->report, &job->out);
	if (each->args->verbose)
		vmm_report_flush(each->report);
	if (job->result < 0) {
		AUTOFREE char *path = vmm_escaped(each->vm[i]->path);

		vmm_err_prefix(
		    &job->err, "cannot %s '%s': ", each->action->verb, path);
		vmm_report_err(each->report, &job->err);
	}
	vmm_err_release(&job->err);
}

void vmm_each(const struct vmm_action *action, struct vmm_vm **vm, size_t n,
    const struct vmm_args *args, struct vmm_report *report)
{
	AUTOFREE struct job *job = vmm_calloc(n, sizeof *job);
	struct each each = {action, vm, job, args, report};

	vmm_interrupt_hold();
	vmm_parallel(
	    n, args->jobs ? args->jobs : action->jobs, work, retire, &each);
}
