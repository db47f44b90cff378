/* pivot: hides the snapshot without a record that a pivot is to libvirt, and
 * what must be looked at before and after. */
#include "storage/pivot.h"

#include <string.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"
#include "libvirt/power.h"
#include "pure/snapxml.h"
#include "storage/claim.h"
#include "storage/disks.h"
#include "storage/leftover.h"
#include "storage/volume.h"

/* Milliseconds that libvirt has to see to the end of a VM. */
#define PATIENCE 5000

void vmm_bases_release(struct vmm_bases *bases)
{
	for (size_t i = 0; i < bases->n; i++) {
		free(bases->base[i].target);
		free(bases->base[i].top);
		vmm_layer_release(&bases->base[i].file);
	}
	free(bases->base);
	*bases = (struct vmm_bases){0};
}

/* --- whether it can be done --- */

/* That with the way out. */
static int refused(const struct vmm_bases *bases, struct vmm_err *err)
{
	return vmm_err_append(
	    err, bases->anew ? "; 'vmm flatten' makes what stands on its disks "
			       "independent of them"
			     : "; make a full clone of it ('vmm clone' without "
			       "--linked), and link from that");
}

static int check_state(
    struct vmm_vm *vm, const struct vmm_bases *bases, struct vmm_err *err)
{
	enum vmm_tie tie;

	if (vmm_disks_tie(vm, &tie, err) < 0)
		return -1;
	switch (tie) {
	case VMM_TIE_SAVED:
		return vmm_err_set(err, VMM_REFUSED, "%s", VMM_TIE_SAVED_TEXT);
	case VMM_TIE_SNAPSHOTS:
		vmm_err_set(err, VMM_REFUSED,
		    "it has snapshots, and to revert to one, or to delete it, "
		    "would damage the clones");
		return refused(bases, err);
	case VMM_TIE_CHECKPOINTS:
		vmm_err_set(err, VMM_REFUSED,
		    "it has checkpoints, which keep track of its disks as they "
		    "are");
		return refused(bases, err);
	case VMM_TIE_NONE:
		break;
	}
	if (vm->state == VIR_DOMAIN_RUNNING || vm->state == VIR_DOMAIN_PAUSED ||
	    vm->state == VIR_DOMAIN_BLOCKED || vm->state == VIR_DOMAIN_SHUTOFF)
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "it is %s; a VM that runs, is paused or is off can be linked",
	    vmm_state_name(vm->state));
}

static int check_jobs(struct vmm_vm *vm, const struct vmm_clonedisk *disk,
    size_t disks, struct vmm_err *err)
{
	for (size_t i = 0; i < disks; i++)
		if (vmm_disks_idle(vm, disk[i].target, err) < 0)
			return -1;
	return 0;
}

/* One path for now and one for the next boot would make the next boot write to
 * the base. */
static int check_agreement(struct vmm_vm *vm, const struct vmm_clonedisk *disk,
    size_t disks, struct vmm_err *err)
{
	AUTODOMXML *now = NULL;

	if (!vmm_state_is_active(vm->state))
		return 0;
	now = vmm_disks_read(vm, 0, err);
	for (size_t i = 0; now && i < disks; i++) {
		AUTOFREE char *top = vmm_disk_top(vm, now, disk[i].target);
		AUTOFREE char *next = vmm_volume_path(
		    vmm_conn_virt(vm->conn), disk[i].top.source);

		if (!top || strcmp(top, next) != 0)
			return vmm_err_set(err, VMM_REFUSED,
			    "its disk %s is '%s' now and '%s' when it starts "
			    "anew; if that was left by a libvirtd that was "
			    "killed, 'vmm fsck --repair' mends it, else 'vmm "
			    "stop' it first",
			    disk[i].target, top ? top : "nothing", next);
	}
	return now ? 0 : -1;
}

static int check_others(
    struct vmm_vm *vm, const struct vmm_bases *bases, struct vmm_err *err)
{
	AUTOCLAIMS claims = {0};

	if (vmm_claims_read(vm->conn, true, &claims, err) < 0 ||
	    vmm_claims_whole(&claims, err) < 0)
		return -1;
	for (size_t i = 0; i < bases->n; i++) {
		const struct vmm_base *base = &bases->base[i];
		/* of an overlay that is still empty what is below counts */
		const char *except = base->fresh ? vm->uuid : NULL;
		const struct vmm_claimant *other =
		    vmm_claims_writer(&claims, base->file.source, except);

		if (!other)
			continue;
		vmm_err_set(err, VMM_REFUSED,
		    "its disk %s, '%s', is a disk of '%s', too, which would "
		    "write to the base",
		    base->target, base->file.source, other->path);
		return refused(bases, err);
	}
	return 0;
}

/* --- the bases --- */

/* Whether BELOW is as large as the overlay, for that is how large clones on it
 * are. */
static bool is_as_large(virConnectPtr virt, const struct vmm_layer *below,
    const struct vmm_volxml *overlay)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOVOLXML xml = {0};
	AUTOVOL volume = vmm_volume_look(virt, below->source);

	return volume && vmm_volume_read(volume, &xml, &ignored) == 0 &&
	       xml.capacity == overlay->capacity;
}

/* An overlay of a VM that is off and into which nothing was written since it
 * was made is as good as a new one: what is below it is the base. Where there
 * is any doubt a new one is made. */
static int look_for_untouched(
    const struct vmm_vm *vm, struct vmm_base *base, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOVOLXML xml = {0};
	AUTOVOL volume = NULL;

	if (vmm_state_is_active(vm->state) || !base->file.format ||
	    strcmp(base->file.format, "qcow2") != 0)
		return 0;
	volume = vmm_volume_look(virt, base->file.source);
	if (!volume)
		return 0;
	/* what libvirt remembers of it may be old */
	if (vmm_place_with(volume, &place, err) == 0)
		vmm_place_glance(&place);
	vmm_err_release(err);
	if (vmm_volume_read(volume, &xml, err) < 0)
		return -1;
	if (!vmm_volxml_is_untouched(&xml) || *xml.below.source != '/' ||
	    !is_as_large(virt, &xml.below, &xml))
		return 0;
	base->fresh = false;
	base->top = TAKE_PTR(base->file.source);
	vmm_layer_release(&base->file);
	base->file = xml.below;
	xml.below = (struct vmm_layer){0};
	return 0;
}

/* The folder for the overlays, to be freed; NULL: each disk's own. */
static int pool_folder(
    virConnectPtr virt, const char *pool, char **folder, struct vmm_err *err)
{
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOFREE char *xml = NULL;

	if (!pool)
		return 0;
	if (vmm_place_named(virt, pool, &place, err) < 0)
		return -1;
	xml = virStoragePoolGetXMLDesc(place.pool, 0);
	if (!xml)
		return vmm_fault(err, virt);
	*folder = vmm_poolxml_has_files(xml) ? vmm_poolxml_target(xml) : NULL;
	return *folder ? 0
		       : vmm_err_set(err, VMM_FAILED,
			     "the storage pool '%s' is of devices; overlays "
			     "need one of files",
			     pool);
}

static int add_base(struct vmm_vm *vm, const struct vmm_clonedisk *disk,
    const char *folder, struct vmm_bases *bases, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	bool block = disk->top.type && strcmp(disk->top.type, "block") == 0;
	struct vmm_base *base;

	VMM_GROW(bases->base, bases->n);
	base = &bases->base[bases->n++];
	*base = (struct vmm_base){.target = vmm_strdup(disk->target),
	    .fresh = true,
	    .file = {.type = vmm_strdup(block ? "block" : "file"),
		.source = vmm_volume_path(virt, disk->top.source),
		.format =
		    vmm_strdup(disk->top.format ? disk->top.format : "raw")}};
	if (*base->file.source != '/')
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s, '%s', cannot be found; is its storage pool "
		    "active?",
		    disk->target, disk->top.source);
	block = block || strncmp(base->file.source, "/dev/", 5) == 0;
	if (block && !folder)
		return vmm_err_set(err, VMM_REFUSED,
		    "its disk %s is the block device '%s', which can be a base "
		    "only if what the VM writes from now on goes to files; "
		    "name their storage pool with --pool",
		    disk->target, base->file.source);
	if (!bases->anew && look_for_untouched(vm, base, err) < 0)
		return -1;
	if (base->fresh) {
		AUTOFREE char *name =
		    vmm_disk_new_name(vm, disk->target, "qcow2");
		AUTOFREE char *beside = vmm_folder_of(base->file.source);

		base->top =
		    vmm_sprintf("%s/%s", folder ? folder : beside, name);
	}
	return 0;
}

/* --- doing it --- */

struct order {
	char *xml;
	unsigned flags;
};

static void order_free(void *data)
{
	struct order *order = data;

	free(order->xml);
	free(order);
}

static int create(virDomainPtr domain, void *data)
{
	const struct order *order = data;
	virDomainSnapshotPtr snapshot =
	    virDomainSnapshotCreateXML(domain, order->xml, order->flags);

	if (!snapshot)
		return -1;
	virDomainSnapshotFree(snapshot);
	return 0;
}

/* All disks at once, or none. libvirt makes the files: were they made before,
 * two commands at once could take one another's for theirs. */
static int overlay(struct vmm_vm *vm, const struct vmm_domxml *domain,
    bool quiesce, const struct vmm_bases *bases, struct vmm_err *err)
{
	AUTOFREE struct vmm_diskfile *file = vmm_calloc(bases->n, sizeof *file);
	struct order *order = vmm_calloc(1, sizeof *order);
	struct vmm_call *call;
	size_t n = 0;

	for (size_t i = 0; i < bases->n; i++)
		if (bases->base[i].fresh)
			file[n++] = (struct vmm_diskfile){
			    bases->base[i].target, bases->base[i].top, "qcow2"};
	order->xml = vmm_snapxml_overlays(domain, file, n);
	order->flags = VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY |
		       VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA |
		       VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC;
	if (quiesce && vmm_state_is_active(vm->state))
		order->flags |= VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE;
	if (!n) {
		order_free(order);
		return 0;
	}
	call = vmm_call_ask(vm, VMM_SHORT, create, order, order_free, err);
	return call ? vmm_call_finish(call, err) : -1;
}

/* Whether DOMAIN writes to the overlays; *EXPLICIT: it also says what they
 * stand on. */
static bool is_on(const struct vmm_vm *vm, const struct vmm_domxml *domain,
    const struct vmm_bases *bases, bool *explicit)
{
	*explicit = false;
	for (size_t i = 0; i < bases->n; i++) {
		const struct vmm_base *base = &bases->base[i];
		AUTOFREE char *top = vmm_disk_top(vm, domain, base->target);
		const struct vmm_disk *disk = vmm_disk_of(domain, base->target);

		if (!top || strcmp(top, base->top) != 0)
			return false;
		*explicit |= disk->layers > 1;
	}
	return true;
}

/* Whether DOMAIN has nothing but what we left, or made: what somebody else has
 * put there meanwhile is not to be undone. */
static bool is_ours(const struct vmm_vm *vm, const struct vmm_domxml *domain,
    const struct vmm_bases *bases)
{
	for (size_t i = 0; i < bases->n; i++) {
		const struct vmm_base *base = &bases->base[i];
		AUTOFREE char *top = vmm_disk_top(vm, domain, base->target);

		if (!top || (strcmp(top, base->top) != 0 &&
				strcmp(top, base->file.source) != 0))
			return false;
	}
	return true;
}

/* The definition for the next start is to have the overlays, too. */
static int mend_definition(
    struct vmm_vm *vm, const struct vmm_bases *bases, struct vmm_err *err)
{
	AUTOFREE struct vmm_diskfile *file = vmm_calloc(bases->n, sizeof *file);

	for (size_t i = 0; i < bases->n; i++)
		file[i] = (struct vmm_diskfile){
		    bases->base[i].target, bases->base[i].top, "qcow2"};
	return vmm_disks_define(vm, file, bases->n, err);
}

static int not_pivoted(struct vmm_err *err)
{
	return vmm_err_set(err, VMM_REFUSED,
	    "libvirt made overlays for it, but it does not write to them; its "
	    "disks were changed by somebody else meanwhile");
}

static int check_result(
    struct vmm_vm *vm, const struct vmm_bases *bases, struct vmm_err *err)
{
	int persistent, active;
	bool explicit = false;

	if ((persistent = virDomainIsPersistent(vm->domain)) < 0 ||
	    (active = virDomainIsActive(vm->domain)) < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	if (active) {
		AUTODOMXML *now = vmm_disks_read(vm, 0, err);

		if (!now)
			return -1;
		if (!is_on(vm, now, bases, &explicit))
			return not_pivoted(err);
	}
	for (int tries = 0; persistent && tries < 2; tries++) {
		AUTODOMXML *next =
		    vmm_disks_read(vm, VIR_DOMAIN_XML_INACTIVE, err);

		if (!next)
			return -1;
		if (is_on(vm, next, bases, &explicit) && !explicit)
			return 0;
		if (tries == 1 || !is_ours(vm, next, bases))
			return not_pivoted(err);
		if (mend_definition(vm, bases, err) < 0)
			return -1;
	}
	return 0;
}

/* What the overlay of BASE stands on, to be freed, after another look; NULL
 * with the error. */
static char *look_below(
    virConnectPtr virt, const struct vmm_base *base, struct vmm_err *err)
{
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOVOLXML xml = {0};
	AUTOVOL volume = vmm_volume_find(virt, base->top, &place, err);

	if (!volume || vmm_volume_read(volume, &xml, err) < 0)
		return NULL;
	return xml.below.source ? vmm_volume_path(virt, xml.below.source)
				: vmm_strdup("");
}

/* Looks into the overlays, by which libvirt's pools get to know them, too:
 * somebody else's pivot may have come between. */
static int check_below(
    virConnectPtr virt, const struct vmm_bases *bases, struct vmm_err *err)
{
	for (size_t i = 0; i < bases->n; i++) {
		const struct vmm_base *base = &bases->base[i];
		AUTOFREE char *below = NULL;

		for (int tries = 0; base->fresh && tries < 2; tries++) {
			AUTOPLACE place = VMM_PLACE_INIT;
			AUTOFREE char *folder = vmm_folder_of(base->top);

			free(below);
			below = look_below(virt, base, err);
			if (!below)
				return -1;
			if (strcmp(below, base->file.source) == 0)
				break;
			/* its header may not have been there yet when another
			 * command had libvirt look */
			if (vmm_place_of(virt, folder, &place, err) < 0 ||
			    vmm_place_refresh(&place, err) < 0)
				return -1;
		}
		if (below && strcmp(below, base->file.source) != 0)
			return not_pivoted(err);
	}
	return 0;
}

/* Whether QEMU answers; TARGET is any of its disks. */
static int answers(virDomainPtr domain, void *target)
{
	virDomainBlockJobInfo job;

	return virDomainGetBlockJobInfo(domain, target, &job, 0);
}

/* Whether what failed did so because the VM, which was active and has the disk
 * TARGET, goes off: then it is off when this returns, ERR is released, and it
 * can be done once more. */
static bool went_off(struct vmm_vm *vm, const char *target, struct vmm_err *err)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOLISTENER *listener = NULL;
	AUTOEVENT event = {0};
	struct timespec deadline = vmm_call_deadline(PATIENCE);
	struct vmm_call *call;

	if (err->status == VMM_NOCONN || vmm_interrupted() ||
	    !vmm_state_is_active(vm->state))
		return false;
	listener =
	    vmm_conn_listen(vm->conn, vm->uuid, VMM_EVENT_LIFECYCLE, &ignored);
	if (!listener || vmm_power_look(vm, &ignored) < 0)
		return false;
	/* a call fails of QEMU's end before libvirt has seen to it */
	if (vmm_state_is_active(vm->state)) {
		call = vmm_call_ask(
		    vm, VMM_SHORT, answers, vmm_strdup(target), free, &ignored);
		if (!call)
			return false;
		if (!vmm_call_wait(call, &deadline, true)) {
			vmm_call_abandon(call);
			return false;
		}
		if (vmm_call_end(call, &ignored) >= 0)
			return false;
		while (vmm_listener_next(
			   listener, &deadline, &event, &ignored) == 1 &&
		       event.event != VIR_DOMAIN_EVENT_STOPPED)
			;
		if (vmm_power_look(vm, &ignored) < 0)
			return false;
	}
	if (vm->gone || vmm_state_is_active(vm->state))
		return false;
	vmm_err_release(err);
	return true;
}

static int check_itself(struct vmm_vm *vm, const struct vmm_clonedisk *disk,
    size_t disks, const struct vmm_bases *bases, struct vmm_err *err)
{
	return check_state(vm, bases, err) < 0 ||
		       check_jobs(vm, disk, disks, err) < 0 ||
		       check_agreement(vm, disk, disks, err) < 0
		   ? -1
		   : 0;
}

int vmm_pivot_plan(struct vmm_vm *vm, const struct vmm_clonedisk *disk,
    size_t disks, const char *pool, struct vmm_bases *bases,
    struct vmm_err *err)
{
	AUTOFREE char *folder = NULL;

	if (check_itself(vm, disk, disks, bases, err) < 0 &&
	    (!disks || !went_off(vm, disk->target, err) ||
		check_itself(vm, disk, disks, bases, err) < 0))
		return -1;
	if (pool_folder(vmm_conn_virt(vm->conn), pool, &folder, err) < 0)
		return -1;
	for (size_t i = 0; i < disks; i++)
		if (add_base(vm, &disk[i], folder, bases, err) < 0)
			return -1;
	return check_others(vm, bases, err);
}

static int make(struct vmm_vm *vm, bool quiesce, const struct vmm_bases *bases,
    struct vmm_err *err)
{
	/* with all disks that it has now: one that is not named would be
	 * moved, too */
	AUTODOMXML *domain = vmm_disks_read(vm,
	    vmm_state_is_active(vm->state) ? 0 : VIR_DOMAIN_XML_INACTIVE, err);
	bool explicit;

	if (!domain)
		return -1;
	/* it may have gone off after that was done */
	if (!is_on(vm, domain, bases, &explicit) &&
	    overlay(vm, domain, quiesce, bases, err) < 0)
		return -1;
	if (check_result(vm, bases, err) < 0 ||
	    check_below(vmm_conn_virt(vm->conn), bases, err) < 0)
		return -1;
	/* somebody may have taken a snapshot just before */
	return check_state(vm, bases, err);
}

/* Noted without what they stand on: QEMU may write to one although libvirt,
 * killed just then, does not know of it, so nobody may ever delete it unasked.
 * An empty file, which is what libvirt begins with, fsck would not find. */
static struct vmm_leftovers *note(
    const struct vmm_vm *vm, const struct vmm_bases *bases, struct vmm_err *err)
{
	struct vmm_leftovers *left = vmm_leftovers_begin(vm->conn, err);

	for (size_t i = 0; left && i < bases->n; i++)
		if (bases->base[i].fresh &&
		    vmm_leftovers_add(left, bases->base[i].top, NULL, err) <
			0) {
			vmm_leftovers_end(left, true);
			return NULL;
		}
	return left;
}

int vmm_pivot_make(struct vmm_vm *vm, bool quiesce,
    const struct vmm_bases *bases, struct vmm_err *err)
{
	struct vmm_leftovers *left = note(vm, bases, err);
	int result = left ? make(vm, quiesce, bases, err) : -1;

	/* libvirt has taken back what it began, but not asked who saved it */
	if (result < 0 && left && bases->n &&
	    went_off(vm, bases->base->target, err) &&
	    check_state(vm, bases, err) == 0)
		result = make(vm, quiesce, bases, err);
	vmm_leftovers_end(left, err->status != VMM_NOCONN);
	return result;
}

int vmm_bases_check(
    struct vmm_conn *conn, const struct vmm_bases *bases, struct vmm_err *err)
{
	AUTOCLAIMS claims = {0};

	if (!bases->n)
		return 0;
	if (vmm_claims_read(conn, true, &claims, err) < 0 ||
	    vmm_claims_whole(&claims, err) < 0)
		return -1;
	for (size_t i = 0; i < bases->n; i++) {
		const char *file = bases->base[i].file.source;
		const struct vmm_claimant *writer =
		    vmm_claims_writer(&claims, file, NULL);

		if (writer)
			return vmm_err_set(err, VMM_REFUSED,
			    "the base '%s' became a disk of '%s' meanwhile, "
			    "which would write to it",
			    file, writer->path);
	}
	return 0;
}
