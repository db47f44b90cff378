/* health: hides how chains are walked without opening a file. */
#include "storage/health.h"

#include <string.h>

#include "base/alloc.h"
#include "base/index.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"
#include "storage/disks.h"
#include "storage/pivot.h"
#include "storage/volume.h"

/* QEMU gives up there, too. */
#define LONGEST 200

/* --- one VM --- */

/* A file of the chain of a disk that is not as what stands on it says. FORMAT
 * may be NULL. Whether there is anything to say; *SEEN is what is known. */
static bool is_bad(struct vmm_guard *guard, const char *file,
    const char *format, const struct vmm_seen **seen, const char **what)
{
	*seen = vmm_guard_find(guard, file);
	/* of devices and of the network nothing is known */
	if (!*seen && (*file != '/' || strncmp(file, "/dev/", 5) == 0))
		return false;
	if (!*seen) {
		*what = "is not there";
		return !vmm_guard_is_blind(guard, file);
	}
	*what = "is no qcow2";
	return format && strcmp(format, "qcow2") == 0 && (*seen)->format &&
	       strcmp((*seen)->format, "qcow2") != 0;
}

static int look_at_chain(struct vmm_guard *guard, const struct vmm_disk *disk,
    const char *top, struct vmm_strv *problems, struct vmm_err *err)
{
	const struct vmm_seen *seen;
	const char *file = top, *format = disk->layer[0].format, *what;

	for (int depth = 0; file; depth++) {
		if (depth == LONGEST) {
			vmm_strv_take(problems,
			    vmm_sprintf("its disk %s, '%s', stands on itself",
				disk->target, top));
			return 0;
		}
		if (vmm_guard_know(guard, file, err) < 0)
			return -1;
		if (is_bad(guard, file, format, &seen, &what)) {
			vmm_strv_take(problems,
			    depth ? vmm_sprintf("its disk %s, '%s', stands on "
						"'%s', which %s",
					disk->target, top, file, what)
				  : vmm_sprintf("its disk %s, '%s', %s",
					disk->target, top, what));
			return 0;
		}
		/* in a raw one stands what its guest has written there */
		file =
		    seen && !vmm_format_is_raw(format) ? seen->backing : NULL;
		format = seen ? seen->backing_format : NULL;
	}
	return 0;
}

static struct vmm_clonedisk new_disk(
    const struct vmm_disk *disk, const char *file, const char *format)
{
	return (struct vmm_clonedisk){.target = vmm_strdup(disk->target),
	    .top = {.type = vmm_strdup_null(disk->layer[0].type),
		.source = vmm_strdup(file),
		.format = vmm_strdup_null(format)}};
}

/* The overlay on TOP that the VM writes to now, and will not start with:
 * libvirt was killed before it had written that down. NULL without. */
static const char *forgotten(
    struct vmm_guard *guard, const struct vmm_vm *vm, const char *top)
{
	const struct vmm_claimant *is = vmm_guard_vm(guard, vm->uuid);

	for (size_t i = 0; is && i < is->claims; i++) {
		const struct vmm_claim *claim = &is->claim[i];
		AUTOFREE char *below = NULL;

		if (!(claim->written & VMM_CLAIM_NOW) ||
		    (claim->written & VMM_CLAIM_NEXT))
			continue;
		below = vmm_guard_below(guard, claim->file);
		if (below && strcmp(below, top) == 0)
			return claim->file;
	}
	return NULL;
}

/* Or libvirt does not even know of it. A VM that runs is the only one that can
 * have written to an overlay on its disk that nobody has. */
static bool look_for_stray(struct vmm_guard *guard, const struct vmm_vm *vm,
    const struct vmm_disk *disk, const char *top, struct vmm_strv *problems,
    struct vmm_exposed *exposed)
{
	const char *known = forgotten(guard, vm, top);
	const struct vmm_seen *stray = !known && vmm_state_is_active(vm->state)
					   ? vmm_guard_stray(guard, top)
					   : NULL;
	const char *now = stray ? stray->path : known;

	if (!now)
		return false;
	if (known)
		vmm_strv_take(problems,
		    vmm_sprintf("it writes its disk %s to '%s', but will start "
				"with '%s' again, and lose that",
			disk->target, now, top));
	else
		vmm_strv_take(problems,
		    vmm_sprintf("it may be writing its disk %s to '%s', while "
				"libvirt was killed and has it on '%s': the "
				"next start would lose that",
			disk->target, now, top));
	VMM_GROW(exposed->stray, exposed->strays);
	exposed->stray[exposed->strays++] = new_disk(disk, now, "qcow2");
	return true;
}

static int look_at_users(struct vmm_guard *guard, const struct vmm_vm *vm,
    const struct vmm_disk *disk, const char *top, struct vmm_strv *problems,
    struct vmm_exposed *exposed, struct vmm_err *err)
{
	bool sure;
	AUTOFREE char *users = vmm_guard_standing(guard, top, NULL, &sure, err);

	if (!users)
		return err->status ? -1 : 0;
	if (!sure || disk->shareable) {
		vmm_strv_take(problems,
		    vmm_sprintf("its disk %s, '%s', %s what %s stands on: it "
				"would damage that",
			disk->target, top,
			sure ? "which is shared, is" : "may be", users));
		return 0;
	}
	if (look_for_stray(guard, vm, disk, top, problems, exposed))
		return 0;
	vmm_strv_take(problems,
	    vmm_sprintf("its disk %s, '%s', is what %s stands on: it would "
			"damage that",
		disk->target, top, users));
	VMM_GROW(exposed->disk, exposed->n);
	exposed->disk[exposed->n++] =
	    new_disk(disk, top, disk->layer[0].format);
	return 0;
}

static int look_at_disk(struct vmm_guard *guard, const struct vmm_vm *vm,
    const struct vmm_disk *disk, struct vmm_strv *problems,
    struct vmm_exposed *exposed, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	AUTOFREE char *top = NULL;

	if (!disk->target || !disk->layers || !disk->layer[0].source)
		return 0;
	top = vmm_volume_path(virt, disk->layer[0].source);
	if (*top != '/' || strncmp(top, "/dev/", 5) == 0)
		return 0;
	if (look_at_chain(guard, disk, top, problems, err) < 0)
		return -1;
	if (disk->readonly)
		return 0;
	return look_at_users(guard, vm, disk, top, problems, exposed, err);
}

/* What it writes to, or may come to write to, though it does not start with it;
 * its own overlays, as snapshots make them, may stand there. */
static int look_at_claim(struct vmm_guard *guard, const struct vmm_vm *vm,
    const struct vmm_claim *claim, struct vmm_strv *problems,
    struct vmm_err *err)
{
	bool sure;
	AUTOFREE char *users = NULL;

	if (!claim->writes || (claim->written & VMM_CLAIM_NEXT) ||
	    *claim->file != '/')
		return 0;
	users = vmm_guard_standing(guard, claim->file, vm->uuid, &sure, err);
	if (!users || !sure)
		return err->status ? -1 : 0;
	vmm_strv_take(problems,
	    claim->written & VMM_CLAIM_NOW
		? vmm_sprintf("it runs on '%s', which %s stands on, though it "
			      "will start with another disk: it damages that",
		      claim->file, users)
		: vmm_sprintf("a snapshot or saved state of it has '%s', which "
			      "%s stands on: it would damage that",
		      claim->file, users));
	return 0;
}

static int look_at_claims(struct vmm_guard *guard, const struct vmm_vm *vm,
    struct vmm_strv *problems, struct vmm_err *err)
{
	const struct vmm_claimant *is = vmm_guard_vm(guard, vm->uuid);

	for (size_t i = 0; is && i < is->claims; i++)
		if (look_at_claim(guard, vm, &is->claim[i], problems, err) < 0)
			return -1;
	return 0;
}

int vmm_health_look(struct vmm_guard *guard, const struct vmm_vm *vm,
    struct vmm_strv *problems, struct vmm_exposed *exposed, struct vmm_err *err)
{
	AUTOFREE char *xml =
	    virDomainGetXMLDesc(vm->domain, VIR_DOMAIN_XML_INACTIVE);
	AUTODOMXML *domain = NULL;

	if (!xml)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	domain = vmm_domxml_read(xml, err);
	if (!domain)
		return -1;
	for (size_t i = 0; i < domain->disks; i++)
		if (look_at_disk(guard, vm, &domain->disk[i], problems, exposed,
			err) < 0)
			return -1;
	return look_at_claims(guard, vm, problems, err);
}

/* For the next start, for which the definition counts; libvirt cannot be told
 * what the VM writes to now. */
static int mend_strays(
    struct vmm_vm *vm, const struct vmm_exposed *exposed, struct vmm_err *err)
{
	AUTOFREE struct vmm_diskfile *file =
	    vmm_calloc(exposed->strays, sizeof *file);

	for (size_t i = 0; i < exposed->strays; i++)
		file[i] = (struct vmm_diskfile){exposed->stray[i].target,
		    exposed->stray[i].top.source, "qcow2"};
	return exposed->strays
		   ? vmm_disks_define(vm, file, exposed->strays, err)
		   : 0;
}

int vmm_health_mend(
    struct vmm_vm *vm, const struct vmm_exposed *exposed, struct vmm_err *err)
{
	AUTOBASES bases = {.anew = true};
	AUTOLOCK lock = VMM_LOCK_INIT;

	if (!exposed->n && !exposed->strays)
		return 0;
	if (vmm_lock_take(&lock, vm->uuid, err) < 0 ||
	    mend_strays(vm, exposed, err) < 0)
		return -1;
	if (!exposed->n)
		return 0;
	if (vmm_pivot_plan(vm, exposed->disk, exposed->n, NULL, &bases, err) <
	    0)
		return -1;
	return vmm_pivot_make(vm, false, &bases, err);
}

static void release_disks(struct vmm_clonedisk *disk, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(disk[i].target);
		vmm_layer_release(&disk[i].top);
	}
	free(disk);
}

void vmm_exposed_release(struct vmm_exposed *exposed)
{
	release_disks(exposed->disk, exposed->n);
	release_disks(exposed->stray, exposed->strays);
	*exposed = (struct vmm_exposed){0};
}

/* --- files that nobody needs --- */

static void add_idle(struct vmm_idles *idles, const char *path,
    const char *problem, const char *note)
{
	VMM_GROW(idles->idle, idles->n);
	idles->idle[idles->n++] =
	    (struct vmm_idle){vmm_strdup(path), problem, vmm_strdup_null(note)};
}

/* Two commands may have noted one file. */
static void add_left(struct vmm_idles *idles, const struct vmm_leftover *left)
{
	const char *problem =
	    left->sure
		? "it is needed by nobody: a clone, flatten or rm left it"
		: "it is needed by nobody: a command that was cut short may "
		  "have left it; unless a running VM writes to it 'virsh "
		  "vol-delete' may delete it";
	const char *note = left->sure ? left->note : NULL;

	for (size_t i = 0; i < idles->n; i++) {
		struct vmm_idle *idle = &idles->idle[i];

		if (strcmp(idle->path, left->path) != 0)
			continue;
		if (note && !idle->note) {
			idle->problem = problem;
			idle->note = vmm_strdup(note);
		}
		return;
	}
	add_idle(idles, left->path, problem, note);
}

int vmm_health_idles(struct vmm_guard *guard, struct vmm_conn *conn,
    bool repair, struct vmm_idles *idles, struct vmm_err *err)
{
	CLEANUP(vmm_leftover_list_release)
	struct vmm_leftover_list left = {0};
	AUTOSTRV live = VMM_STRV_INIT;
	struct vmm_index told = VMM_INDEX_INIT;
	const struct vmm_seen *seen;

	if (vmm_leftovers_list(guard, conn, repair, &left, err) < 0)
		return -1;
	for (size_t i = 0; i < left.n; i++)
		add_left(idles, &left.left[i]);
	vmm_leftovers_live(&live);
	for (size_t i = 0; i < left.n; i++)
		vmm_index_add(&told, left.left[i].path, &left.left[i]);
	for (size_t i = 0; (seen = vmm_guard_seen(guard, i)); i++) {
		AUTOFREE char *users = NULL;

		if (seen->gone || !seen->backing ||
		    vmm_strv_has(&live, seen->path) ||
		    vmm_index_find(&told, seen->path))
			continue;
		users = vmm_guard_users(guard, seen->path, NULL, NULL, err);
		if (err->status)
			break;
		if (!users)
			add_idle(idles, seen->path,
			    "it is an overlay that no VM has; vmm did not "
			    "make it, or was told to keep it",
			    NULL);
	}
	vmm_index_release(&told);
	return err->status ? -1 : 0;
}

int vmm_idle_free(struct vmm_guard *guard, struct vmm_conn *conn,
    const struct vmm_idle *idle, struct vmm_err *err)
{
	return vmm_leftover_free(guard, conn, idle->note, idle->path, err);
}

void vmm_idles_release(struct vmm_idles *idles)
{
	for (size_t i = 0; i < idles->n; i++) {
		free(idles->idle[i].path);
		free(idles->idle[i].note);
	}
	free(idles->idle);
	*idles = (struct vmm_idles){0};
}
