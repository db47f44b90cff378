/* domxml: hides how libvirt writes a domain down. */
#include "pure/domxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/xml.h"

static bool is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, name) == 0;
}

/* The first element NAME from NODE on, among its siblings; NULL without. */
static xmlNode *from(xmlNode *node, const char *name)
{
	while (node && !is_element(node, name))
		node = node->next;
	return node;
}

static xmlNode *child(const xmlNode *node, const char *name)
{
	return node ? from(node->children, name) : NULL;
}

static char *take(xmlChar *text)
{
	char *copy = vmm_strdup_null((const char *)text);

	xmlFree(text);
	return copy;
}

static char *text_of(xmlNode *node)
{
	return node ? take(xmlNodeGetContent(node)) : NULL;
}

static char *attribute(const xmlNode *node, const char *name)
{
	return node ? take(xmlGetProp(node, BAD_CAST name)) : NULL;
}

static bool has(const xmlNode *node, const char *name, const char *value)
{
	AUTOFREE char *found = attribute(node, name);

	return found && strcmp(found, value) == 0;
}

static unsigned long long number(xmlNode *node)
{
	AUTOFREE char *text = text_of(node);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* "FIRST<joint>SECOND" of two attributes of NODE, or NULL without both. */
static char *pair(const xmlNode *node, const char *first, const char *joint,
    const char *second)
{
	AUTOFREE char *a = attribute(node, first);
	AUTOFREE char *b = attribute(node, second);

	return a && b ? vmm_sprintf("%s%s%s", a, joint, b) : NULL;
}

static char *source_of(const xmlNode *source)
{
	static const char *const plain[] = {"file", "dev", "dir", "path"};
	char *found = NULL;

	for (size_t i = 0; !found && i < ARRAY_SIZE(plain); i++)
		found = attribute(source, plain[i]);
	if (!found)
		found = pair(source, "pool", "/", "volume");
	if (!found)
		found = pair(source, "protocol", ":", "name");
	return found;
}

/* Adds what SOURCE names, if it names something: an empty drive may have a
 * <source> with nothing but a policy. */
static bool add_layer(struct vmm_disk *disk, const xmlNode *holder,
    const xmlNode *format, const xmlNode *source)
{
	char *name = source_of(source);

	if (!source || (!name && (has(holder, "type", "file") ||
				     has(holder, "type", "block"))))
		return false;
	VMM_GROW(disk->layer, disk->layers);
	disk->layer[disk->layers++] =
	    (struct vmm_layer){.type = attribute(holder, "type"),
		.source = name,
		.format = attribute(format, "type")};
	return true;
}

static void read_disk(const xmlNode *node, struct vmm_disk *disk)
{
	const xmlNode *source = child(node, "source");
	const xmlNode *store = child(node, "backingStore");

	disk->device = attribute(node, "device");
	if (!disk->device)
		disk->device = vmm_strdup("disk");
	disk->target = attribute(child(node, "target"), "dev");
	disk->bus = attribute(child(node, "target"), "bus");
	disk->readonly = child(node, "readonly") != NULL;
	disk->shareable = child(node, "shareable") != NULL;
	if (!add_layer(disk, node, child(node, "driver"), source))
		return;
	/* an empty <backingStore/> is the chain's end; none at all: unknown */
	for (; store; store = child(store, "backingStore")) {
		if (!add_layer(disk, store, child(store, "format"),
			child(store, "source"))) {
			disk->chain_known = true;
			return;
		}
	}
}

static void read_nic(const xmlNode *node, struct vmm_nic *nic)
{
	const xmlNode *source = child(node, "source");
	static const char *const kinds[] = {"network", "bridge", "dev", "name"};

	nic->type = attribute(node, "type");
	for (size_t i = 0; !nic->source && i < ARRAY_SIZE(kinds); i++)
		nic->source = attribute(source, kinds[i]);
	nic->mac = attribute(child(node, "mac"), "address");
	nic->model = attribute(child(node, "model"), "type");
	nic->target = attribute(child(node, "target"), "dev");
}

static int port(const xmlNode *node, const char *name)
{
	AUTOFREE char *text = attribute(node, name);
	long value = text ? strtol(text, NULL, 10) : -1;

	return value > 0 && value < 65536 ? (int)value : -1;
}

static void read_display(const xmlNode *node, struct vmm_display *display)
{
	const xmlNode *listen = child(node, "listen");

	display->type = attribute(node, "type");
	display->port = port(node, "port");
	display->tls_port = port(node, "tlsPort");
	display->listen = attribute(listen, "address");
	if (!display->listen)
		display->listen = attribute(listen, "socket");
	if (!display->listen)
		display->listen = attribute(node, "listen");
}

static void read_devices(const xmlNode *devices, struct vmm_domxml *domain)
{
	xmlNode *node;

	for (node = child(devices, "disk"); node;
	     node = from(node->next, "disk")) {
		VMM_GROW(domain->disk, domain->disks);
		domain->disk[domain->disks] = (struct vmm_disk){0};
		read_disk(node, &domain->disk[domain->disks++]);
	}
	for (node = child(devices, "interface"); node;
	     node = from(node->next, "interface")) {
		VMM_GROW(domain->nic, domain->nics);
		domain->nic[domain->nics] = (struct vmm_nic){0};
		read_nic(node, &domain->nic[domain->nics++]);
	}
	for (node = child(devices, "graphics"); node;
	     node = from(node->next, "graphics")) {
		VMM_GROW(domain->display, domain->displays);
		domain->display[domain->displays] = (struct vmm_display){0};
		read_display(node, &domain->display[domain->displays++]);
	}
	for (node = child(devices, "channel"); node;
	     node = from(node->next, "channel")) {
		const xmlNode *target = child(node, "target");

		/* the name that QEMU's guest agent listens on */
		if (!has(target, "name", "org.qemu.guest_agent.0"))
			continue;
		domain->agent_channel = true;
		domain->agent_connected = has(target, "state", "connected");
	}
}

struct vmm_domxml *vmm_domxml_read(const char *xml, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	struct vmm_domxml *domain;
	const xmlNode *os, *loader;

	if (!root || !is_element(root, "domain")) {
		vmm_err_set(err, VMM_FAILED, "its XML cannot be read");
		return NULL;
	}
	domain = vmm_calloc(1, sizeof *domain);
	os = child(root, "os");
	loader = child(os, "loader");
	domain->title = text_of(child(root, "title"));
	domain->description = text_of(child(root, "description"));
	domain->arch = attribute(child(os, "type"), "arch");
	domain->machine = attribute(child(os, "type"), "machine");
	domain->firmware = attribute(os, "firmware");
	if (!domain->firmware)
		domain->firmware =
		    vmm_strdup(has(loader, "type", "pflash") ? "efi" : "bios");
	domain->vcpus = (unsigned)number(child(root, "vcpu"));
	domain->memory = number(child(root, "memory"));
	read_devices(child(root, "devices"), domain);
	return domain;
}

void vmm_layer_release(struct vmm_layer *layer)
{
	free(layer->type);
	free(layer->source);
	free(layer->format);
	*layer = (struct vmm_layer){0};
}

void vmm_domxml_free(struct vmm_domxml *domain)
{
	if (!domain)
		return;
	for (size_t i = 0; i < domain->disks; i++) {
		struct vmm_disk *disk = &domain->disk[i];

		for (size_t j = 0; j < disk->layers; j++)
			vmm_layer_release(&disk->layer[j]);
		free(disk->layer);
		free(disk->device);
		free(disk->target);
		free(disk->bus);
	}
	for (size_t i = 0; i < domain->nics; i++) {
		free(domain->nic[i].type);
		free(domain->nic[i].source);
		free(domain->nic[i].mac);
		free(domain->nic[i].model);
		free(domain->nic[i].target);
	}
	for (size_t i = 0; i < domain->displays; i++) {
		free(domain->display[i].type);
		free(domain->display[i].listen);
	}
	free(domain->disk);
	free(domain->nic);
	free(domain->display);
	free(domain->title);
	free(domain->description);
	free(domain->arch);
	free(domain->machine);
	free(domain->firmware);
	free(domain);
}

bool vmm_volxml_backing(const char *xml, struct vmm_layer *layer)
{
	AUTODOC doc = vmm_xml_parse(xml);
	const xmlNode *store =
	    doc ? child(xmlDocGetRootElement(doc), "backingStore") : NULL;
	char *path = text_of(child(store, "path"));

	if (!path)
		return false;
	*layer = (struct vmm_layer){.type = vmm_strdup("file"),
	    .source = path,
	    .format = attribute(child(store, "format"), "type")};
	return true;
}

char *vmm_volxml_format(const char *xml)
{
	AUTODOC doc = vmm_xml_parse(xml);

	return attribute(
	    child(doc ? child(xmlDocGetRootElement(doc), "target") : NULL,
		"format"),
	    "type");
}
