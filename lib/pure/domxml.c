/* domxml: hides how libvirt writes a domain down. */
#include "pure/domxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/xml.h"

static unsigned long long number(xmlNode *node)
{
	AUTOFREE char *text = vmm_xml_text(node);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* "FIRST<joint>SECOND" of two attributes of NODE, or NULL without both. */
static char *pair(const xmlNode *node, const char *first, const char *joint,
    const char *second)
{
	AUTOFREE char *a = vmm_xml_attribute(node, first);
	AUTOFREE char *b = vmm_xml_attribute(node, second);

	return a && b ? vmm_sprintf("%s%s%s", a, joint, b) : NULL;
}

static char *source_of(const xmlNode *source)
{
	static const char *const plain[] = {"file", "dev", "dir", "path"};
	char *found = NULL;

	for (size_t i = 0; !found && i < ARRAY_SIZE(plain); i++)
		found = vmm_xml_attribute(source, plain[i]);
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

	if (!source || (!name && (vmm_xml_has(holder, "type", "file") ||
				     vmm_xml_has(holder, "type", "block"))))
		return false;
	VMM_GROW(disk->layer, disk->layers);
	disk->layer[disk->layers++] =
	    (struct vmm_layer){.type = vmm_xml_attribute(holder, "type"),
		.source = name,
		.format = vmm_xml_attribute(format, "type")};
	return true;
}

static void read_disk(const xmlNode *node, struct vmm_disk *disk)
{
	const xmlNode *source = vmm_xml_child(node, "source");
	const xmlNode *store = vmm_xml_child(node, "backingStore");

	disk->device = vmm_xml_attribute(node, "device");
	if (!disk->device)
		disk->device = vmm_strdup("disk");
	disk->target = vmm_xml_attribute(vmm_xml_child(node, "target"), "dev");
	disk->bus = vmm_xml_attribute(vmm_xml_child(node, "target"), "bus");
	disk->readonly = vmm_xml_child(node, "readonly") != NULL;
	disk->shareable = vmm_xml_child(node, "shareable") != NULL;
	if (!add_layer(disk, node, vmm_xml_child(node, "driver"), source))
		return;
	/* an empty <backingStore/> is the chain's end; none at all: unknown */
	for (; store; store = vmm_xml_child(store, "backingStore")) {
		if (!add_layer(disk, store, vmm_xml_child(store, "format"),
			vmm_xml_child(store, "source"))) {
			disk->chain_known = true;
			return;
		}
	}
}

static void read_nic(const xmlNode *node, struct vmm_nic *nic)
{
	const xmlNode *source = vmm_xml_child(node, "source");
	static const char *const kinds[] = {"network", "bridge", "dev", "name"};

	nic->type = vmm_xml_attribute(node, "type");
	for (size_t i = 0; !nic->source && i < ARRAY_SIZE(kinds); i++)
		nic->source = vmm_xml_attribute(source, kinds[i]);
	nic->mac = vmm_xml_attribute(vmm_xml_child(node, "mac"), "address");
	nic->model = vmm_xml_attribute(vmm_xml_child(node, "model"), "type");
	nic->target = vmm_xml_attribute(vmm_xml_child(node, "target"), "dev");
}

static int port(const xmlNode *node, const char *name)
{
	AUTOFREE char *text = vmm_xml_attribute(node, name);
	long value = text ? strtol(text, NULL, 10) : -1;

	return value > 0 && value < 65536 ? (int)value : -1;
}

static void read_display(const xmlNode *node, struct vmm_display *display)
{
	const xmlNode *listen = vmm_xml_child(node, "listen");

	display->type = vmm_xml_attribute(node, "type");
	display->port = port(node, "port");
	display->tls_port = port(node, "tlsPort");
	display->listen = vmm_xml_attribute(listen, "address");
	if (!display->listen)
		display->listen = vmm_xml_attribute(listen, "socket");
	if (!display->listen)
		display->listen = vmm_xml_attribute(node, "listen");
}

static void read_devices(const xmlNode *devices, struct vmm_domxml *domain)
{
	xmlNode *node;

	for (node = vmm_xml_child(devices, "disk"); node;
	     node = vmm_xml_from(node->next, "disk")) {
		VMM_GROW(domain->disk, domain->disks);
		domain->disk[domain->disks] = (struct vmm_disk){0};
		read_disk(node, &domain->disk[domain->disks++]);
	}
	for (node = vmm_xml_child(devices, "interface"); node;
	     node = vmm_xml_from(node->next, "interface")) {
		VMM_GROW(domain->nic, domain->nics);
		domain->nic[domain->nics] = (struct vmm_nic){0};
		read_nic(node, &domain->nic[domain->nics++]);
	}
	for (node = vmm_xml_child(devices, "graphics"); node;
	     node = vmm_xml_from(node->next, "graphics")) {
		VMM_GROW(domain->display, domain->displays);
		domain->display[domain->displays] = (struct vmm_display){0};
		read_display(node, &domain->display[domain->displays++]);
	}
	for (node = vmm_xml_child(devices, "channel"); node;
	     node = vmm_xml_from(node->next, "channel")) {
		const xmlNode *target = vmm_xml_child(node, "target");

		/* the name that QEMU's guest agent listens on */
		if (!vmm_xml_has(target, "name", "org.qemu.guest_agent.0"))
			continue;
		domain->agent_channel = true;
		domain->agent_connected =
		    vmm_xml_has(target, "state", "connected");
	}
}

/* QEMU's argument "mem-path=PATH,..." or "{..."mem-path":"PATH"...}". */
static char *memory_path(const char *argument)
{
	static const char *const before[] = {"mem-path=", "\"mem-path\":\""};

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		const char *path = strstr(argument, before[i]);

		if (path) {
			path += strlen(before[i]);
			return vmm_strndup(path, strcspn(path, ",\""));
		}
	}
	return NULL;
}

/* A <shmem> without a server is a file (qemuBuildShmemBackendMemProps() in
 * libvirt's source); kvmfr, a device, is had by arguments to QEMU only. */
static char *shared_memory_of(const xmlNode *root)
{
	const xmlNode *line = vmm_xml_child(root, "commandline");
	xmlNode *node;
	char *path = NULL;

	for (node = vmm_xml_child(vmm_xml_child(root, "devices"), "shmem");
	     node && !path; node = vmm_xml_from(node->next, "shmem")) {
		AUTOFREE char *name = vmm_xml_attribute(node, "name");

		if (name && !vmm_xml_child(node, "server") &&
		    !vmm_xml_has(vmm_xml_child(node, "model"), "type",
			"ivshmem-doorbell"))
			path = vmm_sprintf("/dev/shm/%s", name);
	}
	for (node = vmm_xml_child(line, "arg"); node && !path;
	     node = vmm_xml_from(node->next, "arg")) {
		AUTOFREE char *argument = vmm_xml_attribute(node, "value");

		if (argument)
			path = memory_path(argument);
	}
	return path;
}

/* What libvirt opens where nobody says which (qemuDomainOpenConsole()). */
static char *console_of(const xmlNode *devices)
{
	const xmlNode *node = vmm_xml_child(devices, "console");

	if (!node)
		node = vmm_xml_child(devices, "serial");
	return vmm_xml_attribute(node, "type");
}

/* Its text, or, from libvirt 8.5 on, the file of its source. */
static char *nvram_of(xmlNode *node)
{
	char *path = vmm_xml_attribute(vmm_xml_child(node, "source"), "file");

	if (!path && !vmm_xml_child(node, "source"))
		path = vmm_xml_text(node);
	if (path && *path == '/')
		return path;
	free(path);
	return NULL;
}

struct vmm_domxml *vmm_domxml_read(const char *xml, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	struct vmm_domxml *domain;
	const xmlNode *os, *loader;

	if (!root || !vmm_xml_is(root, "domain")) {
		vmm_err_set(err, VMM_FAILED, "its XML cannot be read");
		return NULL;
	}
	domain = vmm_calloc(1, sizeof *domain);
	os = vmm_xml_child(root, "os");
	loader = vmm_xml_child(os, "loader");
	domain->title = vmm_xml_text(vmm_xml_child(root, "title"));
	domain->description = vmm_xml_text(vmm_xml_child(root, "description"));
	domain->arch = vmm_xml_attribute(vmm_xml_child(os, "type"), "arch");
	domain->machine =
	    vmm_xml_attribute(vmm_xml_child(os, "type"), "machine");
	domain->firmware = vmm_xml_attribute(os, "firmware");
	if (!domain->firmware)
		domain->firmware = vmm_strdup(
		    vmm_xml_has(loader, "type", "pflash") ? "efi" : "bios");
	domain->nvram = nvram_of(vmm_xml_child(os, "nvram"));
	domain->nvram_format =
	    vmm_xml_attribute(vmm_xml_child(os, "nvram"), "format");
	if (!domain->nvram_format)
		domain->nvram_format = vmm_strdup("raw");
	domain->vcpus = (unsigned)number(vmm_xml_child(root, "vcpu"));
	domain->memory = number(vmm_xml_child(root, "memory"));
	read_devices(vmm_xml_child(root, "devices"), domain);
	domain->shared_memory = shared_memory_of(root);
	domain->console = console_of(vmm_xml_child(root, "devices"));
	return domain;
}

bool vmm_format_is_raw(const char *format)
{
	return format && strcmp(format, "raw") == 0;
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
	free(domain->nvram);
	free(domain->shared_memory);
	free(domain->console);
	free(domain->nvram_format);
	free(domain);
}

/* --- changing --- */

static void remove_children(xmlNode *node, const char *name)
{
	xmlNode *child;

	while ((child = vmm_xml_child(node, name))) {
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
}

static void put_on(xmlNode *node, const struct vmm_diskfile *file)
{
	xmlNode *driver = vmm_xml_child(node, "driver");
	xmlNode *source = vmm_xml_child(node, "source");

	remove_children(node, "backingStore");
	remove_children(node, "mirror");
	if (!file->path)
		return;
	if (!driver) {
		driver = xmlNewChild(node, NULL, BAD_CAST "driver", NULL);
		xmlSetProp(driver, BAD_CAST "name", BAD_CAST "qemu");
	}
	if (!source)
		source = xmlNewChild(node, NULL, BAD_CAST "source", NULL);
	xmlSetProp(node, BAD_CAST "type", BAD_CAST "file");
	xmlSetProp(driver, BAD_CAST "type", BAD_CAST file->format);
	while (source->properties)
		xmlRemoveProp(source->properties);
	xmlSetProp(source, BAD_CAST "file", BAD_CAST file->path);
}

char *vmm_domxml_with_files(const char *xml, const struct vmm_diskfile *file,
    size_t files, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlNode *devices = vmm_xml_child(root, "devices");

	if (!root || !vmm_xml_is(root, "domain")) {
		vmm_err_set(err, VMM_FAILED, "its XML cannot be read");
		return NULL;
	}
	for (xmlNode *node = vmm_xml_child(devices, "disk"); node;
	     node = vmm_xml_from(node->next, "disk")) {
		const xmlNode *target = vmm_xml_child(node, "target");

		for (size_t i = 0; i < files; i++)
			if (vmm_xml_has(target, "dev", file[i].target))
				put_on(node, &file[i]);
	}
	return vmm_xml_dump(doc, root);
}
