/*
 * volume: files and block devices, as libvirt's storage pools have them.
 *
 * Never a path opened by us: the host may be another one.
 */
#ifndef VMM_STORAGE_VOLUME_H
#define VMM_STORAGE_VOLUME_H

#include <libvirt/libvirt.h>

#include "base/buf.h"
#include "base/err.h"
#include "libvirt/conn.h"
#include "pure/volxml.h"

DEFINE_CLEANUP(virStorageVolPtr, virStorageVolFree)
DEFINE_CLEANUP(virStoragePoolPtr, virStoragePoolFree)
#define AUTOVOL CLEANUP(virStorageVolFreep) virStorageVolPtr
#define AUTOPOOL CLEANUP(virStoragePoolFreep) virStoragePoolPtr

/*
 * A pool to work in. A folder that is no pool's gets one for the time; it is
 * shared by all commands of this user that need it, and gone with the last.
 */
struct vmm_place {
	virStoragePoolPtr pool;
	int lock;     /* of a pool of ours; -1: it was there */
	bool missing; /* what was looked for is not there, nor in a way */
};

#define VMM_PLACE_INIT                                                         \
	{                                                                      \
		NULL, -1, false                                                \
	}

/* The place of the files in FOLDER. */
int vmm_place_of(virConnectPtr virt, const char *folder,
    struct vmm_place *place, struct vmm_err *err) MUST_CHECK;
/* The pool NAME, which must be active. */
int vmm_place_named(virConnectPtr virt, const char *name,
    struct vmm_place *place, struct vmm_err *err) MUST_CHECK;
/* Where VOLUME is. */
int vmm_place_with(virStorageVolPtr volume, struct vmm_place *place,
    struct vmm_err *err) MUST_CHECK;
/* Whether POOL is there for the time of some command of ours only. */
bool vmm_pool_is_passing(virStoragePoolPtr pool);
/* Appends the names of all active pools but those. */
int vmm_pool_names(
    virConnectPtr virt, struct vmm_strv *names, struct vmm_err *err) MUST_CHECK;
void vmm_place_release(struct vmm_place *place);
/* Has libvirt look what is there; waits while volumes are being built in it, as
 * libvirt can only look afterwards. */
int vmm_place_refresh(
    const struct vmm_place *place, struct vmm_err *err) MUST_CHECK;
/* The same, if it can be done just now. */
void vmm_place_glance(const struct vmm_place *place);

#define AUTOPLACE CLEANUP(vmm_place_release) struct vmm_place

/* The folder of the file PATH, to be freed. */
char *vmm_folder_of(const char *path);

/*
 * The volume of the file PATH or of POOL/VOLUME, and in PLACE, which must be as
 * initialised, what keeps it reachable. A file that its pool has not seen yet
 * is looked for. NULL with the error.
 */
virStorageVolPtr vmm_volume_find(virConnectPtr virt, const char *source,
    struct vmm_place *place, struct vmm_err *err);
/* The same of a file that is in one of the host's pools; NULL for others. */
virStorageVolPtr vmm_volume_look(virConnectPtr virt, const char *source);
/* A volume by its name; NULL without an error where there is none. */
virStorageVolPtr vmm_volume_named(
    const struct vmm_place *place, const char *name, struct vmm_err *err);
/* An absolute path without doubled slashes, "." and a slash at its end, to be
 * freed: a kernel finds the same there. What is no such path as it is. */
char *vmm_path_tidy(const char *path);
/* The path of a disk's SOURCE as domain XML has it, to be freed: of POOL/VOLUME
 * that of the volume; of a path without doubled slashes and the like. Itself,
 * where there is no such volume. */
char *vmm_volume_path(virConnectPtr virt, const char *source);
/* What libvirt says of it. */
int vmm_volume_read(virStorageVolPtr volume, struct vmm_volxml *xml,
    struct vmm_err *err) MUST_CHECK;
/* Deletes the file PATH (or POOL/VOLUME). One that is gone is a success. */
int vmm_volume_delete(
    struct vmm_conn *conn, const char *source, struct vmm_err *err) MUST_CHECK;

#endif
