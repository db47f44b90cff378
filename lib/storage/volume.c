/* volume: hides pools: which one a file is in, and those that are made for a
 * folder without. */
#include "storage/volume.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/interrupt.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"

/* Microseconds between two looks whether a pool can be refreshed. */
#define PAUSE 100000
/* Pools of ours begin with it. */
#define OURS "vmm-"

/* --- pools --- */

void vmm_place_release(struct vmm_place *place)
{
	if (place->pool && place->lock >= 0 && vmm_lock_is_last(place->lock))
		virStoragePoolDestroy(place->pool);
	vmm_lock_release(&place->lock);
	virStoragePoolFreep(&place->pool);
	place->pool = NULL;
}

static bool is_ours(virStoragePoolPtr pool)
{
	return strncmp(virStoragePoolGetName(pool), OURS, strlen(OURS)) == 0;
}

bool vmm_pool_is_passing(virStoragePoolPtr pool)
{
	return is_ours(pool) && virStoragePoolIsPersistent(pool) != 1;
}

int vmm_pool_names(
    virConnectPtr virt, struct vmm_strv *names, struct vmm_err *err)
{
	virStoragePoolPtr *list = NULL;
	int n = virConnectListAllStoragePools(
	    virt, &list, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);

	if (n < 0)
		return vmm_fault(err, virt);
	for (int i = 0; i < n; i++) {
		if (!vmm_pool_is_passing(list[i]))
			vmm_strv_take(
			    names, vmm_strdup(virStoragePoolGetName(list[i])));
		virStoragePoolFree(list[i]);
	}
	free(list);
	return 0;
}

/* libvirt has no code of its own for a pool in which volumes are being built.
 */
static bool is_busy(const struct vmm_err *err)
{
	return err->text && strstr(err->text, "asynchronous jobs");
}

int vmm_place_refresh(const struct vmm_place *place, struct vmm_err *err)
{
	/* asked before, for that erases the last error */
	virConnectPtr virt = virStoragePoolGetConnect(place->pool);

	while (virStoragePoolRefresh(place->pool, 0) < 0) {
		vmm_fault(err, virt);
		if (!is_busy(err) || vmm_interrupted())
			return -1;
		vmm_err_release(err);
		usleep(PAUSE);
	}
	return 0;
}

void vmm_place_glance(const struct vmm_place *place)
{
	virStoragePoolRefresh(place->pool, 0);
}

/* The active pool of FOLDER, or NULL. */
static virStoragePoolPtr pool_of(virConnectPtr virt, const char *folder)
{
	virStoragePoolPtr *list = NULL, found = NULL;
	int n = virConnectListAllStoragePools(
	    virt, &list, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);

	for (int i = 0; i < n; i++) {
		AUTOFREE char *xml =
		    found ? NULL : virStoragePoolGetXMLDesc(list[i], 0);
		AUTOFREE char *target = xml ? vmm_poolxml_target(xml) : NULL;

		if (target && strcmp(target, folder) == 0)
			found = list[i];
		else
			virStoragePoolFree(list[i]);
	}
	free(list);
	return found;
}

/* The name of the pool that we make of FOLDER: the same for everybody who
 * needs one. FNV-1a. */
static char *name_for(const char *folder)
{
	unsigned long long hash = 0xcbf29ce484222325ULL;

	for (; *folder; folder++)
		hash = (hash ^ (unsigned char)*folder) * 0x100000001b3ULL;
	return vmm_sprintf(OURS "%016llx", hash);
}

/* One that another command has just made, or a new one. */
static int make_pool(virConnectPtr virt, const char *name, const char *folder,
    struct vmm_place *place, struct vmm_err *err)
{
	AUTOFREE char *xml = vmm_poolxml_build(name, folder);

	place->pool = virStoragePoolLookupByName(virt, name);
	if (!place->pool)
		place->pool = virStoragePoolCreateXML(virt, xml, 0);
	if (!place->pool) {
		place->missing = vmm_fault_is_no_file();
		vmm_fault(err, virt);
	}
	if (!place->pool) /* somebody may have been quicker */
		place->pool = virStoragePoolLookupByName(virt, name);
	if (!place->pool)
		return vmm_err_prefix(err,
		    "the folder '%s' cannot be made a storage pool for the "
		    "time: ",
		    folder);
	vmm_err_release(err);
	return 0;
}

int vmm_place_of(virConnectPtr virt, const char *folder,
    struct vmm_place *place, struct vmm_err *err)
{
	AUTOFREE char *name = name_for(folder);
	AUTOPOOL there = NULL;

	/* a pool of all devices would open them all */
	if (strncmp(folder, "/dev", 4) == 0 && (!folder[4] || folder[4] == '/'))
		return vmm_err_set(err, VMM_FAILED,
		    "'%s' is for devices, not for files", folder);
	there = pool_of(virt, folder);

	if (there && strcmp(virStoragePoolGetName(there), name) != 0) {
		place->pool = TAKE_PTR(there);
		return 0;
	}
	if (vmm_lock_share(&place->lock, name, err) < 0)
		return -1;
	return make_pool(virt, name, folder, place, err);
}

int vmm_place_named(virConnectPtr virt, const char *name,
    struct vmm_place *place, struct vmm_err *err)
{
	place->pool = virStoragePoolLookupByName(virt, name);
	if (!place->pool)
		return vmm_fault(err, virt);
	if (virStoragePoolIsActive(place->pool) != 0)
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "the storage pool '%s' is not active; 'virsh pool-start' starts it",
	    name);
}

int vmm_place_with(
    virStorageVolPtr volume, struct vmm_place *place, struct vmm_err *err)
{
	virConnectPtr virt = virStorageVolGetConnect(volume);
	const char *name;

	place->pool = virStoragePoolLookupByVolume(volume);
	if (!place->pool)
		return vmm_fault(err, virt);
	if (!is_ours(place->pool))
		return 0;
	name = virStoragePoolGetName(place->pool);
	/* another command's, which it removes when it ends */
	if (vmm_lock_share(&place->lock, name, err) < 0)
		return -1;
	if (virStoragePoolIsActive(place->pool) == 1)
		return 0;
	vmm_place_release(place);
	return vmm_err_set(
	    err, VMM_FAILED, "its storage pool was removed just now");
}

/* --- volumes --- */

char *vmm_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return vmm_strdup("/");
	return vmm_strndup(path, (size_t)(slash - path));
}

virStorageVolPtr vmm_volume_named(
    const struct vmm_place *place, const char *name, struct vmm_err *err)
{
	virConnectPtr virt = virStoragePoolGetConnect(place->pool);
	virStorageVolPtr volume = virStorageVolLookupByName(place->pool, name);

	if (!volume && vmm_fault_code() != VIR_ERR_NO_STORAGE_VOL)
		vmm_fault(err, virt);
	return volume;
}

static virStorageVolPtr find_in_pool(virConnectPtr virt, const char *source,
    struct vmm_place *place, struct vmm_err *err)
{
	const char *slash = strchr(source, '/');
	AUTOFREE char *name = vmm_strndup(source, (size_t)(slash - source));
	virStorageVolPtr volume;

	if (vmm_place_named(virt, name, place, err) < 0)
		return NULL;
	volume = virStorageVolLookupByName(place->pool, slash + 1);
	if (!volume) {
		place->missing = vmm_fault_code() == VIR_ERR_NO_STORAGE_VOL;
		vmm_fault(err, virt);
	}
	return volume;
}

/* The volume in PLACE, after a look at what is new in there. */
static virStorageVolPtr find_anew(
    struct vmm_place *place, const char *path, struct vmm_err *err)
{
	virConnectPtr virt = virStoragePoolGetConnect(place->pool);
	virStorageVolPtr volume;

	if (vmm_place_refresh(place, err) < 0)
		return NULL;
	volume = virStorageVolLookupByName(place->pool, strrchr(path, '/') + 1);
	if (!volume) {
		place->missing = vmm_fault_code() == VIR_ERR_NO_STORAGE_VOL;
		vmm_fault(err, virt);
	}
	return volume;
}

virStorageVolPtr vmm_volume_look(virConnectPtr virt, const char *source)
{
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOFREE char *folder = NULL;
	virStorageVolPtr volume;

	if (*source != '/' && strchr(source, '/'))
		return find_in_pool(virt, source, &place, &ignored);
	volume = virStorageVolLookupByPath(virt, source);
	if (volume || *source != '/')
		return volume;
	folder = vmm_folder_of(source);
	place.pool = pool_of(virt, folder);
	return place.pool ? find_anew(&place, source, &ignored) : NULL;
}

virStorageVolPtr vmm_volume_find(virConnectPtr virt, const char *source,
    struct vmm_place *place, struct vmm_err *err)
{
	AUTOFREE char *folder = NULL;
	virStorageVolPtr volume;

	if (*source != '/' && strchr(source, '/'))
		return find_in_pool(virt, source, place, err);
	volume = virStorageVolLookupByPath(virt, source);
	if (volume) {
		if (vmm_place_with(volume, place, err) == 0)
			return volume;
		virStorageVolFree(volume);
		if (err->status == VMM_NOCONN)
			return NULL;
		vmm_err_release(err);
	}
	if (*source != '/') {
		vmm_fault(err, virt);
		return NULL;
	}
	/* a pool of all devices would open them all */
	if (strncmp(source, "/dev/", 5) == 0) {
		vmm_err_set(
		    err, VMM_FAILED, "the device is in no active storage pool");
		return NULL;
	}
	folder = vmm_folder_of(source);
	if (vmm_place_of(virt, folder, place, err) < 0)
		return NULL;
	return find_anew(place, source, err);
}

char *vmm_path_tidy(const char *path)
{
	AUTOBUF out = VMM_BUF_INIT;

	if (*path != '/')
		return vmm_strdup(path);
	while (*path) {
		size_t n;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n && !(n == 1 && *path == '.')) {
			vmm_buf_addc(&out, '/');
			vmm_buf_add(&out, path, n);
		}
		path += n;
	}
	if (!out.length)
		vmm_buf_addc(&out, '/');
	return vmm_buf_take(&out);
}

char *vmm_volume_path(virConnectPtr virt, const char *source)
{
	AUTOVOL volume = NULL;
	char *path = NULL;

	if (*source == '/')
		return vmm_path_tidy(source);
	/* PROTOCOL:NAME is a network disk's */
	if (!strchr(source, '/') || strchr(source, ':'))
		return vmm_strdup(source);
	volume = vmm_volume_look(virt, source);
	if (volume)
		path = virStorageVolGetPath(volume);
	return path ? path : vmm_strdup(source);
}

int vmm_volume_read(
    virStorageVolPtr volume, struct vmm_volxml *xml, struct vmm_err *err)
{
	virConnectPtr virt = virStorageVolGetConnect(volume);
	AUTOFREE char *text = virStorageVolGetXMLDesc(volume, 0);

	if (!text)
		return vmm_fault(err, virt);
	if (vmm_volxml_read(text, xml))
		return 0;
	return vmm_err_set(
	    err, VMM_FAILED, "the XML of a volume cannot be read");
}

static int find_and_delete(
    virConnectPtr virt, const char *source, struct vmm_err *err)
{
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOVOL volume = vmm_volume_find(virt, source, &place, err);

	if (volume && (virStorageVolDelete(volume, 0) == 0 ||
			  vmm_fault_code() == VIR_ERR_NO_STORAGE_VOL))
		return 0;
	if (volume)
		return vmm_fault(err, virt);
	if (place.missing)
		vmm_err_release(err);
	return place.missing ? 0 : -1;
}

int vmm_volume_delete(
    struct vmm_conn *conn, const char *source, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_enter(conn, VMM_LONG);
	int result = find_and_delete(virt, source, err);

	vmm_conn_leave(conn, virt, VMM_LONG);
	return result;
}
