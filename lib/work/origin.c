/* origin: hides where the VMs that were cloned are looked for. */
#include "work/origin.h"

#include "base/alloc.h"
#include "base/escape.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "work/tree.h"
#include "work/vmcols.h"

/* A UUID to look up, and what it turned out to be. */
struct wanted {
	struct vmm_conn *conn;
	const char *uuid;
	virDomainPtr found;
	struct vmm_err err; /* why it is not known whether there is one */
};

/* In a worker. One that is gone is told by its UUID. */
static void look_up(size_t i, void *arg)
{
	struct wanted *wanted = &((struct wanted *)arg)[i];

	wanted->found = virDomainLookupByUUIDString(
	    vmm_conn_virt(wanted->conn), wanted->uuid);
	if (!wanted->found && vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		vmm_fault(&wanted->err, vmm_conn_virt(wanted->conn));
}

/* Adds the origins that the set of SELECTION lacks. */
static int add_missing(
    struct vmm_selection *selection, struct vmm_report *report)
{
	AUTOFREE struct wanted *wanted =
	    vmm_calloc(selection->n, sizeof *wanted);
	struct vmm_index taken = VMM_INDEX_INIT;
	size_t n = 0;
	bool lost = false;

	for (size_t i = 0; i < selection->n; i++) {
		struct vmm_vm *vm = selection->vm[i];
		const char *uuid = vm->meta.origin;

		if (!uuid || vmm_set_by_uuid(&selection->set, uuid) ||
		    vmm_index_find(&taken, uuid))
			continue;
		vmm_index_add(&taken, uuid, vm);
		wanted[n++] = (struct wanted){.conn = vm->conn, .uuid = uuid};
	}
	vmm_index_release(&taken);
	if (n)
		vmm_parallel(
		    n, vmm_conn_threads(wanted[0].conn), look_up, NULL, wanted);
	for (size_t i = 0; i < n; i++) {
		struct vmm_err *err = &wanted[i].err;

		if (wanted[i].found)
			vmm_set_add(&selection->set, wanted[i].conn,
			    TAKE_PTR(wanted[i].found));
		if (err->status && !lost) {
			lost = err->status == VMM_NOCONN;
			if (!lost)
				vmm_err_prefix(err,
				    "cannot look up the origin '%s': ",
				    wanted[i].uuid);
			vmm_report_err(report, err);
		}
		vmm_err_release(err);
	}
	return lost ? -1 : 0;
}

/* Says which of the N VMs could not be read, once. */
static void report_unread(
    struct vmm_vm **vm, size_t n, struct vmm_report *report)
{
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *path = NULL;

		if (!vm[i]->err.status || vm[i]->gone)
			continue;
		path = vmm_escaped(vm[i]->path ? vm[i]->path : vm[i]->name);
		vmm_err_prefix(&vm[i]->err, "cannot read '%s': ", path);
		vmm_report_err(report, &vm[i]->err);
		vmm_err_release(&vm[i]->err);
	}
}

int vmm_origin_fetch(struct vmm_selection *selection, struct vmm_report *report)
{
	AUTOFREE struct vmm_vm **origin =
	    vmm_calloc(selection->n, sizeof(struct vmm_vm *));
	struct vmm_index taken = VMM_INDEX_INIT;
	AUTOERR err = VMM_ERR_INIT;
	size_t n = 0;

	if (!selection->whole && add_missing(selection, report) < 0)
		return -1;
	for (size_t i = 0; i < selection->n; i++) {
		const char *uuid = selection->vm[i]->meta.origin;
		struct vmm_vm *vm =
		    uuid ? vmm_set_by_uuid(&selection->set, uuid) : NULL;

		if (!vm || vmm_index_find(&taken, vm->uuid))
			continue;
		vmm_index_add(&taken, vm->uuid, vm);
		origin[n++] = vm;
	}
	vmm_index_release(&taken);
	if (vmm_set_fetch(origin, n, VMM_FACT_META, &err) < 0) {
		vmm_report_err(report, &err);
		return -1;
	}
	report_unread(origin, n, report);
	return 0;
}

const char *vmm_origin_name(const struct vmm_set *set, const struct vmm_vm *vm)
{
	const struct vmm_vm *origin =
	    vm->meta.origin ? vmm_set_by_uuid(set, vm->meta.origin) : NULL;

	return origin && !origin->gone && origin->path ? origin->path
						       : vm->meta.origin;
}

/* --- the drawing --- */

/* Makes sure that the metadata of all VMs of the host are known: any of them
 * may be a clone of one that was selected. */
static int fetch_all(struct vmm_selection *selection, struct vmm_err *err)
{
	struct vmm_set *set = &selection->set;

	if (!selection->whole &&
	    vmm_set_load(set, selection->vm[0]->conn, 0, err) < 0)
		return -1;
	selection->whole = true;
	return vmm_set_fetch(set->vm, set->n, VMM_FACT_META, err);
}

/* What is said behind the name of a clone that is drawn beneath nothing. To be
 * freed; NULL: nothing. */
static char *mark_of(const struct vmm_set *set, const struct vmm_vm *vm,
    const struct vmm_index *drawn)
{
	const char *uuid = vm->meta.origin;
	const struct vmm_vm *origin = uuid ? vmm_set_by_uuid(set, uuid) : NULL;
	AUTOFREE char *name = NULL;

	if (!uuid || vmm_index_find(drawn, uuid))
		return NULL;
	name = vmm_escaped(vmm_origin_name(set, vm));
	return vmm_sprintf(" (clone of %s%s)", name,
	    origin && !origin->gone ? "" : ", which is gone");
}

static void draw(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_buf *out)
{
	AUTOFREE struct vmm_node *node = vmm_calloc(selection->n, sizeof *node);
	struct vmm_index origins = VMM_INDEX_INIT, drawn = VMM_INDEX_INIT;
	AUTOSTRV marks = VMM_STRV_INIT;
	size_t n = 0;

	for (size_t i = 0; i < selection->set.n; i++) {
		struct vmm_vm *vm = selection->set.vm[i];

		if (vm->meta.origin)
			vmm_index_add(&origins, vm->meta.origin, vm);
	}
	for (size_t i = 0; i < selection->n; i++) {
		struct vmm_vm *vm = selection->vm[i];

		if (vm->meta.origin || vmm_index_find(&origins, vm->uuid))
			vmm_index_add(&drawn, vm->uuid, vm);
	}
	for (size_t i = 0; i < selection->n; i++) {
		const struct vmm_vm *vm = selection->vm[i];
		char *mark;

		if (!vmm_index_find(&drawn, vm->uuid))
			continue;
		mark = mark_of(&selection->set, vm, &drawn);
		if (mark)
			vmm_strv_take(&marks, mark);
		node[n++] = (struct vmm_node){.key = vm->uuid,
		    .parent = vm->meta.origin,
		    .name = vm->path,
		    .mark = mark ? mark : "",
		    .color = args->color ? vmm_state_color(vm->state) : NULL};
	}
	vmm_tree_draw(node, n, VMM_TREE_FLUSH, out);
	vmm_index_release(&origins);
	vmm_index_release(&drawn);
}

void vmm_origin_draw(struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOBUF out = VMM_BUF_INIT;

	if (!selection->n)
		return;
	if (fetch_all(selection, &err) < 0) {
		vmm_report_err(report, &err);
		return;
	}
	report_unread(selection->set.vm, selection->set.n, report);
	draw(selection, args, &out);
	vmm_report_out(report, &out);
}
