/* guard: hides pools, their refreshing, and folders that are in none. */
#include "storage/guard.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "libvirt/fault.h"
#include "pure/domxml.h"
#include "pure/xml.h"

DEFINE_CLEANUP(virStoragePoolPtr, virStoragePoolFree)
#define AUTOPOOL CLEANUP(virStoragePoolFreep) virStoragePoolPtr

/* A pool cannot be refreshed while a volume in it is being built. */
#define TRIES 20
#define PAUSE 100000 /* microseconds */

struct volume {
	char *path, *backing; /* backing: NULL without */
};

struct vmm_guard {
	struct vmm_conn *conn;
	bool force;
	pthread_mutex_t lock; /* of what is below */
	struct volume *volume;
	size_t n;
	struct vmm_strv folders; /* that are in no pool, and were read */
};

static int add_volume(
    struct vmm_guard *guard, virStorageVolPtr volume, struct vmm_err *err)
{
	AUTOFREE char *xml = virStorageVolGetXMLDesc(volume, 0);
	AUTOFREE char *path = xml ? virStorageVolGetPath(volume) : NULL;
	struct vmm_layer below = {0};

	/* it may be gone by now */
	if (!path && vmm_fault_code() == VIR_ERR_NO_STORAGE_VOL)
		return 0;
	if (!path)
		return vmm_fault(err, vmm_conn_virt(guard->conn));
	vmm_volxml_backing(xml, &below);
	VMM_GROW(guard->volume, guard->n);
	guard->volume[guard->n++] = (struct volume){
	    .path = TAKE_PTR(path), .backing = TAKE_PTR(below.source)};
	vmm_layer_release(&below);
	return 0;
}

static int refresh(
    virStoragePoolPtr pool, virConnectPtr virt, struct vmm_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		if (virStoragePoolRefresh(pool, 0) == 0)
			return 0;
		vmm_fault(err, virt);
		if (err->status == VMM_NOCONN)
			return -1;
		usleep(PAUSE);
	}
	return -1;
}

static int read_volumes(
    struct vmm_guard *guard, virStoragePoolPtr pool, struct vmm_err *err)
{
	virStorageVolPtr *list = NULL;
	int n = virStoragePoolListAllVolumes(pool, &list, 0);
	int result = 0;

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(guard->conn));
	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = add_volume(guard, list[i], err);
		virStorageVolFree(list[i]);
	}
	free(list);
	return result;
}

/* Its folder needs no other pool. */
static void add_target(struct vmm_guard *guard, virStoragePoolPtr pool)
{
	AUTOFREE char *xml = virStoragePoolGetXMLDesc(pool, 0);
	AUTODOC doc = xml ? vmm_xml_parse(xml) : NULL;
	char *path = vmm_xml_text(vmm_xml_child(
	    vmm_xml_child(doc ? xmlDocGetRootElement(doc) : NULL, "target"),
	    "path"));

	if (path)
		vmm_strv_take(&guard->folders, path);
}

/* What cannot be read refuses, unless it is forced. */
static int unreadable(const struct vmm_guard *guard, const char *what,
    const char *name, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;

	if (err->status == VMM_NOCONN)
		return -1;
	vmm_err_move(&why, err);
	if (guard->force)
		return 0;
	return vmm_err_set(err, VMM_REFUSED,
	    "the %s '%s' cannot be read, so who needs what in there is not "
	    "known: %s; --force goes on all the same",
	    what, name, why.text);
}

static int read_pool(
    struct vmm_guard *guard, virStoragePoolPtr pool, struct vmm_err *err)
{
	add_target(guard, pool);
	if (virStoragePoolIsActive(pool) == 0)
		vmm_err_set(err, VMM_FAILED, "it is not active");
	else if (refresh(pool, vmm_conn_virt(guard->conn), err) == 0) {
		vmm_err_release(err);
		if (read_volumes(guard, pool, err) == 0)
			return 0;
	}
	return unreadable(
	    guard, "storage pool", virStoragePoolGetName(pool), err);
}

void vmm_guard_free(struct vmm_guard *guard)
{
	for (size_t i = 0; i < guard->n; i++) {
		free(guard->volume[i].path);
		free(guard->volume[i].backing);
	}
	free(guard->volume);
	vmm_strv_release(&guard->folders);
	pthread_mutex_destroy(&guard->lock);
	free(guard);
}

/* --- a folder in no pool --- */

static char *pool_xml(const char *name, const char *folder)
{
	AUTODOC doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *root = xmlNewNode(NULL, BAD_CAST "pool");
	xmlNode *target;

	xmlDocSetRootElement(doc, root);
	xmlNewProp(root, BAD_CAST "type", BAD_CAST "dir");
	xmlNewTextChild(root, NULL, BAD_CAST "name", BAD_CAST name);
	target = xmlNewChild(root, NULL, BAD_CAST "target", NULL);
	xmlNewTextChild(target, NULL, BAD_CAST "path", BAD_CAST folder);
	return vmm_xml_dump(doc, root);
}

/* Reads it through a pool that lasts as long as this takes. */
static int read_folder(
    struct vmm_guard *guard, const char *folder, struct vmm_err *err)
{
	AUTOFREE char *name =
	    vmm_sprintf("vmm-%ld-%zu", (long)getpid(), guard->folders.n);
	AUTOFREE char *xml = pool_xml(name, folder);
	AUTOPOOL pool =
	    virStoragePoolCreateXML(vmm_conn_virt(guard->conn), xml, 0);
	int result;

	if (!pool) {
		vmm_fault(err, vmm_conn_virt(guard->conn));
		return unreadable(guard, "folder", folder, err);
	}
	result = read_volumes(guard, pool, err);
	virStoragePoolDestroy(pool);
	return result < 0 ? unreadable(guard, "folder", folder, err) : 0;
}

static bool is_known(const struct vmm_guard *guard, const char *path)
{
	for (size_t i = 0; i < guard->n; i++)
		if (strcmp(guard->volume[i].path, path) == 0)
			return true;
	return false;
}

/* Makes sure that the neighbours of FILE are known. What is no path (a network
 * disk) has none that we could know. */
static int know_neighbours(
    struct vmm_guard *guard, const char *file, struct vmm_err *err)
{
	const char *slash = strrchr(file, '/');
	AUTOFREE char *folder = NULL;

	if (*file != '/' || strncmp(file, "/dev/", 5) == 0 ||
	    is_known(guard, file))
		return 0;
	folder = slash == file ? vmm_strdup("/")
			       : vmm_strndup(file, (size_t)(slash - file));
	if (vmm_strv_has(&guard->folders, folder))
		return 0;
	if (read_folder(guard, folder, err) < 0)
		return -1;
	vmm_strv_take(&guard->folders, TAKE_PTR(folder));
	return 0;
}

/* The overlays of other VMs may lie in folders that no pool has, too. */
static int read_neighbours(struct vmm_guard *guard, struct vmm_err *err)
{
	virDomainPtr *list = NULL;
	int n = virConnectListAllDomains(vmm_conn_virt(guard->conn), &list, 0);
	int result = 0;

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(guard->conn));
	for (int i = 0; i < n; i++) {
		AUTOFREE char *xml =
		    result == 0 ? virDomainGetXMLDesc(list[i], 0) : NULL;
		AUTOERR ignored = VMM_ERR_INIT;
		AUTODOMXML *domain =
		    xml ? vmm_domxml_read(xml, &ignored) : NULL;

		for (size_t j = 0; domain && j < domain->disks; j++)
			if (result == 0 && domain->disk[j].layers &&
			    !domain->disk[j].readonly &&
			    domain->disk[j].layer[0].source)
				result = know_neighbours(guard,
				    domain->disk[j].layer[0].source, err);
		virDomainFree(list[i]);
	}
	free(list);
	return result;
}

/* --- all of it --- */

struct vmm_guard *vmm_guard_read(
    struct vmm_conn *conn, bool force, struct vmm_err *err)
{
	struct vmm_guard *guard = vmm_calloc(1, sizeof *guard);
	virStoragePoolPtr *list = NULL;
	int n, result = 0;

	guard->conn = conn;
	guard->force = force;
	pthread_mutex_init(&guard->lock, NULL);
	n = virConnectListAllStoragePools(vmm_conn_virt(conn), &list, 0);
	if (n < 0) {
		vmm_fault(err, vmm_conn_virt(conn));
		result = unreadable(guard, "list of", "storage pools", err);
	}
	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = read_pool(guard, list[i], err);
		virStoragePoolFree(list[i]);
	}
	free(list);
	if (result == 0)
		result = read_neighbours(guard, err);
	if (result == 0)
		return guard;
	vmm_guard_free(guard);
	return NULL;
}

/* --- the question --- */

/* Two names of one file, as far as one can tell from afar. A backing file that
 * is no volume's path may be reached through a symlink: then its last part
 * decides, rather once too often than not. */
static bool is_same(
    const struct vmm_guard *guard, const char *backing, const char *file)
{
	const char *a = strrchr(backing, '/'), *b = strrchr(file, '/');

	if (strcmp(backing, file) == 0)
		return true;
	return a && b && strcmp(a, b) == 0 && !is_known(guard, backing);
}

static int look_for_users(const struct vmm_guard *guard, const char *file,
    const struct vmm_strv *own, struct vmm_err *err)
{
	for (size_t i = 0; i < guard->n; i++) {
		const struct volume *volume = &guard->volume[i];

		if (volume->backing && is_same(guard, volume->backing, file) &&
		    !vmm_strv_has(own, volume->path))
			return vmm_err_set(err, VMM_REFUSED,
			    "its disk '%s' is what '%s' stands on, which it "
			    "would damage",
			    file, volume->path);
	}
	return 0;
}

/* DISK's path, to be freed: of POOL/VOLUME that of the volume. */
static char *path_of(const struct vmm_guard *guard, const char *disk)
{
	const char *slash = strchr(disk, '/');
	AUTOFREE char *name = NULL;
	AUTOPOOL pool = NULL;
	virStorageVolPtr volume;
	char *path;

	if (!slash || slash == disk)
		return vmm_strdup(disk);
	name = vmm_strndup(disk, (size_t)(slash - disk));
	pool = virStoragePoolLookupByName(vmm_conn_virt(guard->conn), name);
	volume = pool ? virStorageVolLookupByName(pool, slash + 1) : NULL;
	path = volume ? virStorageVolGetPath(volume) : NULL;
	if (volume)
		virStorageVolFree(volume);
	return path ? path : vmm_strdup(disk);
}

int vmm_guard_check(struct vmm_guard *guard, const struct vmm_strv *written,
    const struct vmm_strv *own, struct vmm_err *err)
{
	int result = 0;

	pthread_mutex_lock(&guard->lock);
	for (size_t i = 0; i < written->n && result == 0; i++) {
		AUTOFREE char *file = path_of(guard, written->v[i]);

		result = know_neighbours(guard, file, err);
		if (result == 0)
			result = look_for_users(guard, file, own, err);
	}
	pthread_mutex_unlock(&guard->lock);
	return result;
}
