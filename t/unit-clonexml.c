/*
 * What becomes of a definition in a clone. The domains in t/domains
 * ($VMM_DOMAINS) are cloned and compared node by node: all that differs must be
 * in `rules`, and nothing that is the source's alone may be left.
 */
#include "pure/clonexml.h"

#include <ctype.h>
#include <dirent.h>
#include <libxml/xpath.h>

#include "base/alloc.h"
#include "pure/xml.h"
#include "unit.h"

#define ONE ", so only one of them can run"
#define HAND "; detach it, clone, and give the clone a copy made by hand"
#define UUID "ffffffff-2222-4333-8444-00000000000"

/* --- the collection --- */

static const struct domain_case {
	const char *name;
	enum vmm_status status; /* of the plan of a full clone */
	size_t disks;
	const char *said; /* the warnings, a line each, or the error */
} cases[] = {
    {"aarch64.xml", VMM_OK, 1, ""},
    {"addressed.xml", VMM_OK, 1,
	"gets a free port for its vnc display instead of 5701"},
    {"chain.xml", VMM_OK, 1, ""},
    {"cloud-q35.xml", VMM_OK, 1, ""},
    {"commandline.xml", VMM_OK, 1,
	"has the QEMU arguments of its source as they are: -object -fw_cfg"},
    {"data-file.xml", VMM_FAILED, 0,
	"its disk vda keeps its data in a second file, which cannot be "
	"copied" HAND},
    {"desktop-spice.xml", VMM_OK, 1, ""},
    {"dpdk.xml", VMM_OK, 1,
	"shares the vhost-user socket /run/vhost1.sock with its source" ONE "\n"
	"shares the host device /dev/vhost-vdpa-0 with its source" ONE "\n"
	"shares the Midonet port 0b2d64da-3d0e-431e-afdd-804415d6ebbb with its "
	"source" ONE},
    {"drives.xml", VMM_OK, 1,
	"shares the disk fda (/iso/drivers.img) with its source"},
    {"encrypted-old.xml", VMM_FAILED, 0,
	"its disk vdc is encrypted, and a copy would need its secret" HAND},
    {"encrypted.xml", VMM_FAILED, 0,
	"its disk vda is encrypted, and a copy would need its secret" HAND},
    {"firmware-rw.xml", VMM_REFUSED, 0,
	"its firmware /usr/share/OVMF/OVMF_CODE_4M.fd would be written to by "
	"source and clone; make it read-only, with <nvram> beside it"},
    {"foreign.xml", VMM_OK, 1, ""},
    {"genid.xml", VMM_OK, 1, ""},
    {"hotplug.xml", VMM_OK, 1, ""},
    {"iscsi.xml", VMM_FAILED, 0,
	"its disk vdb is a network disk, which cannot be copied" HAND},
    {"looking-glass.xml", VMM_OK, 1,
	"shares the host device /dev/input/by-id/usb-Kbd-event-kbd with its "
	"source" ONE "\n"
	"shares the host device /dev/input/event5 with its source" ONE "\n"
	"gets a free port for its spice display instead of 5930"
	"\n"
	"shares the host device 0000:0a:00.1 with its source" ONE "\n"
	"shares the memory region looking-glass with its source"
	"\n"
	"shares the memory region doorbell with its source"},
    {"lun.xml", VMM_FAILED, 0,
	"its disk sda is a SCSI LUN handed to the guest, which cannot be "
	"copied" HAND},
    {"lvm.xml", VMM_OK, 2, ""},
    {"lxc.xml", VMM_OK, 0,
	"shares the folder / (/srv/box) with its source"
	"\n"
	"shares the host device /dev/sdz with its source" ONE},
    {"many-disks.xml", VMM_OK, 6, ""},
    {"mdev-vgpu.xml", VMM_OK, 1,
	"shares the host device c2177883-f1bb-47f0-914d-32a22e3a8804 with its "
	"source" ONE},
    {"microvm.xml", VMM_OK, 1, ""},
    {"names.xml", VMM_OK, 2, ""},
    {"network-base.xml", VMM_FAILED, 0,
	"its disk vda stands on a network disk, which cannot be copied" HAND},
    {"newer.xml", VMM_OK, 1,
	"starts with an empty TPM: what was sealed to its source's, as "
	"BitLocker's key, must be unlocked otherwise"},
    {"numa.xml", VMM_OK, 1, ""},
    {"nvdimm.xml", VMM_REFUSED, 0,
	"its nvdimm memory /mnt/pmem/nvdimm0 would be written to by source and "
	"clone; detach it and clone again"},
    {"nvme.xml", VMM_FAILED, 0,
	"its disk vde is a nvme disk, which cannot be copied" HAND},
    {"nvram-block.xml", VMM_FAILED, 0,
	"its UEFI variables are on a block disk, which cannot be copied; move "
	"them to a file"},
    {"nvram-file.xml", VMM_OK, 1, ""},
    {"nvram-network.xml", VMM_FAILED, 0,
	"its UEFI variables are on a network disk, which cannot be copied; "
	"move them to a file"},
    {"nvram-qcow2.xml", VMM_OK, 1, ""},
    {"nvram-template.xml", VMM_OK, 1, ""},
    {"passt.xml", VMM_OK, 1,
	"forwards the host's tcp port 22 like its source" ONE "\n"
	"forwards the host's tcp port 1000-1050 like its source" ONE "\n"
	"forwards all udp ports of the host like its source" ONE "\n"
	"listens on the fixed port 192.168.0.1:5558 like its source" ONE "\n"
	"connects to 192.168.0.1:5559 like its source, where two may be one "
	"too many"
	"\n"
	"listens on the fixed port 192.168.0.1:5561 like its source" ONE},
    {"rbd.xml", VMM_FAILED, 0,
	"its disk vda is a network disk, which cannot be copied" HAND},
    {"router.xml", VMM_OK, 1,
	"shares the host's tap device tap-lan with its source" ONE "\n"
	"has the network filter of its source, which names the address "
	"192.0.2.8"},
    {"s390x.xml", VMM_OK, 1,
	"shares the host device enc1 with its source" ONE "\n"
	"shares the host device 9063cba3-ecef-47b6-abcf-3fef4fdcad85 with its "
	"source" ONE},
    {"same-file.xml", VMM_FAILED, 0,
	"its disks vda and vdb are the same /vm/twice.qcow2; detach one of "
	"them"},
    {"serials.xml", VMM_OK, 1,
	"listens on the fixed port 127.0.0.1:4555 like its source" ONE "\n"
	"shares the host device /dev/ttyS0 with its source" ONE "\n"
	"shares the host device /run/vm/printer with its source" ONE "\n"
	"listens on the fixed port 127.0.0.1:5556 like its source" ONE "\n"
	"connects to 192.0.2.1:5555 like its source, where two may be one too "
	"many"
	"\n"
	"connects to /run/broker.sock like its source, where two may be one "
	"too many"
	"\n"
	"shares the host device /run/vm/pipe with its source" ONE "\n"
	"listens on the fixed port 127.0.0.1:2001 like its source" ONE "\n"
	"connects to localhost:4000 like its source, where two may be one too "
	"many"
	"\n"
	"listens on the fixed port 1234 like its source" ONE "\n"
	"connects to 192.0.2.9:1234 like its source, where two may be one too "
	"many"},
    {"sev.xml", VMM_OK, 1, ""},
    {"shareable.xml", VMM_OK, 1,
	"shares the disk vdb (/vm/quorum.raw) with its source"
	"\n"
	"shares the disk sda (/dev/mapper/shared-lun) with its source"
	"\n"
	"shares the lease somekey with its source" ONE},
    {"sliced.xml", VMM_FAILED, 0,
	"its disk vda is a slice of a file, which cannot be copied" HAND},
    {"sockets.xml", VMM_OK, 1,
	"shares the host device of the smartcard with its source" ONE "\n"
	"shares the TPM at /run/swtpm-1.sock with its source" ONE "\n"
	"gets a free port for its spice display instead of 5940"
	"\n"
	"gets a free port for its spice display instead of 5941"},
    {"sriov.xml", VMM_OK, 1,
	"shares the host device 0000:07:10.1 with its source" ONE "\n"
	"shares the host device 0000:01:00.0 with its source" ONE "\n"
	"shares the host device USB 046d:c52b with its source" ONE "\n"
	"shares the host device USB bus 1, device 4 with its source" ONE "\n"
	"shares the host device SCSI scsi_host2:0:5:1 with its source" ONE "\n"
	"shares the host device SCSI naa.5123456789abcde0 with its source" ONE},
    {"sysinfo.xml", VMM_OK, 1, ""},
    {"transient.xml", VMM_OK, 1, ""},
    {"vhostuser-disk.xml", VMM_FAILED, 0,
	"its disk vdf is a vhostuser disk, which cannot be copied" HAND},
    {"virtio-pmem.xml", VMM_REFUSED, 0,
	"its virtio-pmem memory /tmp/virtio_pmem would be written to by source "
	"and clone; detach it and clone again"},
    {"virtiofs.xml", VMM_OK, 1,
	"shares the folder sources (/srv/sources) with its source"
	"\n"
	"shares the folder out (/srv/out) with its source"
	"\n"
	"shares the folder scratch (/run/virtiofsd/scratch.sock) with its "
	"source" ONE},
    {"volumes.xml", VMM_OK, 2, ""},
    {"vsock.xml", VMM_OK, 1, ""},
    {"watchdog.xml", VMM_OK, 1,
	"shares the host device /dev/tpm0 with its source" ONE},
    {"windows11.xml", VMM_OK, 1,
	"starts with an empty TPM: what was sealed to its source's, as "
	"BitLocker's key, must be unlocked otherwise"
	"\n"
	"gets a free port for its vnc display instead of 5907"
	"\n"
	"gets a free port for its vnc display instead of 5707"},

};

static char *read_file(const char *name)
{
	AUTOFREE char *path = vmm_sprintf("%s/%s", getenv("VMM_DOMAINS"), name);
	FILE *file = fopen(path, "r");
	char *text = vmm_calloc(1, 65536);

	if (!file || !fread(text, 1, 65535, file)) {
		printf("Bail out! cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	fclose(file);
	return text;
}

static char *joined(const struct vmm_strv *lines)
{
	AUTOBUF text = VMM_BUF_INIT;

	vmm_buf_adds(&text, "");
	for (size_t i = 0; i < lines->n; i++)
		vmm_buf_addf(&text, "%s%s", i ? "\n" : "", lines->v[i]);
	return vmm_strdup(vmm_buf_text(&text));
}

static int is_definition(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".xml") == 0;
}

static void test_collection_is_whole(void)
{
	struct dirent **found = NULL;
	int n =
	    scandir(getenv("VMM_DOMAINS"), &found, is_definition, alphasort);

	ok(n >= 30, "collection: at least thirty domains");
	is_int(n, ARRAY_SIZE(cases), "collection: every domain has its case");
	for (int i = 0; i < n; i++) {
		bool known = false;

		for (size_t j = 0; j < ARRAY_SIZE(cases); j++)
			known |= strcmp(cases[j].name, found[i]->d_name) == 0;
		ok(known, "collection: %s has its case", found[i]->d_name);
		free(found[i]);
	}
	free(found);
}

/* --- what may differ --- */

enum how {
	CHANGED = 1,
	GONE = 2,
	NEW = 4
};

/* The plan of the clone that is being compared. */
static const struct vmm_cloneplan *plan_now;
static const struct vmm_cloneto *to_now;
static const char *uuid_now;

static const xmlNode *ancestor(const xmlNode *node, const char *name)
{
	while (node && !vmm_xml_is(node, name))
		node = node->parent;
	return node;
}

static bool has(const xmlNode *node, const char *name, const char *value)
{
	return vmm_xml_has(node, name, value);
}

static bool planned(const xmlNode *node)
{
	const xmlNode *target = vmm_xml_child(ancestor(node, "disk"), "target");

	for (size_t i = 0; i < plan_now->disks; i++)
		if (has(target, "dev", plan_now->disk[i].target))
			return true;
	return false;
}

static bool raw(const xmlNode *node)
{
	const xmlNode *target = vmm_xml_child(ancestor(node, "disk"), "target");

	for (size_t i = 0; i < to_now->disks; i++)
		if (has(target, "dev", to_now->disk[i].target))
			return strcmp(to_now->disk[i].format, "raw") == 0;
	return false;
}

static bool old_uuid(const xmlNode *node)
{
	AUTOFREE char *text = vmm_xml_text((xmlNode *)node);
	size_t n = 0;

	for (const char *p = text, *q = uuid_now; *p; p++) {
		q += *q == '-';
		n += tolower((unsigned char)*p) == *q;
		q += tolower((unsigned char)*p) == *q;
	}
	return n >= 32 &&
	       (has(node, "name", "uuid") || has(node, "name", "serial"));
}

static bool dynamic(const xmlNode *node)
{
	return has(ancestor(node, "seclabel"), "type", "dynamic");
}

static bool managed(const xmlNode *node)
{
	return !has(ancestor(node, "target"), "managed", "no");
}

static bool made_up(const xmlNode *node)
{
	return !has(ancestor(node, "virtualport"), "type", "midonet");
}

static bool mac_parameter(const xmlNode *node)
{
	return has(node, "name", "MAC");
}

static bool fixed(const xmlNode *node)
{
	return !has(node, "autoport", "yes") || has(node, "port", "5901");
}

static bool web(const xmlNode *node)
{
	return !has(node, "websocket", "-1");
}

static bool ours(const xmlNode *node)
{
	AUTOFREE char *path = vmm_xml_attribute(node, "path");

	return has(node->parent, "type", "file")
		   ? strncmp(path, "/dev/", 5) != 0
		   : has(node->parent, "type", "unix") &&
			 has(node, "mode", "bind");
}

static bool generated(const xmlNode *node)
{
	AUTOFREE char *path = vmm_xml_attribute(node, "path");

	return ours(node) && strstr(path, "/channel/");
}

static bool wav(const xmlNode *node)
{
	return has(node, "type", "file");
}

static bool emulated(const xmlNode *node)
{
	return has(ancestor(node, "backend"), "type", "emulator");
}

static bool cid(const xmlNode *node)
{
	return !has(node, "auto", "yes");
}

#define DEVICES "/domain/devices/"

/* WHEN is asked of the source's node, or of the clone's where that is new. */
static const struct rule {
	const char *path;
	unsigned how;
	bool (*when)(const xmlNode *node);
} rules[] = {
    {"/domain/@id", GONE, NULL},
    {"/domain/name/text()", CHANGED, NULL},
    {"/domain/uuid/text()", CHANGED, NULL},
    {"/domain/title", GONE, NULL},
    {"/domain/genid/text()", GONE, NULL},
    {"/domain/sysinfo/system/entry/text()", CHANGED, old_uuid},
    {"/domain/sysinfo/baseBoard/entry/text()", CHANGED, old_uuid},
    {"/domain/sysinfo/chassis/entry/text()", CHANGED, old_uuid},
    {"/domain/os/nvram/text()", CHANGED | GONE, NULL},
    {"/domain/os/nvram/@type", GONE, NULL},
    {"/domain/os/nvram/source", GONE, NULL},
    {"/domain/os/nvram/source/@file", CHANGED, NULL},
    {"/domain/seclabel/label", GONE, dynamic},
    {"/domain/seclabel/imagelabel", GONE, dynamic},
    {DEVICES "disk/@type", CHANGED, planned},
    {DEVICES "disk/driver", NEW, planned},
    {DEVICES "disk/driver/@type", CHANGED | NEW, planned},
    {DEVICES "disk/driver/metadata_cache", GONE, raw},
    {DEVICES "disk/source/@file", CHANGED | GONE | NEW, planned},
    {DEVICES "disk/source/@dev", CHANGED | GONE | NEW, planned},
    {DEVICES "disk/source/@pool", GONE, planned},
    {DEVICES "disk/source/@volume", GONE, planned},
    {DEVICES "disk/source/@mode", GONE, planned},
    {DEVICES "disk/source/@index", GONE, planned},
    {DEVICES "disk/backingStore", GONE, NULL},
    {DEVICES "disk/mirror", GONE, NULL},
    {DEVICES "interface/mac", NEW, NULL},
    {DEVICES "interface/mac/@address", CHANGED, NULL},
    {DEVICES "interface/target", GONE, managed},
    {DEVICES "interface/source/@portid", GONE, NULL},
    {DEVICES "interface/virtualport/parameters", GONE, made_up},
    {DEVICES "interface/virtualport/parameters/@interfaceid", GONE, made_up},
    {DEVICES "interface/virtualport/parameters/@instanceid", GONE, NULL},
    {DEVICES "interface/filterref/parameter/@value", CHANGED, mac_parameter},
    {DEVICES "interface/backend/@logFile", CHANGED, NULL},
    {DEVICES "graphics/@port", GONE, fixed},
    {DEVICES "graphics/@tlsPort", GONE, fixed},
    {DEVICES "graphics/@autoport", CHANGED | NEW, fixed},
    {DEVICES "graphics/@websocket", CHANGED, web},
    {DEVICES "graphics/@socket", GONE, NULL},
    {DEVICES "graphics/listen/@socket", GONE, NULL},
    {DEVICES "graphics/listen", NEW, NULL},
    {DEVICES "serial/source/@path", CHANGED, ours},
    {DEVICES "console/source/@path", CHANGED, ours},
    {DEVICES "channel/source/@path", CHANGED, ours},
    {DEVICES "channel/source/@path", GONE, generated},
    {DEVICES "rng/backend/source/@path", CHANGED, ours},
    {DEVICES "serial/log/@file", CHANGED, NULL},
    {DEVICES "console/log/@file", CHANGED, NULL},
    {DEVICES "audio/@path", CHANGED, wav},
    {DEVICES "vsock/cid/@auto", CHANGED, cid},
    {DEVICES "vsock/cid/@address", GONE, NULL},
    {DEVICES "pstore/path", GONE, NULL},
    {DEVICES "tpm/backend/source", GONE, emulated},
};

static bool rule_used[ARRAY_SIZE(rules)];

/* --- the comparison --- */

static unsigned unexpected;

static void differs(const char *path, enum how how, const xmlNode *node)
{
	static const char *const words[] = {
	    [CHANGED] = "changed", [GONE] = "gone", [NEW] = "new"};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (strcmp(rules[i].path, path) == 0 &&
		    (rules[i].how & (unsigned)how) &&
		    (!rules[i].when || rules[i].when(node))) {
			rule_used[i] = true;
			return;
		}
	unexpected++;
	printf("#   %s, which must stay, is %s\n", path, words[how]);
}

static const char *namespace_of(const xmlNode *node)
{
	return node->ns ? (const char *)node->ns->href : "";
}

static bool blank(xmlNode *node)
{
	return node->type == XML_TEXT_NODE && xmlIsBlankNode(node);
}

static xmlNode *solid(xmlNode *node)
{
	while (node && blank(node))
		node = node->next;
	return node;
}

static bool alike(const xmlNode *a, const xmlNode *b)
{
	return a->type == b->type &&
	       (a->type != XML_ELEMENT_NODE ||
		   (strcmp((const char *)a->name, (const char *)b->name) == 0 &&
		       strcmp(namespace_of(a), namespace_of(b)) == 0));
}

static char *path_of(const char *parent, const xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE)
		return vmm_sprintf("%s/%s", parent, (const char *)node->name);
	return vmm_sprintf("%s/%s", parent,
	    node->type == XML_COMMENT_NODE ? "comment()" : "text()");
}

static void compare_attributes(
    const char *path, const xmlNode *a, const xmlNode *b)
{
	for (const xmlAttr *one = a->properties; one; one = one->next) {
		const char *name = (const char *)one->name;
		AUTOFREE char *at = vmm_sprintf("%s/@%s", path, name);
		/* those of other namespaces, too */
		AUTOFREE char *old = (char *)xmlGetProp(a, one->name);
		AUTOFREE char *new = (char *)xmlGetProp(b, one->name);

		if (!new)
			differs(at, GONE, a);
		else if (strcmp(old, new) != 0)
			differs(at, CHANGED, a);
	}
	for (const xmlAttr *one = b->properties; one; one = one->next) {
		AUTOFREE char *at =
		    vmm_sprintf("%s/@%s", path, (const char *)one->name);

		if (!xmlHasProp(a, one->name))
			differs(at, NEW, a);
	}
}

static void compare(const char *path, xmlNode *a, xmlNode *b)
{
	xmlNode *old = solid(a->children), *new = solid(b->children);

	compare_attributes(path, a, b);
	if (!a->nsDef != !b->nsDef ||
	    (a->nsDef && !xmlStrEqual(a->nsDef->href, b->nsDef->href)))
		differs(path, CHANGED, a);
	while (old || new) {
		AUTOFREE char *at = path_of(path, old ? old : new);
		xmlNode *later = new;

		while (old && later && !alike(old, later))
			later = later->next;
		if (old && later && later == new) {
			if (old->type == XML_ELEMENT_NODE)
				compare(at, old, new);
			else if (!xmlStrEqual(old->content, new->content))
				differs(at, CHANGED, a);
			old = solid(old->next);
			new = solid(new->next);
		} else if (old && !later) {
			differs(
			    at, GONE, old->type == XML_ELEMENT_NODE ? old : a);
			old = solid(old->next);
		} else {
			AUTOFREE char *there = path_of(path, new);

			differs(there, NEW, new);
			new = solid(new->next);
		}
	}
}

/* --- what may not be left --- */

/* Paths that are written to, in the order of the XML. */
static const char written[] =
    "/domain/devices/*/source[../@type = 'file' and ../target[not(@dev)]"
    " and not(starts-with(@path, '/dev/'))]/@path"
    "|/domain/devices//source[@mode = 'bind' and not(../mac) and"
    " not(contains(@path, '/channel/'))]/@path"
    "|/domain/devices//log/@file|/domain/devices//@logFile"
    "|/domain/devices/audio/@path";
static const char single[] =
    "/domain/uuid/text()|/domain/genid/text()"
    "|/domain/devices/interface/mac/@address"
    "|/domain/devices/interface/filterref/parameter[@name = 'MAC']/@value"
    "|/domain/devices/interface/target[not(@managed = 'no')]/@dev"
    "|/domain/devices/interface/virtualport[not(@type) or @type != 'midonet']"
    "/parameters/@*[name() = 'interfaceid' or name() = 'instanceid']"
    "|/domain/devices/disk/backingStore/descendant::source/@*"
    "|/domain/devices/disk/mirror/@file"
    "|/domain/devices/graphics/@socket|/domain/devices/graphics/*/@socket"
    "|/domain/devices/channel/source[@mode = 'bind']/@path"
    "|/domain/devices/pstore/path/text()"
    "|/domain/devices/tpm/backend[@type = 'emulator']/source/@path"
    "|/domain/os/nvram[not(@type)]/text()|/domain/os/nvram/source/@file"
    "|/domain/seclabel[@type = 'dynamic']/label/text()";

static void find(const char *xml, const char *expression, struct vmm_strv *out)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlXPathContext *context = xmlXPathNewContext(doc);
	xmlXPathObject *found = xmlXPathEval(BAD_CAST expression, context);

	for (int i = 0;
	     found && i < xmlXPathNodeSetGetLength(found->nodesetval); i++) {
		char *text = vmm_xml_text(found->nodesetval->nodeTab[i]);

		if (text[strspn(text, " \n")])
			vmm_strv_take(out, text);
		else
			free(text);
	}
	ok(found != NULL, "the test's own XPath");
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
}

static void look_for(const char *path, const char *text,
    const struct vmm_strv *olds, unsigned *left)
{
	for (size_t i = 0; i < olds->n; i++) {
		const char *old = olds->v[i];
		/* what is short may be in other words */
		bool there = strlen(old) < 12 ? strcasecmp(text, old) == 0
					      : strcasestr(text, old) != NULL;

		if (!there)
			continue;
		printf("#   %s still says %s\n", path, old);
		++*left;
	}
}

/* Counts what is left of OLDS in NODE, other than in people's own text. */
static void search(const char *path, xmlNode *node, const struct vmm_strv *olds,
    unsigned *left)
{
	for (const xmlAttr *one = node->properties; one; one = one->next) {
		AUTOFREE char *text =
		    vmm_xml_attribute(node, (const char *)one->name);

		look_for(path, text, olds, left);
	}
	for (xmlNode *child = node->children; child; child = child->next) {
		AUTOFREE char *at = path_of(path, child);

		if (child->type == XML_TEXT_NODE)
			look_for(at, (const char *)child->content, olds, left);
		else if (child->type == XML_ELEMENT_NODE &&
			 strcmp(at, "/domain/metadata") != 0 &&
			 strcmp(at, "/domain/description") != 0)
			search(at, child, olds, left);
	}
}

/* --- a clone --- */

struct target {
	struct vmm_cloneto to;
	struct vmm_cloneto_disk disk[16];
	struct vmm_strv paths, macs;
	const char *formats[2];
};

/* Fills in TARGET: disks by turns files and block devices, qcow2 and raw. */
static void aim(
    struct target *target, const struct vmm_cloneplan *plan, unsigned round)
{
	static const char *const names[] = {
	    "clone & \"co\" <1>", "second", "the-third"};
	static const char *const uuids[] = {UUID "1", UUID "2", UUID "3"};

	*target = (struct target){.to = {.name = names[round],
				      .uuid = uuids[round],
				      .disks = plan->disks,
				      .macs = plan->macs.n}};
	for (size_t i = 0; i < plan->disks; i++) {
		bool block = (i + round) % 2;

		vmm_strv_take(&target->paths,
		    vmm_sprintf("%s/r%u & <%s>", block ? "/dev/vg" : "/new",
			round, plan->disk[i].target));
		target->disk[i] =
		    (struct vmm_cloneto_disk){plan->disk[i].target,
			target->paths.v[i], block ? "raw" : "qcow2", block};
	}
	for (size_t i = 0; i < plan->macs.n; i++)
		vmm_strv_take(&target->macs,
		    vmm_sprintf("52:54:00:ff:%02x:%02zx", round, i));
	target->to.disk = target->disk;
	target->to.mac = (const char *const *)target->macs.v;
	if (plan->nvram && round != 1)
		target->to.nvram = round ? "/new/3.fd" : "/new/1 & 2.fd";
}

static void is_aimed(
    const char *xml, const struct target *target, const char *name)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = xmlDocGetRootElement(doc);
	xmlNode *nvram = vmm_xml_child(vmm_xml_child(root, "os"), "nvram");
	AUTOFREE char *called = vmm_xml_text(vmm_xml_child(root, "name"));
	AUTOFREE char *uuid = vmm_xml_text(vmm_xml_child(root, "uuid"));
	AUTODOMXML *domain = vmm_domxml_read(xml, &err);
	struct vmm_cloneplan plan = {0};

	is(called, target->to.name, "%s: name", name);
	is(uuid, target->to.uuid, "%s: uuid", name);
	is_int(vmm_clone_plan(xml, true, &plan, &err),
	    strncmp(name, "transient", 9) == 0 ? -1 : 0,
	    "%s: the clone can be cloned", name);
	vmm_cloneplan_release(&plan);
	for (size_t i = 0; i < target->to.disks; i++) {
		const struct vmm_disk *disk = domain->disk;

		while (strcmp(disk->target, target->disk[i].target) != 0)
			disk++;
		is(disk->layer[0].source, target->disk[i].path,
		    "%s: path of %s", name, disk->target);
		is(disk->layer[0].format, target->disk[i].format,
		    "%s: format of %s", name, disk->target);
		is(disk->layer[0].type,
		    target->disk[i].block ? "block" : "file", "%s: type of %s",
		    name, disk->target);
	}
	for (size_t i = 0; i < domain->nics; i++)
		is(domain->nic[i].mac, target->macs.v[i], "%s: MAC %zu", name,
		    i);
	if (target->to.nvram) {
		AUTOFREE char *text = vmm_xml_text(nvram);
		AUTOFREE char *file =
		    vmm_xml_attribute(vmm_xml_child(nvram, "source"), "file");

		is(file ? file : text, target->to.nvram, "%s: UEFI variables",
		    name);
	}
}

/* Two paths are one in the clone if, and only if, they are in the source. */
static void is_paired(const char *xml, const char *clone, const char *name)
{
	AUTOSTRV old = VMM_STRV_INIT, new = VMM_STRV_INIT;
	bool good = true;

	find(xml, written, &old);
	find(clone, written, &new);
	is_int(new.n, old.n, "%s: as many files and sockets", name);
	for (size_t i = 0; i < old.n && i < new.n; i++)
		for (size_t j = 0; j < i; j++)
			good &= (strcmp(old.v[i], old.v[j]) == 0) ==
				(strcmp(new.v[i], new.v[j]) == 0);
	ok(good, "%s: each file and socket has a name of its own", name);
}

/* Clones XML and looks at the clone, which is returned. */
static char *check_clone(const char *xml, const char *name, unsigned round)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOCLONEPLAN plan = {0};
	struct target target = {0};
	AUTOSTRV olds = VMM_STRV_INIT;
	AUTODOC a = vmm_xml_parse(xml);
	AUTODOC b = NULL;
	AUTOFREE char *clone = NULL;
	AUTOFREE char *uuid = NULL;
	unsigned left = 0;

	is_int(vmm_clone_plan(xml, false, &plan, &err), 0, "%s: plan", name);
	aim(&target, &plan, round);
	clone = vmm_clone_build(xml, &target.to, &err);
	ok(clone, "%s: built", name);
	if (!clone) {
		printf("#   %s\n", err.text);
		exit(unit_done());
	}
	b = vmm_xml_parse(clone);
	uuid = vmm_xml_text(vmm_xml_child(xmlDocGetRootElement(a), "uuid"));
	plan_now = &plan;
	to_now = &target.to;
	uuid_now = uuid;
	unexpected = 0;
	compare("/domain", xmlDocGetRootElement(a), xmlDocGetRootElement(b));
	is_int(unexpected, 0, "%s: all else stays", name);
	find(xml, single, &olds);
	find(xml, written, &olds);
	for (size_t i = 0; i < plan.disks; i++)
		vmm_strv_take(&olds, vmm_strdup(plan.disk[i].top.source));
	search("/domain", xmlDocGetRootElement(b), &olds, &left);
	is_int(left, 0, "%s: nothing of the source's own is left", name);
	is_paired(xml, clone, name);
	is_aimed(clone, &target, name);
	vmm_strv_release(&target.paths);
	vmm_strv_release(&target.macs);
	return TAKE_PTR(clone);
}

static void test_collection(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOERR err = VMM_ERR_INIT;
		AUTOCLONEPLAN plan = {0};
		const char *name = cases[i].name;
		AUTOFREE char *xml = read_file(name);
		AUTOFREE char *said = NULL;
		AUTOFREE char *first = NULL;
		AUTOFREE char *second = NULL;
		AUTOFREE char *third = NULL;

		is_int(vmm_clone_plan(xml, false, &plan, &err),
		    cases[i].status == VMM_OK ? 0 : -1, "%s: plan", name);
		is_int(err.status, cases[i].status, "%s: status", name);
		said = err.text ? vmm_strdup(err.text) : joined(&plan.warnings);
		is(said, cases[i].said, "%s: what is said", name);
		if (cases[i].status != VMM_OK)
			continue;
		is_int(plan.disks, cases[i].disks, "%s: disks", name);
		first = check_clone(xml, name, 0);
		second = check_clone(first, name, 1);
		third = check_clone(xml, name, 2);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		ok(rule_used[i], "rule %s is needed", rules[i].path);
}

/* --- the plan, in parts --- */

#define DOMAIN(devices)                                                        \
	"<domain type='kvm'><name>a</name><uuid>" UUID "0</uuid><os>"          \
	"<type>hvm</type></os><devices>" devices "</devices></domain>"
#define DISK(file, target)                                                     \
	"<disk type='file'><driver type='qcow2'/><source file='" file          \
	"'/><target dev='" target "'/></disk>"

static void test_plan(void)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOCLONEPLAN plan = {0};
	AUTOCLONEPLAN pair = {0};
	AUTOFREE char *volumes = read_file("volumes.xml");
	AUTOFREE char *sriov = read_file("sriov.xml");

	is_int(vmm_clone_plan(volumes, true, &plan, &err), 0, "volumes");
	is(plan.disk[0].target, "vda", "volumes: target");
	is(plan.disk[0].top.type, "volume", "volumes: type");
	is(plan.disk[0].top.source, "default/web.qcow2", "volumes: source");
	is(plan.disk[0].top.format, "qcow2", "volumes: format");
	is(plan.disk[1].top.source, "vg0/web-data", "volumes: the second");
	is(plan.nvram, NULL, "volumes: no UEFI variables");
	is(plan.nvram_format, NULL, "volumes: nor their format");
	is_int(vmm_clone_plan(sriov, true, &pair, &err), 0, "a pair");
	is_int(pair.macs.n, 2, "a pair: two MACs");
	is(pair.macs.v[1], pair.macs.v[0], "a pair: the same");
}

static void test_nvram(void)
{
	static const char *const expected[][3] = {
	    {"nvram-file.xml", "/var/lib/libvirt/qemu/nvram/nvram-file_VARS.fd",
		"raw"},
	    {"nvram-qcow2.xml",
		"/var/lib/libvirt/qemu/nvram/nvram-qcow2_VARS.qcow2", "qcow2"},
	    {"nvram-template.xml", NULL, NULL},
	    {"windows11.xml", "/var/lib/libvirt/qemu/nvram/win11_VARS.fd",
		"raw"},
	    {"looking-glass.xml", NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		AUTOERR err = VMM_ERR_INIT;
		AUTOCLONEPLAN plan = {0};
		AUTOFREE char *xml = read_file(expected[i][0]);

		is_int(vmm_clone_plan(xml, true, &plan, &err), 0, "%s",
		    expected[i][0]);
		is(plan.nvram, expected[i][1], "%s: path", expected[i][0]);
		is(plan.nvram_format, expected[i][2], "%s: format",
		    expected[i][0]);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *xml;
		bool linked;
		const char *error;
	} refused[] = {
	    {"", false, "its XML cannot be read"},
	    {"<network/>", false, "its XML cannot be read"},
	    {DOMAIN("<disk type='file'><source file='/a'/></disk>"), false,
		"its disk /a has no target, so it cannot be told from others; "
		"name one"},
	    {DOMAIN(DISK("/a", "vda") DISK("/b", "vda")), false,
		"two of its disks are called vda; rename one"},
	    {DOMAIN("<disk type='file' device='cdrom'><source file='/i'/>"
		    "<target dev='vda'/></disk>" DISK("/a", "vda")),
		false, "two of its disks are called vda; rename one"},
	    {DOMAIN("<disk type='file'><source file='/a'/><backingStore>"
		    "<source file='/b'/></backingStore><target dev='vda'/>"
		    "</disk>"),
		false,
		"its disk vda stands on a strange disk, which cannot be "
		"copied" HAND},
	    {DOMAIN(DISK("/a", "vda") "<disk type='file' device='cdrom'>"
				      "<source file='/a'/><target dev='sda'/>"
				      "<readonly/></disk>"),
		false,
		"its disks vda and sda are the same /a; detach one of "
		"them"},
	    {DOMAIN("<disk type='volume'><source pool='p'/>"
		    "<target dev='vda'/></disk>"),
		false, "its disk vda does not say where its data is"},
	    {DOMAIN("<disk type='file'><source file='/a' fdgroup='g'/>"
		    "<target dev='vda'/></disk>"),
		false, "its disk vda does not say where its data is"},
	    {DOMAIN("<disk type='file'><driver type='qcow2'/>"
		    "<source file='/a'/><backingStore type='file'>"
		    "<format type='qcow2'/><source file='/b'>"
		    "<encryption format='luks'/></source></backingStore>"
		    "<target dev='vda'/></disk>"),
		false,
		"its disk vda is encrypted, and a copy would need its "
		"secret" HAND},
	    {DOMAIN("<disk type='file'><source file='/a'/>"
		    "<target dev='vda'/><transient/></disk>"),
		true,
		"its disk vda is transient, which nothing can be linked "
		"to; make a full clone"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		AUTOERR err = VMM_ERR_INIT;
		AUTOCLONEPLAN plan = {0};

		is_int(vmm_clone_plan(
			   refused[i].xml, refused[i].linked, &plan, &err),
		    -1, "refused: case %zu", i);
		is(err.text, refused[i].error, "refused: what is said");
	}
}

/* --- the clone, in parts --- */

/* What EXPRESSION finds in the clone "b" of XML, joined; to be freed. */
static char *found_in_clone(const char *xml, const char *expression)
{
	static const char *const macs[] = {"52:54:00:00:00:0b", ""};
	AUTOERR err = VMM_ERR_INIT;
	AUTOCLONEPLAN plan = {0};
	AUTOSTRV found = VMM_STRV_INIT;
	AUTOFREE char *clone = NULL;
	struct vmm_cloneto_disk disk = {"vda", "/new", "raw", false};
	struct vmm_cloneto to = {
	    .name = "b", .uuid = UUID "9", .mac = macs, .disk = &disk};

	if (vmm_clone_plan(xml, false, &plan, &err) < 0)
		return vmm_strdup(err.text);
	to.macs = plan.macs.n;
	to.disks = plan.disks;
	clone = vmm_clone_build(xml, &to, &err);
	if (!clone)
		return vmm_strdup(err.text);
	find(clone, expression, &found);
	return joined(&found);
}

static void test_paths(void)
{
	AUTOFREE char *serials = read_file("serials.xml");
	AUTOFREE char *names = read_file("names.xml");
	AUTOFREE char *several = found_in_clone(serials,
	    "//serial/source/@path|//console/source/@path|//log/@file"
	    "|//channel/source/@path|//rng//@path|//audio/@path");
	AUTOFREE char *taken = found_in_clone(
	    DOMAIN("<serial type='file'><source path='/l/a.log'/></serial>"
		   "<serial type='file'><source path='/l/b-serial0.log'/>"
		   "</serial><channel type='unix'>"
		   "<source mode='bind' path='bare'/></channel>"),
	    "//@path");
	AUTOERR err = VMM_ERR_INIT;
	AUTOCLONEPLAN plan = {0};

	is(several,
	    "/var/log/vm/b-serial0.log\n/var/log/vm/b-serial0-2.log\n"
	    "/run/vm/b-serial1.sock\n/var/log/vm/b-serial2\n/dev/ttyS0\n"
	    "/var/log/vm/b-serial0.log\n/var/log/vm/b-serial0-2.log\n"
	    "/var/log/vm/virtio.d/b-console1\n/run/vm/b-channel0.agent\n"
	    "/run/broker.sock\n/run/vm/pipe\n/run/vm/b-rng1.sock\n"
	    "/var/log/vm/b-audio0.wav",
	    "paths: in the folder, with the ending, twins alike");
	is(taken, "/l/b-serial0-2.log\n/l/b-serial1.log\nb-channel0",
	    "paths: never one of the source's");
	is_int(vmm_clone_plan(names, false, &plan, &err), 0, "paths: names");
}

static void test_details(void)
{
	static const char *const expected[][3] = {
	    {DOMAIN("<interface type='user'><mac address='52:54:00:00:00:0a'/>"
		    "</interface><interface type='user'><mac "
		    "address='52:54:00:00:00:0c'/></interface>"),
		"//mac/@address", "52:54:00:00:00:0b"},
	    {"<domain><name>a</name></domain>", "/domain/uuid", UUID "9"},
	    {"<domain/>", "/domain/name", "b"},
	    {"<domain><genid>" UUID "0</genid></domain>", "//genid/text()", ""},
	    {DOMAIN("<graphics type='vnc' port='5900'/>"),
		"//graphics/@port|//graphics/@autoport", "yes"},
	    {DOMAIN("<graphics type='vnc' port='-1' websocket='5700'/>"),
		"//graphics/@*", "vnc\n-1\n-1"},
	    {DOMAIN("<graphics type='vnc' socket='/s'/>"),
		"//graphics/@socket|//listen/@*", "socket"},
	    {DOMAIN("<disk type='file'><driver name='qemu' type='qcow2' "
		    "discard_no_unref='on'><metadata_cache/></driver>"
		    "<source file='/a'/><target dev='vda'/></disk>"),
		"//driver/@*|//driver/*", "qemu\nraw"},
	    {DOMAIN("<disk type='file'><source file='/a'/>"
		    "<target dev='vda'/></disk>"),
		"//driver/@*|//source/@*", "qemu\nraw\n/new"},
	    {DOMAIN(
		 "<serial type='unix'><source mode='bind' path='/q/domain-1-a"
		 "/x'/></serial>"),
		"//@path", "/q/domain-1-a/b-serial0"},
	    {DOMAIN("<serial type='unix'><source path='/x'/></serial>"),
		"//@path", "/x"},
	    {DOMAIN("<console tty='/dev/pts/1'/><serial type='file'><source/>"
		    "</serial><serial><source path='/x'/></serial>"),
		"//@path|//@tty", "/dev/pts/1\n/x"},
	    {DOMAIN("<vsock/><interface><target dev='a'/></interface>"),
		"//vsock|//target", ""},
	    {"<domain><os><varstore template='/t' path='/p'/></os></domain>",
		"//varstore/@*", "/t"},
	    {"<domain><name>a<!-- c --></name></domain>",
		"//name/text()|//name/comment()", " c \nb"},
	    {"<domain><uuid>" UUID "0</uuid><sysinfo><system>"
	     "<entry name='serial'>" UUID "1</entry><entry name='uuid'>" UUID
	     "1</entry></system><bios><entry name='serial'>" UUID
	     "0</entry></bios></sysinfo></domain>",
		"//entry", UUID "1\n" UUID "9\n" UUID "0"},
	    {"<domain><seclabel><label>l</label><baselabel>k</baselabel>"
	     "</seclabel><seclabel type='static'><label>s</label></seclabel>"
	     "</domain>",
		"//label|//baselabel", "k\ns"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		AUTOFREE char *found =
		    found_in_clone(expected[i][0], expected[i][1]);

		is(found, expected[i][2], "clone: %s of case %zu",
		    expected[i][1], i);
	}
}

static void test_warnings(void)
{
	static const char *const expected[][2] = {
	    {DOMAIN("<interface type='hostdev'><source><address type='usb' "
		    "bus='1' device='2'/></source></interface>"),
		"shares the host device USB bus 1, device 2 with its "
		"source" ONE},
	    {DOMAIN("<interface/><graphics type='vnc' port='5900' "
		    "autoport='yes'/><hostdev/><input type='mouse'/>"),
		"shares the host device ? with its source" ONE},
	    {"<domain><os><varstore path='/p'/></os></domain>",
		"starts with fresh UEFI variables, not those in /p"},
	    {DOMAIN("<filesystem type='ram'><target dir='/t'/></filesystem>"
		    "<disk type='block' device='cdrom'><source dev='/dev/sr0'/>"
		    "<target dev='sda'/><shareable/><readonly/></disk>"),
		""},
	    {DOMAIN("<serial type='unix'><source path='/x'/></serial>"
		    "<console type='unix'><source path='/x'/></console>"),
		"connects to /x like its source, where two may be one too "
		"many"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		AUTOERR err = VMM_ERR_INIT;
		AUTOCLONEPLAN plan = {0};
		AUTOFREE char *said = NULL;

		is_int(vmm_clone_plan(expected[i][0], false, &plan, &err), 0,
		    "warnings: case %zu", i);
		said = joined(&plan.warnings);
		is(said, expected[i][1], "warnings: what is said");
	}
}

static void test_indentation(void)
{
	AUTOERR err = VMM_ERR_INIT;
	struct vmm_cloneto to = {.name = "b", .uuid = UUID "9"};
	AUTOFREE char *clone =
	    vmm_clone_build("<domain>\n  <name>a</name>\n  <uuid>u</uuid>\n"
			    "  <title>t</title>\n</domain>",
		&to, &err);

	is(clone,
	    "<domain>\n  <name>b</name>\n  <uuid>" UUID "9</uuid>\n</domain>",
	    "clone: no empty lines");
}

/* What no plan asks for, yet is well-formed. */
static void test_unplanned(void)
{
	static const struct vmm_cloneto_disk sda = {
	    "sda", "/new", "raw", false};
	struct vmm_cloneto to = {.name = "b",
	    .uuid = UUID "9",
	    .disk = &sda,
	    .disks = 1,
	    .nvram = "/n"};
	AUTOERR err = VMM_ERR_INIT;
	AUTOSTRV found = VMM_STRV_INIT;
	AUTOFREE char *clone = vmm_clone_build(
	    "<domain><os><nvram type='file'/></os><devices><disk type='block' "
	    "device='cdrom'><target dev='sda'/></disk></devices></domain>",
	    &to, &err);

	find(clone, "//nvram/@*|//nvram/text()|//source/@*|//disk/@type",
	    &found);
	is_int(found.n, 3, "unplanned: two types and two paths, less one type");
	is(found.v[0], "/n", "unplanned: UEFI variables");
	is(found.v[1], "file", "unplanned: type");
	is(found.v[2], "/new", "unplanned: an empty drive");
}

/* A <source> is the file of the variables only where <nvram> says so. */
static void test_nvram_text(void)
{
	struct vmm_cloneto to = {.name = "b", .uuid = UUID "9", .nvram = "/n"};
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *clone =
	    vmm_clone_build("<domain><os><nvram>/v"
			    "<source file='/x'/></nvram></os>"
			    "</domain>",
		&to, &err);

	ok(clone && strstr(clone, "<nvram>/n</nvram>"),
	    "nvram: a path beside a source");
}

static void test_does_not_fit(void)
{
	static const char *const macs[] = {"52:54:00:00:00:0b"};
	static const struct vmm_cloneto_disk vdb = {
	    "vdb", "/new", "raw", false};
	static const char xml[] = DOMAIN(DISK("/a", "vda"));
	static const struct {
		const char *xml;
		struct vmm_cloneto to;
		const char *error;
	} unfit[] = {
	    {xml, {.name = "b", .uuid = UUID "9", .disk = &vdb, .disks = 1},
		"its XML has no disk vdb"},
	    {xml, {.name = "b", .uuid = UUID "9", .mac = macs, .macs = 1},
		"its XML has 0 network interfaces instead of 1"},
	    {xml, {.name = "b", .uuid = UUID "9", .nvram = "/n"},
		"its XML has no UEFI variables"},
	    {"<network/>", {.name = "b", .uuid = UUID "9"},
		"its XML cannot be read"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(unfit); i++) {
		AUTOERR err = VMM_ERR_INIT;
		AUTOFREE char *clone =
		    vmm_clone_build(unfit[i].xml, &unfit[i].to, &err);

		is(clone, NULL, "unfit: case %zu", i);
		is(err.text, unfit[i].error, "unfit: what is said");
	}
}

int main(void)
{
	if (!getenv("VMM_DOMAINS")) {
		printf("Bail out! VMM_DOMAINS is not set\n");
		return EXIT_FAILURE;
	}
	test_collection_is_whole();
	test_collection();
	test_plan();
	test_nvram();
	test_refused();
	test_paths();
	test_details();
	test_warnings();
	test_indentation();
	test_unplanned();
	test_nvram_text();
	test_does_not_fit();
	return unit_done();
}
