/*
 * shared: what two VMs with one definition would share, or fight about: host
 * devices, ports, folders, sockets, arguments of QEMU's.
 */
#ifndef VMM_PURE_SHARED_H
#define VMM_PURE_SHARED_H

#include <libxml/tree.h>

#include "base/buf.h"

/* Adds a line for each such thing, once, to WARNINGS: what the clone of the
 * domain ROOT has of its source. Disks, memory and firmware are the caller's.
 */
void vmm_shared_warn(const xmlNode *root, struct vmm_strv *warnings);

#endif
