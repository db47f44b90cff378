/* flatten: hides the two ways of it, and in which order it is safe. */
#include "storage/flatten.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"
#include "libvirt/blockjob.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"
#include "libvirt/meta.h"
#include "storage/chain.h"
#include "storage/copy.h"
#include "storage/disks.h"
#include "storage/guard.h"
#include "storage/leftover.h"
#include "storage/volume.h"

/* Milliseconds that libvirt's word of a new definition is waited for. */
#define PATIENCE 5000

/* A disk that stands on other files. */
struct standing {
	char *target;
	char *top;             /* its file */
	struct vmm_strv below; /* what that stands on, downwards */
	unsigned long long capacity, done, total; /* bytes */
	/* of a VM that is off: */
	struct vmm_place place;
	struct vmm_volxml like; /* the old file's volume */
	char *name, *path;      /* the new one's */
	bool made;
};

struct flattening {
	struct vmm_vm *vm;
	const struct vmm_flatten *how;
	struct vmm_progress *progress;
	struct vmm_flattened *flattened;
	struct vmm_listener *listener;
	struct vmm_leftovers *left;
	struct standing *disk;
	size_t n;
	char *before; /* the definition that was replaced */
};

static virConnectPtr virt_of(const struct flattening *work)
{
	return vmm_conn_virt(work->vm->conn);
}

/* libvirt refreshes no pool in which it builds a volume, and without that
 * nobody knows who stands on what in there. So within one command the reading
 * waits for the copying, and new copies for the reading. */
static pthread_rwlock_t building =
    PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static struct vmm_guard *read_guard(
    struct flattening *work, enum vmm_doubt doubt, struct vmm_err *err)
{
	struct vmm_guard *guard;

	pthread_rwlock_wrlock(&building);
	guard = vmm_guard_read(work->vm->conn, doubt, err);
	pthread_rwlock_unlock(&building);
	return guard;
}

/* --- what there is to do --- */

/* Whether the disk stands on no other file, as far as its chain is read. */
static bool is_alone(const struct vmm_disk *disk)
{
	const struct vmm_layer *top = disk->layers ? &disk->layer[0] : NULL;

	if (!top || !top->format || vmm_format_is_raw(top->format))
		return true;
	return disk->layers == 1 && disk->chain_known;
}

static struct standing *add_standing(struct flattening *work)
{
	struct standing *disk;

	VMM_GROW(work->disk, work->n);
	disk = &work->disk[work->n++];
	*disk = (struct standing){.place = VMM_PLACE_INIT};
	return disk;
}

static void standing_release(struct standing *disk)
{
	free(disk->target);
	free(disk->top);
	vmm_strv_release(&disk->below);
	vmm_place_release(&disk->place);
	vmm_volxml_release(&disk->like);
	free(disk->name);
	free(disk->path);
}

/* Of a VM that is off libvirt must know the disk's volume, and what it stands
 * on just now: what a pool has not seen is not known. */
static int open_volume(
    const struct flattening *work, struct standing *disk, struct vmm_err *err)
{
	AUTOVOL volume =
	    vmm_volume_find(virt_of(work), disk->top, &disk->place, err);
	int result = volume ? 0 : -1;

	if (result == 0) {
		pthread_rwlock_wrlock(&building);
		result = vmm_place_refresh(&disk->place, err);
		pthread_rwlock_unlock(&building);
	}
	if (result == 0 && vmm_volume_read(volume, &disk->like, err) == 0)
		return 0;
	return vmm_err_prefix(
	    err, "its disk %s, '%s': ", disk->target, disk->top);
}

static void take_chain(
    struct standing *disk, struct vmm_disk *chain, virConnectPtr virt)
{
	AUTOFREE struct vmm_sizes *sizes = vmm_chain_read(virt, chain);

	for (size_t i = 0; i < chain->layers; i++) {
		if (sizes && sizes[i].known)
			disk->total += sizes[i].allocation;
		if (i > 0 && chain->layer[i].source)
			vmm_strv_take(&disk->below,
			    vmm_volume_path(virt, chain->layer[i].source));
	}
	if (sizes)
		disk->capacity = sizes[0].capacity;
}

static int look_at(
    struct flattening *work, struct vmm_disk *from, struct vmm_err *err)
{
	struct standing *disk;

	if (!from->target || is_alone(from) || from->readonly)
		return 0;
	disk = add_standing(work);
	disk->target = vmm_strdup(from->target);
	disk->top = vmm_volume_path(
	    virt_of(work), from->layer[0].source ? from->layer[0].source : "");
	if (!vmm_state_is_active(work->vm->state) &&
	    open_volume(work, disk, err) < 0)
		return -1;
	take_chain(disk, from, virt_of(work));
	/* a chain can end where a pool does, but not for want of a connection
	 */
	if (virConnectIsAlive(virt_of(work)) == 0)
		return vmm_err_set(err, VMM_NOCONN, "the connection was lost");
	if (disk->below.n)
		return 0;
	if (!from->chain_known)
		return vmm_err_set(err, VMM_FAILED,
		    "what its disk %s, '%s', stands on cannot be read",
		    disk->target, disk->top);
	standing_release(&work->disk[--work->n]);
	return 0;
}

static int find_disks(struct flattening *work, struct vmm_err *err)
{
	struct vmm_vm *vm = work->vm;
	AUTODOMXML *domain = NULL;

	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) < 0)
		return vmm_fault(err, virt_of(work));
	domain = vmm_disks_read(vm,
	    vmm_state_is_active(vm->state) ? 0 : VIR_DOMAIN_XML_INACTIVE, err);
	for (size_t i = 0; domain && i < domain->disks; i++)
		if (look_at(work, &domain->disk[i], err) < 0)
			return -1;
	return domain ? 0 : -1;
}

/* --- whether it may be done --- */

static int check_state(struct vmm_vm *vm, struct vmm_err *err)
{
	enum vmm_tie tie;

	if (vmm_disks_tie(vm, &tie, err) < 0)
		return -1;
	switch (tie) {
	case VMM_TIE_SAVED:
		return vmm_err_set(err, VMM_REFUSED, "%s", VMM_TIE_SAVED_TEXT);
	case VMM_TIE_SNAPSHOTS:
		return vmm_err_set(err, VMM_REFUSED,
		    "it has snapshots, which need what its disks stand on; "
		    "'vmm snapshot --delete' deletes them");
	case VMM_TIE_CHECKPOINTS:
		return vmm_err_set(err, VMM_REFUSED,
		    "it has checkpoints, which keep track of its disks as they "
		    "are; 'virsh checkpoint-delete' deletes them");
	case VMM_TIE_NONE:
		break;
	}
	if (vm->state == VIR_DOMAIN_RUNNING ||
	    vm->state == VIR_DOMAIN_BLOCKED || vm->state == VIR_DOMAIN_SHUTOFF)
		return 0;
	if (vm->state == VIR_DOMAIN_PAUSED)
		return vmm_err_set(err, VMM_REFUSED,
		    "it is paused, and QEMU cannot be made to write out what "
		    "it pulls before it goes on; 'vmm resume' it first");
	return vmm_err_set(err, VMM_FAILED,
	    "it is %s; a VM that runs or is off can be flattened",
	    vmm_state_name(vm->state));
}

/* The volumes of a VM that is off are copied by qemu-img, which libvirt gives
 * no keys, and no devices for other formats than raw. */
static int check_copied(const struct standing *disk, struct vmm_err *err)
{
	const char *format = disk->like.format ? disk->like.format : "raw";
	const char *why = disk->like.encrypted           ? "encrypted"
			  : disk->like.block             ? "on a block device"
			  : strcmp(format, "qcow2") != 0 ? format
							 : NULL;

	return why ? vmm_err_set(err, VMM_FAILED,
			 "its disk %s, '%s', is %s, and such a disk can be "
			 "flattened only while the VM runs; 'vmm start' it",
			 disk->target, disk->top, why)
		   : 0;
}

static int check_disks(struct flattening *work, struct vmm_err *err)
{
	bool active = vmm_state_is_active(work->vm->state);
	AUTOGUARD *guard = NULL;

	for (size_t i = 0; i < work->n; i++)
		if (vmm_disks_idle(work->vm, work->disk[i].target, err) < 0 ||
		    (!active && check_copied(&work->disk[i], err) < 0))
			return -1;
	guard = read_guard(
	    work, work->how->force ? VMM_DOUBT_FORCED : VMM_DOUBT_ASKS, err);
	for (size_t i = 0; guard && i < work->n; i++) {
		const struct standing *disk = &work->disk[i];
		AUTOFREE char *users = vmm_guard_users(
		    guard, disk->top, work->vm->uuid, NULL, err);

		if (err->status)
			return -1;
		if (users)
			return vmm_err_set(err, VMM_REFUSED,
			    "its disk %s, '%s', is what %s needs, which would "
			    "stand on the same files as before; flatten that "
			    "first",
			    disk->target, disk->top, users);
	}
	return guard ? 0 : -1;
}

/* --- while it runs --- */

/* Whether the VM's disk has still, or again, the file it had, and that stands
 * on nothing. */
static bool is_flat(const struct flattening *work, const struct standing *disk,
    struct vmm_err *err)
{
	AUTODOMXML *domain = vmm_disks_read(work->vm, 0, err);
	const struct vmm_disk *now =
	    domain ? vmm_disk_of(domain, disk->target) : NULL;
	AUTOFREE char *top =
	    now ? vmm_disk_top(work->vm, domain, disk->target) : NULL;

	return top && strcmp(top, disk->top) == 0 && is_alone(now);
}

static void tell(struct flattening *work)
{
	unsigned long long done = 0, total = 0;

	for (size_t i = 0; i < work->n; i++) {
		done += work->disk[i].done;
		total += work->disk[i].total;
	}
	vmm_progress_set(work->progress, done < total ? done : total, total);
}

struct telling {
	struct flattening *work;
	struct standing *disk;
};

static void tell_of_pull(const struct vmm_amount *amount, void *arg)
{
	struct telling *telling = arg;

	telling->disk->done = amount->done;
	telling->disk->total = amount->total;
	tell(telling->work);
}

/* Until then nobody may be told that a base is not needed. */
static int settle(
    struct flattening *work, const struct standing *disk, struct vmm_err *err)
{
	AUTOFREE char *keep = NULL;

	if (vmm_blockjob_settle(work->vm, err) == 0)
		return 0;
	keep = vmm_sprintf("; its disk %s may not be written out: keep '%s' "
			   "until 'vmm flatten' has ended well",
	    disk->target, disk->below.v[0]);
	return vmm_err_append(err, keep);
}

static int pull(
    struct flattening *work, struct standing *disk, struct vmm_err *err)
{
	struct telling telling = {work, disk};
	AUTOFREE char *linked = NULL;
	AUTOERR why = VMM_ERR_INIT;
	bool flat;
	int result;

	if (vmm_interrupted())
		result = vmm_err_set(err, VMM_FAILED, "interrupted");
	else
		result =
		    vmm_blockjob_pull(work->vm, disk->target, work->listener,
			work->progress->watched ? tell_of_pull : NULL, &telling,
			err);
	if (result < 0 && err->status == VMM_NOCONN)
		return -1;
	flat = is_flat(work, disk, &why);
	if (why.status) { /* then nothing is known */
		vmm_err_move(err, &why);
		return -1;
	}
	if (flat) { /* perhaps before it was called off */
		vmm_err_release(err);
		disk->done = disk->total;
		return settle(work, disk, err);
	}
	if (result == 0)
		vmm_err_set(err, VMM_FAILED,
		    "libvirt has ended the block job on its disk %s",
		    disk->target);
	linked = vmm_sprintf(virDomainIsActive(work->vm->domain) == 1
				 ? "; it goes on, and still stands on '%s'"
				 : "; it still stands on '%s'",
	    disk->below.v[0]);
	return vmm_err_append(err, linked);
}

/* A chain that the definition spells out would be believed at the next start,
 * though the files have another by now. */
static int mend_definition(struct flattening *work, struct vmm_err *err)
{
	AUTOLOCK lock = VMM_LOCK_INIT;
	AUTODOMXML *domain = NULL;
	AUTOFREE struct vmm_diskfile *file = vmm_calloc(work->n, sizeof *file);
	size_t n = 0;
	int persistent = virDomainIsPersistent(work->vm->domain);

	if (persistent < 0)
		return vmm_fault(err, virt_of(work));
	if (!persistent)
		return 0;
	if (vmm_lock_take(&lock, work->vm->uuid, err) < 0)
		return -1;
	domain = vmm_disks_read(work->vm, VIR_DOMAIN_XML_INACTIVE, err);
	for (size_t i = 0; domain && i < work->n; i++) {
		const struct vmm_disk *disk =
		    vmm_disk_of(domain, work->disk[i].target);

		if (disk && (disk->layers > 1 || disk->chain_known))
			file[n++] = (struct vmm_diskfile){
			    .target = work->disk[i].target};
	}
	if (!domain)
		return -1;
	return n ? vmm_disks_define(work->vm, file, n, err) : 0;
}

static int pull_all(struct flattening *work, struct vmm_err *err)
{
	for (size_t i = 0; i < work->n; i++) /* until QEMU says it */
		work->disk[i].total = work->disk[i].capacity;
	for (size_t i = 0; i < work->n; i++)
		if (pull(work, &work->disk[i], err) < 0)
			return -1;
	return mend_definition(work, err);
}

/* --- while it is off --- */

static int name_copies(struct flattening *work, struct vmm_err *err)
{
	for (size_t i = 0; i < work->n; i++) {
		struct standing *disk = &work->disk[i];
		AUTOFREE char *folder = vmm_folder_of(disk->top);

		disk->name = vmm_disk_new_name(work->vm, disk->target, "qcow2");
		disk->path = vmm_sprintf("%s/%s", folder, disk->name);
		if (vmm_leftovers_add(work->left, disk->path, NULL, err) < 0 ||
		    vmm_leftovers_add_old(work->left, disk->top,
			disk->like.below.source, err) < 0)
			return -1;
	}
	return 0;
}

static void tell_of_copy(unsigned long long bytes, void *arg)
{
	struct telling *telling = arg;

	telling->disk->done =
	    bytes < telling->disk->total ? bytes : telling->disk->total;
	tell(telling->work);
}

static int copy(
    struct flattening *work, struct standing *disk, struct vmm_err *err)
{
	struct telling telling = {work, disk};
	const struct vmm_copy how = {.from = disk->top,
	    .like = &disk->like,
	    .pool = disk->place.pool,
	    .name = disk->name,
	    .format = "qcow2",
	    .tell = work->progress->watched ? tell_of_copy : NULL,
	    .arg = &telling};
	int result;

	if (vmm_interrupted())
		return vmm_err_set(err, VMM_FAILED, "interrupted");
	pthread_rwlock_rdlock(&building);
	result = vmm_copy_make(work->vm, &how, err);
	pthread_rwlock_unlock(&building);
	if (result < 0)
		return vmm_err_prefix(err, "the volume '%s': ", disk->path);
	disk->made = true;
	tell_of_copy(disk->total, &telling);
	return vmm_leftovers_mark(work->left, disk->path, err);
}

static int started(struct vmm_err *err)
{
	return vmm_err_set(err, VMM_REFUSED,
	    "it was started while it was copied, so the copy is damaged; 'vmm "
	    "flatten' it while it runs");
}

static int changed(struct vmm_err *err)
{
	return vmm_err_set(err, VMM_REFUSED,
	    "its disks were changed by somebody else meanwhile");
}

/* Takes what was heard of the VM so far; until it was DEFINED anew, or for a
 * while, or (NULL) at once. True: it was started. */
static bool was_started(struct flattening *work, bool *defined)
{
	struct timespec deadline = vmm_call_deadline(defined ? PATIENCE : 0);
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOEVENT event = {0};

	while (vmm_listener_next(work->listener, &deadline, &event, &ignored) ==
	       1) {
		if (event.kind != VMM_EVENT_LIFECYCLE)
			continue;
		if (event.event == VIR_DOMAIN_EVENT_STARTED)
			return true;
		if (defined && event.event == VIR_DOMAIN_EVENT_DEFINED) {
			*defined = true;
			return false;
		}
	}
	return false;
}

/* Whether the disks are what PATH of each says: the old files or the new. */
static bool has_files(const struct flattening *work, unsigned flags, bool new,
    struct vmm_err *err)
{
	AUTODOMXML *domain = vmm_disks_read(work->vm, flags, err);

	for (size_t i = 0; domain && i < work->n; i++) {
		const struct standing *disk = &work->disk[i];
		AUTOFREE char *top =
		    vmm_disk_top(work->vm, domain, disk->target);

		if (!top || strcmp(top, new ? disk->path : disk->top) != 0)
			return false;
	}
	return domain != NULL;
}

/* Once more what was looked at before, for a copy may take long. */
static int check_again(struct flattening *work, struct vmm_err *err)
{
	if (vmm_interrupted())
		return vmm_err_set(err, VMM_FAILED, "interrupted");
	if (was_started(work, NULL))
		return started(err);
	if (check_state(work->vm, err) < 0)
		return -1;
	if (vmm_state_is_active(work->vm->state))
		return started(err);
	if (has_files(work, VIR_DOMAIN_XML_INACTIVE, false, err))
		return 0;
	return err->status ? -1 : changed(err);
}

static int put_back(struct flattening *work, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;
	virDomainPtr defined = virDomainDefineXML(virt_of(work), work->before);

	if (defined) {
		virDomainFree(defined);
		return started(err);
	}
	vmm_fault(&why, virt_of(work));
	return vmm_err_set(err, VMM_FAILED,
	    "it was started while it was copied, and its definition, which has "
	    "the copy, cannot be put back: %s",
	    why.text);
}

/* Which definition a VM that was started meanwhile has: a look at one that
 * runs, or what came first, its start or the definition. */
static int check_since(struct flattening *work, struct vmm_err *err)
{
	bool defined = false;
	bool before = was_started(work, &defined);
	int active = virDomainIsActive(work->vm->domain);

	if (active < 0)
		return vmm_fault(err, virt_of(work));
	if (active) {
		if (has_files(work, 0, true, err))
			return 0;
		return err->status ? -1 : put_back(work, err);
	}
	return before && !defined ? put_back(work, err) : 0;
}

/* The VM gets its copies, all at once. */
static int exchange(struct flattening *work, struct vmm_err *err)
{
	AUTOFREE struct vmm_diskfile *file = vmm_calloc(work->n, sizeof *file);
	AUTOLOCK lock = VMM_LOCK_INIT;

	for (size_t i = 0; i < work->n; i++)
		file[i] = (struct vmm_diskfile){
		    work->disk[i].target, work->disk[i].path, "qcow2"};
	if (vmm_lock_take(&lock, work->vm->uuid, err) < 0 ||
	    check_again(work, err) < 0)
		return -1;
	work->before = virDomainGetXMLDesc(
	    work->vm->domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	if (!work->before)
		return vmm_fault(err, virt_of(work));
	if (vmm_disks_define(work->vm, file, work->n, err) < 0 ||
	    check_since(work, err) < 0)
		return -1;
	if (has_files(work, VIR_DOMAIN_XML_INACTIVE, true, err))
		return 0;
	return err->status ? -1 : changed(err);
}

/* Whether the VM has, or may have, the new file of DISK. */
static bool has_copy(
    const struct flattening *work, const struct standing *disk, unsigned flags)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTODOMXML *domain = vmm_disks_read(work->vm, flags, &ignored);
	AUTOFREE char *top =
	    domain ? vmm_disk_top(work->vm, domain, disk->target) : NULL;

	return !domain || (top && strcmp(top, disk->path) == 0);
}

/* Throws the copies away, if nothing has them; false if one stays. */
static bool throw_away(struct flattening *work)
{
	bool all = true;

	for (size_t i = 0; i < work->n; i++) {
		struct standing *disk = &work->disk[i];
		AUTOVOL volume = NULL;

		if (!disk->made)
			continue;
		if (has_copy(work, disk, 0) ||
		    has_copy(work, disk, VIR_DOMAIN_XML_INACTIVE)) {
			all = false;
			continue;
		}
		volume =
		    virStorageVolLookupByName(disk->place.pool, disk->name);
		all &= volume && virStorageVolDelete(volume, 0) == 0;
	}
	return all;
}

static int copy_all(struct flattening *work, struct vmm_err *err)
{
	int result = 0;

	work->left = vmm_leftovers_begin(work->vm->conn, err);
	if (!work->left || name_copies(work, err) < 0)
		return -1;
	for (size_t i = 0; i < work->n && result == 0; i++)
		result = copy(work, &work->disk[i], err);
	if (result == 0)
		result = exchange(work, err);
	if (result == 0)
		return 0;
	if (err->status == VMM_NOCONN || !throw_away(work))
		return vmm_err_append(
		    err, "; 'vmm fsck' lists what is left of the copy");
	vmm_leftovers_end(TAKE_PTR(work->left), true);
	return vmm_interrupted()
		   ? vmm_err_append(err, "; it stands on its files as before")
		   : -1;
}

/* --- what nobody needs any more --- */

static void note(struct flattening *work, char *sentence)
{
	vmm_strv_take(&work->flattened->notes, sentence);
}

/* Not while another job reads who stands on what. */
static int delete_file(
    const struct flattening *work, const char *file, struct vmm_err *err)
{
	int result;

	pthread_rwlock_rdlock(&building);
	result = vmm_volume_delete(work->vm->conn, file, err);
	pthread_rwlock_unlock(&building);
	return result;
}

/* The VM's old file, after a copy took its place. */
static bool delete_old(struct flattening *work, struct vmm_guard *guard,
    const struct standing *disk)
{
	AUTOERR why = VMM_ERR_INIT;
	AUTOFREE char *users =
	    vmm_guard_users(guard, disk->top, NULL, NULL, &why);

	if (!users && !why.status && delete_file(work, disk->top, &why) == 0) {
		vmm_guard_forget_file(guard, disk->top);
		return true;
	}
	if (users)
		note(work, vmm_escapedf("'%s' is no longer a disk of '%s', but "
					"stays, for %s needs it",
			       disk->top, work->vm->path, users));
	else
		note(work,
		    vmm_escapedf("'%s' is no longer a disk of '%s', but cannot "
				 "be deleted: %s",
			disk->top, work->vm->path, why.text));
	return users != NULL;
}

/* Whether what stood below ABOVE was once the disk of a VM, rather than an
 * image that somebody keeps to make VMs of: the bases that vmm makes are. */
static bool was_a_disk(const struct flattening *work,
    const struct standing *disk, const char *above)
{
	return (above == disk->top && work->vm->meta.origin) ||
	       vmm_disk_is_new_name(above);
}

/* Tells of the bases that nobody needs; false if one was noted. */
static bool tell_of_bases(struct flattening *work, struct vmm_guard *guard,
    const struct standing *disk, struct vmm_strv *free_ones)
{
	bool none = true;

	for (size_t i = 0; i < disk->below.n; i++) {
		const char *file = disk->below.v[i];
		AUTOERR ignored = VMM_ERR_INIT;
		AUTOFREE char *users =
		    vmm_guard_users(guard, file, NULL, free_ones, &ignored);
		AUTOFREE char *below = vmm_guard_below(guard, file);

		if (users || ignored.status || vmm_strv_has(free_ones, file) ||
		    !vmm_guard_find(guard, file))
			return none;
		vmm_strv_take(free_ones, vmm_strdup(file));
		if (!was_a_disk(
			work, disk, i ? disk->below.v[i - 1] : disk->top)) {
			note(work, vmm_escapedf(
				       "'%s' is needed by nobody that libvirt "
				       "knows",
				       file));
			continue;
		}
		if (!work->left)
			work->left =
			    vmm_leftovers_begin(work->vm->conn, &ignored);
		if (!work->left || vmm_leftovers_add_old(
				       work->left, file, below, &ignored) < 0)
			continue;
		note(work, vmm_escapedf("'%s' is needed by nobody any more; "
					"'vmm fsck --repair' frees it",
			       file));
		none = false;
	}
	return none;
}

static void clean_up(struct flattening *work)
{
	AUTOERR why = VMM_ERR_INIT;
	AUTOSTRV free_ones = VMM_STRV_INIT;
	AUTOGUARD *guard = read_guard(work, VMM_DOUBT_REFUSES, &why);
	bool done = guard != NULL;

	for (size_t i = 0; guard && i < work->n; i++)
		if (work->disk[i].made)
			done &= delete_old(work, guard, &work->disk[i]);
	for (size_t i = 0; guard && i < work->n; i++)
		done &= tell_of_bases(work, guard, &work->disk[i], &free_ones);
	if (!guard)
		note(work,
		    vmm_escapedf("who still needs what '%s' stood on is not "
				 "known: %s",
			work->vm->path, why.text));
	vmm_leftovers_end(TAKE_PTR(work->left), done);
}

/* --- all of it --- */

/* Whether no disk stands on any other file, now and at the next start. */
static bool stands_alone(const struct flattening *work)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTODOMXML *now = vmm_disks_read(work->vm, 0, &ignored);
	AUTODOMXML *next =
	    vmm_disks_read(work->vm, VIR_DOMAIN_XML_INACTIVE, &ignored);

	for (size_t i = 0; now && next && i < now->disks + next->disks; i++) {
		struct vmm_disk *disk = i < now->disks
					    ? &now->disk[i]
					    : &next->disk[i - now->disks];
		bool done = false;

		/* the next start's may be in no pool: then that it was just
		 * flattened is all there is to know */
		for (size_t j = 0; j < work->n && !done; j++)
			done = i >= now->disks && disk->target &&
			       strcmp(disk->target, work->disk[j].target) == 0;
		free(vmm_chain_read(virt_of(work), disk));
		if (!done && !is_alone(disk))
			return false;
	}
	return now && next;
}

static int drop_origin(struct flattening *work, struct vmm_err *err)
{
	static const struct vmm_meta_change change = {.origin = ""};

	if (!work->vm->meta.origin || !stands_alone(work))
		return 0;
	/* a pull that outlived the command that began it */
	if (!work->n && vmm_state_is_active(work->vm->state) &&
	    vmm_blockjob_settle(work->vm, err) < 0)
		return -1;
	return vmm_meta_change(work->vm, &change, err);
}

static int prepare(struct flattening *work, struct vmm_err *err)
{
	if (find_disks(work, err) < 0)
		return -1;
	for (size_t i = 0; i < work->n; i++)
		vmm_strv_take(
		    &work->flattened->files, vmm_strdup(work->disk[i].top));
	if (!work->n)
		return 0;
	return check_state(work->vm, err) < 0 ? -1 : check_disks(work, err);
}

static void flattening_release(struct flattening *work)
{
	for (size_t i = 0; i < work->n; i++)
		standing_release(&work->disk[i]);
	free(work->disk);
	free(work->before);
	vmm_leftovers_end(work->left, false);
	vmm_listener_closep(&work->listener);
}

int vmm_flatten(struct vmm_vm *vm, const struct vmm_flatten *how,
    struct vmm_progress *progress, struct vmm_flattened *flattened,
    struct vmm_err *err)
{
	CLEANUP(flattening_release)
	struct flattening work = {
	    .vm = vm, .how = how, .progress = progress, .flattened = flattened};
	int result;

	if (!how->dry_run) {
		work.listener = vmm_conn_listen(
		    vm->conn, vm->uuid, VMM_BLOCKJOB_EVENTS, err);
		if (!work.listener)
			return -1;
	}
	if (prepare(&work, err) < 0)
		return -1;
	if (how->dry_run)
		return 0;
	if (work.n) {
		result = vmm_state_is_active(vm->state) ? pull_all(&work, err)
							: copy_all(&work, err);
		if (result < 0)
			return -1;
	}
	if (drop_origin(&work, err) < 0)
		return -1;
	if (work.n)
		clean_up(&work);
	return 0;
}

void vmm_flattened_release(struct vmm_flattened *flattened)
{
	vmm_strv_release(&flattened->files);
	vmm_strv_release(&flattened->notes);
}
