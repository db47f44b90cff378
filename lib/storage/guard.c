/* guard: hides pools, their refreshing, and folders that are in none. */
#include "storage/guard.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/index.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "storage/volume.h"

struct vmm_guard {
	struct vmm_conn *conn;
	bool force;
	struct vmm_claims claims;
	pthread_mutex_t lock; /* of all below, and of claims */
	struct vmm_seen **seen;
	size_t n;
	struct vmm_index paths;  /* of seen, gone or not */
	struct vmm_strv folders; /* that were read, or could not be */
	struct vmm_strv blind;   /* those that could not be, though forced */
	struct vmm_strv unread;  /* what that is, and why */
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
	if (guard->force) {
		if (folder)
			vmm_strv_take(&guard->blind, vmm_strdup(folder));
		vmm_strv_take(&guard->unread,
		    vmm_sprintf("the %s '%s' cannot be read: %s", what, name,
			why.text));
		return 0;
	}
	return vmm_err_set(err, VMM_REFUSED,
	    "the %s '%s' cannot be read, so who needs what in there is not "
	    "known: %s; --force goes on all the same",
	    what, name, why.text);
}

static int read_pool(
    struct vmm_guard *guard, virStoragePoolPtr pool, struct vmm_err *err)
{
	struct vmm_place place = {.pool = pool, .lock = -1};
	AUTOFREE char *xml = virStoragePoolGetXMLDesc(pool, 0);
	char *target = xml ? vmm_poolxml_target(xml) : NULL;

	if (target)
		vmm_strv_take(&guard->folders, target);
	if (virStoragePoolIsActive(pool) == 0)
		vmm_err_set(err, VMM_FAILED, "it is not active");
	else if (vmm_place_refresh(&place, err) == 0 &&
		 read_volumes(guard, pool, err) == 0)
		return 0;
	return unreadable(
	    guard, "storage pool", virStoragePoolGetName(pool), target, err);
}

static int read_pools(struct vmm_guard *guard, struct vmm_err *err)
{
	virStoragePoolPtr *list = NULL;
	int n =
	    virConnectListAllStoragePools(vmm_conn_virt(guard->conn), &list, 0);
	int result = 0;

	if (n < 0) {
		vmm_fault(err, vmm_conn_virt(guard->conn));
		return unreadable(guard, "list of", "storage pools", NULL, err);
	}
	for (int i = 0; i < n; i++) {
		if (result == 0)
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
	if (vmm_strv_has(&guard->folders, folder))
		return 0;
	if (!knows(guard, file) && read_folder(guard, folder, err) < 0)
		return -1;
	vmm_strv_take(&guard->folders, TAKE_PTR(folder));
	return 0;
}

/* The overlays of other VMs may lie in folders that no pool has, too. */
static int read_neighbours(struct vmm_guard *guard, struct vmm_err *err)
{
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
    struct vmm_conn *conn, bool force, struct vmm_err *err)
{
	struct vmm_guard *guard = vmm_calloc(1, sizeof *guard);

	guard->conn = conn;
	guard->force = force;
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
	vmm_claims_release(&guard->claims);
	vmm_strv_release(&guard->folders);
	vmm_strv_release(&guard->blind);
	vmm_strv_release(&guard->unread);
	pthread_mutex_destroy(&guard->lock);
	free(guard);
}

const struct vmm_seen *const *vmm_guard_seen(
    const struct vmm_guard *guard, size_t *n)
{
	*n = guard->n;
	return (const struct vmm_seen *const *)guard->seen;
}

const struct vmm_claims *vmm_guard_claims(const struct vmm_guard *guard)
{
	return &guard->claims;
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

void vmm_guard_forget_vm(struct vmm_guard *guard, const char *uuid)
{
	pthread_mutex_lock(&guard->lock);
	vmm_claims_forget(&guard->claims, uuid);
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
	if (*name != '/' || strncmp(name, "/dev/", 5) == 0)
		return knows(guard, name) ? DIFFERENT : PERHAPS;
	if (know_neighbours(guard, name, &ignored) < 0)
		return PERHAPS;
	one = find(guard, name);
	two = find(guard, file);
	if (one)
		return two && one->changed && two->changed &&
			       strcmp(one->changed, two->changed) == 0
			   ? SAME
			   : DIFFERENT;
	folder = vmm_folder_of(name);
	return vmm_strv_has(&guard->blind, folder) ? PERHAPS : DIFFERENT;
}

static bool is_same(struct vmm_guard *guard, const char *name, const char *file)
{
	return compare(guard, name, file) != DIFFERENT;
}

static bool has(const struct vmm_strv *list, const char *text)
{
	return list && vmm_strv_has(list, text);
}

/* The VM that has FILE for a disk, or NULL. */
static const struct vmm_claimant *owner_of(
    const struct vmm_guard *guard, const char *file)
{
	for (size_t i = 0; i < guard->claims.n; i++)
		if (vmm_claim_on(&guard->claims.vm[i], file))
			return &guard->claims.vm[i];
	return NULL;
}

/* VM or FILE may be NULL. */
static void add_user(
    struct vmm_strv *users, const struct vmm_claimant *vm, const char *file)
{
	AUTOFREE char *name = vm && file
				  ? vmm_sprintf("'%s' ('%s')", vm->path, file)
				  : vmm_sprintf("'%s'", vm ? vm->path : file);

	if (!vmm_strv_has(users, name))
		vmm_strv_take(users, TAKE_PTR(name));
}

/* Volumes that stand on FILE, by the VM whose disk they are. */
static void find_volumes(struct vmm_guard *guard, const char *file,
    const struct vmm_strv *own, struct vmm_strv *users)
{
	for (size_t i = 0; i < guard->n; i++) {
		const struct vmm_seen *seen = guard->seen[i];

		if (seen->gone || !seen->backing || has(own, seen->path) ||
		    !is_same(guard, seen->backing, file))
			continue;
		add_user(users, owner_of(guard, seen->path), seen->path);
	}
}

static void find_vms(struct vmm_guard *guard, const char *file,
    const char *except, struct vmm_strv *users)
{
	for (size_t i = 0; i < guard->claims.n; i++) {
		const struct vmm_claimant *vm = &guard->claims.vm[i];

		if (except && strcmp(vm->uuid, except) == 0)
			continue;
		for (size_t j = 0; j < vm->claims; j++)
			if (is_same(guard, vm->claim[j].file, file))
				add_user(users, vm, NULL);
	}
}

/* At most so many are named. */
#define MANY 8

static char *joined(const struct vmm_strv *users)
{
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
	AUTOSTRV users = VMM_STRV_INIT;
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
	for (size_t i = 0; i < guard->n && !stray; i++) {
		const struct vmm_seen *seen = guard->seen[i];

		if (!seen->gone && !seen->untouched && seen->backing &&
		    strcmp(seen->backing, file) == 0 &&
		    !owner_of(guard, seen->path))
			stray = seen;
	}
	pthread_mutex_unlock(&guard->lock);
	return stray;
}

static const struct vmm_claimant *claimant(
    const struct vmm_guard *guard, const char *uuid)
{
	for (size_t i = 0; uuid && i < guard->claims.n; i++)
		if (strcmp(guard->claims.vm[i].uuid, uuid) == 0)
			return &guard->claims.vm[i];
	return NULL;
}

char *vmm_guard_standing(struct vmm_guard *guard, const char *file,
    const char *owner, bool *sure, struct vmm_err *err)
{
	AUTOSTRV users = VMM_STRV_INIT;
	const struct vmm_claimant *vm = claimant(guard, owner);
	int result;

	*sure = false;
	pthread_mutex_lock(&guard->lock);
	result = know_neighbours(guard, file, err);
	for (size_t i = 0; i < guard->n; i++) {
		const struct vmm_seen *seen = guard->seen[i];
		enum same same = seen->gone || !seen->backing
				     ? DIFFERENT
				     : compare(guard, seen->backing, file);

		if (same == DIFFERENT || (vm && vmm_claim_on(vm, seen->path)))
			continue;
		*sure |= same == SAME;
		add_user(&users, owner_of(guard, seen->path), seen->path);
	}
	pthread_mutex_unlock(&guard->lock);
	return result < 0 ? NULL : joined(&users);
}

char *vmm_guard_below(struct vmm_guard *guard, const char *file)
{
	const struct vmm_seen *seen;
	char *below;

	pthread_mutex_lock(&guard->lock);
	seen = find(guard, file);
	below = seen ? vmm_strdup_null(seen->backing) : NULL;
	pthread_mutex_unlock(&guard->lock);
	return below;
}

static int check_file(struct vmm_guard *guard, const char *file,
    const struct vmm_strv *own, struct vmm_err *err)
{
	AUTOSTRV users = VMM_STRV_INIT;
	AUTOFREE char *names = NULL;

	if (know_neighbours(guard, file, err) < 0)
		return -1;
	find_volumes(guard, file, own, &users);
	names = joined(&users);
	if (!names)
		return 0;
	return vmm_err_set(err, VMM_REFUSED,
	    "its disk '%s' is what %s stand%s on, which it would damage", file,
	    names, users.n == 1 ? "s" : "");
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
