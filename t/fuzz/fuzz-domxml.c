/*
 * domxml: a domain is read as XPath has it, and its disks put on other files,
 * with nothing else changed. The first two lines are paths; all of the input is
 * read as XML, and mended.
 */
#include "fuzz-xml.h"

#include "pure/domxml.h"

const char fuzz_name[] = "domxml";
const char *const fuzz_words[] = {"/vm/new.qcow2\n", "\n", "\n", "<domain>",
    "</domain>", "<devices>", "</devices>", "<disk>", "<disk type='file'>",
    "<disk type='block' device='cdrom'>", "<disk type='volume' device='lun'>",
    "</disk>", "<source file='/x'/>", "<source dev='/dev/x'>", "<source>",
    "<source pool='p' volume='v'/>", "<source protocol='rbd' name='n'/>",
    "</source>", "<driver type='qcow2'/>",
    "<driver xmlns:x='urn:x' x:type='raw'/>",
    "<target dev='vda' bus='virtio'/>", "<target dev='vdb'/>",
    "<backingStore type='file'>", "<backingStore/>", "</backingStore>",
    "<format type='raw'/>", "<readonly/>", "<shareable/>", "<mirror/>",
    "<interface type='network'>", "<source network='default'/>",
    "<mac address='52:54:00:00:00:01'/>", "<model type='virtio'/>",
    "</interface>", "<graphics type='vnc' port='5900' tlsPort='-1'>",
    "<graphics type='spice' port='99999' listen='::1'/>", "</graphics>",
    "<listen type='socket' socket='/s'/>", "<listen address='0.0.0.0'/>",
    "<channel>", "<target name='org.qemu.guest_agent.0' state='connected'/>",
    "<target name='org.qemu.guest_agent.0'/>", "</channel>", "<shmem name='m'>",
    "</shmem>", "<server/>", "<console type='pty'/>", "<serial type='file'/>",
    "<os firmware='efi'>", "<os>", "</os>", "<loader type='pflash'/>",
    "<nvram>", "</nvram>", "<nvram format='qcow2'>", "<title>", "</title>",
    "<vcpu>2</vcpu>", "<memory>1048576</memory>", "<commandline>",
    "</commandline>", "<arg value='mem-path=/dev/kvmfr0,a'/>",
    "<arg value='{\"mem-path\":\"/dev/kvmfr1\"}'/>", "&amp;", "&#10;", "&",
    "<!--", "-->", "<![CDATA[", "]]>", "'", "\"", "\xc3\xa9", "\xff", "", NULL};

#define DEVICES "/*/*[local-name()='devices'][1]/*[local-name()='"

static void check_layer(const struct vmm_layer *layer, bool last)
{
	/* what stands on nothing that has a name is no file's */
	if (layer->type && (strcmp(layer->type, "file") == 0 ||
			       strcmp(layer->type, "block") == 0))
		HOLDS(layer->source && (last || *layer->type));
}

static void check_port(int port)
{
	HOLDS(port == -1 || (port > 0 && port < 65536));
}

static void check(const struct vmm_domxml *domain)
{
	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];

		HOLDS(disk->device);
		HOLDS(disk->layers || !disk->chain_known);
		for (size_t j = 0; j < disk->layers; j++)
			check_layer(&disk->layer[j], j + 1 == disk->layers);
	}
	for (size_t i = 0; i < domain->displays; i++) {
		check_port(domain->display[i].port);
		check_port(domain->display[i].tls_port);
	}
	HOLDS(domain->firmware && domain->nvram_format);
	HOLDS(!domain->nvram || *domain->nvram == '/');
	HOLDS(domain->agent_channel || !domain->agent_connected);
}

static void check_counts(const char *xml, const struct vmm_domxml *domain)
{
	AUTOASK *asked = fuzz_ask(xml);
	AUTOFREE char *title =
	    fuzz_string(asked, "/*/*[local-name()='title'][1]");
	AUTOFREE char *mac = fuzz_string(
	    asked, DEVICES "interface'][1]/*[local-name()='mac'][1]/@address");

	HOLDS(domain->disks == fuzz_number(asked, "count(" DEVICES "disk'])"));
	HOLDS(domain->nics ==
	      fuzz_number(asked, "count(" DEVICES "interface'])"));
	HOLDS(domain->displays ==
	      fuzz_number(asked, "count(" DEVICES "graphics'])"));
	HOLDS(strcmp(title, domain->title ? domain->title : "") == 0);
	if (domain->nics)
		HOLDS(
		    fuzz_same(domain->nic[0].mac, *mac ? mac : NULL) || !*mac);
}

/* --- on other files --- */

static bool same_layers(const struct vmm_disk *a, const struct vmm_disk *b)
{
	for (size_t i = 0; i < a->layers && i < b->layers; i++)
		if (!fuzz_same(a->layer[i].type, b->layer[i].type) ||
		    !fuzz_same(a->layer[i].source, b->layer[i].source) ||
		    !fuzz_same(a->layer[i].format, b->layer[i].format))
			return false;
	return a->layers == b->layers && a->chain_known == b->chain_known;
}

/* What A's disk is in B, where it was put on FILE (NULL: nowhere else). */
static void check_disk(const struct vmm_disk *a, const struct vmm_disk *b,
    const struct vmm_diskfile *file)
{
	HOLDS(strcmp(a->device, b->device) == 0);
	HOLDS(fuzz_same(a->target, b->target) && fuzz_same(a->bus, b->bus));
	HOLDS(a->readonly == b->readonly && a->shareable == b->shareable);
	if (!file) {
		HOLDS(same_layers(a, b));
		return;
	}
	HOLDS(!b->chain_known && b->layers <= 1);
	if (!file->path) {
		HOLDS(b->layers == (a->layers ? 1 : 0));
		HOLDS(!a->layers ||
		      fuzz_same(a->layer[0].source, b->layer[0].source));
		return;
	}
	HOLDS(b->layers == 1);
	HOLDS(fuzz_same(b->layer[0].type, "file"));
	HOLDS(fuzz_same(b->layer[0].source, file->path));
	HOLDS(fuzz_same(b->layer[0].format, file->format));
}

/* All of XML but its disks. */
static char *rest_of(const char *xml)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = xmlDocGetRootElement(doc);
	xmlNode *devices = vmm_xml_child(root, "devices"), *disk;

	while ((disk = vmm_xml_child(devices, "disk"))) {
		xmlUnlinkNode(disk);
		xmlFreeNode(disk);
	}
	return vmm_xml_dump(doc, root);
}

static void check_with_files(
    const char *xml, const struct vmm_domxml *domain, char *const *path)
{
	const struct vmm_diskfile file[] = {{"vda", path[0], "qcow2"},
	    {"vdb", path[1], "raw"}, {"vdc", NULL, NULL}};
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *made =
	    vmm_domxml_with_files(xml, file, ARRAY_SIZE(file), &err);
	AUTOFREE char *again =
	    vmm_domxml_with_files(made, file, ARRAY_SIZE(file), &err);
	AUTODOMXML *now = vmm_domxml_read(made, &err);
	AUTOFREE char *rest = rest_of(xml);
	AUTOFREE char *rest_now = rest_of(made);

	HOLDS(now && now->disks == domain->disks);
	for (size_t i = 0; i < now->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];
		size_t j = 0;

		while (j < ARRAY_SIZE(file) &&
		       !fuzz_same(disk->target, file[j].target))
			j++;
		check_disk(disk, &now->disk[i],
		    j < ARRAY_SIZE(file) ? &file[j] : NULL);
	}
	HOLDS(strcmp(made, again) == 0);
	HOLDS(strcmp(rest, rest_now) == 0);
}

/* Whatever the XML is, it is read, or refused with a reason. */
static void check_read(const char *xml, char *const *path)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *domain = vmm_domxml_read(xml, &err);

	HOLDS((domain == NULL) == (err.text != NULL));
	if (!domain) {
		HOLDS(!vmm_domxml_with_files(xml, NULL, 0, &err));
		return;
	}
	check(domain);
	check_counts(xml, domain);
	check_with_files(xml, domain, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *xml = fuzz_text(data, size);
	AUTOFREE char *mended = fuzz_mended_domain(xml);
	AUTOSTRV path = VMM_STRV_INIT;

	for (int i = 0; i < 2; i++) {
		AUTOFREE char *raw = fuzz_line(&data, &size);

		vmm_strv_take(&path, fuzz_printable(raw));
	}
	check_read(xml, path.v);
	check_read(mended, path.v);
	return 0;
}
