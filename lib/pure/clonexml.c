/* clonexml: hides which parts of a definition are one VM's alone, and where
 * libvirt's XML has them. */
#include "pure/clonexml.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/xml.h"

#define ONE_RUNS ", so only one of them can run"

/* --- the tree --- */

/* For for(): each child NODE of PARENT, which may be NULL. */
#define EACH_CHILD(node, parent)                                               \
	xmlNode *node = (parent) ? (parent)->children : NULL;                  \
	node;                                                                  \
	node = node->next

static bool is_element(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE;
}

/* Drops NODE and the white space that indents it. */
static void drop(xmlNode *node)
{
	xmlNode *blank = node->prev;

	if (blank && blank->type == XML_TEXT_NODE && xmlIsBlankNode(blank)) {
		xmlUnlinkNode(blank);
		xmlFreeNode(blank);
	}
	xmlUnlinkNode(node);
	xmlFreeNode(node);
}

/* Drops all of NODE's children of that NAME; NODE may be NULL. */
static void drop_all(const xmlNode *node, const char *name)
{
	xmlNode *child;

	while ((child = vmm_xml_child(node, name)))
		drop(child);
}

static void unset(xmlNode *node, const char *name)
{
	xmlUnsetProp(node, BAD_CAST name);
}

static void set(xmlNode *node, const char *name, const char *value)
{
	xmlSetProp(node, BAD_CAST name, BAD_CAST value);
}

/* Gives NODE other text ("": none); elements and comments in it stay. */
static void set_text(xmlNode *node, const char *text)
{
	xmlNode *next, *fresh;

	for (xmlNode *child = node->children; child; child = next) {
		next = child->next;
		if (is_element(child) || child->type == XML_COMMENT_NODE)
			continue;
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
	if (!*text)
		return;
	fresh = xmlNewText(BAD_CAST text);
	if (node->children)
		xmlAddPrevSibling(node->children, fresh);
	else
		xmlAddChild(node, fresh);
}

static xmlNode *add_child(xmlNode *node, const char *name)
{
	return xmlNewChild(node, NULL, BAD_CAST name, NULL);
}

/* The first of these attributes (NULL at the end) that NODE has, to be freed;
 * NULL without. */
static char *first_of(const xmlNode *node, const char *const *names)
{
	char *found = NULL;

	for (; !found && *names; names++)
		found = vmm_xml_attribute(node, *names);
	return found;
}

/* Whether NODE or an element in it, however deep, is called NAME. */
static bool has_inside(const xmlNode *node, const char *name)
{
	for (EACH_CHILD(child, node))
		if (vmm_xml_is(child, name) || has_inside(child, name))
			return true;
	return false;
}

/* The how-manieth of its name NODE is among its siblings, from 0. */
static size_t place_of(const xmlNode *node)
{
	size_t n = 0;

	for (const xmlNode *other = node->prev; other; other = other->prev)
		n += vmm_xml_is(other, (const char *)node->name);
	return n;
}

static xmlNode *root_of(xmlDoc *doc, struct vmm_err *err)
{
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

	if (root && vmm_xml_is(root, "domain"))
		return root;
	vmm_err_set(err, VMM_FAILED, "its XML cannot be read");
	return NULL;
}

/* --- what a character device talks to --- */

/* What becomes of a <source> in a clone. */
enum fate {
	FATE_KEEP,     /* nothing of it is one VM's */
	FATE_GENERATE, /* libvirt made its path, and will again */
	FATE_RENAME,   /* its path is a file or socket made for this VM */
	FATE_DEVICE,   /* something on the host that one VM can have */
	FATE_PORT,     /* a port that one VM can listen on */
	FATE_CLIENT,   /* somebody else's socket */
};

/* The element that has the type and the <source> of the character device NODE;
 * NULL where NODE is none. */
static xmlNode *channel_end(xmlNode *node)
{
	static const char *const names[] = {"serial", "parallel", "console",
	    "channel", "redirdev", "smartcard"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (vmm_xml_is(node, names[i]))
			return node;
	if (vmm_xml_is(node, "rng") &&
	    vmm_xml_has(vmm_xml_child(node, "backend"), "model", "egd"))
		return vmm_xml_child(node, "backend");
	return NULL;
}

/* Whether libvirt made up the socket PATH of a channel: it is in a folder of
 * its own for a domain, or of all domains' channels. */
static bool is_generated(const xmlNode *node, const char *path)
{
	return vmm_xml_is(node, "channel") &&
	       (strstr(path, "/channel/target/") || strstr(path, "/domain-") ||
		   strstr(path, "/libvirt/qemu/channel/") ||
		   strstr(path, "/libvirt/qemu/run/channel/"));
}

static enum fate fate_of(
    const xmlNode *node, const xmlNode *end, const xmlNode *source)
{
	AUTOFREE char *type = vmm_xml_attribute(end, "type");
	AUTOFREE char *path = vmm_xml_attribute(source, "path");
	bool bound = vmm_xml_has(source, "mode", "bind");

	if (!type)
		return FATE_KEEP;
	if (strcmp(type, "file") == 0) {
		if (!path || strcmp(path, "/dev/null") == 0)
			return FATE_KEEP;
		return strncmp(path, "/dev/", 5) == 0 ? FATE_DEVICE
						      : FATE_RENAME;
	}
	if (strcmp(type, "unix") == 0) {
		if (!path)
			return FATE_KEEP;
		if (!bound)
			return FATE_CLIENT;
		return is_generated(node, path) ? FATE_GENERATE : FATE_RENAME;
	}
	if (strcmp(type, "tcp") == 0 || strcmp(type, "udp") == 0)
		return bound ? FATE_PORT : FATE_CLIENT;
	if (strcmp(type, "dev") == 0 || strcmp(type, "pipe") == 0 ||
	    strcmp(type, "nmdm") == 0)
		return FATE_DEVICE;
	return FATE_KEEP;
}

/* --- plan: warnings --- */

/* Adds a warning, once: a serial port and the console on it are one. */
PRINTF_LIKE(2, 3)
static void warn(struct vmm_strv *warnings, const char *format, ...)
{
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = vmm_vsprintf(format, args);
	va_end(args);
	if (!vmm_strv_has(warnings, text))
		vmm_strv_take(warnings, TAKE_PTR(text));
}

/* "0000:01:00.0" of the <address> of a PCI device, to be freed. */
static char *pci_address(const xmlNode *address)
{
	static const char *const names[] = {
	    "domain", "bus", "slot", "function"};
	unsigned long part[4];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOFREE char *text = vmm_xml_attribute(address, names[i]);

		part[i] = text ? strtoul(text, NULL, 0) : 0;
	}
	return vmm_sprintf(
	    "%04lx:%02lx:%02lx.%lx", part[0], part[1], part[2], part[3]);
}

/* Without the "0x" of an ID. */
static const char *bare_hex(const char *text)
{
	return strncmp(text, "0x", 2) == 0 ? text + 2 : text;
}

/* "046d:c52b", or "bus 1, device 4". */
static char *usb_name(const xmlNode *source)
{
	const xmlNode *address = vmm_xml_child(source, "address");
	AUTOFREE char *vendor =
	    vmm_xml_attribute(vmm_xml_child(source, "vendor"), "id");
	AUTOFREE char *product =
	    vmm_xml_attribute(vmm_xml_child(source, "product"), "id");
	AUTOFREE char *bus = vmm_xml_attribute(address, "bus");
	AUTOFREE char *device = vmm_xml_attribute(address, "device");

	if (vendor && product)
		return vmm_sprintf(
		    "USB %s:%s", bare_hex(vendor), bare_hex(product));
	return vmm_sprintf(
	    "USB bus %s, device %s", bus ? bus : "?", device ? device : "?");
}

static char *scsi_name(const xmlNode *source)
{
	static const char *const names[] = {"name", "wwpn", NULL};
	const xmlNode *address = vmm_xml_child(source, "address");
	AUTOFREE char *name = first_of(source, names);
	AUTOFREE char *adapter =
	    vmm_xml_attribute(vmm_xml_child(source, "adapter"), "name");
	AUTOFREE char *bus = vmm_xml_attribute(address, "bus");
	AUTOFREE char *target = vmm_xml_attribute(address, "target");
	AUTOFREE char *unit = vmm_xml_attribute(address, "unit");

	if (name)
		return vmm_sprintf("SCSI %s", name);
	return vmm_sprintf("SCSI %s:%s:%s:%s", adapter ? adapter : "?",
	    bus ? bus : "0", target ? target : "0", unit ? unit : "0");
}

/* What of the host NODE (a <hostdev> or <interface>) hands to the guest. */
static char *host_device(xmlNode *node)
{
	const xmlNode *source = vmm_xml_child(node, "source");
	const xmlNode *address = vmm_xml_child(source, "address");
	AUTOFREE char *type = vmm_xml_attribute(node, "type");
	char *name = NULL;

	if (type && strcmp(type, "usb") == 0)
		return usb_name(source);
	if (type && strncmp(type, "scsi", 4) == 0)
		return scsi_name(source);
	if (vmm_xml_has(address, "type", "usb"))
		return usb_name(source);
	name = vmm_xml_attribute(address, "uuid");
	if (name)
		return name;
	if (address)
		return pci_address(address);
	/* of a container: its one child names it */
	for (EACH_CHILD(child, source))
		if (!name && is_element(child))
			name = vmm_xml_text(child);
	return name ? name : vmm_strdup("?");
}

static void warn_device(struct vmm_strv *warnings, const char *name)
{
	warn(warnings, "shares the host device %s with its source" ONE_RUNS,
	    name ? name : "?");
}

static void warn_source(
    struct vmm_strv *warnings, const xmlNode *source, enum fate fate)
{
	static const char *const names[] = {
	    "path", "dev", "evdev", "master", NULL};
	AUTOFREE char *path = first_of(source, names);
	AUTOFREE char *host = vmm_xml_attribute(source, "host");
	AUTOFREE char *service = vmm_xml_attribute(source, "service");
	AUTOFREE char *port = vmm_sprintf("%s%s%s", host ? host : "",
	    host ? ":" : "", service ? service : "?");

	if (fate == FATE_DEVICE)
		warn_device(warnings, path);
	else if (fate == FATE_PORT)
		warn(warnings,
		    "listens on the fixed port %s like its source" ONE_RUNS,
		    port);
	else if (fate == FATE_CLIENT)
		warn(warnings,
		    "connects to %s like its source, where two may be one too "
		    "many",
		    path ? path : port);
}

static void warn_character(xmlNode *node, struct vmm_strv *warnings)
{
	const xmlNode *end = channel_end(node);

	if (vmm_xml_is(node, "smartcard") && vmm_xml_has(node, "mode", "host"))
		warn_device(warnings, "of the smartcard");
	for (xmlNode *source = vmm_xml_child(end, "source"); source;
	     source = vmm_xml_from(source->next, "source"))
		warn_source(warnings, source, fate_of(node, end, source));
}

static void warn_forwards(xmlNode *node, struct vmm_strv *warnings)
{
	for (xmlNode *forward = vmm_xml_child(node, "portForward"); forward;
	     forward = vmm_xml_from(forward->next, "portForward")) {
		AUTOFREE char *proto = vmm_xml_attribute(forward, "proto");
		bool any = false;

		for (xmlNode *range = vmm_xml_child(forward, "range"); range;
		     range = vmm_xml_from(range->next, "range")) {
			AUTOFREE char *start =
			    vmm_xml_attribute(range, "start");
			AUTOFREE char *end = vmm_xml_attribute(range, "end");

			if (vmm_xml_has(range, "exclude", "yes"))
				continue;
			any = true;
			warn(warnings,
			    "forwards the host's %s port %s%s%s like its "
			    "source" ONE_RUNS,
			    proto ? proto : "tcp", start ? start : "?",
			    end ? "-" : "", end ? end : "");
		}
		if (!any)
			warn(warnings,
			    "forwards all %s ports of the host like its "
			    "source" ONE_RUNS,
			    proto ? proto : "tcp");
	}
}

/* A filter that lets only the source's address pass cuts the clone off. */
static void warn_filter(xmlNode *node, struct vmm_strv *warnings)
{
	const xmlNode *filter = vmm_xml_child(node, "filterref");

	for (xmlNode *one = vmm_xml_child(filter, "parameter"); one;
	     one = vmm_xml_from(one->next, "parameter")) {
		AUTOFREE char *value = vmm_xml_attribute(one, "value");

		if (vmm_xml_has(one, "name", "IP"))
			warn(warnings,
			    "has the network filter of its source, which "
			    "names the address %s",
			    value ? value : "?");
	}
}

static void warn_socket_nic(
    const xmlNode *source, const char *type, struct vmm_strv *warnings)
{
	const xmlNode *local = vmm_xml_child(source, "local");
	const xmlNode *where = local ? local : source;
	AUTOFREE char *address = vmm_xml_attribute(where, "address");
	AUTOFREE char *port = vmm_xml_attribute(where, "port");

	if (strcmp(type, "client") == 0)
		warn(warnings,
		    "connects to %s:%s like its source, where two may be one "
		    "too many",
		    address ? address : "?", port ? port : "?");
	else
		warn(warnings,
		    "listens on the fixed port %s%s%s like its source" ONE_RUNS,
		    address ? address : "", address ? ":" : "",
		    port ? port : "?");
}

static void warn_interface(xmlNode *node, struct vmm_strv *warnings)
{
	const xmlNode *source = vmm_xml_child(node, "source");
	const xmlNode *target = vmm_xml_child(node, "target");
	const xmlNode *port = vmm_xml_child(node, "virtualport");
	AUTOFREE char *type = vmm_xml_attribute(node, "type");
	AUTOFREE char *dev = vmm_xml_attribute(source, "dev");
	AUTOFREE char *path = vmm_xml_attribute(source, "path");
	AUTOFREE char *tap = vmm_xml_attribute(target, "dev");
	AUTOFREE char *id =
	    vmm_xml_attribute(vmm_xml_child(port, "parameters"), "interfaceid");

	if (!type)
		return;
	if (strcmp(type, "hostdev") == 0) {
		AUTOFREE char *name = host_device(node);

		warn_device(warnings, name);
	} else if (strcmp(type, "vdpa") == 0 ||
		   (strcmp(type, "direct") == 0 &&
		       vmm_xml_has(source, "mode", "passthrough"))) {
		warn_device(warnings, dev);
	} else if (strcmp(type, "vhostuser") == 0) {
		warn(warnings,
		    "shares the vhost-user socket %s with its source" ONE_RUNS,
		    path ? path : "?");
	} else if (strcmp(type, "server") == 0 || strcmp(type, "udp") == 0 ||
		   strcmp(type, "client") == 0) {
		warn_socket_nic(source, type, warnings);
	}
	if (tap && vmm_xml_has(target, "managed", "no"))
		warn(warnings,
		    "shares the host's tap device %s with its source" ONE_RUNS,
		    tap);
	if (id && vmm_xml_has(port, "type", "midonet"))
		warn(warnings,
		    "shares the Midonet port %s with its source" ONE_RUNS, id);
	warn_forwards(node, warnings);
	warn_filter(node, warnings);
}

/* The number of a fixed port of graphics, to be freed; NULL: none, or free. */
static char *fixed_port(const xmlNode *node, const char *name)
{
	char *text = vmm_xml_attribute(node, name);

	if (text && strtol(text, NULL, 10) > 0)
		return text;
	free(text);
	return NULL;
}

static void warn_graphics(const xmlNode *node, struct vmm_strv *warnings)
{
	static const char *const names[] = {"port", "tlsPort", "websocket"};
	AUTOFREE char *type = vmm_xml_attribute(node, "type");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOFREE char *port = fixed_port(node, names[i]);

		/* libvirt itself overlooks the first two then */
		if (port && (i == 2 || !vmm_xml_has(node, "autoport", "yes")))
			warn(warnings,
			    "gets a free port for its %s display instead of %s",
			    type ? type : "?", port);
	}
}

static void warn_folder(const xmlNode *node, struct vmm_strv *warnings)
{
	static const char *const names[] = {
	    "dir", "socket", "file", "dev", "name", "volume", NULL};
	const xmlNode *source = vmm_xml_child(node, "source");
	AUTOFREE char *from = first_of(source, names);
	AUTOFREE char *to =
	    vmm_xml_attribute(vmm_xml_child(node, "target"), "dir");
	AUTOFREE char *socket = vmm_xml_attribute(source, "socket");

	if (vmm_xml_has(node, "type", "ram"))
		return;
	warn(warnings, "shares the folder %s (%s) with its source%s",
	    to ? to : "?", from ? from : "?", socket ? ONE_RUNS : "");
}

static void warn_tpm(const xmlNode *node, struct vmm_strv *warnings)
{
	const xmlNode *backend = vmm_xml_child(node, "backend");
	AUTOFREE char *device =
	    vmm_xml_attribute(vmm_xml_child(backend, "device"), "path");
	AUTOFREE char *path =
	    vmm_xml_attribute(vmm_xml_child(backend, "source"), "path");

	if (vmm_xml_has(backend, "type", "passthrough"))
		warn_device(warnings, device ? device : "/dev/tpm0");
	else if (vmm_xml_has(backend, "type", "external"))
		warn(warnings, "shares the TPM at %s with its source" ONE_RUNS,
		    path ? path : "?");
	else
		warn(warnings,
		    "starts with an empty TPM: what was sealed to its "
		    "source's, as BitLocker's key, must be unlocked otherwise");
}

static void warn_lease(const xmlNode *node, struct vmm_strv *warnings)
{
	AUTOFREE char *key = vmm_xml_text(vmm_xml_child(node, "key"));

	warn(warnings, "shares the lease %s with its source" ONE_RUNS,
	    key ? key : "?");
}

static void warn_shmem(const xmlNode *node, struct vmm_strv *warnings)
{
	AUTOFREE char *name = vmm_xml_attribute(node, "name");

	warn(warnings, "shares the memory region %s with its source",
	    name ? name : "?");
}

static void warn_devices(const xmlNode *devices, struct vmm_strv *warnings)
{
	for (EACH_CHILD(node, devices)) {
		AUTOFREE char *name = NULL;

		if (!is_element(node))
			continue;
		warn_character(node, warnings);
		if (vmm_xml_is(node, "interface")) {
			warn_interface(node, warnings);
		} else if (vmm_xml_is(node, "hostdev")) {
			name = host_device(node);
			warn_device(warnings, name);
		} else if (vmm_xml_is(node, "graphics")) {
			warn_graphics(node, warnings);
		} else if (vmm_xml_is(node, "filesystem")) {
			warn_folder(node, warnings);
		} else if (vmm_xml_is(node, "shmem")) {
			warn_shmem(node, warnings);
		} else if (vmm_xml_is(node, "tpm")) {
			warn_tpm(node, warnings);
		} else if (vmm_xml_is(node, "lease")) {
			warn_lease(node, warnings);
		} else if (vmm_xml_is(node, "input") &&
			   vmm_xml_child(node, "source")) {
			warn_source(warnings, vmm_xml_child(node, "source"),
			    FATE_DEVICE);
		}
	}
}

/* The options of <qemu:commandline> and its like, which nobody adapts. */
static void warn_arguments(const xmlNode *root, struct vmm_strv *warnings)
{
	AUTOBUF options = VMM_BUF_INIT;
	const xmlNode *commandline = vmm_xml_child(root, "commandline");

	for (EACH_CHILD(node, commandline)) {
		AUTOFREE char *value = vmm_xml_is(node, "arg")
					   ? vmm_xml_attribute(node, "value")
					   : NULL;

		if (value && *value == '-')
			vmm_buf_addf(
			    &options, "%s%s", options.length ? " " : "", value);
	}
	if (options.length)
		warn(warnings,
		    "has the QEMU arguments of its source as they are: %s",
		    vmm_buf_text(&options));
}

/* --- plan: disks --- */

static bool is_word(const char *word, const char *a, const char *b)
{
	return word && (strcmp(word, a) == 0 || strcmp(word, b) == 0);
}

/* Whether source and clone may both have DISK as it is. */
static bool is_shared(const struct vmm_disk *disk)
{
	return disk->readonly || disk->shareable || !disk->layers ||
	       is_word(disk->device, "cdrom", "floppy");
}

static bool is_copyable(const struct vmm_layer *layer)
{
	return is_word(layer->type, "file", "block") ||
	       is_word(layer->type, "volume", "volume");
}

#define BY_HAND "; detach it, clone, and give the clone a copy made by hand"

static int check_disk(const xmlNode *node, const struct vmm_disk *disk,
    bool linked, struct vmm_err *err)
{
	const struct vmm_layer *top = &disk->layer[0];
	const char *target = disk->target;
	const xmlNode *source = vmm_xml_child(node, "source");
	AUTOFREE char *group = vmm_xml_attribute(source, "fdgroup");

	if (!target)
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s has no target, so it cannot be told from "
		    "others; name one",
		    top->source ? top->source : "?");
	if (!is_copyable(top))
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s is a %s disk, which cannot be copied" BY_HAND,
		    target, top->type ? top->type : "strange");
	if (!top->source || group)
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s does not say where its data is", target);
	if (disk->device && strcmp(disk->device, "lun") == 0)
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s is a SCSI LUN handed to the guest, which "
		    "cannot be copied" BY_HAND,
		    target);
	for (size_t i = 1; i < disk->layers; i++)
		if (!is_copyable(&disk->layer[i]))
			return vmm_err_set(err, VMM_FAILED,
			    "its disk %s stands on a %s disk, which cannot be "
			    "copied" BY_HAND,
			    target, disk->layer[i].type);
	if (has_inside(node, "encryption"))
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s is encrypted, and a copy would need its "
		    "secret" BY_HAND,
		    target);
	if (has_inside(node, "slices"))
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s is a slice of a file, which cannot be "
		    "copied" BY_HAND,
		    target);
	if (has_inside(node, "dataStore"))
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s keeps its data in a second file, which "
		    "cannot be copied" BY_HAND,
		    target);
	if (linked && vmm_xml_child(node, "transient"))
		return vmm_err_set(err, VMM_FAILED,
		    "its disk %s is transient, which nothing can be linked "
		    "to; make a full clone",
		    target);
	return 0;
}

/* Two disks on one file would be two volumes in the clone. */
static int check_twice(const struct vmm_domxml *domain, size_t i,
    const struct vmm_cloneplan *plan, struct vmm_err *err)
{
	const struct vmm_disk *disk = &domain->disk[i];

	for (size_t j = 0; j < domain->disks; j++) {
		const struct vmm_disk *other = &domain->disk[j];

		if (j == i || !other->layers || !other->layer[0].source)
			continue;
		if (strcmp(other->layer[0].source, disk->layer[0].source) == 0)
			return vmm_err_set(err, VMM_FAILED,
			    "its disks %s and %s are the same %s; detach one "
			    "of them",
			    disk->target, other->target ? other->target : "?",
			    disk->layer[0].source);
	}
	for (size_t j = 0; j < plan->disks; j++)
		if (strcmp(plan->disk[j].target, disk->target) == 0)
			return vmm_err_set(err, VMM_FAILED,
			    "two of its disks are called %s; rename one",
			    disk->target);
	return 0;
}

static void plan_disk(const struct vmm_disk *disk, struct vmm_cloneplan *plan)
{
	const struct vmm_layer *top = &disk->layer[0];

	VMM_GROW(plan->disk, plan->disks);
	plan->disk[plan->disks++] =
	    (struct vmm_clonedisk){.target = vmm_strdup(disk->target),
		.top = {.type = vmm_strdup(top->type),
		    .source = vmm_strdup(top->source),
		    .format = vmm_strdup_null(top->format)}};
}

static int plan_disks(const char *xml, const xmlNode *devices, bool linked,
    struct vmm_cloneplan *plan, struct vmm_err *err)
{
	AUTODOMXML *domain = vmm_domxml_read(xml, err);
	const xmlNode *node = vmm_xml_child(devices, "disk");

	if (!domain)
		return -1;
	for (size_t i = 0; i < domain->disks && node; i++) {
		const struct vmm_disk *disk = &domain->disk[i];

		if (disk->shareable && !disk->readonly && disk->layers)
			warn(&plan->warnings,
			    "shares the disk %s (%s) with its source",
			    disk->target ? disk->target : "?",
			    disk->layer[0].source ? disk->layer[0].source
						  : "?");
		if (!is_shared(disk)) {
			if (check_disk(node, disk, linked, err) < 0 ||
			    check_twice(domain, i, plan, err) < 0)
				return -1;
			plan_disk(disk, plan);
		}
		node = vmm_xml_from(node->next, "disk");
	}
	return 0;
}

/* --- plan: the rest --- */

/* Memory that is a file would have two writers. */
static int check_memory(const xmlNode *devices, struct vmm_err *err)
{
	for (xmlNode *node = vmm_xml_child(devices, "memory"); node;
	     node = vmm_xml_from(node->next, "memory")) {
		AUTOFREE char *path = vmm_xml_text(
		    vmm_xml_child(vmm_xml_child(node, "source"), "path"));
		AUTOFREE char *model = vmm_xml_attribute(node, "model");

		if (path)
			return vmm_err_set(err, VMM_REFUSED,
			    "its %s memory %s would be written to by source "
			    "and clone; detach it and clone again",
			    model ? model : "persistent", path);
	}
	return 0;
}

/* The path in <nvram>, to be freed; NULL: libvirt will make one. */
static char *nvram_path(xmlNode *nvram)
{
	AUTOFREE char *type = vmm_xml_attribute(nvram, "type");
	AUTOFREE char *text = NULL;
	size_t length;

	if (type)
		return vmm_xml_attribute(
		    vmm_xml_child(nvram, "source"), "file");
	text = vmm_xml_text(nvram);
	if (!text)
		return NULL;
	length = strspn(text, " \t\n");
	return text[length] ? vmm_strdup(text) : NULL;
}

static int plan_firmware(
    const xmlNode *os, struct vmm_cloneplan *plan, struct vmm_err *err)
{
	xmlNode *nvram = vmm_xml_child(os, "nvram");
	xmlNode *loader = vmm_xml_child(os, "loader");
	AUTOFREE char *type = vmm_xml_attribute(nvram, "type");
	AUTOFREE char *code = vmm_xml_text(loader);
	AUTOFREE char *store =
	    vmm_xml_attribute(vmm_xml_child(os, "varstore"), "path");

	if (type && strcmp(type, "file") != 0)
		return vmm_err_set(err, VMM_FAILED,
		    "its UEFI variables are on a %s disk, which cannot be "
		    "copied; move them to a file",
		    type);
	if (vmm_xml_has(loader, "type", "pflash") &&
	    vmm_xml_has(loader, "readonly", "no"))
		return vmm_err_set(err, VMM_REFUSED,
		    "its firmware %s would be written to by source and clone; "
		    "make it read-only, with <nvram> beside it",
		    code ? code : "?");
	plan->nvram = nvram_path(nvram);
	if (plan->nvram)
		plan->nvram_format = vmm_xml_attribute(nvram, "format");
	if (plan->nvram && !plan->nvram_format)
		plan->nvram_format = vmm_strdup("raw");
	if (store)
		warn(&plan->warnings,
		    "starts with fresh UEFI variables, not those in %s", store);
	return 0;
}

static void plan_macs(const xmlNode *devices, struct vmm_strv *macs)
{
	for (xmlNode *node = vmm_xml_child(devices, "interface"); node;
	     node = vmm_xml_from(node->next, "interface")) {
		char *mac =
		    vmm_xml_attribute(vmm_xml_child(node, "mac"), "address");

		vmm_strv_take(macs, mac ? mac : vmm_strdup(""));
	}
}

int vmm_clone_plan(const char *xml, bool linked, struct vmm_cloneplan *plan,
    struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = root_of(doc, err);
	const xmlNode *devices = vmm_xml_child(root, "devices");

	*plan = (struct vmm_cloneplan){0};
	if (!root || plan_disks(xml, devices, linked, plan, err) < 0 ||
	    check_memory(devices, err) < 0 ||
	    plan_firmware(vmm_xml_child(root, "os"), plan, err) < 0)
		return -1;
	plan_macs(devices, &plan->macs);
	warn_devices(devices, &plan->warnings);
	warn_arguments(root, &plan->warnings);
	return 0;
}

void vmm_cloneplan_release(struct vmm_cloneplan *plan)
{
	for (size_t i = 0; i < plan->disks; i++) {
		free(plan->disk[i].target);
		vmm_layer_release(&plan->disk[i].top);
	}
	free(plan->disk);
	free(plan->nvram);
	free(plan->nvram_format);
	vmm_strv_release(&plan->macs);
	vmm_strv_release(&plan->warnings);
	*plan = (struct vmm_cloneplan){0};
}

/* --- build: identity --- */

/* Whether A and B are the same UUID, however written. */
static bool same_uuid(const char *a, const char *b)
{
	size_t digits = 0;

	for (;; a++, b++, digits++) {
		while (*a && !isxdigit((unsigned char)*a))
			a++;
		while (*b && !isxdigit((unsigned char)*b))
			b++;
		if (!*a || !*b)
			return *a == *b && digits == 32;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	}
}

/* The BIOS tables: the UUID, and a serial number that is a copy of it. */
static void edit_sysinfo(
    const xmlNode *sysinfo, const char *old, const char *uuid)
{
	for (EACH_CHILD(table, sysinfo)) {
		bool system = vmm_xml_is(table, "system");

		if (!system && !vmm_xml_is(table, "baseBoard") &&
		    !vmm_xml_is(table, "chassis"))
			continue;
		for (xmlNode *entry = vmm_xml_child(table, "entry"); entry;
		     entry = vmm_xml_from(entry->next, "entry")) {
			AUTOFREE char *text = vmm_xml_text(entry);

			if ((system && vmm_xml_has(entry, "name", "uuid")) ||
			    (vmm_xml_has(entry, "name", "serial") && old &&
				same_uuid(text, old)))
				set_text(entry, uuid);
		}
	}
}

/* The text of ROOT's element NAME, which is made if it is not there. */
static void set_element(xmlNode *root, const char *name, const char *text)
{
	xmlNode *node = vmm_xml_child(root, name);

	set_text(node ? node : add_child(root, name), text);
}

static void edit_labels(xmlNode *root)
{
	for (xmlNode *node = vmm_xml_child(root, "seclabel"); node;
	     node = vmm_xml_from(node->next, "seclabel")) {
		if (vmm_xml_has(node, "type", "static") ||
		    vmm_xml_has(node, "type", "none"))
			continue;
		drop_all(node, "label");
		drop_all(node, "imagelabel");
	}
}

static void edit_identity(xmlNode *root, const struct vmm_cloneto *to)
{
	xmlNode *genid = vmm_xml_child(root, "genid");
	AUTOFREE char *old = vmm_xml_text(vmm_xml_child(root, "uuid"));

	unset(root, "id");
	set_element(root, "name", to->name);
	set_element(root, "uuid", to->uuid);
	drop_all(root, "title");
	if (genid)
		set_text(genid, "");
	for (xmlNode *node = vmm_xml_child(root, "sysinfo"); node;
	     node = vmm_xml_from(node->next, "sysinfo"))
		edit_sysinfo(node, old, to->uuid);
	edit_labels(root);
}

static int edit_firmware(
    const xmlNode *os, const char *path, struct vmm_err *err)
{
	xmlNode *nvram = vmm_xml_child(os, "nvram");
	xmlNode *source = vmm_xml_child(nvram, "source");
	xmlNode *store = vmm_xml_child(os, "varstore");

	if (store)
		unset(store, "path");
	if (!nvram)
		return path ? vmm_err_set(err, VMM_FAILED,
				  "its XML has no UEFI variables")
			    : 0;
	if (path && source) {
		set(source, "file", path);
	} else if (path) {
		unset(nvram, "type");
		set_text(nvram, path);
	} else {
		/* libvirt takes no type without a source */
		unset(nvram, "type");
		drop_all(nvram, "source");
		set_text(nvram, "");
	}
	return 0;
}

/* --- build: disks --- */

static void edit_driver(xmlNode *disk, const char *format)
{
	xmlNode *driver = vmm_xml_child(disk, "driver");

	if (!driver) {
		driver = xmlNewNode(NULL, BAD_CAST "driver");
		set(driver, "name", "qemu");
		if (disk->children)
			xmlAddPrevSibling(disk->children, driver);
		else
			xmlAddChild(disk, driver);
	}
	set(driver, "type", format);
	if (strcmp(format, "qcow2") == 0)
		return;
	/* which libvirt takes of qcow2 only */
	unset(driver, "discard_no_unref");
	drop_all(driver, "metadata_cache");
}

static void edit_disk(xmlNode *disk, const struct vmm_cloneto_disk *to)
{
	static const char *const where[] = {
	    "file", "dev", "pool", "volume", "mode", "index"};
	xmlNode *source = vmm_xml_child(disk, "source");

	if (!source)
		source = add_child(disk, "source");
	for (size_t i = 0; i < ARRAY_SIZE(where); i++)
		unset(source, where[i]);
	set(source, to->block ? "dev" : "file", to->path);
	set(disk, "type", to->block ? "block" : "file");
	edit_driver(disk, to->format);
}

static xmlNode *find_disk(const xmlNode *devices, const char *target)
{
	xmlNode *node = vmm_xml_child(devices, "disk");

	while (
	    node && !vmm_xml_has(vmm_xml_child(node, "target"), "dev", target))
		node = vmm_xml_from(node->next, "disk");
	return node;
}

static int edit_disks(
    const xmlNode *devices, const struct vmm_cloneto *to, struct vmm_err *err)
{
	for (xmlNode *node = vmm_xml_child(devices, "disk"); node;
	     node = vmm_xml_from(node->next, "disk")) {
		drop_all(node, "backingStore");
		drop_all(node, "mirror");
	}
	for (size_t i = 0; i < to->disks; i++) {
		xmlNode *node = find_disk(devices, to->disk[i].target);

		if (!node)
			return vmm_err_set(err, VMM_FAILED,
			    "its XML has no disk %s", to->disk[i].target);
		edit_disk(node, &to->disk[i]);
	}
	return 0;
}

/* --- build: network --- */

static void edit_virtualport(xmlNode *port)
{
	xmlNode *parameters = vmm_xml_child(port, "parameters");

	if (!parameters)
		return;
	unset(parameters, "instanceid");
	/* Midonet's names a port that must be there; others are made up */
	if (!vmm_xml_has(port, "type", "midonet"))
		unset(parameters, "interfaceid");
	if (!parameters->properties && !parameters->children)
		drop(parameters);
}

static void edit_mac(xmlNode *node, const char *mac)
{
	const xmlNode *filter = vmm_xml_child(node, "filterref");
	xmlNode *element = vmm_xml_child(node, "mac");
	AUTOFREE char *old = vmm_xml_attribute(element, "address");

	if (!mac || !*mac) {
		drop_all(node, "mac");
		return;
	}
	if (!element)
		element = add_child(node, "mac");
	set(element, "address", mac);
	for (xmlNode *one = vmm_xml_child(filter, "parameter"); one && old;
	     one = vmm_xml_from(one->next, "parameter"))
		if (vmm_xml_has(one, "name", "MAC") &&
		    vmm_xml_has(one, "value", old))
			set(one, "value", mac);
}

static void edit_interface(xmlNode *node, const char *mac)
{
	xmlNode *target = vmm_xml_child(node, "target");
	xmlNode *source = vmm_xml_child(node, "source");

	edit_mac(node, mac);
	if (target && !vmm_xml_has(target, "managed", "no")) {
		unset(target, "dev");
		if (!target->properties && !target->children)
			drop(target);
	}
	if (source && vmm_xml_has(node, "type", "network"))
		unset(source, "portid");
	edit_virtualport(vmm_xml_child(node, "virtualport"));
}

static int edit_interfaces(
    const xmlNode *devices, const struct vmm_cloneto *to, struct vmm_err *err)
{
	size_t n = 0;

	for (xmlNode *node = vmm_xml_child(devices, "interface"); node;
	     node = vmm_xml_from(node->next, "interface"), n++)
		if (n < to->macs)
			edit_interface(node, to->mac[n]);
	if (n == to->macs)
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "its XML has %zu network interfaces instead of %zu", n, to->macs);
}

/* --- build: files, sockets and ports --- */

/* A path in the XML that is the source's alone: NODE's ATTRIBUTE. */
struct place {
	xmlNode *node;
	const char *attribute;
	const xmlNode *device;
};

struct places {
	struct place *place;
	size_t n;
};

static void add_place(struct places *places, xmlNode *node,
    const char *attribute, const xmlNode *device)
{
	AUTOFREE char *path = vmm_xml_attribute(node, attribute);

	if (!path || !*path)
		return;
	VMM_GROW(places->place, places->n);
	places->place[places->n++] = (struct place){node, attribute, device};
}

static void find_places(xmlNode *device, struct places *places)
{
	xmlNode *end = channel_end(device);

	for (xmlNode *source = vmm_xml_child(end, "source"); source;
	     source = vmm_xml_from(source->next, "source"))
		if (fate_of(device, end, source) == FATE_RENAME)
			add_place(places, source, "path", device);
	if (end)
		add_place(places, vmm_xml_child(end, "log"), "file", device);
	if (vmm_xml_is(device, "interface"))
		add_place(places, vmm_xml_child(device, "backend"), "logFile",
		    device);
	if (vmm_xml_is(device, "audio") && vmm_xml_has(device, "type", "file"))
		add_place(places, device, "path", device);
}

/* DIR/CLONE-KINDN.EXT for OLD, to be freed; none of TAKEN. */
static char *new_path(const char *old, const struct place *place,
    const char *clone, const struct vmm_strv *taken)
{
	const char *slash = strrchr(old, '/');
	const char *base = slash ? slash + 1 : old;
	const char *dot = *base ? strrchr(base + 1, '.') : NULL;
	AUTOFREE char *stem =
	    vmm_sprintf("%.*s%s-%s%zu", (int)(base - old), old, clone,
		(const char *)place->device->name, place_of(place->device));
	char *path = vmm_sprintf("%s%s", stem, dot ? dot : "");

	for (unsigned n = 2; vmm_strv_has(taken, path); n++) {
		free(path);
		path = vmm_sprintf("%s-%u%s", stem, n, dot ? dot : "");
	}
	return path;
}

/* Gives all PLACES paths of the clone; those that had one path still do. */
static void rename_places(const struct places *places, const char *clone)
{
	AUTOSTRV olds = VMM_STRV_INIT, news = VMM_STRV_INIT;
	AUTOSTRV taken = VMM_STRV_INIT;

	for (size_t i = 0; i < places->n; i++) {
		const struct place *place = &places->place[i];
		char *old = vmm_xml_attribute(place->node, place->attribute);

		vmm_strv_take(&olds, old);
		vmm_strv_take(&taken, vmm_strdup(old));
	}
	for (size_t i = 0; i < places->n; i++) {
		const struct place *place = &places->place[i];
		size_t same = 0;
		char *path;

		while (strcmp(olds.v[same], olds.v[i]) != 0)
			same++;
		path = same < i ? vmm_strdup(news.v[same])
				: new_path(olds.v[i], place, clone, &taken);
		vmm_strv_take(&news, path);
		vmm_strv_take(&taken, vmm_strdup(path));
		set(place->node, place->attribute, path);
	}
}

static void edit_character(xmlNode *device)
{
	xmlNode *end = channel_end(device);

	for (xmlNode *source = vmm_xml_child(end, "source"); source;
	     source = vmm_xml_from(source->next, "source"))
		if (fate_of(device, end, source) == FATE_GENERATE)
			unset(source, "path");
}

static void edit_graphics(xmlNode *node)
{
	static const char *const names[] = {"port", "tlsPort"};
	AUTOFREE char *websocket = fixed_port(node, "websocket");
	AUTOFREE char *socket = vmm_xml_attribute(node, "socket");
	bool listens = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTOFREE char *port = fixed_port(node, names[i]);

		if (!port)
			continue;
		unset(node, names[i]);
		set(node, "autoport", "yes");
	}
	if (websocket) /* -1: a free one, where libvirt would make none */
		set(node, "websocket", "-1");
	unset(node, "socket");
	for (xmlNode *listen = vmm_xml_child(node, "listen"); listen;
	     listen = vmm_xml_from(listen->next, "listen")) {
		listens |= vmm_xml_has(listen, "type", "socket");
		unset(listen, "socket");
	}
	if (socket && !listens)
		set(add_child(node, "listen"), "type", "socket");
}

static void edit_vsock(const xmlNode *node)
{
	xmlNode *cid = vmm_xml_child(node, "cid");

	if (!cid)
		return;
	set(cid, "auto", "yes");
	unset(cid, "address");
}

static void edit_devices(xmlNode *devices, const char *clone)
{
	struct places places = {0};

	for (EACH_CHILD(node, devices)) {
		if (!is_element(node))
			continue;
		find_places(node, &places);
		edit_character(node);
		if (vmm_xml_is(node, "graphics"))
			edit_graphics(node);
		else if (vmm_xml_is(node, "vsock"))
			edit_vsock(node);
		else if (vmm_xml_is(node, "pstore"))
			drop_all(node, "path");
		else if (vmm_xml_is(node, "tpm") &&
			 vmm_xml_has(vmm_xml_child(node, "backend"), "type",
			     "emulator"))
			drop_all(vmm_xml_child(node, "backend"), "source");
	}
	rename_places(&places, clone);
	free(places.place);
}

char *vmm_clone_build(
    const char *xml, const struct vmm_cloneto *to, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = root_of(doc, err);
	xmlNode *devices = vmm_xml_child(root, "devices");

	if (!root || edit_disks(devices, to, err) < 0 ||
	    edit_interfaces(devices, to, err) < 0 ||
	    edit_firmware(vmm_xml_child(root, "os"), to->nvram, err) < 0)
		return NULL;
	edit_identity(root, to);
	edit_devices(devices, to->name);
	return vmm_xml_dump(doc, root);
}
