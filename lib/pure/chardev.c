/* chardev: hides the types of character devices, and which paths libvirt makes
 * up for them. */
#include "pure/chardev.h"

#include <string.h>

#include "pure/xml.h"

xmlNode *vmm_chardev_end(xmlNode *node)
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

enum vmm_fate vmm_chardev_fate(
    const xmlNode *node, const xmlNode *end, const xmlNode *source)
{
	AUTOFREE char *type = vmm_xml_attribute(end, "type");
	AUTOFREE char *path = vmm_xml_attribute(source, "path");
	bool bound = vmm_xml_has(source, "mode", "bind");

	if (!type)
		return VMM_FATE_KEEP;
	if (strcmp(type, "file") == 0) {
		if (!path || strcmp(path, "/dev/null") == 0)
			return VMM_FATE_KEEP;
		return strncmp(path, "/dev/", 5) == 0 ? VMM_FATE_DEVICE
						      : VMM_FATE_RENAME;
	}
	if (strcmp(type, "unix") == 0) {
		if (!path)
			return VMM_FATE_KEEP;
		if (!bound)
			return VMM_FATE_CLIENT;
		return is_generated(node, path) ? VMM_FATE_GENERATE
						: VMM_FATE_RENAME;
	}
	if (strcmp(type, "tcp") == 0 || strcmp(type, "udp") == 0)
		return bound ? VMM_FATE_PORT : VMM_FATE_CLIENT;
	if (strcmp(type, "dev") == 0 || strcmp(type, "pipe") == 0 ||
	    strcmp(type, "nmdm") == 0)
		return VMM_FATE_DEVICE;
	return VMM_FATE_KEEP;
}
