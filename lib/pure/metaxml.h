/*
 * metaxml: the element that keeps a VM's folder and labels.
 *
 *   <vmm:vmm xmlns:vmm="http://calebstew.art/xmlns/vmm">
 *     <vmm:path>/lab</vmm:path> <vmm:label>web</vmm:label> ...
 *   </vmm:vmm>
 *
 * libvirt hands it out without the prefix. Others write it too (vmm-metadata(7)
 * says what they may rely on), so reading never fails.
 */
#ifndef VMM_PURE_METAXML_H
#define VMM_PURE_METAXML_H

#include "base/buf.h"

#define VMM_META_URI "http://calebstew.art/xmlns/vmm"

struct vmm_meta {
	char *folder;           /* normal form, never NULL after reading */
	struct vmm_strv labels; /* as they stand, each once */
	/* What is wrong with the element, or NULL: not to be freed. The value
	 * that is wrong then has its default. */
	const char *trouble;
};

#define VMM_META_INIT                                                          \
	{                                                                      \
		NULL, VMM_STRV_INIT, NULL                                      \
	}

/* Reads the element XML; NULL is a VM without one: folder "/", no labels.
 * META must be empty. */
void vmm_meta_read(const char *xml, struct vmm_meta *meta);
void vmm_meta_release(struct vmm_meta *meta);

#endif
