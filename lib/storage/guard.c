/* guard: hides pools, their refreshing, folders that are in none, and how who
 * uses a file is found without a look at all others. */
#include "storage/guard.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/index.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "storage/volume.h"

/* Who uses a file: a VM that has it, or a volume that stands on it. */
struct user {
	struct vmm_claimant *vm; /* with CLAIM, or NULL */
	const struct vmm_claim *claim;
	const struct vmm_seen *seen; /* or NULL */
	struct user *next;           /* of a file that is called so, too */
	struct user *last;           /* of those, in the first */
};

struct vmm_guard {
	struct vmm_conn *conn;
	enum vmm_doubt doubt;
	struct vmm_claims claims;
	struct vmm_index vms; /* of claims, by UUID */
	pthread_mutex_t lock; /* of all below, and of claims */
	struct vmm_seen **seen;
	size_t n;
	struct vmm_index paths; /* of seen, gone or not */
	struct user **user;
	size_t users;
	struct vmm_index names;  /* of user, by the last part of the path */
	struct vmm_strv folders; /* that were read, or could not be */
	struct vmm_index known;  /* of folders */
	struct vmm_strv blind;   /* those that could not be, though forced */
	struct vmm_strv unread;  /* what that is, and why */
	size_t asleep;           /* of those: pools that are not active */
};

static struct vmm_seen *find(const struct vmm_guard *guard, const char *path)
{
	struct vmm_seen *seen = vmm_index_find(&guard->paths, path);

	return seen && !seen->gone ? seen : NULL;
}

static bool knows(const struct vmm_guard *guard, const char *path)
{
	return find(guard, path) != NULL;
}

static void add_folder(struct vmm_guard *guard, char *folder)
{
	vmm_strv_take(&guard->folders, folder);
	vmm_index_add(&guard->known, folder, folder);
}

/* --- who uses a file --- */

/* All that one file may be called ends with it. */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_entry(
    struct vmm_guard *guard, const char *file, const struct user *new)
{
	struct user *user = vmm_calloc(1, sizeof *user);
	struct user *first = vmm_index_find(&guard->names, last_part(file));

	*user = *new;
	user->last = user;
	VMM_GROW(guard->user, guard->users);
	guard->user[guard->users++] = user;
	if (!first) {
		vmm_index_add(&guard->names, last_part(file), user);
		return;
	}
	first->last->next = user;
	first->last = user;
}

static void add_claims(struct vmm_guard *guard, struct vmm_claimant *vm)
{
	vmm_index_add(&guard->vms, vm->uuid, vm);
	for (size_t i = 0; i < vm->claims; i++)
		add_entry(guard, vm->claim[i].file,
		    &(struct user){.vm = vm, .claim = &vm->claim[i]});
}

/* The first who may use FILE; not all of them do. */
static const struct user *users_of(
    const struct vmm_guard *guard, const char *file)
{
	return vmm_index_find(&guard->names, last_part(file));
}

/* The VM that has FILE for a disk, or NULL. */
static const struct vmm_claimant *owner_of(
    const struct vmm_guard *guard, const char *file)
{
	for (const struct user *user = users_of(guard, file); user;
	     user = user->next)
		if (user->vm && !user->vm->gone &&
		    strcmp(user->claim->file, file) == 0)
			return user->vm;
	return NULL;
}

/* --- what there is --- */

struct reading {
	virStorageVolPtr *list;
	struct vmm_volxml *xml;
	struct vmm_err *err;
};

/* One that is gone by now has no path. It is asked once more, for whoever took
 * the error has erased it. */
static void read_volume(size_t i, void *arg)
{
	struct reading *reading = arg;
	virStorageVolInfo info;

	if (vmm_volume_read(
		reading->list[i], &reading->xml[i], &reading->err[i]) < 0 &&
	    virStorageVolGetInfo(reading->list[i], &info) < 0 &&
	    vmm_fault_code() == VIR_ERR_NO_STORAGE_VOL)
		vmm_err_release(&reading->err[i]);
}

static void take_volume(struct vmm_guard *guard, struct vmm_volxml *xml)
{
	bool untouched = vmm_volxml_is_untouched(xml);
	struct vmm_seen *seen;

	if (!xml->path || vmm_index_find(&guard->paths, xml->path))
		return;
	seen = vmm_calloc(1, sizeof *seen);
	*seen = (struct vmm_seen){.untouched = untouched,
	    .path = TAKE_PTR(xml->path),
	    .format = TAKE_PTR(xml->format),
	    .backing =
		xml->below.source ? vmm_path_tidy(xml->below.source) : NULL,
	    .changed = TAKE_PTR(xml->ctime),
	    .backing_format = TAKE_PTR(xml->below.format)};
	VMM_GROW(guard->seen, guard->n);
	guard->seen[guard->n++] = seen;
	vmm_index_add(&guard->paths, seen->path, seen);
	if (seen->backing)
		add_entry(guard, seen->backing, &(struct user){.seen = seen});
}

static int read_volumes(
    struct vmm_guard *guard, virStoragePoolPtr pool, struct vmm_err *err)
{
	struct reading reading = {0};
	int n = virStoragePoolListAllVolumes(pool, &reading.list, 0);
	AUTOFREE struct vmm_volxml *xml = NULL;
	AUTOFREE struct vmm_err *errors = NULL;

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(guard->conn));
	xml = reading.xml = vmm_calloc((size_t)n, sizeof *xml);
	errors = reading.err = vmm_calloc((size_t)n, sizeof *errors);
	vmm_parallel((size_t)n, vmm_conn_threads(guard->conn), read_volume,
	    NULL, &reading);
	for (int i = 0; i < n; i++) {
		take_volume(guard, &xml[i]);
		vmm_volxml_release(&xml[i]);
		if (errors[i].status)
			vmm_err_move(err, &errors[i]);
		virStorageVolFree(reading.list[i]);
	}
	free(reading.list);
	return err->status ? -1 : 0;
}

/* What cannot be read refuses, unless it is forced. */
static int unreadable(struct vmm_guard *guard, const char *what,
    const char *name, const char *folder, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;

	if (err->status == VMM_NOCONN)
		return -1;
	vmm_err_move(&why, err);
	if (guard->doubt == VMM_DOUBT_FORCED) {
		if (folder)
			vmm_strv_take(&guard->blind, vmm_strdup(folder));
		vmm_strv_take(&guard->unread,
		    vmm_sprintf("the %s '%s' cannot be read: %s", what, name,
			why.text));
		return 0;
	}
	return vmm_err_set(err, VMM_REFUSED,
	    "the %s '%s' cannot be read, so who needs what in there is not "
	    "known: %s%s",
	    what, name, why.text,
	    guard->doubt == VMM_DOUBT_ASKS ? "; --force goes on all the same"
					   : "");
}

static int read_pool(
    struct vmm_guard *guard, virStoragePoolPtr pool, struct vmm_err *err)
{
	struct vmm_place place = {.pool = pool, .lock = -1};
	AUTOFREE char *xml = virStoragePoolGetXMLDesc(pool, 0);
	char *target = xml ? vmm_poolxml_target(xml) : NULL;

	if (target)
		add_folder(guard, target);
	if (virStoragePoolIsActive(pool) == 0) {
		vmm_err_set(err, VMM_FAILED, "it is not active");
		guard->asleep++;
	} else if ((vmm_conn_is_read_only(guard->conn) ||
		       vmm_place_refresh(&place, err) == 0) &&
		   read_volumes(guard, pool, err) == 0) {
		return 0;
	}
	return unreadable(
	    guard, "storage pool", virStoragePoolGetName(pool), target, err);
}

static int read_pools(struct vmm_guard *guard, struct vmm_err *err)
{
	virStoragePoolPtr *list = NULL;
	int n = vmm_fault_none(virConnectListAllStoragePools(
	    vmm_conn_virt(guard->conn), &list, 0));
	int result = 0;

	if (n < 0) {
		vmm_fault(err, vmm_conn_virt(guard->conn));
		return unreadable(guard, "list of", "storage pools", NULL, err);
	}
	for (int i = 0; i < n; i++) {
		/* may be gone by now: a folder in no pool */
		if (result == 0 && !vmm_pool_is_passing(list[i]))
			result = read_pool(guard, list[i], err);
		virStoragePoolFree(list[i]);
	}
	free(list);
	return result;
}

/* --- a folder in no pool --- */

static int read_folder(
    struct vmm_guard *guard, const char *folder, struct vmm_err *err)
{
	AUTOPLACE place = VMM_PLACE_INIT;

	if (vmm_place_of(vmm_conn_virt(guard->conn), folder, &place, err) ==
		0 &&
	    vmm_place_refresh(&place, err) == 0 &&
	    read_volumes(guard, place.pool, err) == 0)
		return 0;
	if (place.missing) { /* then nothing is in there */
		vmm_err_release(err);
		return 0;
	}
	return unreadable(guard, "folder", folder, folder, err);
}

/* Makes sure that the neighbours of FILE are known. What is no path (a network
 * disk) has none that we could know. */
static int know_neighbours(
    struct vmm_guard *guard, const char *file, struct vmm_err *err)
{
	AUTOFREE char *folder = NULL;

	if (*file != '/' || strncmp(file, "/dev/", 5) == 0)
		return 0;
	folder = vmm_folder_of(file);
	if (vmm_index_find(&guard->known, folder))
		return 0;
	if (!knows(guard, file) && read_folder(guard, folder, err) < 0)
		return -1;
	add_folder(guard, TAKE_PTR(folder));
	return 0;
}

/* The overlays of other VMs may lie in folders that no pool has, too. */
static int read_neighbours(struct vmm_guard *guard, struct vmm_err *err)
{
	for (size_t i = 0; i < guard->claims.n; i++)
		add_claims(guard, &guard->claims.vm[i]);
	for (size_t i = 0; i < guard->claims.n; i++) {
		struct vmm_claimant *vm = &guard->claims.vm[i];

		if (vm->err.status) {
			vmm_err_move(err, &vm->err);
			if (unreadable(guard, "VM", vm->path, NULL, err) < 0)
				return -1;
		}
		for (size_t j = 0; j < vm->claims; j++)
			if (vm->claim[j].writes &&
			    know_neighbours(guard, vm->claim[j].file, err) < 0)
				return -1;
	}
	return 0;
}

/* --- all of it --- */

struct vmm_guard *vmm_guard_read(
    struct vmm_conn *conn, enum vmm_doubt doubt, struct vmm_err *err)
{
	struct vmm_guard *guard = vmm_calloc(1, sizeof *guard);

	guard->conn = conn;
	guard->doubt = doubt;
	pthread_mutex_init(&guard->lock, NULL);
	if (read_pools(guard, err) == 0 &&
	    vmm_claims_read(conn, true, &guard->claims, err) == 0 &&
	    read_neighbours(guard, err) == 0)
		return guard;
	vmm_guard_free(guard);
	return NULL;
}

static void seen_free(struct vmm_seen *seen)
{
	free(seen->path);
	free(seen->format);
	free(seen->backing);
	free(seen->backing_format);
	free(seen->changed);
	free(seen);
}

void vmm_guard_free(struct vmm_guard *guard)
{
	for (size_t i = 0; i < guard->n; i++)
		seen_free(guard->seen[i]);
	free(guard->seen);
	vmm_index_release(&guard->paths);
	for (size_t i = 0; i < guard->users; i++)
		free(guard->user[i]);
	free(guard->user);
	vmm_index_release(&guard->names);
	vmm_index_release(&guard->vms);
	vmm_claims_release(&guard->claims);
	vmm_index_release(&guard->known);
	vmm_strv_release(&guard->folders);
	vmm_strv_release(&guard->blind);
	vmm_strv_release(&guard->unread);
	pthread_mutex_destroy(&guard->lock);
	free(guard);
}

const struct vmm_seen *vmm_guard_seen(
    const struct vmm_guard *guard, size_t number)
{
	return number < guard->n ? guard->seen[number] : NULL;
}

const struct vmm_claimant *vmm_guard_vm(
    const struct vmm_guard *guard, const char *uuid)
{
	const struct vmm_claimant *vm =
	    uuid ? vmm_index_find(&guard->vms, uuid) : NULL;

	return vm && !vm->gone ? vm : NULL;
}

bool vmm_guard_is_claimed(struct vmm_guard *guard, const char *file)
{
	bool claimed;

	pthread_mutex_lock(&guard->lock);
	claimed = owner_of(guard, file) != NULL;
	pthread_mutex_unlock(&guard->lock);
	return claimed;
}

const struct vmm_seen *vmm_guard_find(struct vmm_guard *guard, const char *file)
{
	const struct vmm_seen *seen;

	pthread_mutex_lock(&guard->lock);
	seen = find(guard, file);
	pthread_mutex_unlock(&guard->lock);
	return seen;
}

int vmm_guard_know(
    struct vmm_guard *guard, const char *file, struct vmm_err *err)
{
	int result;

	pthread_mutex_lock(&guard->lock);
	result = know_neighbours(guard, file, err);
	pthread_mutex_unlock(&guard->lock);
	return result;
}

bool vmm_guard_is_blind(struct vmm_guard *guard, const char *file)
{
	AUTOFREE char *folder = vmm_folder_of(file);
	bool blind;

	pthread_mutex_lock(&guard->lock);
	blind = vmm_strv_has(&guard->blind, folder);
	pthread_mutex_unlock(&guard->lock);
	return blind;
}

const struct vmm_strv *vmm_guard_unread(const struct vmm_guard *guard)
{
	return &guard->unread;
}

bool vmm_guard_failed(const struct vmm_guard *guard)
{
	return guard->unread.n > guard->asleep;
}

void vmm_guard_forget_vm(struct vmm_guard *guard, const char *uuid)
{
	struct vmm_claimant *vm;

	pthread_mutex_lock(&guard->lock);
	vm = vmm_index_find(&guard->vms, uuid);
	if (vm)
		vm->gone = true;
	pthread_mutex_unlock(&guard->lock);
}

bool vmm_guard_forget_file(struct vmm_guard *guard, const char *file)
{
	struct vmm_seen *seen;

	pthread_mutex_lock(&guard->lock);
	seen = find(guard, file);
	if (seen)
		seen->gone = true;
	pthread_mutex_unlock(&guard->lock);
	return seen;
}

/* --- the question --- */

enum same {
	DIFFERENT,
	PERHAPS,
	SAME,
};

/* Two names of one file, as far as one can tell from afar: a name may lead
 * through a symlink. Where that cannot be looked at its last part decides,
 * rather once too often than not. */
static enum same compare(
    struct vmm_guard *guard, const char *name, const char *file)
{
	const char *a = strrchr(name, '/'), *b = strrchr(file, '/');
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOFREE char *folder = NULL;
	const struct vmm_seen *one, *two;

	if (strcmp(name, file) == 0)
		return SAME;
	if (!a || !b || strcmp(a, b) != 0 ||
	    (*name != '/' && strchr(name, ':')))
		return DIFFERENT;
	one = find(guard, name);
	two = find(guard, file);
	if (*name != '/' || strncmp(name, "/dev/", 5) == 0)
		return one ? DIFFERENT : PERHAPS;
	if (!one && know_neighbours(guard, name, &ignored) < 0)
		return PERHAPS;
	one = find(guard, name);
	if (one)
		return two && one->changed && two->changed &&
			       strcmp(one->changed, two->changed) == 0
			   ? SAME
			   : DIFFERENT;
	folder = vmm_folder_of(name);
	return vmm_strv_has(&guard->blind, folder) ? PERHAPS : DIFFERENT;
}

/* Overlays upon overlays that are looked at; QEMU gives up there, too. */
#define LONGEST 200

/* Whether SEEN stands on what its header says. It does not where all who have
 * it, VMs and volumes that stand on it themselves, call it raw; DEPTH volumes
 * stand on it already. VMs that were forgotten had it, too. */
static bool is_overlay(
    struct vmm_guard *guard, const struct vmm_seen *seen, int depth)
{
	const struct user *user = users_of(guard, seen->path);
	bool raw = false;

	if (seen->gone || !seen->backing)
		return false;
	for (; user && depth < LONGEST; user = user->next) {
		const char *name =
		    user->vm ? user->claim->file : user->seen->backing;
		bool calls_raw =
		    user->vm ? user->claim->raw
			     : vmm_format_is_raw(user->seen->backing_format);
		bool calls_other = user->vm ? user->claim->other : !calls_raw;
		enum same same;

		if (user->seen && !is_overlay(guard, user->seen, depth + 1))
			continue;
		same = compare(guard, name, seen->path);
		if (same != DIFFERENT && calls_other)
			return true;
		raw |= same == SAME && calls_raw;
	}
	return !raw;
}

/* What SEEN stands on, or NULL. */
static const char *below(struct vmm_guard *guard, const struct vmm_seen *seen)
{
	return is_overlay(guard, seen, 0) ? seen->backing : NULL;
}

static bool has(const struct vmm_strv *list, const char *text)
{
	return list && vmm_strv_has(list, text);
}

/* Those who were found, by their names, each once. */
struct found { /* starts as {0} */
	struct vmm_strv names;
	struct vmm_index told;
};

static void found_release(struct found *found)
{
	vmm_index_release(&found->told);
	vmm_strv_release(&found->names);
}

/* VM or FILE may be NULL. */
static void add_user(
    struct found *found, const struct vmm_claimant *vm, const char *file)
{
	AUTOFREE char *name = vm && file
				  ? vmm_sprintf("'%s' ('%s')", vm->path, file)
				  : vmm_sprintf("'%s'", vm ? vm->path : file);

	if (vmm_index_find(&found->told, name))
		return;
	vmm_index_add(&found->told, name, name);
	vmm_strv_take(&found->names, TAKE_PTR(name));
}

/* How sure it is that USER, a volume, stands on FILE. */
static enum same stands_on(
    struct vmm_guard *guard, const struct user *user, const char *file)
{
	const char *on = user->seen ? below(guard, user->seen) : NULL;

	return on ? compare(guard, on, file) : DIFFERENT;
}

/* Volumes that stand on FILE, by the VM whose disk they are. */
static void find_volumes(struct vmm_guard *guard, const char *file,
    const struct vmm_strv *own, struct found *found)
{
	for (const struct user *user = users_of(guard, file); user;
	     user = user->next) {
		const char *path = user->seen ? user->seen->path : NULL;

		if (path && !has(own, path) &&
		    stands_on(guard, user, file) != DIFFERENT)
			add_user(found, owner_of(guard, path), path);
	}
}

static void find_vms(struct vmm_guard *guard, const char *file,
    const char *except, struct found *found)
{
	for (const struct user *user = users_of(guard, file); user;
	     user = user->next) {
		const struct vmm_claimant *vm = user->vm;

		if (vm && !vm->gone &&
		    !(except && strcmp(vm->uuid, except) == 0) &&
		    compare(guard, user->claim->file, file) != DIFFERENT)
			add_user(found, vm, NULL);
	}
}

/* At most so many are named. */
#define MANY 8

static char *joined(const struct found *found)
{
	const struct vmm_strv *users = &found->names;
	AUTOBUF text = VMM_BUF_INIT;

	if (!users->n)
		return NULL;
	for (size_t i = 0; i < users->n && i < MANY; i++)
		vmm_buf_addf(&text, "%s%s", i ? ", " : "", users->v[i]);
	if (users->n > MANY)
		vmm_buf_addf(&text, " and %zu others", users->n - MANY);
	return vmm_buf_take(&text);
}

char *vmm_guard_users(struct vmm_guard *guard, const char *file,
    const char *except, const struct vmm_strv *own, struct vmm_err *err)
{
	CLEANUP(found_release) struct found users = {0};
	int result;

	pthread_mutex_lock(&guard->lock);
	result = know_neighbours(guard, file, err);
	find_volumes(guard, file, own, &users);
	find_vms(guard, file, except, &users);
	pthread_mutex_unlock(&guard->lock);
	return result < 0 ? NULL : joined(&users);
}

const struct vmm_seen *vmm_guard_stray(
    struct vmm_guard *guard, const char *file)
{
	const struct vmm_seen *stray = NULL;

	pthread_mutex_lock(&guard->lock);
	for (const struct user *user = users_of(guard, file); user && !stray;
	     user = user->next) {
		const char *on = user->seen && !user->seen->untouched
				     ? below(guard, user->seen)
				     : NULL;

		if (on && strcmp(on, file) == 0 &&
		    !owner_of(guard, user->seen->path))
			stray = user->seen;
	}
	pthread_mutex_unlock(&guard->lock);
	return stray;
}

char *vmm_guard_standing(struct vmm_guard *guard, const char *file,
    const char *owner, bool *sure, struct vmm_err *err)
{
	CLEANUP(found_release) struct found users = {0};
	const struct vmm_claimant *vm = vmm_guard_vm(guard, owner);
	int result;

	*sure = false;
	pthread_mutex_lock(&guard->lock);
	result = know_neighbours(guard, file, err);
	for (const struct user *user = users_of(guard, file); user;
	     user = user->next) {
		enum same same = stands_on(guard, user, file);

		if (same == DIFFERENT ||
		    (vm && vmm_claim_on(vm, user->seen->path)))
			continue;
		*sure |= same == SAME;
		add_user(&users, owner_of(guard, user->seen->path),
		    user->seen->path);
	}
	pthread_mutex_unlock(&guard->lock);
	return result < 0 ? NULL : joined(&users);
}

char *vmm_guard_below(struct vmm_guard *guard, const char *file)
{
	const struct vmm_seen *seen;
	char *copy;

	pthread_mutex_lock(&guard->lock);
	seen = find(guard, file);
	copy = seen ? vmm_strdup_null(below(guard, seen)) : NULL;
	pthread_mutex_unlock(&guard->lock);
	return copy;
}

static int check_file(struct vmm_guard *guard, const char *file,
    const struct vmm_strv *own, struct vmm_err *err)
{
	CLEANUP(found_release) struct found users = {0};
	AUTOFREE char *names = NULL;

	if (know_neighbours(guard, file, err) < 0)
		return -1;
	find_volumes(guard, file, own, &users);
	names = joined(&users);
	if (!names)
		return 0;
	return vmm_err_set(err, VMM_REFUSED,
	    "its disk '%s' is what %s stand%s on, which it would damage", file,
	    names, users.names.n == 1 ? "s" : "");
}

int vmm_guard_check(struct vmm_guard *guard, const struct vmm_strv *written,
    const struct vmm_strv *own, struct vmm_err *err)
{
	int result = 0;

	pthread_mutex_lock(&guard->lock);
	for (size_t i = 0; i < written->n && result == 0; i++) {
		AUTOFREE char *file =
		    vmm_volume_path(vmm_conn_virt(guard->conn), written->v[i]);

		result = check_file(guard, file, own, err);
	}
	pthread_mutex_unlock(&guard->lock);
	return result;
}
