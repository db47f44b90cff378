/* each: hides jobs. */
#include "work/each.h"

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "libvirt/save.h"
#include "work/display.h"

struct task {
	struct vmm_job job;
	struct vmm_err err;
	int result;
	bool outlasted; /* it was done although an interrupt came meanwhile */
};

struct each {
	const struct vmm_action *action;
	struct vmm_vm **vm;
	struct task *task;
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

void vmm_job_line(struct vmm_job *job, const char *path, bool raw)
{
	add_text(&job->out, path, raw);
	vmm_buf_addc(&job->out, raw ? '\0' : '\n');
}

void vmm_job_record(
    struct vmm_job *job, const char *path, const char *text, bool raw)
{
	add_text(&job->out, path, raw);
	vmm_buf_addc(&job->out, '\t');
	vmm_job_line(job, text, raw);
}

void vmm_job_plan(struct vmm_job *job, const char *verb, const char *path,
    const char *to, bool raw)
{
	vmm_buf_addf(&job->out, "%s ", verb);
	if (to)
		vmm_job_record(job, path, to, raw);
	else
		vmm_job_line(job, path, raw);
}

static int plan(struct each *each, size_t i)
{
	struct task *task = &each->task[i];
	AUTOFREE char *to = NULL;
	const char *verb;

	if (each->action->plan(
		each->vm[i], each->action->how, &verb, &to, &task->err) < 0)
		return -1;
	if (verb)
		vmm_job_plan(
		    &task->job, verb, each->vm[i]->path, to, each->args->null);
	return 0;
}

static void work(size_t i, void *arg)
{
	struct each *each = arg;
	struct task *task = &each->task[i];

	if (each->args->dry_run && each->action->plan) {
		task->result = plan(each, i);
		return;
	}
	if (vmm_interrupted()) {
		task->result = vmm_err_set(
		    &task->err, VMM_FAILED, "interrupted before it began");
		return;
	}
	vmm_progress_begin(&task->job.progress);
	task->result = each->action->act(
	    each->vm[i], each->action->how, &task->job, &task->err);
	vmm_progress_end(&task->job.progress);
	task->outlasted = task->result == 0 && vmm_interrupted();
}

int vmm_job_drop_stale(
    struct vmm_job *job, struct vmm_vm *vm, struct vmm_err *err)
{
	bool dropped;

	if (vmm_save_drop_stale(vm, &dropped, err) < 0)
		return vmm_err_prefix(err,
		    "it may have an old saved state beside it, which 'vmm "
		    "fsck' would tell: ");
	if (dropped)
		vmm_buf_adds(&job->warning,
		    "had an old saved state although it was running; it was "
		    "thrown away, for restoring it would damage the disks");
	return 0;
}

static void retire(size_t i, void *arg)
{
	struct each *each = arg;
	struct task *task = &each->task[i];
	AUTOFREE char *path = vmm_escaped(each->vm[i]->path);

	if (task->result == 0 && each->args->verbose && !each->args->dry_run &&
	    !each->action->records)
		vmm_job_line(&task->job, each->vm[i]->path, each->args->null);
	vmm_report_out(each->report, &task->job.out);
	if (each->args->verbose)
		vmm_report_flush(each->report);
	if (task->job.warning.length)
		vmm_report_warning(
		    each->report, "'%s' %s", path, task->job.warning.text);
	vmm_buf_release(&task->job.warning);
	for (size_t j = 0; j < task->job.warnings.n; j++)
		vmm_report_warning(each->report, "%s", task->job.warnings.v[j]);
	vmm_strv_release(&task->job.warnings);
	for (size_t j = 0; j < task->job.notes.n && !each->args->quiet; j++)
		vmm_report_note(each->report, "%s", task->job.notes.v[j]);
	vmm_strv_release(&task->job.notes);
	if (task->result < 0) {
		vmm_err_name(&task->err, each->action->verb, path);
		vmm_report_err(each->report, &task->err);
	} else if (task->outlasted) {
		vmm_report_note(each->report,
		    "'%s' was done before the interrupt could end it", path);
	}
	vmm_err_release(&task->err);
}

/* What is shown of job I. */
static void show(size_t i, void *arg, struct vmm_shown *shown)
{
	struct each *each = arg;

	shown->name = each->vm[i]->path;
	shown->progress = vmm_progress_get(&each->task[i].job.progress);
}

void vmm_each(const struct vmm_action *action, struct vmm_vm **vm, size_t n,
    const struct vmm_args *args, struct vmm_report *report)
{
	AUTOFREE struct task *task = vmm_calloc(n, sizeof *task);
	struct each each = {action, vm, task, args, report};

	if (!args->quiet && !args->dry_run)
		report->display = vmm_display_start(n, show, &each);
	for (size_t i = 0; i < n; i++)
		task[i].job.progress.watched = report->display != NULL;
	if (!action->looks)
		vmm_interrupt_hold(true);
	vmm_parallel(
	    n, args->jobs ? args->jobs : action->jobs, work, retire, &each);
	vmm_display_end(TAKE_PTR(report->display));
}
