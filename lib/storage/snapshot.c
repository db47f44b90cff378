/* snapshot: hides libvirt's snapshot calls, their order, and what they forget:
 * folder and labels, saved states, and who else needs a file. */
#include "storage/snapshot.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"
#include "libvirt/follow.h"
#include "libvirt/lock.h"
#include "libvirt/meta.h"
#include "libvirt/power.h"
#include "pure/metaxml.h"
#include "storage/chain.h"
#include "storage/unfinished.h"

DEFINE_CLEANUP(virDomainSnapshotPtr, virDomainSnapshotFree)
#define AUTOSNAP CLEANUP(virDomainSnapshotFreep) virDomainSnapshotPtr

/* A long call that needs more than a VM and flags. */
struct order {
	char *text; /* XML, or the name of a snapshot */
	unsigned flags;
	int code; /* libvirt's, of its failure */
	/* released last of all, for that erases libvirt's error */
	virDomainSnapshotPtr snapshot;
};

static void order_free(void *data)
{
	struct order *order = data;

	virDomainSnapshotFreep(&order->snapshot);
	free(order->text);
	free(order);
}

static struct order *order_new(const char *text, unsigned flags)
{
	struct order *order = vmm_calloc(1, sizeof *order);

	order->text = vmm_strdup(text);
	order->flags = flags;
	return order;
}

static int create(virDomainPtr domain, void *data)
{
	struct order *order = data;
	virDomainSnapshotPtr snapshot =
	    virDomainSnapshotCreateXML(domain, order->text, order->flags);

	if (!snapshot)
		return -1;
	virDomainSnapshotFree(snapshot);
	return 0;
}

static int revert(virDomainPtr domain, void *data)
{
	struct order *order = data;

	order->snapshot = virDomainSnapshotLookupByName(domain, order->text, 0);
	if (order->snapshot &&
	    virDomainRevertToSnapshot(order->snapshot, order->flags) == 0)
		return 0;
	order->code = vmm_fault_code();
	return -1;
}

static int delete_one(virDomainPtr domain, void *data)
{
	struct order *order = data;

	order->snapshot = virDomainSnapshotLookupByName(domain, order->text, 0);
	return order->snapshot
		   ? virDomainSnapshotDelete(order->snapshot, order->flags)
		   : -1;
}

/* With PROGRESS (else NULL) it is followed. */
static int carry_out(const struct vmm_vm *vm, vmm_ask_fn *fn,
    struct order *order, struct vmm_progress *progress, struct vmm_err *err)
{
	struct vmm_call *call =
	    vmm_call_ask(vm, VMM_LONG, fn, order, order_free, err);

	if (!call)
		return -1;
	return progress && vmm_follow(vm, call, progress)
		   ? vmm_call_end(call, err)
		   : vmm_call_finish(call, err);
}

/* --- what there is --- */

static virDomainSnapshotPtr look_up(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	virDomainSnapshotPtr snapshot =
	    name ? virDomainSnapshotLookupByName(vm->domain, name, 0)
		 : virDomainSnapshotCurrent(vm->domain, 0);

	if (snapshot)
		return snapshot;
	if (vmm_fault_code() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
		vmm_fault(err, vmm_conn_virt(vm->conn));
	else if (name)
		vmm_err_set(err, VMM_FAILED,
		    "it has no snapshot '%s'; 'vmm snapshot --list' lists what "
		    "it has",
		    name);
	else
		vmm_err_set(err, VMM_FAILED,
		    "it has no current snapshot; name one with --to");
	return NULL;
}

static char *xml_of(
    const struct vmm_vm *vm, virDomainSnapshotPtr snapshot, struct vmm_err *err)
{
	char *xml = virDomainSnapshotGetXMLDesc(
	    snapshot, VIR_DOMAIN_SNAPSHOT_XML_SECURE);

	/* a read-only connection may not see passwords, nor need them */
	if (!xml)
		xml = virDomainSnapshotGetXMLDesc(snapshot, 0);
	if (!xml)
		vmm_fault(err, vmm_conn_virt(vm->conn));
	return xml;
}

static int by_age(const void *a, const void *b)
{
	const struct vmm_snapxml *one = *(struct vmm_snapxml *const *)a;
	const struct vmm_snapxml *two = *(struct vmm_snapxml *const *)b;

	if (one->created != two->created)
		return one->created < two->created ? -1 : 1;
	return strcmp(one->name, two->name);
}

/* Whether somebody has deleted it meanwhile. */
static bool is_gone(const struct vmm_vm *vm, virDomainSnapshotPtr handle)
{
	AUTOSNAP there = virDomainSnapshotLookupByName(
	    vm->domain, virDomainSnapshotGetName(handle), 0);

	return !there && vmm_fault_code() == VIR_ERR_NO_DOMAIN_SNAPSHOT;
}

static int add_snapshot(const struct vmm_vm *vm, virDomainSnapshotPtr handle,
    struct vmm_snapshots *snapshots, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;
	AUTOFREE char *xml = xml_of(vm, handle, &why);
	struct vmm_snapxml *snapshot = xml ? vmm_snapxml_read(xml, &why) : NULL;

	if (!xml && why.status != VMM_NOCONN && is_gone(vm, handle))
		return 0;
	if (!snapshot) {
		vmm_err_move(err, &why);
		return -1;
	}
	VMM_GROW(snapshots->snapshot, snapshots->n);
	snapshots->snapshot[snapshots->n++] = snapshot;
	if (virDomainSnapshotIsCurrent(handle, 0) == 1) {
		free(snapshots->current);
		snapshots->current = vmm_strdup(snapshot->name);
	}
	return 0;
}

int vmm_snapshot_list(
    struct vmm_vm *vm, struct vmm_snapshots *snapshots, struct vmm_err *err)
{
	virDomainSnapshotPtr *list = NULL;
	int n = virDomainListAllSnapshots(vm->domain, &list, 0);
	int result = 0;

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = add_snapshot(vm, list[i], snapshots, err);
		virDomainSnapshotFree(list[i]);
	}
	free(list);
	if (snapshots->n)
		qsort(snapshots->snapshot, snapshots->n,
		    sizeof *snapshots->snapshot, by_age);
	return result;
}

void vmm_snapshots_release(struct vmm_snapshots *snapshots)
{
	for (size_t i = 0; i < snapshots->n; i++)
		vmm_snapxml_free(snapshots->snapshot[i]);
	free(snapshots->snapshot);
	free(snapshots->current);
	*snapshots = (struct vmm_snapshots){0};
}

/* Whether this libvirt can go back to external snapshots: it says so itself,
 * among the features of a guest in the host's capabilities. */
static bool reverts_external(const struct vmm_vm *vm)
{
	AUTOFREE char *xml = virConnectGetCapabilities(vmm_conn_virt(vm->conn));

	return xml && strstr(xml, "<externalSnapshot");
}

static struct vmm_domxml *read_domain(
    const struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOFREE char *xml = virDomainGetXMLDesc(vm->domain, 0);

	if (!xml) {
		vmm_fault(err, vmm_conn_virt(vm->conn));
		return NULL;
	}
	return vmm_domxml_read(xml, err);
}

/* --- taking --- */

/* What the file with its memory is called. Names could be put together to
 * another VM's file. */
static char *memory_name(const struct vmm_vm *vm, const char *name)
{
	return vmm_sprintf("%s.%s.mem", vm->uuid, name);
}

/* Where the memory of an external snapshot goes: beside the first disk, which
 * is a file. */
static char *memory_file(
    const struct vmm_vm *vm, const struct vmm_snapplan *plan, const char *name)
{
	const char *disk = plan->first->layer[0].source;
	const char *slash = disk ? strrchr(disk, '/') : NULL;
	AUTOFREE char *file = memory_name(vm, name);

	return vmm_sprintf(
	    "%.*s/%s", slash ? (int)(slash - disk) : 0, disk, file);
}

/* libvirt deletes no external snapshot that has internal ones beside it, and
 * going to and fro between the two leaves overlays behind. So an external one
 * is followed by external ones, where that is no dead end. */
static bool follows_external(const struct vmm_vm *vm)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOSNAP handle = virDomainSnapshotCurrent(vm->domain, 0);
	AUTOFREE char *xml = handle ? xml_of(vm, handle, &ignored) : NULL;
	AUTOSNAPXML *current = xml ? vmm_snapxml_read(xml, &ignored) : NULL;

	return current && current->external && reverts_external(vm);
}

static int refuse_to_take(const struct vmm_vm *vm, struct vmm_err *err)
{
	if (vm->saved && !vmm_state_is_active(vm->state))
		return vmm_err_set(err, VMM_FAILED,
		    "its saved state would not be in the snapshot; 'vmm start' "
		    "restores it first, 'vmm save --discard' throws it away");
	if (vm->state == VIR_DOMAIN_CRASHED ||
	    vm->state == VIR_DOMAIN_SHUTDOWN ||
	    vm->state == VIR_DOMAIN_PMSUSPENDED)
		return vmm_err_set(err, VMM_FAILED,
		    "it is %s; only one that runs, is paused or is off can be "
		    "snapshotted",
		    vmm_state_name(vm->state));
	return 0;
}

static int refuse_known(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	int known = vmm_unfinished_is_known(vm, name, err);

	return known == 1 ? vmm_err_set(err, VMM_FAILED,
				"it has a snapshot '%s' already", name)
			  : known;
}

/* An internal one is noted until it is known what became of it. QEMU replaces
 * one of that name that libvirt does not know; qemu-img, which does it for a VM
 * that is off, would write a second one, and find the first. */
static int create_noted(
    struct vmm_vm *vm, const char *name, const char *xml, struct vmm_err *err)
{
	int fd, result = 0;

	if (vmm_unfinished_undo(vm, name, err) < 0 ||
	    vmm_unfinished_note(vm, name, xml, &fd, err) < 0)
		return -1;
	/* the last look, for what is cleared is gone */
	result = refuse_known(vm, name, err);
	if (result == 0 && !vmm_state_is_active(vm->state))
		result = vmm_unfinished_clear(vm, xml, err);
	if (result == 0)
		result = carry_out(vm, create, order_new(xml, 0), NULL, err);
	if (result == 0 || (err->status != VMM_NOCONN && !vmm_interrupted()))
		vmm_unfinished_forget(vm, name);
	close(fd);
	return result;
}

int vmm_snapshot_take(struct vmm_vm *vm, const struct vmm_take *how,
    struct vmm_progress *progress, bool dry_run, struct vmm_buf *warning,
    struct vmm_err *err)
{
	AUTODOMXML *domain = NULL;
	struct vmm_snapplan plan = {0};
	AUTOFREE char *why = NULL;
	AUTOFREE char *no_file = NULL;
	AUTOFREE char *memory = NULL;
	AUTOFREE char *xml = NULL;
	unsigned flags = 0;

	if (refuse_to_take(vm, err) < 0)
		return -1;
	if (refuse_known(vm, how->name, err) < 0)
		return -1;
	domain = read_domain(vm, err);
	if (!domain || vmm_snapshot_plan(domain, vmm_state_is_active(vm->state),
			   how->disk_only, &plan, err) < 0)
		return -1;
	why = plan.why;
	plan.external = plan.external || follows_external(vm);
	if (plan.external && vmm_snapshot_plan_files(domain, err) < 0)
		return -1;
	if (plan.external && plan.memory)
		memory = memory_file(vm, &plan, how->name);
	if (dry_run)
		return 0;
	xml = vmm_snapxml_build(
	    domain, &plan, how->name, how->description, memory, time(NULL));
	/* QEMU says nothing while it writes an internal one */
	if (!plan.external)
		return create_noted(vm, how->name, xml, err);
	flags = VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC;
	if (!plan.memory)
		flags |= VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY;
	if (how->quiesce)
		flags |= VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE;
	if (carry_out(vm, create, order_new(xml, flags), progress, err) < 0)
		return -1;
	no_file = vmm_snapshot_no_file(domain);
	if (no_file || !reverts_external(vm))
		vmm_buf_addf(warning,
		    "gets an external snapshot%s%s, to which this libvirt "
		    "cannot revert",
		    why ? ", for " : "", why ? why : "");
	return 0;
}

/* --- what would be written to --- */

static void add_files(struct vmm_strv *files, const struct vmm_strv *more)
{
	for (size_t i = 0; i < more->n; i++)
		if (!vmm_strv_has(files, more->v[i]))
			vmm_strv_take(files, vmm_strdup(more->v[i]));
}

/* All that SNAPSHOT has for disks. */
static void add_all_files(
    struct vmm_strv *files, const struct vmm_snapxml *snapshot)
{
	add_files(files, &snapshot->disks);
	add_files(files, &snapshot->overlays);
	add_files(files, &snapshot->earlier);
}

/* What the VM itself stands on, with its snapshots. */
static int add_own(
    struct vmm_vm *vm, struct vmm_strv *files, struct vmm_err *err)
{
	CLEANUP(vmm_snapshots_release) struct vmm_snapshots all = {0};
	AUTODOMXML *domain = read_domain(vm, err);

	if (!domain || vmm_snapshot_list(vm, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < domain->disks; i++) {
		struct vmm_disk *disk = &domain->disk[i];

		free(vmm_chain_read(vmm_conn_virt(vm->conn), disk));
		for (size_t j = 0; j < disk->layers; j++)
			if (disk->layer[j].source &&
			    !vmm_strv_has(files, disk->layer[j].source))
				vmm_strv_take(
				    files, vmm_strdup(disk->layer[j].source));
	}
	if (virConnectIsAlive(vmm_conn_virt(vm->conn)) == 0)
		return vmm_err_set(err, VMM_NOCONN, "the connection was lost");
	for (size_t i = 0; i < all.n; i++)
		add_all_files(files, all.snapshot[i]);
	return 0;
}

/* What libvirt deletes when it puts the VM back to the external SNAPSHOT: the
 * overlays of now. It writes to none, but makes new ones. */
static int add_overlays(const struct vmm_vm *vm,
    const struct vmm_snapxml *snapshot, struct vmm_strv *files,
    struct vmm_err *err)
{
	AUTOSNAP handle = virDomainSnapshotCurrent(vm->domain, 0);
	AUTOFREE char *xml = NULL;
	AUTOSNAPXML *current = NULL;
	AUTODOMXML *domain = NULL;

	if (!handle && vmm_fault_code() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	xml = handle ? xml_of(vm, handle, err) : NULL;
	current = xml ? vmm_snapxml_read(xml, err) : NULL;
	if (!err->status)
		domain = read_domain(vm, err);
	if (!domain)
		return -1;
	vmm_snapshot_written(domain, files);
	/* without a current one, this one becomes it: take_meta_along() */
	add_files(files, current ? &current->overlays : &snapshot->overlays);
	return 0;
}

/* --- deleting --- */

/* An external one is merged with overlays of the VM's own. */
static int may_delete(struct vmm_vm *vm, const struct vmm_snapxml *snapshot,
    struct vmm_guard *guard, struct vmm_err *err)
{
	AUTOSTRV written = VMM_STRV_INIT;
	AUTOSTRV own = VMM_STRV_INIT;

	if (snapshot->external && add_own(vm, &own, err) < 0)
		return -1;
	add_all_files(&written, snapshot);
	return vmm_guard_check(guard, &written, &own, err);
}

/* All that stands on the snapshot, parents first. */
static int read_children(struct vmm_vm *vm, virDomainSnapshotPtr handle,
    struct vmm_snapshots *children, struct vmm_err *err)
{
	virDomainSnapshotPtr *list = NULL;
	int n = virDomainSnapshotListAllChildren(handle, &list,
	    VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS |
		VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL);
	int result = 0;

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = add_snapshot(vm, list[i], children, err);
		virDomainSnapshotFree(list[i]);
	}
	free(list);
	return result;
}

/* libvirt 9.0 leaves the file with the memory behind. It is removed where
 * the name is one that we gave it and a pool has it, which the guard has
 * refreshed; for all others it is a file of somebody's. */
static void drop_memory(
    const struct vmm_vm *vm, const struct vmm_snapxml *snapshot)
{
	AUTOFREE char *name = memory_name(vm, snapshot->name);
	const char *slash =
	    snapshot->memory_file ? strrchr(snapshot->memory_file, '/') : NULL;
	virStorageVolPtr volume =
	    slash && strcmp(slash + 1, name) == 0
		? virStorageVolLookupByPath(
		      vmm_conn_virt(vm->conn), snapshot->memory_file)
		: NULL;

	if (!volume)
		return;
	virStorageVolDelete(volume, 0);
	virStorageVolFree(volume);
}

static int delete_snapshot(struct vmm_vm *vm,
    const struct vmm_snapxml *snapshot, unsigned flags, struct vmm_err *err)
{
	if (carry_out(vm, delete_one, order_new(snapshot->name, flags), NULL,
		err) < 0)
		return -1;
	drop_memory(vm, snapshot);
	return 0;
}

int vmm_snapshot_delete(struct vmm_vm *vm, const char *name, bool children,
    struct vmm_guard *guard, bool dry_run, struct vmm_err *err)
{
	AUTOSNAP handle = look_up(vm, name, err);
	AUTOFREE char *xml = handle ? xml_of(vm, handle, err) : NULL;
	AUTOSNAPXML *snapshot = xml ? vmm_snapxml_read(xml, err) : NULL;
	CLEANUP(vmm_snapshots_release) struct vmm_snapshots below = {0};
	bool external = snapshot && snapshot->external;

	if (!snapshot || may_delete(vm, snapshot, guard, err) < 0 ||
	    (children && read_children(vm, handle, &below, err) < 0))
		return -1;
	for (size_t i = 0; i < below.n; i++) {
		if (may_delete(vm, below.snapshot[i], guard, err) < 0)
			return -1;
		external = external || below.snapshot[i]->external;
	}
	if (dry_run)
		return 0;
	if (!external)
		return delete_snapshot(vm, snapshot,
		    children ? VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN : 0, err);
	/* external ones libvirt deletes one at a time only */
	for (size_t i = below.n; i-- > 0;)
		if (delete_snapshot(vm, below.snapshot[i], 0, err) < 0)
			return -1;
	return delete_snapshot(vm, snapshot, 0, err);
}

/* --- going back --- */

/* The definition in the snapshot gets the element that the VM has now, so that
 * nothing is rolled back that should stay, not even if we are killed. */
static int take_meta_along(const struct vmm_vm *vm, virDomainSnapshotPtr handle,
    const char *xml, const struct vmm_snapxml *snapshot, const char *element,
    struct vmm_err *err)
{
	AUTOFREE char *there = vmm_meta_extract(xml);
	AUTOFREE char *new = NULL;
	AUTOSNAP redefined = NULL;
	unsigned flags = VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE;
	int current = virDomainHasCurrentSnapshot(vm->domain, 0);
	bool orphan = current == 0;

	if (current < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	if (!there && !element && !orphan)
		return 0;
	new = vmm_meta_graft(xml, element, err);
	if (!new)
		return -1;
	/* libvirt 11.3 forgets a current one's <revertDisks> for that flag, and
	 * then deletes what its children stand on; and its daemon does not
	 * survive the way back to an external one where none is current */
	if (orphan || (virDomainSnapshotIsCurrent(handle, 0) == 1 &&
			  !snapshot->has_revert_disks))
		flags |= VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT;
	redefined = virDomainSnapshotCreateXML(vm->domain, new, flags);
	return redefined ? 0 : vmm_fault(err, vmm_conn_virt(vm->conn));
}

static int refuse_to_revert(const struct vmm_vm *vm,
    const struct vmm_snapxml *snapshot, struct vmm_err *err)
{
	if (!snapshot->external)
		return 0;
	if (!reverts_external(vm))
		return vmm_err_set(err, VMM_FAILED,
		    "its snapshot '%s' is external, and this libvirt cannot "
		    "revert to those; from 9.9 on it can",
		    snapshot->name);
	if (snapshot->no_file)
		return vmm_err_set(err, VMM_FAILED,
		    "its snapshot '%s' is external, and libvirt cannot revert "
		    "to those of a VM whose disk %s is not of type file",
		    snapshot->name, snapshot->no_file);
	return 0;
}

static int may_revert(const struct vmm_vm *vm,
    const struct vmm_snapxml *snapshot, struct vmm_guard *guard,
    struct vmm_err *err)
{
	static const struct vmm_strv nothing = VMM_STRV_INIT;
	AUTOSTRV written = VMM_STRV_INIT;

	if (refuse_to_revert(vm, snapshot, err) < 0)
		return -1;
	if (!snapshot->external)
		add_files(&written, &snapshot->disks);
	else if (add_overlays(vm, snapshot, &written, err) < 0)
		return -1;
	return vmm_guard_check(guard, &written, &nothing, err);
}

static int go_back_once(struct vmm_vm *vm, const struct vmm_snapxml *snapshot,
    unsigned flags, struct vmm_err *err)
{
	struct order *order = order_new(snapshot->name, flags);
	struct vmm_call *call =
	    vmm_call_ask(vm, VMM_LONG, revert, order, order_free, err);
	bool risky;
	int result;

	if (!call)
		return -1;
	if (!vmm_call_wait(call, NULL, true))
		return vmm_call_finish(call, err);
	/* QEMU must be started anew, for which libvirt wants a word more */
	risky = order->code == VIR_ERR_SNAPSHOT_REVERT_RISKY;
	result = vmm_call_end(call, err);
	if (result == 0 || !risky || !snapshot->has_domain)
		return result;
	vmm_err_release(err);
	return carry_out(vm, revert,
	    order_new(snapshot->name, flags | VIR_DOMAIN_SNAPSHOT_REVERT_FORCE),
	    NULL, err);
}

/* Whether the VM writes to one of the disks of then, but did not BEFORE. */
static bool is_on_base(const struct vmm_domxml *domain,
    const struct vmm_snapxml *snapshot, const struct vmm_domxml *before)
{
	AUTOSTRV now = VMM_STRV_INIT;
	AUTOSTRV then = VMM_STRV_INIT;

	vmm_snapshot_written(domain, &now);
	vmm_snapshot_written(before, &then);
	for (size_t i = 0; i < now.n; i++)
		if (vmm_strv_has(&snapshot->disks, now.v[i]) &&
		    !vmm_strv_has(&then, now.v[i]))
			return true;
	return false;
}

/* libvirt 11.3, failing halfway to an external snapshot (its memory cannot be
 * read, or no overlay be made), leaves the VM with the disks of then and no
 * overlay: when it runs next it destroys what its snapshots stand on. So it
 * gets back what it had, XML. */
static void leave_base(struct vmm_vm *vm, const struct vmm_snapxml *snapshot,
    const char *xml, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;
	AUTODOMXML *now = read_domain(vm, &why);
	AUTODOMXML *before = vmm_domxml_read(xml, &why);
	virDomainPtr defined;

	if (!now || !before || !is_on_base(now, snapshot, before))
		return;
	if (virDomainIsActive(vm->domain) == 1 &&
	    vmm_call(vm, VMM_DESTROY, virDomainDestroyFlags, 0, &why) < 0)
		return;
	defined = virDomainDefineXMLFlags(vmm_conn_virt(vm->conn), xml, 0);
	if (defined)
		virDomainFree(defined);
	else
		vmm_err_append(err,
		    "; its definition has the disks of then, do not start it");
}

/* Throws the present away: first what was saved, whenever that was. If we were
 * killed with the disks of then and the memory of now, the next start would
 * damage them. */
static int go_back(struct vmm_vm *vm, const struct vmm_snapxml *snapshot,
    unsigned flags, struct vmm_err *err)
{
	int saved = vmm_fault_none(virDomainHasManagedSaveImage(vm->domain, 0));
	AUTOFREE char *before = NULL;

	if (saved < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	before = virDomainGetXMLDesc(
	    vm->domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	if (saved &&
	    vmm_call(vm, VMM_LONG, virDomainManagedSaveRemove, 0, err) < 0)
		return -1;
	if (go_back_once(vm, snapshot, flags, err) == 0)
		return 0;
	if (snapshot->external && vm->persistent && before &&
	    err->status != VMM_NOCONN && !vmm_interrupted())
		leave_base(vm, snapshot, before, err);
	return saved ? vmm_err_append(err, "; its saved state is gone") : -1;
}

int vmm_snapshot_revert(struct vmm_vm *vm, const struct vmm_revert *how,
    bool dry_run, char **name, struct vmm_err *err)
{
	AUTOLOCK lock = VMM_LOCK_INIT;
	AUTOSNAP handle = NULL;
	AUTOFREE char *xml = NULL;
	AUTOSNAPXML *snapshot = NULL;
	AUTOFREE char *element = NULL;
	unsigned flags = how->running  ? VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING
			 : how->paused ? VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED
				       : 0;

	if (!dry_run && vmm_lock_take(&lock, vm->uuid, err) < 0)
		return -1;
	handle = look_up(vm, how->to, err);
	xml = handle ? xml_of(vm, handle, err) : NULL;
	snapshot = xml ? vmm_snapxml_read(xml, err) : NULL;
	if (!snapshot || may_revert(vm, snapshot, how->guard, err) < 0)
		return -1;
	*name = vmm_strdup(snapshot->name);
	if (dry_run)
		return 0;
	element = vmm_meta_element(vm, err);
	if (err->status ||
	    take_meta_along(vm, handle, xml, snapshot, element, err) < 0 ||
	    go_back(vm, snapshot, flags, err) < 0)
		return -1;
	return vmm_meta_put_back(vm, element, err);
}
