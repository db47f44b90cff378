/* moving: hides what a target means for VMs and for folders. */
#include "work/moving.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "libvirt/fault.h"
#include "pure/vpath.h"
#include "work/operand.h"

void vmm_target_take(struct vmm_target *target, struct vmm_args *args,
    const struct vmm_command *command)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *undone = NULL;
	size_t length;

	if (args->operands.n < 2)
		vmm_opt_usage(command, "what is to be moved, and to which "
				       "folder?");
	target->raw = args->operands.v[--args->operands.n];
	args->operands.v[args->operands.n] = NULL;
	length = strlen(target->raw);
	if (!strchr(target->raw, '/'))
		vmm_opt_usage(command,
		    "'%s' is no folder: a folder holds a slash, as in '/%s'; "
		    "'vmm rename' gives a VM another name",
		    target->raw, target->raw);
	if (vmm_operand_is_reserved(target->raw, &err))
		vmm_opt_usage(command, "%s", err.text);
	/* as ls prints it; a folder that is new has no other spelling */
	undone = vmm_unescape(target->raw);
	if (undone) {
		free(target->raw);
		target->raw = TAKE_PTR(undone);
		length = strlen(target->raw);
	}
	target->inside = target->raw[length - 1] == '/';
	target->folder = vmm_vpath_strict(target->raw, &err);
	if (!target->folder)
		vmm_opt_usage(command, "%s", err.text);
}

void vmm_target_release(struct vmm_target *target)
{
	free(target->raw);
	free(target->folder);
}

/* A VM's path as the target: most likely a new name was meant. */
static int refuse_vm(
    const struct vmm_target *target, struct vmm_conn *conn, struct vmm_err *err)
{
	const char *name = strrchr(target->raw, '/') + 1;
	AUTOSET set = VMM_SET_INIT;
	virDomainPtr domain;
	struct vmm_vm *vm;

	if (target->inside)
		return 0;
	domain = virDomainLookupByName(vmm_conn_virt(conn), name);
	if (!domain && vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		return vmm_fault(err, vmm_conn_virt(conn));
	if (!domain)
		return 0;
	vm = vmm_set_add(&set, conn, domain);
	if (vmm_set_fetch(&vm, 1, VMM_FACT_META, err) < 0)
		return -1;
	if (vm->err.status && !vm->gone) {
		vmm_err_move(err, &vm->err);
		return -1;
	}
	if (!vm->path || strcmp(vm->path, target->folder) != 0)
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "'%s' is a VM; 'vmm rename' gives a VM another name, and '%s/' "
	    "is the folder",
	    target->folder, target->folder);
}

static void add(struct vmm_moves *moves, const struct vmm_vm *vm, char *folder)
{
	vmm_strv_take(&moves->texts, folder);
	vmm_index_add(&moves->folders, vm->uuid, folder);
}

/* The folder that becomes of the folder SOURCE, to be freed. */
static char *new_base(const struct vmm_target *target, const char *source)
{
	const char *name = strrchr(source, '/') + 1;

	return target->inside && *name ? vmm_vpath_join(target->folder, name)
				       : vmm_strdup(target->folder);
}

static int plan_folder(struct vmm_moves *moves, const struct vmm_group *group,
    const struct vmm_target *target, struct vmm_err *err)
{
	AUTOFREE char *base = new_base(target, group->folder);
	size_t length = group->folder[1] ? strlen(group->folder) : 0;

	if (vmm_vpath_within(base, group->folder) &&
	    strcmp(base, group->folder) != 0)
		return vmm_err_set(err, VMM_FAILED,
		    "cannot move the folder '%s' into itself", group->folder);
	for (size_t i = 0; i < group->n; i++) {
		AUTOFREE char *both = vmm_sprintf(
		    "%s%s", base, group->vm[i]->meta.folder + length);

		AUTOFREE char *folder = vmm_vpath_strict(both, err);

		if (!folder) {
			err->status = VMM_FAILED;
			return vmm_err_append(
			    err, "; 'vmm fsck --repair' mends what is there");
		}
		/* a second run would move it once more */
		if (vmm_vpath_within(folder, group->folder) &&
		    strcmp(base, group->folder) != 0)
			return vmm_err_set(err, VMM_FAILED,
			    "'%s' would get a path in '%s' again; move its "
			    "folder by itself first",
			    group->vm[i]->path, group->folder);
		add(moves, group->vm[i], TAKE_PTR(folder));
	}
	return 0;
}

int vmm_moves_plan(struct vmm_moves *moves,
    const struct vmm_selection *selection, const struct vmm_target *target,
    struct vmm_conn *conn, struct vmm_report *report)
{
	AUTOERR err = VMM_ERR_INIT;
	int result = refuse_vm(target, conn, &err);

	for (size_t i = 0; i < selection->groups && result == 0; i++) {
		const struct vmm_group *group = &selection->group[i];

		if (group->folder)
			result = plan_folder(moves, group, target, &err);
		for (size_t j = 0; j < group->n && !group->folder; j++)
			add(moves, group->vm[j], vmm_strdup(target->folder));
	}
	if (result < 0)
		vmm_report_err(report, &err);
	return result;
}

const char *vmm_moves_folder(
    const struct vmm_moves *moves, const struct vmm_vm *vm)
{
	return vmm_index_find(&moves->folders, vm->uuid);
}

void vmm_moves_release(struct vmm_moves *moves)
{
	vmm_index_release(&moves->folders);
	vmm_strv_release(&moves->texts);
}
