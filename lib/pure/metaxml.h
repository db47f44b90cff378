/*
 * metaxml: the element that keeps a VM's folder, labels and origin.
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

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define VMM_META_URI "http://calebstew.art/xmlns/vmm"

struct vmm_meta {
	char *folder;           /* normal form, never NULL after reading */
	struct vmm_strv labels; /* not empty, trimmed, each once */
	/* The UUID of the VM that it was linked-cloned from, as libvirt spells
	 * it, or NULL. Whether there is such a VM is another matter. */
	char *origin;
	/* What is wrong with the element, or NULL: not to be freed. The value
	 * that is wrong then has its default. */
	const char *trouble;
};

#define VMM_META_INIT                                                          \
	{                                                                      \
		NULL, VMM_STRV_INIT, NULL, NULL                                \
	}

/* RAW without the white space around it, to be freed: how labels are read and
 * compared. */
char *vmm_label_normal(const char *raw);

/* What to change; all else in the element stays as it is. */
struct vmm_meta_change {
	const char *folder;            /* normal form; NULL: keep */
	const struct vmm_strv *add;    /* labels; NULL: none */
	const struct vmm_strv *remove; /* labels; NULL: none */
	const char *origin; /* normal form; NULL: keep; "": have none */
	bool repair;        /* bring the whole element into its normal form */
};

/* Adds to PROBLEMS what a repair of the element XML (NULL: none, which is fine)
 * would mend, a line each. */
void vmm_meta_check(const char *xml, struct vmm_strv *problems);
/* Whether CHANGE leaves META other than it is. */
bool vmm_meta_would_change(
    const struct vmm_meta *meta, const struct vmm_meta_change *change);
/*
 * The element XML (NULL: none yet) after CHANGE, to be freed, in the form that
 * virDomainSetMetadata() takes: the root without prefix and namespace. *CHANGED
 * says whether it differs. An element whose root is not ours is refused, or
 * replaced where it is to be repaired.
 */
char *vmm_meta_edit(const char *xml, const struct vmm_meta_change *change,
    bool *changed, struct vmm_err *err) MUST_CHECK;
/*
 * The XML of a domain, or of a snapshot for the domain in it, with our element
 * replaced by ELEMENT, which is as above or NULL for none; to be freed. A saved
 * state has such XML of its own, and a snapshot has.
 */
char *vmm_meta_graft(
    const char *xml, const char *element, struct vmm_err *err) MUST_CHECK;

/* Our element in such XML, to be freed; NULL where there is none. */
char *vmm_meta_extract(const char *xml);
/* Whether two elements (NULL: none) say the same. */
bool vmm_meta_same(const char *xml, const char *other);

/* Reads the element XML; NULL is a VM without one: folder "/", no labels.
 * META must be empty. */
void vmm_meta_read(const char *xml, struct vmm_meta *meta);
void vmm_meta_release(struct vmm_meta *meta);

#endif
