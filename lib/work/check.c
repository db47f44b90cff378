/* check: hides how a problem is printed. */
#include "work/check.h"

#include "base/alloc.h"
#include "base/escape.h"
#include "libvirt/save.h"
#include "storage/unfinished.h"

int vmm_check_vm(struct vmm_check *check, struct vmm_vm *vm,
    struct vmm_buf *out, struct vmm_err *err)
{
	static const struct vmm_meta_change repair = {.repair = true};
	AUTOSTRV problems = VMM_STRV_INIT, unfinished = VMM_STRV_INIT;
	bool stale = vm->saved && vm->state == VIR_DOMAIN_RUNNING;
	size_t of_meta;

	if (vmm_meta_problems(vm, &problems, err) < 0)
		return -1;
	of_meta = problems.n;
	vmm_unfinished_list(vm, &unfinished);
	for (size_t i = 0; i < unfinished.n; i++)
		vmm_strv_take(&problems,
		    vmm_sprintf("its snapshot '%s' was cut short, and may take "
				"space in its disks",
			unfinished.v[i]));
	if (stale)
		vmm_strv_take(&problems,
		    vmm_strdup("it runs, but has a saved state: to restore "
			       "that would damage its disks"));
	if (!problems.n)
		return 0;
	for (size_t i = 0; i < problems.n; i++) {
		if (check->raw)
			vmm_buf_adds(out, vm->path);
		else
			vmm_escapes(out, vm->path);
		vmm_buf_addc(out, '\t');
		vmm_escape_message(out, problems.v[i]);
		vmm_buf_addc(out, check->raw ? '\0' : '\n');
	}
	if (check->repair && of_meta && vmm_meta_change(vm, &repair, err) < 0)
		return -1;
	for (size_t i = 0; check->repair && i < unfinished.n; i++)
		if (vmm_unfinished_undo(vm, unfinished.v[i], err) < 0)
			return -1;
	if (check->repair)
		return vmm_save_drop_stale(vm, &stale, err);
	__atomic_fetch_add(&check->problems, 1, __ATOMIC_RELAXED);
	return 0;
}
