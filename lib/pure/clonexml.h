/*
 * clonexml: what becomes of a domain's definition in a clone of it.
 *
 * The clone is the same machine with an identity of its own: name, UUID, MACs,
 * disks, UEFI variables, sockets and logs. What libvirt can make anew is left
 * out, so that it does; what has to be a file of the clone's own gets a name of
 * the clone's in the same folder, never by replacing text in a path. All else
 * stays exactly as it is.
 */
#ifndef VMM_PURE_CLONEXML_H
#define VMM_PURE_CLONEXML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "pure/domxml.h"

/* A disk that the clone gets a volume of its own for. */
struct vmm_clonedisk {
	char *target;         /* "vda": unique in a domain */
	struct vmm_layer top; /* what the source writes to: of type "file",
			       * "block" or "volume", with a source */
};

struct vmm_cloneplan { /* starts as {0} */
	struct vmm_clonedisk *disk;
	size_t disks;
	char *nvram;        /* the file of the UEFI variables, or NULL */
	char *nvram_format; /* "raw", "qcow2"; NULL without a file */
	/* The source's, one an <interface>, in order; "" where there is none.
	 * Two that are equal are a pair (failover) and stay equal. */
	struct vmm_strv macs;
	/* What source and clone will share, or the clone lacks; each fits
	 * behind "'/lab/new' ". Text from the XML is in there as it is. */
	struct vmm_strv warnings;
};

/*
 * What is to be done to clone the domain of the inactive XML; LINKED: by
 * overlays. -1: it cannot be cloned (or may not, VMM_REFUSED: it would harm
 * data), and the error names the device and the way out. PLAN is to be released
 * either way.
 */
int vmm_clone_plan(const char *xml, bool linked, struct vmm_cloneplan *plan,
    struct vmm_err *err) MUST_CHECK;
void vmm_cloneplan_release(struct vmm_cloneplan *plan);

#define AUTOCLONEPLAN CLEANUP(vmm_cloneplan_release) struct vmm_cloneplan

/* Where a disk's data is in the clone. */
struct vmm_cloneto_disk {
	const char *target, *path, *format;
	bool block; /* PATH is a block device */
};

struct vmm_cloneto {
	const char *name, *uuid;
	/* As many as the plan has; "" or NULL: libvirt makes one. */
	const char *const *mac;
	size_t macs;
	const struct vmm_cloneto_disk *disk;
	size_t disks;
	const char *nvram; /* NULL: libvirt makes it from its template */
};

/*
 * The clone's XML, to be freed, from the source's inactive one, of which there
 * is a plan. Our own metadata element is left as it is (vmm_meta_graft() puts
 * another in). NULL where TO does not fit the XML.
 */
char *vmm_clone_build(const char *xml, const struct vmm_cloneto *to,
    struct vmm_err *err) MUST_CHECK;

#endif
