/* metaxml: hides the XML of our metadata. */
#include "pure/metaxml.h"

#include <libxml/parser.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/vpath.h"

DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)

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

/* A label without the white space around it, to be freed. */
static char *label_text(xmlNode *node)
{
	static const char white[] = " \t\n\v\f\r";
	AUTOFREE char *text = content(node);
	const char *start = text + strspn(text, white);
	size_t length = strlen(start);

	while (length && strchr(white, start[length - 1]))
		length--;
	return vmm_strndup(start, length);
}

static void read_children(xmlNode *root, struct vmm_meta *meta)
{
	size_t paths = 0;

	for (xmlNode *node = root->children; node; node = node->next) {
		if (is_ours(node, "path")) {
			AUTOFREE char *raw = content(node);

			free(meta->folder);
			meta->folder = vmm_vpath_normal(raw);
			paths++;
		} else if (is_ours(node, "label")) {
			AUTOFREE char *label = label_text(node);

			if (*label && !vmm_strv_has(&meta->labels, label))
				vmm_strv_take(&meta->labels, TAKE_PTR(label));
		}
	}
	if (paths == 1)
		return;
	meta->trouble = paths ? "it has more than one path" : "it has no path";
	free(meta->folder);
	meta->folder = NULL;
}

void vmm_meta_read(const char *xml, struct vmm_meta *meta)
{
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	xmlNode *root = NULL;

	if (xml) {
		doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
		root = doc ? xmlDocGetRootElement(doc) : NULL;
		if (root && is_ours(root, "vmm"))
			read_children(root, meta);
		else
			meta->trouble = "its element is not ours";
	}
	if (!meta->folder)
		meta->folder = vmm_strdup("/");
}

void vmm_meta_release(struct vmm_meta *meta)
{
	free(meta->folder);
	vmm_strv_release(&meta->labels);
	*meta = (struct vmm_meta)VMM_META_INIT;
}
