/* volxml: hides how libvirt writes volumes and pools down. */
#include "pure/volxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/xml.h"

#define CLUSTER 65536ULL

static unsigned long long bytes(xmlNode *node)
{
	AUTOFREE char *text = vmm_xml_text(node);

	return text ? strtoull(text, NULL, 10) : 0;
}

bool vmm_volxml_read(const char *xml, struct vmm_volxml *volume)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	const xmlNode *target = vmm_xml_child(root, "target");
	const xmlNode *store = vmm_xml_child(root, "backingStore");
	const xmlNode *rights = vmm_xml_child(target, "permissions");
	const xmlNode *times = vmm_xml_child(target, "timestamps");

	if (!root || !vmm_xml_is(root, "volume"))
		return false;
	volume->name = vmm_xml_text(vmm_xml_child(root, "name"));
	volume->path = vmm_xml_text(vmm_xml_child(target, "path"));
	volume->format =
	    vmm_xml_attribute(vmm_xml_child(target, "format"), "type");
	volume->block = vmm_xml_has(root, "type", "block");
	volume->encrypted = vmm_xml_child(target, "encryption") != NULL;
	volume->capacity = bytes(vmm_xml_child(root, "capacity"));
	volume->allocation = bytes(vmm_xml_child(root, "allocation"));
	volume->physical = bytes(vmm_xml_child(root, "physical"));
	volume->cluster = bytes(vmm_xml_child(target, "clusterSize"));
	volume->mode = vmm_xml_text(vmm_xml_child(rights, "mode"));
	volume->owner = vmm_xml_text(vmm_xml_child(rights, "owner"));
	volume->group = vmm_xml_text(vmm_xml_child(rights, "group"));
	volume->mtime = vmm_xml_text(vmm_xml_child(times, "mtime"));
	volume->ctime = vmm_xml_text(vmm_xml_child(times, "ctime"));
	volume->below.source = vmm_xml_text(vmm_xml_child(store, "path"));
	if (!volume->below.source)
		return true;
	volume->below.type = vmm_strdup("file");
	volume->below.format =
	    vmm_xml_attribute(vmm_xml_child(store, "format"), "type");
	return true;
}

void vmm_volxml_release(struct vmm_volxml *volume)
{
	free(volume->name);
	free(volume->path);
	free(volume->format);
	free(volume->mode);
	free(volume->owner);
	free(volume->group);
	free(volume->mtime);
	free(volume->ctime);
	vmm_layer_release(&volume->below);
	*volume = (struct vmm_volxml){0};
}

bool vmm_volxml_is_untouched(const struct vmm_volxml *volume)
{
	const unsigned long long reach = CLUSTER * CLUSTER / 8;
	unsigned long long tables =
	    volume->capacity / reach + (volume->capacity % reach != 0);

	return volume->below.source && volume->format &&
	       strcmp(volume->format, "qcow2") == 0 &&
	       volume->cluster == CLUSTER && volume->physical &&
	       volume->physical <= 3 * CLUSTER + 8 * tables;
}

static xmlNode *add(xmlNode *node, const char *name, const char *text)
{
	return xmlNewTextChild(
	    node, NULL, BAD_CAST name, text ? BAD_CAST text : NULL);
}

static void add_format(xmlNode *node, const char *format)
{
	xmlNewProp(add(node, "format", NULL), BAD_CAST "type", BAD_CAST format);
}

char *vmm_volxml_build(const char *name, const char *format,
    const struct vmm_volxml *like, const struct vmm_layer *below)
{
	AUTODOC doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *root = xmlNewNode(NULL, BAD_CAST "volume");
	AUTOFREE char *capacity = vmm_sprintf("%llu", like->capacity);
	xmlNode *node, *rights;

	xmlDocSetRootElement(doc, root);
	add(root, "name", name);
	add(root, "capacity", capacity);
	/* else libvirt allocates all of a file before it copies; a device gets
	 * all in any case, for less would make it a thin one */
	if (!like->block)
		add(root, "allocation", "0");
	node = add(root, "target", NULL);
	add_format(node, format);
	if (strcmp(format, "qcow2") == 0)
		add(node, "compat", "1.1"); /* libvirt's default is 0.10 */
	if (like->mode && !like->block) {
		rights = add(node, "permissions", NULL);
		add(rights, "mode", like->mode);
		if (like->owner && like->group) {
			add(rights, "owner", like->owner);
			add(rights, "group", like->group);
		}
	}
	if (below) {
		node = add(root, "backingStore", NULL);
		add(node, "path", below->source);
		/* without it QEMU would look into the data for a format */
		add_format(node, below->format ? below->format : "raw");
	}
	return vmm_xml_dump(doc, root);
}

char *vmm_poolxml_build(const char *name, const char *folder)
{
	AUTODOC doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *root = xmlNewNode(NULL, BAD_CAST "pool");

	xmlDocSetRootElement(doc, root);
	xmlNewProp(root, BAD_CAST "type", BAD_CAST "dir");
	add(root, "name", name);
	add(add(root, "target", NULL), "path", folder);
	return vmm_xml_dump(doc, root);
}

char *vmm_poolxml_target(const char *xml)
{
	AUTODOC doc = vmm_xml_parse(xml);

	return vmm_xml_text(vmm_xml_child(
	    vmm_xml_child(doc ? xmlDocGetRootElement(doc) : NULL, "target"),
	    "path"));
}

bool vmm_poolxml_has_files(const char *xml)
{
	static const char *const kinds[] = {"dir", "fs", "netfs", "vstorage"};
	AUTODOC doc = vmm_xml_parse(xml);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (vmm_xml_has(root, "type", kinds[i]))
			return true;
	return false;
}
