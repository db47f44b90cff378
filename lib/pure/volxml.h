/*
 * volxml: the XML of storage volumes and of the pools that we make (libvirt:
 * storage pool and volume XML format).
 */
#ifndef VMM_PURE_VOLXML_H
#define VMM_PURE_VOLXML_H

#include "pure/domxml.h"

struct vmm_volxml { /* starts as {0} */
	char *name;
	char *path;
	char *format;           /* "raw", "qcow2", ...; NULL: not said */
	struct vmm_layer below; /* its backing file; source NULL: none */
	bool block;             /* a block device, as LVM's */
	bool encrypted;
	unsigned long long capacity;   /* bytes: what a guest sees */
	unsigned long long allocation; /* bytes that it takes on the host */
	unsigned long long physical;   /* bytes to its end */
	unsigned long long cluster;    /* bytes of a qcow2's; 0: not said */
	char *mode, *owner, *group;    /* octal, numbers; or NULL */
	char *mtime, *ctime;           /* SECONDS.NANOSECONDS, or NULL */
};

/* False where the XML is none. VOLUME must be all zero. */
bool vmm_volxml_read(const char *xml, struct vmm_volxml *volume);
void vmm_volxml_release(struct vmm_volxml *volume);

#define AUTOVOLXML CLEANUP(vmm_volxml_release) struct vmm_volxml

/*
 * Whether VOLUME is surely a qcow2 overlay into which nothing was written since
 * it was made: as large as QEMU makes an empty one of its capacity, with
 * clusters of 64 KiB: header, reference table, reference block and an L1 table
 * with 8 bytes for each 512 MiB (QEMU's docs/interop/qcow2.txt; measured in
 * facts). Anything that is written, a snapshot or a bitmap too, adds clusters.
 */
bool vmm_volxml_is_untouched(const struct vmm_volxml *volume);

/* The XML for a new volume NAME of that format, to be freed, with LIKE's
 * capacity and permissions, and BELOW (NULL: nothing) for its backing file. */
char *vmm_volxml_build(const char *name, const char *format,
    const struct vmm_volxml *like, const struct vmm_layer *below);
/* The XML of a pool of the files in FOLDER, to be freed. */
char *vmm_poolxml_build(const char *name, const char *folder);
/* The folder or device directory that a pool is of, to be freed, or NULL. */
char *vmm_poolxml_target(const char *xml);
/* Whether overlays, which are files, can be made in such a pool. */
bool vmm_poolxml_has_files(const char *xml);

#endif
