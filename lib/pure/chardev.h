/*
 * chardev: what the character devices of a domain talk to: serial ports,
 * consoles, channels and the like.
 */
#ifndef VMM_PURE_CHARDEV_H
#define VMM_PURE_CHARDEV_H

#include <libxml/tree.h>

/* What becomes of a <source> where the definition is used once more. */
enum vmm_fate {
	VMM_FATE_KEEP,     /* nothing of it is one VM's */
	VMM_FATE_GENERATE, /* libvirt made its path, and will again */
	VMM_FATE_RENAME,   /* its path is a file or socket made for this VM */
	VMM_FATE_DEVICE,   /* something on the host that one VM can have */
	VMM_FATE_PORT,     /* a port that one VM can listen on */
	VMM_FATE_CLIENT,   /* somebody else's socket */
};

/* The element that has the type and the <source>s of the character device NODE;
 * NULL where NODE is none. */
xmlNode *vmm_chardev_end(xmlNode *node);
/* Of one SOURCE of the device NODE, whose end is END. */
enum vmm_fate vmm_chardev_fate(
    const xmlNode *node, const xmlNode *end, const xmlNode *source);

#endif
