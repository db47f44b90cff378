/* check: hides how a problem is printed. */
#include "work/check.h"

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"
#include "libvirt/save.h"
#include "storage/health.h"
#include "storage/unfinished.h"

static void print(const struct vmm_check *check, const char *what,
    const char *problem, struct vmm_buf *out)
{
	if (check->raw)
		vmm_buf_adds(out, what);
	else
		vmm_escapes(out, what);
	vmm_buf_addc(out, '\t');
	vmm_escape_message(out, problem);
	vmm_buf_addc(out, check->raw ? '\0' : '\n');
}

static void count(struct vmm_check *check, unsigned problems)
{
	__atomic_fetch_add(&check->problems, problems, __ATOMIC_RELAXED);
}

void vmm_check_storage(
    struct vmm_check *check, struct vmm_conn *conn, struct vmm_report *report)
{
	AUTOERR err = VMM_ERR_INIT;

	check->guard = vmm_guard_read(conn, VMM_DOUBT_FORCED, &err);
	if (!check->guard)
		vmm_report_err(report, &err);
	vmm_check_unread(check, report);
}

void vmm_check_unread(struct vmm_check *check, struct vmm_report *report)
{
	const struct vmm_strv *unread =
	    check->guard ? vmm_guard_unread(check->guard) : NULL;

	for (; unread && check->warned < unread->n; check->warned++)
		vmm_report_warning(report, "%s", unread->v[check->warned]);
	if (unread && vmm_guard_failed(check->guard))
		vmm_report_count(report, VMM_FAILED);
}

/* What there is of one VM. */
struct findings {
	struct vmm_strv problems;
	size_t of_meta;             /* how many of them are the metadata's */
	size_t lasting;             /* how many nothing can mend */
	struct vmm_strv unfinished; /* snapshots */
	struct vmm_exposed exposed;
	bool stale;
};

static void findings_release(struct findings *found)
{
	vmm_strv_release(&found->problems);
	vmm_strv_release(&found->unfinished);
	vmm_exposed_release(&found->exposed);
}

static int find(const struct vmm_check *check, struct vmm_vm *vm,
    struct findings *found, struct vmm_err *err)
{
	size_t before;

	if (vmm_meta_problems(vm, &found->problems, err) < 0)
		return -1;
	found->of_meta = found->problems.n;
	if (vmm_unfinished_list(vm, &found->unfinished, err) < 0)
		return -1;
	for (size_t i = 0; i < found->unfinished.n; i++)
		vmm_strv_take(&found->problems,
		    vmm_sprintf("its snapshot '%s' was cut short, and may take "
				"space in its disks",
			found->unfinished.v[i]));
	found->stale = vm->saved && vm->state == VIR_DOMAIN_RUNNING;
	if (found->stale)
		vmm_strv_take(&found->problems,
		    vmm_strdup("it runs, but has a saved state: to restore "
			       "that would damage its disks"));
	before = found->problems.n;
	if (check->guard && vmm_health_look(check->guard, vm, &found->problems,
				&found->exposed, err) < 0)
		return -1;
	found->lasting = found->problems.n - before - found->exposed.n -
			 found->exposed.strays;
	return 0;
}

static int mend(
    struct vmm_vm *vm, const struct findings *found, struct vmm_err *err)
{
	static const struct vmm_meta_change repair = {.repair = true};
	bool stale;

	if (found->of_meta && vmm_meta_change(vm, &repair, err) < 0)
		return -1;
	for (size_t i = 0; i < found->unfinished.n; i++)
		if (vmm_unfinished_undo(vm, found->unfinished.v[i], err) < 0)
			return -1;
	if (found->stale && vmm_save_drop_stale(vm, &stale, err) < 0)
		return -1;
	return vmm_health_mend(vm, &found->exposed, err);
}

int vmm_check_vm(struct vmm_check *check, struct vmm_vm *vm,
    struct vmm_buf *out, struct vmm_err *err)
{
	CLEANUP(findings_release) struct findings found = {0};

	if (find(check, vm, &found, err) < 0)
		return -1;
	for (size_t i = 0; i < found.problems.n; i++)
		print(check, vm->path, found.problems.v[i], out);
	if (!found.problems.n)
		return 0;
	count(check, check->repair ? (unsigned)found.lasting
				   : (unsigned)found.problems.n);
	return check->repair ? mend(vm, &found, err) : 0;
}

/* Who needs what is known only where all was read. */
static bool may_free(struct vmm_check *check, const struct vmm_idle *idle,
    bool *told, struct vmm_report *report)
{
	if (!check->repair || !idle->note)
		return false;
	if (!vmm_guard_unread(check->guard)->n)
		return true;
	if (!*told)
		vmm_report_warning(report,
		    "no file is freed, for not everything could be read");
	*told = true;
	return false;
}

static int free_idle(struct vmm_check *check, struct vmm_conn *conn,
    const struct vmm_idle *idle, struct vmm_err *err)
{
	int freed = vmm_idle_free(check->guard, conn, idle, err);

	if (freed < 0)
		return vmm_err_prefix(err, "cannot free '%s': ", idle->path);
	count(check, !freed);
	return 0;
}

void vmm_check_files(
    struct vmm_check *check, struct vmm_conn *conn, struct vmm_report *report)
{
	CLEANUP(vmm_idles_release) struct vmm_idles idles = {0};
	AUTOERR err = VMM_ERR_INIT;
	bool told = false;

	if (vmm_health_idles(check->guard, conn, check->repair, &idles, &err) <
	    0)
		vmm_report_err(report, &err);
	for (size_t i = 0; i < idles.n && !vmm_interrupted(); i++) {
		AUTOBUF out = VMM_BUF_INIT;
		AUTOERR why = VMM_ERR_INIT;

		print(check, idles.idle[i].path, idles.idle[i].problem, &out);
		vmm_report_out(report, &out);
		if (!may_free(check, &idles.idle[i], &told, report))
			count(check, 1);
		else if (free_idle(check, conn, &idles.idle[i], &why) < 0)
			vmm_report_err(report, &why);
	}
}
