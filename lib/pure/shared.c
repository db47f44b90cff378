/* shared: hides where a definition names something of the host's. */
#include "pure/shared.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/chardev.h"
#include "pure/xml.h"

#define ONE_RUNS ", so only one of them can run"

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

/* The first of these attributes (NULL at the end) that NODE has, to be freed;
 * NULL without. */
static char *first_of(const xmlNode *node, const char *const *names)
{
	char *found = NULL;

	for (; !found && *names; names++)
		found = vmm_xml_attribute(node, *names);
	return found;
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
	for (xmlNode *child = source ? source->children : NULL; child;
	     child = child->next)
		if (!name && child->type == XML_ELEMENT_NODE)
			name = vmm_xml_text(child);
	return name ? name : vmm_strdup("?");
}

static void warn_device(struct vmm_strv *warnings, const char *name)
{
	warn(warnings, "shares the host device %s with its source" ONE_RUNS,
	    name ? name : "?");
}

static void warn_source(
    struct vmm_strv *warnings, const xmlNode *source, enum vmm_fate fate)
{
	static const char *const names[] = {
	    "path", "dev", "evdev", "master", NULL};
	AUTOFREE char *path = first_of(source, names);
	AUTOFREE char *host = vmm_xml_attribute(source, "host");
	AUTOFREE char *service = vmm_xml_attribute(source, "service");
	bool named = host && *host;
	AUTOFREE char *port = vmm_sprintf("%s%s%s", named ? host : "",
	    named ? ":" : "", service ? service : "?");

	if (fate == VMM_FATE_DEVICE)
		warn_device(warnings, path);
	else if (fate == VMM_FATE_PORT)
		warn(warnings,
		    "listens on the fixed port %s like its source" ONE_RUNS,
		    port);
	else if (fate == VMM_FATE_CLIENT)
		warn(warnings,
		    "connects to %s like its source, where two may be one too "
		    "many",
		    path ? path : port);
}

static void warn_character(xmlNode *node, struct vmm_strv *warnings)
{
	const xmlNode *end = vmm_chardev_end(node);

	if (vmm_xml_is(node, "smartcard") && vmm_xml_has(node, "mode", "host"))
		warn_device(warnings, "of the smartcard");
	for (xmlNode *source = vmm_xml_child(end, "source"); source;
	     source = vmm_xml_from(source->next, "source"))
		warn_source(
		    warnings, source, vmm_chardev_fate(node, end, source));
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
	for (xmlNode *node = devices ? devices->children : NULL; node;
	     node = node->next) {
		AUTOFREE char *name = NULL;

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
			    VMM_FATE_DEVICE);
		}
	}
}

/* The options of <qemu:commandline> and its like, which nobody adapts. */
static void warn_arguments(const xmlNode *root, struct vmm_strv *warnings)
{
	AUTOBUF options = VMM_BUF_INIT;
	const xmlNode *commandline = vmm_xml_child(root, "commandline");

	for (xmlNode *node = commandline ? commandline->children : NULL; node;
	     node = node->next) {
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

void vmm_shared_warn(const xmlNode *root, struct vmm_strv *warnings)
{
	warn_devices(vmm_xml_child(root, "devices"), warnings);
	warn_arguments(root, warnings);
}
