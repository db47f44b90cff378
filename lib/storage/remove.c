/* remove: hides which files are a VM's own, and the order in which it goes. */
#include "storage/remove.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"
#include "libvirt/power.h"
#include "pure/snapxml.h"
#include "storage/disks.h"
#include "storage/guard.h"
#include "storage/kept.h"
#include "storage/leftover.h"
#include "storage/volume.h"

/* Undefining asks for these where the headers have them. */
#if LIBVIR_CHECK_VERSION(8, 9, 0)
#define DELETE_TPM VIR_DOMAIN_UNDEFINE_TPM
#define KEEP_TPM VIR_DOMAIN_UNDEFINE_KEEP_TPM
#else
#define DELETE_TPM 0
#define KEEP_TPM 0
#endif

struct vmm_removing {
	struct vmm_conn *conn;
	const struct vmm_remove *how;
	struct vmm_guard *guard; /* NULL: the disks stay */
	struct timespec since;   /* what it knows is not older */
	bool stale;              /* and may not hold any more */
	pthread_rwlock_t use;    /* of those three; alone to read it anew */
	pthread_mutex_t lock;    /* of what is below, and of a file's fate */
	struct vmm_strv taken;   /* files that one of the VMs sees to */
};

enum kind {
	DISK,  /* the VM writes to it */
	OTHER, /* NVRAM, the memory of a snapshot, an overlay of one */
	PAST,  /* what one of those was, before a pivot: it stands on that */
	BELOW, /* what else they stand on */
};

struct file {
	enum kind kind;
	char *path;
	bool done; /* its fate is settled */
};

struct removal {
	struct vmm_removing *all;
	struct vmm_vm *vm;
	struct vmm_removed *removed;
	int checkpoints;
	bool autostart;
	char *xml; /* for its next start; of a transient VM, of now */
	struct vmm_strv snapshots; /* their XML, parents first */
	size_t current;            /* which of them, from 1; 0: none */
	struct file *file;
	size_t files;
	struct vmm_kept kept;
	struct vmm_leftovers *left;
	bool powered_off;
	bool unneeded; /* a file is nobody's any more, and stays */
	struct vmm_strv failed;
};

static virConnectPtr virt_of(const struct removal *removal)
{
	return vmm_conn_virt(removal->all->conn);
}

static void add_note(struct removal *removal, char *note)
{
	vmm_strv_take(&removal->removed->notes, note);
}

/* --- as it is, under the lock --- */

static int look(struct removal *removal, struct vmm_err *err)
{
	struct vmm_vm *vm = removal->vm;
	int saved = 0, persistent = 0, autostart = 0;

	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) < 0 ||
	    (saved = vmm_fault_none(
		 virDomainHasManagedSaveImage(vm->domain, 0))) < 0 ||
	    (persistent = virDomainIsPersistent(vm->domain)) < 0)
		return vmm_fault(err, virt_of(removal));
	vm->saved = saved > 0;
	vm->persistent = persistent > 0;
	if (vm->persistent &&
	    vmm_fault_none(virDomainGetAutostart(vm->domain, &autostart)) < 0)
		return vmm_fault(err, virt_of(removal));
	removal->autostart = autostart;
	removal->checkpoints =
	    vmm_fault_none(virDomainListAllCheckpoints(vm->domain, NULL, 0));
	if (removal->checkpoints < 0)
		return vmm_fault(err, virt_of(removal));
	return 0;
}

static int read_snapshots(struct removal *removal, struct vmm_err *err)
{
	virDomainSnapshotPtr *list = NULL;
	int n = vmm_fault_none(virDomainListAllSnapshots(
	    removal->vm->domain, &list, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL));

	if (n < 0)
		return vmm_fault(err, virt_of(removal));
	for (int i = 0; i < n; i++) {
		char *xml = err->status ? NULL
					: virDomainSnapshotGetXMLDesc(list[i],
					      VIR_DOMAIN_SNAPSHOT_XML_SECURE);

		if (xml)
			vmm_strv_take(&removal->snapshots, xml);
		else if (!err->status)
			vmm_fault(err, virt_of(removal));
		if (xml && virDomainSnapshotIsCurrent(list[i], 0) == 1)
			removal->current = removal->snapshots.n;
		virDomainSnapshotFree(list[i]);
	}
	free(list);
	return err->status ? -1 : 0;
}

static int read_all(struct removal *removal, struct vmm_err *err)
{
	if (look(removal, err) < 0)
		return -1;
	removal->xml = virDomainGetXMLDesc(removal->vm->domain,
	    VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	if (!removal->xml)
		return vmm_fault(err, virt_of(removal));
	return read_snapshots(removal, err);
}

static void add_reason(struct vmm_buf *why, const char *verb, const char *what)
{
	if (what)
		vmm_buf_addf(
		    why, "%s%s %s", why->length ? ", " : "", verb, what);
}

static int check_state(const struct removal *removal, struct vmm_err *err)
{
	const struct vmm_vm *vm = removal->vm;
	const char *state = vmm_state_name(vm->state);
	AUTOBUF why = VMM_BUF_INIT;

	if (removal->all->how->force)
		return 0;
	add_reason(&why, "is", vmm_state_is_active(vm->state) ? state : NULL);
	add_reason(&why, "is", vm->persistent ? NULL : "transient");
	add_reason(&why, "has", vm->saved ? "a saved state" : NULL);
	add_reason(&why, "has", removal->snapshots.n ? "snapshots" : NULL);
	add_reason(
	    &why, "has", removal->checkpoints > 0 ? "checkpoints" : NULL);
	if (!why.length)
		return 0;
	return vmm_err_set(err, VMM_REFUSED,
	    "it %s; --force removes it all the same", why.text);
}

/* --- which files are its own --- */

static void add_file(struct removal *removal, enum kind kind, char *path)
{
	for (size_t i = 0; i < removal->files; i++)
		if (strcmp(removal->file[i].path, path) == 0) {
			free(path);
			return;
		}
	VMM_GROW(removal->file, removal->files);
	removal->file[removal->files++] =
	    (struct file){.kind = kind, .path = path};
}

/* Whether a pool has it, or can have. */
static bool is_volume(const struct removal *removal, const char *path)
{
	AUTOVOL volume = NULL;

	if (*path != '/')
		return false;
	if (strncmp(path, "/dev/", 5) != 0)
		return true;
	volume = vmm_volume_look(virt_of(removal), path);
	return volume != NULL;
}

static void add_disk(struct removal *removal, const struct vmm_disk *disk)
{
	static const char *const kinds[] = {"file", "block", "volume"};
	const struct vmm_layer *top = disk->layer;
	AUTOFREE char *path = NULL;
	AUTOFREE char *note = NULL;
	bool deletable = false;

	if (!disk->layers || !top->source || disk->readonly ||
	    disk->shareable || strcmp(disk->device, "cdrom") == 0 ||
	    strcmp(disk->device, "floppy") == 0)
		return;
	path = vmm_volume_path(virt_of(removal), top->source);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		deletable |= top->type && strcmp(top->type, kinds[i]) == 0;
	if (deletable && is_volume(removal, path)) {
		add_file(removal, DISK, TAKE_PTR(path));
		return;
	}
	note = vmm_escapedf("'%s' is kept: no storage pool has it", path);
	if (!vmm_strv_has(&removal->removed->notes, note))
		add_note(removal, TAKE_PTR(note));
}

static int add_domain(
    struct removal *removal, const char *xml, struct vmm_err *err)
{
	AUTODOMXML *domain = vmm_domxml_read(xml, err);

	if (!domain)
		return -1;
	for (size_t i = 0; i < domain->disks; i++)
		add_disk(removal, &domain->disk[i]);
	if (domain->nvram)
		add_file(removal, OTHER, TAKE_PTR(domain->nvram));
	return 0;
}

/* It runs, and may run with others than it starts with. */
static int add_running(struct removal *removal, struct vmm_err *err)
{
	AUTOFREE char *now = NULL;

	if (!vmm_state_is_active(removal->vm->state))
		return 0;
	now = virDomainGetXMLDesc(removal->vm->domain, 0);
	return now ? add_domain(removal, now, err)
		   : vmm_fault(err, virt_of(removal));
}

static int add_snapshot(
    struct removal *removal, const char *xml, struct vmm_err *err)
{
	AUTOSNAPXML *snapshot = vmm_snapxml_read(xml, err);

	if (!snapshot)
		return -1;
	if (snapshot->memory_file)
		add_file(removal, OTHER, TAKE_PTR(snapshot->memory_file));
	for (size_t i = 0; i < snapshot->overlays.n; i++)
		add_file(removal, OTHER,
		    vmm_volume_path(virt_of(removal), snapshot->overlays.v[i]));
	/* what the VM's own overlays stand on since */
	for (size_t i = 0; snapshot->external && i < snapshot->disks.n; i++)
		add_file(removal, OTHER,
		    vmm_volume_path(virt_of(removal), snapshot->disks.v[i]));
	return 0;
}

/* What FILE's own file below it is to the VM. The names that pivots give tell
 * what was the VM's disk before; what a linked clone stands on was its
 * source's; and what another client has put below a disk is no business of
 * ours. */
static bool take_below(
    const struct removal *removal, const struct file *file, enum kind *kind)
{
	bool pivoted = vmm_disk_is_new_name(file->path);

	if (file->kind != BELOW && pivoted)
		*kind = PAST;
	else
		*kind = BELOW;
	return pivoted ||
	       (file->kind != BELOW && removal->vm->meta.origin != NULL);
}

static void add_below(struct removal *removal)
{
	for (size_t i = 0; i < removal->files; i++) {
		enum kind kind;
		char *below =
		    vmm_guard_below(removal->all->guard, removal->file[i].path);

		if (below && *below == '/' &&
		    take_below(removal, &removal->file[i], &kind))
			add_file(removal, kind, below);
		else
			free(below);
	}
}

static int add_files(struct removal *removal, struct vmm_err *err)
{
	if (add_domain(removal, removal->xml, err) < 0 ||
	    add_running(removal, err) < 0)
		return -1;
	for (size_t i = 0; i < removal->snapshots.n; i++)
		if (add_snapshot(removal, removal->snapshots.v[i], err) < 0)
			return -1;
	add_below(removal);
	return 0;
}

/* A file that others need is not to be deleted; and if the VM writes to it, it
 * is no good to have nobody who knows of that. */
static int check_users(struct removal *removal, struct vmm_err *err)
{
	AUTOSTRV own = VMM_STRV_INIT;

	for (size_t i = 0; i < removal->files; i++)
		if (removal->file[i].kind != BELOW)
			vmm_strv_take(&own, vmm_strdup(removal->file[i].path));
	for (size_t i = 0; i < removal->files; i++) {
		const struct file *file = &removal->file[i];
		AUTOFREE char *users = vmm_guard_users(removal->all->guard,
		    file->path, removal->vm->uuid, &own, err);

		if (err->status)
			return -1;
		if (users && file->kind == DISK)
			return vmm_err_set(err, VMM_REFUSED,
			    "its disk '%s' is needed by %s; remove those "
			    "first, or this without --disks",
			    file->path, users);
	}
	return 0;
}

/* --- before it is touched --- */

static int keep(struct removal *removal, struct vmm_err *err)
{
	const struct vmm_keep what = {.uri = vmm_conn_uri(removal->all->conn),
	    .name = removal->vm->name,
	    .uuid = removal->vm->uuid,
	    .xml = removal->xml,
	    .snapshots = &removal->snapshots,
	    .current = removal->current,
	    .autostart = removal->autostart};

	return vmm_kept_write(&what, &removal->kept, err);
}

/* With all that they stand on: what somebody needs fsck leaves alone. */
static int note_files(struct removal *removal, struct vmm_err *err)
{
	if (!removal->files)
		return 0;
	removal->left = vmm_leftovers_begin(removal->all->conn, err);
	if (!removal->left)
		return -1;
	for (size_t i = 0; i < removal->files; i++) {
		AUTOFREE char *base =
		    vmm_guard_below(removal->all->guard, removal->file[i].path);

		if (vmm_leftovers_add_old(
			removal->left, removal->file[i].path, base, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the VM --- */

static int undefine(const struct removal *removal, struct vmm_err *err)
{
	/* not every driver, and no older host, knows of those */
	static const unsigned without[] = {0, DELETE_TPM | KEEP_TPM,
	    DELETE_TPM | KEEP_TPM | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA,
	    DELETE_TPM | KEEP_TPM | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA |
		VIR_DOMAIN_UNDEFINE_KEEP_NVRAM};
	unsigned flags = VIR_DOMAIN_UNDEFINE_KEEP_NVRAM;

	flags |= removal->all->how->disks ? DELETE_TPM : KEEP_TPM;
	if (removal->all->how->force)
		flags |= VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
			 VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
			 VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
	for (size_t i = 0; i < ARRAY_SIZE(without); i++) {
		if (virDomainUndefineFlags(
			removal->vm->domain, flags & ~without[i]) == 0)
			return 0;
		if (vmm_fault_code() != VIR_ERR_INVALID_ARG &&
		    vmm_fault_code() != VIR_ERR_ARGUMENT_UNSUPPORTED)
			break;
	}
	return vmm_fault(err, virt_of(removal));
}

/* It was started just before it was undefined, and runs on without. */
static int define_again(const struct removal *removal, struct vmm_err *err)
{
	virDomainPtr domain =
	    virDomainDefineXML(virt_of(removal), removal->xml);

	if (!domain)
		return vmm_fault(err, virt_of(removal));
	if (removal->autostart)
		virDomainSetAutostart(domain, 1);
	virDomainFree(domain);
	return vmm_err_set(err, VMM_REFUSED,
	    "it was started by somebody else just now, and is left as it is");
}

static int power_off(struct removal *removal, struct vmm_err *err)
{
	if (!vmm_state_is_active(removal->vm->state))
		return 0;
	if (vmm_power_off(removal->vm, err) < 0)
		return -1;
	removal->powered_off = true;
	return vmm_power_look(removal->vm, err);
}

static int take_away(struct removal *removal, struct vmm_err *err)
{
	struct vmm_vm *vm = removal->vm;

	if (power_off(removal, err) < 0)
		return -1;
	if (!vm->gone && undefine(removal, err) < 0)
		return removal->powered_off
			   ? vmm_err_append(err, "; it is off now")
			   : -1;
	if (vmm_power_look(vm, err) < 0)
		return vmm_err_append(
		    err, "; its definition is removed, its disks are left");
	if (!vm->gone && !removal->all->how->force)
		return define_again(removal, err);
	return vm->gone ? 0 : power_off(removal, err);
}

/* --- its files --- */

/* Whether the fate of FILE, which nobody needs any more, is ours to settle: of
 * all VMs of the command the last one's. *USERS: who needs it; -1 with the
 * error. */
static int take_file(struct removal *removal, const struct file *file,
    char **users, struct vmm_err *err)
{
	struct vmm_removing *all = removal->all;
	bool taken = false;

	pthread_mutex_lock(&all->lock);
	*users = vmm_guard_users(all->guard, file->path, NULL, NULL, err);
	if (!*users && !err->status && !vmm_strv_has(&all->taken, file->path)) {
		vmm_strv_take(&all->taken, vmm_strdup(file->path));
		taken = true;
	}
	pthread_mutex_unlock(&all->lock);
	return err->status ? -1 : taken;
}

static void note_failure(struct removal *removal, const struct file *file,
    struct vmm_err *why, struct vmm_err *err)
{
	vmm_strv_take(&removal->failed, vmm_strdup(file->path));
	if (!err->status)
		vmm_err_move(err, why);
}

static void delete_file(
    struct removal *removal, const struct file *file, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;

	if (!is_volume(removal, file->path)) {
		add_note(removal, vmm_escapedf("'%s' is kept: no storage pool "
					       "has it",
				      file->path));
		return;
	}
	if (!removal->all->how->dry_run &&
	    vmm_volume_delete(removal->all->conn, file->path, &why) < 0)
		note_failure(removal, file, &why, err);
	else if (vmm_guard_forget_file(removal->all->guard, file->path))
		vmm_strv_take(
		    &removal->removed->deleted, vmm_strdup(file->path));
}

/* Whether anything was deleted. */
static bool settle(
    struct removal *removal, struct file *file, struct vmm_err *err)
{
	AUTOERR unknown = VMM_ERR_INIT;
	AUTOFREE char *users = NULL;
	int taken = take_file(removal, file, &users, &unknown);

	file->done = !users;
	if (taken < 0)
		note_failure(removal, file, &unknown, err);
	if (taken <= 0)
		return false;
	if (file->kind != BELOW) {
		delete_file(removal, file, err);
		return true;
	}
	removal->unneeded = true;
	if (!removal->all->how->dry_run)
		add_note(removal,
		    vmm_escapedf("'%s' is needed by nobody any more; 'vmm fsck "
				 "--repair' frees it",
			file->path));
	return false;
}

/* All of ours, or what only lies below. One that others need waits for those
 * others to be deleted; whether anything was. */
static bool settle_all(struct removal *removal, bool own, struct vmm_err *err)
{
	bool deleted = false;

	for (size_t i = 0; i < removal->files; i++)
		if (!removal->file[i].done &&
		    (removal->file[i].kind != BELOW) == own)
			deleted |= settle(removal, &removal->file[i], err);
	return deleted;
}

static void delete_files(struct removal *removal, struct vmm_err *err)
{
	while (settle_all(removal, true, err))
		;
	settle_all(removal, false, err);
	for (size_t i = 0; i < removal->files; i++)
		if (!removal->file[i].done && removal->file[i].kind < PAST)
			add_note(removal,
			    vmm_escapedf("'%s' is kept: others need it",
				removal->file[i].path));
}

static int say_failed(struct removal *removal, struct vmm_err *err)
{
	AUTOBUF names = VMM_BUF_INIT;

	if (!removal->failed.n)
		return 0;
	for (size_t i = 0; i < removal->failed.n; i++)
		vmm_buf_addf(
		    &names, "%s'%s'", i ? ", " : "", removal->failed.v[i]);
	vmm_err_prefix(
	    err, "the VM is gone, but %s cannot be deleted: ", names.text);
	return vmm_err_append(err, "; 'vmm fsck' lists what is left");
}

static void say_way_back(struct removal *removal)
{
	AUTOFREE char *path = vmm_escaped(removal->vm->path);

	if (removal->all->how->disks)
		add_note(removal,
		    vmm_sprintf("'%s' is removed%s; '%s' brings its definition "
				"back",
			path, removal->failed.n ? "" : " with its disks",
			removal->kept.definition));
	else
		add_note(removal,
		    vmm_sprintf("'%s' is removed; '%s' brings it "
				"back%s",
			path, removal->kept.all,
			removal->snapshots.n ? " with its snapshots" : ""));
}

/* --- all of it --- */

static int finish(struct removal *removal, struct vmm_err *err)
{
	struct vmm_guard *guard = removal->all->guard;

	if (guard) {
		vmm_guard_forget_vm(guard, removal->vm->uuid);
		delete_files(removal, err);
	}
	if (!removal->all->how->dry_run)
		say_way_back(removal);
	return say_failed(removal, err);
}

static int carry_out(struct removal *removal, struct vmm_err *err)
{
	int result;

	if (keep(removal, err) < 0)
		return -1;
	if (note_files(removal, err) < 0 || take_away(removal, err) < 0) {
		/* where the connection is lost nobody knows */
		bool whole = err->status != VMM_NOCONN;

		vmm_leftovers_end(TAKE_PTR(removal->left), whole);
		if (whole)
			vmm_kept_discard(&removal->kept);
		return -1;
	}
	result = finish(removal, err);
	vmm_leftovers_end(
	    TAKE_PTR(removal->left), result == 0 && !removal->unneeded);
	return result;
}

static void removal_release(struct removal *removal)
{
	for (size_t i = 0; i < removal->files; i++)
		free(removal->file[i].path);
	free(removal->file);
	free(removal->xml);
	vmm_strv_release(&removal->snapshots);
	vmm_strv_release(&removal->failed);
	vmm_kept_release(&removal->kept);
}

/* --- all of it --- */

static int read_guard(struct vmm_removing *removing, struct vmm_err *err)
{
	struct timespec now;
	struct vmm_guard *guard;

	clock_gettime(CLOCK_MONOTONIC, &now);
	guard = vmm_guard_read(removing->conn,
	    removing->how->force ? VMM_DOUBT_FORCED : VMM_DOUBT_ASKS, err);
	if (!guard)
		return -1;
	if (removing->guard)
		vmm_guard_free(removing->guard);
	removing->guard = guard;
	removing->since = now;
	removing->stale = false;
	return 0;
}

/* Nobody else of us may make or delete a file of VM's from here on. A clone of
 * it that was made since the guard was read stands on one that the guard has as
 * free. */
static int lock_vm(struct vmm_removing *removing, const struct vmm_vm *vm,
    int *lock, struct vmm_err *err)
{
	struct timespec since;
	bool changed, stale;
	int result = 0;

	pthread_rwlock_rdlock(&removing->use);
	since = removing->since;
	stale = removing->stale;
	pthread_rwlock_unlock(&removing->use);
	if (vmm_lock_take_since(lock, vm->uuid, &since, &changed, err) < 0)
		return -1;
	if (!(changed || stale) || !removing->how->disks)
		return 0;
	pthread_rwlock_wrlock(&removing->use);
	/* the lock will not say it twice: until it was read, for all VMs */
	removing->stale = true;
	result = read_guard(removing, err);
	pthread_rwlock_unlock(&removing->use);
	return result;
}

static int remove_vm(struct removal *removal, struct vmm_err *err)
{
	if (read_all(removal, err) < 0 || check_state(removal, err) < 0)
		return -1;
	if (removal->all->guard &&
	    (add_files(removal, err) < 0 || check_users(removal, err) < 0))
		return -1;
	return removal->all->how->dry_run ? finish(removal, err)
					  : carry_out(removal, err);
}

int vmm_remove(struct vmm_removing *removing, struct vmm_vm *vm,
    struct vmm_removed *removed, struct vmm_err *err)
{
	CLEANUP(removal_release)
	struct removal removal = {
	    .all = removing, .vm = vm, .removed = removed};
	AUTOLOCK lock = VMM_LOCK_INIT;
	int result;

	if (!removing->how->dry_run && lock_vm(removing, vm, &lock, err) < 0)
		return -1;
	pthread_rwlock_rdlock(&removing->use);
	result = remove_vm(&removal, err);
	pthread_rwlock_unlock(&removing->use);
	return result;
}

struct vmm_removing *vmm_removing_begin(
    struct vmm_conn *conn, const struct vmm_remove *how, struct vmm_err *err)
{
	struct vmm_removing *removing = vmm_calloc(1, sizeof *removing);
	pthread_rwlockattr_t kind;

	removing->conn = conn;
	removing->how = how;
	pthread_mutex_init(&removing->lock, NULL);
	/* or whoever reads the guard anew waits for all others to be done */
	pthread_rwlockattr_init(&kind);
	pthread_rwlockattr_setkind_np(
	    &kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&removing->use, &kind);
	pthread_rwlockattr_destroy(&kind);
	if (!how->disks || read_guard(removing, err) == 0)
		return removing;
	vmm_removing_end(removing);
	return NULL;
}

void vmm_removing_end(struct vmm_removing *removing)
{
	if (removing->guard)
		vmm_guard_free(removing->guard);
	vmm_strv_release(&removing->taken);
	pthread_rwlock_destroy(&removing->use);
	pthread_mutex_destroy(&removing->lock);
	free(removing);
}

void vmm_removed_release(struct vmm_removed *removed)
{
	vmm_strv_release(&removed->deleted);
	vmm_strv_release(&removed->notes);
}
