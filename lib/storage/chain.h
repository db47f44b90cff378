/*
 * chain: which files a disk stands on, and how large they are.
 *
 * Everything is asked of libvirt's storage pools, never of a path by us (the
 * host may be another one) and never of QEMU (which may be stuck).
 */
#ifndef VMM_STORAGE_CHAIN_H
#define VMM_STORAGE_CHAIN_H

#include <libvirt/libvirt.h>

#include "pure/domxml.h"

/* Bytes. */
struct vmm_sizes {
	bool known; /* false: in no pool that libvirt can read */
	unsigned long long capacity;   /* what the guest sees */
	unsigned long long allocation; /* what it takes on the host */
};

/*
 * Completes DISK's layers with the backing files that its volumes name, where
 * the XML did not have the whole chain, and its formats where it did not say.
 * Returns the sizes of all layers, in their order, to be freed; NULL for an
 * empty drive. chain_known stays false where a layer is in no pool.
 */
struct vmm_sizes *vmm_chain_read(virConnectPtr virt, struct vmm_disk *disk);

#endif
