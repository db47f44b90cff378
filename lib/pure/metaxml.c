/* metaxml: hides the XML of our metadata. */
#include "pure/metaxml.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/index.h"
#include "pure/uuid.h"
#include "pure/vpath.h"
#include "pure/xml.h"

/* Ours is what carries our namespace, or none where libvirt dropped it. */
static bool is_ours(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, name) == 0 &&
	       (!node->ns ||
		   strcmp((const char *)node->ns->href, VMM_META_URI) == 0);
}

static char *content(xmlNode *node)
{
	xmlChar *text = xmlNodeGetContent(node);
	char *copy = vmm_strdup(text ? (const char *)text : "");

	xmlFree(text);
	return copy;
}

char *vmm_label_normal(const char *raw)
{
	static const char white[] = " \t\n\v\f\r";
	size_t length;

	raw += strspn(raw, white);
	length = strlen(raw);
	while (length && strchr(white, raw[length - 1]))
		length--;
	return vmm_strndup(raw, length);
}

static char *label_text(xmlNode *node)
{
	AUTOFREE char *text = content(node);

	return vmm_label_normal(text);
}

/* The origin in RAW, to be freed; NULL where it is no UUID. */
static char *origin_normal(const char *raw)
{
	AUTOFREE char *text = vmm_label_normal(raw);

	return vmm_uuid_normal(text);
}

static void read_children(xmlNode *root, struct vmm_meta *meta)
{
	struct vmm_index seen = VMM_INDEX_INIT; /* of many, look-ups count */
	size_t paths = 0;

	for (xmlNode *node = root->children; node; node = node->next) {
		if (is_ours(node, "path")) {
			AUTOFREE char *raw = content(node);

			free(meta->folder);
			meta->folder = vmm_vpath_normal(raw);
			paths++;
		} else if (is_ours(node, "label")) {
			AUTOFREE char *label = label_text(node);

			if (!*label || vmm_index_find(&seen, label))
				continue;
			vmm_index_add(&seen, label, node);
			vmm_strv_take(&meta->labels, TAKE_PTR(label));
		} else if (is_ours(node, "origin") && !meta->origin) {
			AUTOFREE char *raw = content(node);

			meta->origin = origin_normal(raw);
		}
	}
	vmm_index_release(&seen);
	if (paths == 1 && vmm_vpath_depth(meta->folder) <= VMM_VPATH_DEEPEST)
		return;
	if (paths == 1)
		meta->trouble = "its path is too deep";
	else
		meta->trouble =
		    paths ? "it has more than one path" : "it has no path";
	free(meta->folder);
	meta->folder = NULL;
}

void vmm_meta_read(const char *xml, struct vmm_meta *meta)
{
	AUTODOC doc = NULL;
	xmlNode *root = NULL;

	if (xml) {
		doc = vmm_xml_parse(xml);
		root = doc ? xmlDocGetRootElement(doc) : NULL;
		if (root && is_ours(root, "vmm"))
			read_children(root, meta);
		else
			meta->trouble = "its element is not ours";
	}
	if (!meta->folder)
		meta->folder = vmm_strdup("/");
}

/* --- editing --- */

static void drop(xmlNode *node)
{
	xmlUnlinkNode(node);
	xmlFreeNode(node);
}

static bool has_text(xmlNode *node)
{
	AUTOFREE char *text = vmm_xml_text(node);

	return text && *text;
}

/* Gives NODE other text. Comments and elements in it stay, but for elements
 * with text: that would be read as part of it. */
static void set_text(xmlNode *node, const char *text)
{
	xmlNode *next, *fresh = xmlNewText(BAD_CAST text);

	for (xmlNode *child = node->children; child; child = next) {
		next = child->next;
		if (child->type != XML_COMMENT_NODE &&
		    (child->type != XML_ELEMENT_NODE || has_text(child)))
			drop(child);
	}
	if (node->children)
		xmlAddPrevSibling(node->children, fresh);
	else
		xmlAddChild(node, fresh);
}

/* A new child NAME of ROOT with TEXT, behind AFTER, or first. */
static void insert(
    xmlNode *root, xmlNode *after, const char *name, const char *text)
{
	xmlNode *node = xmlNewNode(root->ns, BAD_CAST name);

	xmlNodeAddContent(node, BAD_CAST text);
	if (after)
		xmlAddNextSibling(after, node);
	else if (root->children)
		xmlAddPrevSibling(root->children, node);
	else
		xmlAddChild(root, node);
}

/* The last element of ROOT that labels and the origin stand behind, or NULL. */
static xmlNode *last_of_ours(xmlNode *root)
{
	xmlNode *last = NULL;

	for (xmlNode *node = root->children; node; node = node->next)
		if (is_ours(node, "label") || (!last && is_ours(node, "path")))
			last = node;
	return last;
}

/* Leaves exactly one NAME, which says TEXT; a new one stands behind AFTER, or
 * first. Without TEXT it leaves none. Returns whether that changed. */
static bool set_only(
    xmlNode *root, const char *name, const char *text, xmlNode *after)
{
	xmlNode *only = NULL, *next;
	bool changed = false;

	for (xmlNode *node = root->children; node; node = next) {
		next = node->next;
		if (!is_ours(node, name))
			continue;
		if (only || !text) {
			drop(node);
			changed = true;
		} else {
			only = node;
		}
	}
	if (!text)
		return changed;
	if (only) {
		AUTOFREE char *old = content(only);

		if (strcmp(old, text) == 0)
			return changed;
		set_text(only, text);
	} else {
		insert(root, after, name, text);
	}
	return true;
}

static bool remove_labels(xmlNode *root, const struct vmm_strv *labels)
{
	bool changed = false;
	xmlNode *next;

	for (xmlNode *node = root->children; node; node = next) {
		AUTOFREE char *label = NULL;

		next = node->next;
		if (!is_ours(node, "label"))
			continue;
		label = label_text(node);
		if (!vmm_strv_has(labels, label))
			continue;
		drop(node);
		changed = true;
	}
	return changed;
}

static bool add_label(xmlNode *root, const char *label)
{
	for (xmlNode *node = root->children; node; node = node->next) {
		AUTOFREE char *found = NULL;

		if (!is_ours(node, "label"))
			continue;
		found = label_text(node);
		if (strcmp(found, label) == 0)
			return false;
	}
	insert(root, last_of_ours(root), "label", label);
	return true;
}

/* TEXT with a blank for each control character. */
static void add_storable(struct vmm_buf *out, const char *text, size_t length)
{
	while (length) {
		uint32_t rune;
		size_t n = vmm_utf8_decode(text, length, &rune);
		AUTOFREE char *one = vmm_strndup(text, n ? n : 1);

		vmm_buf_adds(out, vmm_text_is_storable(one) ? one : " ");
		text += n ? n : 1;
		length -= n ? n : 1;
	}
}

/* The folder that is stored for RAW when it is repaired, to be freed: without
 * components "." and "..", and with blanks for control characters. */
static char *repaired_folder(const char *raw)
{
	AUTOBUF out = VMM_BUF_INIT;
	AUTOFREE char *folder = vmm_vpath_normal(raw);

	for (const char *p = folder + 1; *p; p += *p == '/') {
		size_t length = strcspn(p, "/");

		if (strncmp(p, "..", length) != 0 || length > 2) {
			vmm_buf_addc(&out, '/');
			add_storable(&out, p, length);
		}
		p += length;
	}
	return vmm_vpath_normal(vmm_buf_text(&out));
}

/* What repairing does to a node: nothing, or drop it, or give it TEXT. */
struct mend {
	const char *problem; /* NULL: it is as it should be */
	char *text;          /* owned; NULL: drop it */
};

static struct mend mend_path(xmlNode *node, size_t before)
{
	AUTOFREE char *raw = content(node);
	AUTOFREE char *folder = repaired_folder(raw);

	if (before)
		return (struct mend){"it has more than one path", NULL};
	if (vmm_vpath_depth(folder) > VMM_VPATH_DEEPEST)
		return (struct mend){"its path is too deep", vmm_strdup("/")};
	if (strcmp(raw, folder) == 0)
		return (struct mend){NULL, NULL};
	return (struct mend){
	    "its path is not in normal form", TAKE_PTR(folder)};
}

/* SEEN are labels, and INDEX of them: of many, look-ups count. */
static struct mend mend_label(
    xmlNode *node, struct vmm_strv *seen, struct vmm_index *index)
{
	AUTOFREE char *raw = content(node);
	AUTOFREE char *label = vmm_label_normal(raw);

	if (!*label)
		return (struct mend){"it has an empty label", NULL};
	if (vmm_index_find(index, label))
		return (struct mend){"it has a label twice", NULL};
	vmm_strv_take(seen, vmm_strdup(label));
	vmm_index_add(index, seen->v[seen->n - 1], node);
	if (strcmp(raw, label) == 0)
		return (struct mend){NULL, NULL};
	return (struct mend){
	    "a label has white space around it", TAKE_PTR(label)};
}

/* Of several the first that is a UUID is the origin, as it is to a reader. */
static struct mend mend_origin(xmlNode *node, size_t *before)
{
	AUTOFREE char *raw = content(node);
	AUTOFREE char *uuid = origin_normal(raw);

	if (!uuid)
		return (struct mend){"its origin is no UUID", NULL};
	if ((*before)++)
		return (struct mend){"it has more than one origin", NULL};
	if (strcmp(raw, uuid) == 0)
		return (struct mend){NULL, NULL};
	return (struct mend){
	    "its origin is not in normal form", TAKE_PTR(uuid)};
}

/* Finds what is wrong below ROOT, for PROBLEMS (or NULL), and mends it where
 * MENDING. Returns whether anything was. */
static bool look_over(xmlNode *root, struct vmm_strv *problems, bool mending)
{
	AUTOSTRV seen = VMM_STRV_INIT;
	struct vmm_index index = VMM_INDEX_INIT;
	size_t paths = 0, origins = 0;
	bool any = false;
	xmlNode *next;

	for (xmlNode *node = root->children; node; node = next) {
		struct mend mend = {NULL, NULL};

		next = node->next;
		if (is_ours(node, "path"))
			mend = mend_path(node, paths++);
		else if (is_ours(node, "label"))
			mend = mend_label(node, &seen, &index);
		else if (is_ours(node, "origin"))
			mend = mend_origin(node, &origins);
		if (!mend.problem)
			continue;
		any = true;
		if (problems)
			vmm_strv_take(problems, vmm_strdup(mend.problem));
		if (mending && mend.text) {
			set_text(node, mend.text);
		} else if (mending) {
			drop(node);
		}
		free(mend.text);
	}
	vmm_index_release(&index);
	if (paths)
		return any;
	if (problems)
		vmm_strv_take(problems, vmm_strdup("it has no path"));
	if (mending)
		insert(root, NULL, "path", "/");
	return true;
}

void vmm_meta_check(const char *xml, struct vmm_strv *problems)
{
	AUTODOC doc = xml ? vmm_xml_parse(xml) : NULL;
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

	if (!xml)
		return;
	if (root && is_ours(root, "vmm"))
		look_over(root, problems, false);
	else
		vmm_strv_take(problems,
		    vmm_strdup("its element is not ours; a repair drops it"));
}

/* An element without anything. A label without a path would be malformed. */
static const char fresh[] = "<vmm><path>/</path></vmm>";

char *vmm_meta_edit(const char *xml, const struct vmm_meta_change *change,
    bool *changed, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml ? xml : fresh);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

	*changed = false;
	if (!root || !is_ours(root, "vmm")) {
		if (!change->repair) {
			vmm_err_set(err, VMM_REFUSED,
			    "its vmm metadata is not ours; 'vmm fsck "
			    "--repair' replaces it");
			return NULL;
		}
		*changed = true;
		xmlFreeDoc(doc);
		doc = vmm_xml_parse(fresh);
		root = xmlDocGetRootElement(doc);
	}
	if (change->repair && xml)
		*changed |= look_over(root, NULL, true);
	if (change->folder)
		*changed |= set_only(root, "path", change->folder, NULL);
	if (change->remove)
		*changed |= remove_labels(root, change->remove);
	for (size_t i = 0; change->add && i < change->add->n; i++)
		*changed |= add_label(root, change->add->v[i]);
	if (change->origin)
		*changed |= set_only(root, "origin",
		    *change->origin ? change->origin : NULL,
		    last_of_ours(root));
	return vmm_xml_dump(doc, root);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool vmm_meta_would_change(
    const struct vmm_meta *meta, const struct vmm_meta_change *change)
{
	if (change->folder && strcmp(change->folder, meta->folder) != 0)
		return true;
	if (change->origin &&
	    !same_text(*change->origin ? change->origin : NULL, meta->origin))
		return true;
	for (size_t i = 0; change->remove && i < change->remove->n; i++)
		if (vmm_strv_has(&meta->labels, change->remove->v[i]))
			return true;
	for (size_t i = 0; change->add && i < change->add->n; i++)
		if (!vmm_strv_has(&meta->labels, change->add->v[i]))
			return true;
	return false;
}

/* Puts NODE and all below it that has no namespace into NS. */
static void put_into(xmlNode *node, xmlNs *ns)
{
	if (!node->ns)
		xmlSetNs(node, ns);
	for (xmlNode *child = node->children; child; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			put_into(child, ns);
}

/* Puts GRAFT (NULL: nothing) instead of our element into the domain ROOT. */
static int graft_domain(
    xmlDoc *doc, xmlNode *root, xmlNode *graft, struct vmm_err *err)
{
	xmlNode *metadata = vmm_xml_child(root, "metadata"), *next;
	xmlNs *ns;

	if (!metadata)
		metadata = xmlNewChild(root, NULL, BAD_CAST "metadata", NULL);
	for (xmlNode *node = metadata->children; node; node = next) {
		next = node->next;
		if (node->type == XML_ELEMENT_NODE && node->ns &&
		    strcmp((const char *)node->ns->href, VMM_META_URI) == 0)
			drop(node);
	}
	if (!graft)
		return 0;
	graft = xmlDocCopyNode(graft, doc, 1);
	xmlAddChild(metadata, graft);
	ns = xmlNewNs(graft, BAD_CAST VMM_META_URI, BAD_CAST "vmm");
	if (!ns)
		return vmm_err_set(err, VMM_FAILED,
		    "its metadata uses the prefix 'vmm' for something else");
	put_into(graft, ns);
	return 0;
}

char *vmm_meta_graft(const char *xml, const char *element, struct vmm_err *err)
{
	static const char *const inner[] = {"domain", "inactiveDomain"};
	AUTODOC doc = vmm_xml_parse(xml);
	AUTODOC ours = element ? vmm_xml_parse(element) : NULL;
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlNode *graft = ours ? xmlDocGetRootElement(ours) : NULL;

	if (!root || (element && !graft)) {
		vmm_err_set(err, VMM_FAILED, "its XML cannot be read");
		return NULL;
	}
	if (!vmm_xml_is(root, "domainsnapshot"))
		return graft_domain(doc, root, graft, err) < 0
			   ? NULL
			   : vmm_xml_dump(doc, root);
	for (size_t i = 0; i < ARRAY_SIZE(inner); i++) {
		xmlNode *domain = vmm_xml_child(root, inner[i]);

		if (domain && graft_domain(doc, domain, graft, err) < 0)
			return NULL;
	}
	return vmm_xml_dump(doc, root);
}

char *vmm_meta_extract(const char *xml)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlNode *inner = vmm_xml_child(root, "domain");
	xmlNode *metadata = vmm_xml_child(inner ? inner : root, "metadata");

	for (xmlNode *node = metadata ? metadata->children : NULL; node;
	     node = node->next) {
		if (node->type == XML_ELEMENT_NODE && node->ns &&
		    strcmp((const char *)node->ns->href, VMM_META_URI) == 0) {
			xmlReconciliateNs(doc, node);
			return vmm_xml_dump(doc, node);
		}
	}
	return NULL;
}

bool vmm_meta_same(const char *xml, const char *other)
{
	struct vmm_meta a = VMM_META_INIT, b = VMM_META_INIT;
	bool same;

	vmm_meta_read(xml, &a);
	vmm_meta_read(other, &b);
	same = strcmp(a.folder, b.folder) == 0 && a.labels.n == b.labels.n &&
	       a.trouble == b.trouble && same_text(a.origin, b.origin);
	for (size_t i = 0; same && i < a.labels.n; i++)
		same = strcmp(a.labels.v[i], b.labels.v[i]) == 0;
	vmm_meta_release(&a);
	vmm_meta_release(&b);
	return same;
}

void vmm_meta_release(struct vmm_meta *meta)
{
	free(meta->folder);
	free(meta->origin);
	vmm_strv_release(&meta->labels);
	*meta = (struct vmm_meta)VMM_META_INIT;
}
