/*
 * clonexml: a clone is the same machine with nothing of its source's identity.
 * The input is read as XML, and mended into a domain. Where there is a plan for
 * it, a clone is built, and planned itself.
 */
#include "fuzz-xml.h"

#include "pure/chardev.h"
#include "pure/clonexml.h"

const char fuzz_name[] = "clonexml";
const char *const fuzz_words[] = {"<domain>", "<domain id='1'>", "</domain>",
    "<name>web</name>", "<uuid>5a1f9d6e-2d5c-4f0e-9c39-1c7a2f6c0b11</uuid>",
    "<title>", "</title>", "<genid>", "</genid>", "<metadata>", "</metadata>",
    "<sysinfo>", "</sysinfo>", "<system>", "</system>", "<baseBoard>",
    "</baseBoard>", "<entry name='uuid'>", "<entry name='serial'>", "</entry>",
    "5a1f9d6e2d5c4f0e9c391c7a2f6c0b11", "<seclabel type='dynamic'>",
    "<seclabel type='static'>", "</seclabel>", "<label>", "</label>",
    "<imagelabel>", "</imagelabel>", "<os>", "</os>", "<loader type='pflash'/>",
    "<loader readonly='no' type='pflash'/>", "<nvram>", "<nvram type='file'>",
    "<nvram format='qcow2'>", "</nvram>", "/vm/vars.fd",
    "<varstore path='/v'/>", "<devices>", "</devices>",
    "<disk type='file' device='disk'>", "<disk type='volume'>",
    "<disk type='block'>", "<disk type='file'>", "<disk device='cdrom'>",
    "</disk>", "<source file='/vm/a.qcow2'/>", "<source file='/vm/b.qcow2'>",
    "<source dev='/dev/x'/>", "<source pool='p' volume='v' mode='host'/>",
    "</source>", "<target dev='vda'/>", "<target dev='vdb'/>",
    "<driver name='qemu' type='raw' discard_no_unref='on'/>",
    "<driver type='qcow2'><metadata_cache/></driver>", "<readonly/>",
    "<shareable/>", "<transient/>", "<encryption/>", "<slices/>", "<mirror/>",
    "<backingStore type='file'>", "<backingStore/>", "<format type='raw'/>",
    "</backingStore>", "<interface type='network'>",
    "<interface type='bridge'>", "</interface>",
    "<mac address='52:54:00:00:00:01'/>", "<mac address='52:54:00:00:00:02'/>",
    "<mac/>", "<source network='n' portid='i'/>", "<target dev='tap0'/>",
    "<target dev='tap1' managed='no'/>",
    "<virtualport type='openvswitch'><parameters interfaceid='i'/>",
    "<virtualport type='midonet'><parameters interfaceid='i'/>",
    "</virtualport>", "<filterref>", "</filterref>",
    "<parameter name='MAC' value='52:54:00:00:00:01'/>",
    "<backend logFile='/l'/>", "<serial type='file'>", "<serial type='unix'>",
    "</serial>", "<console type='file'>", "</console>", "<channel type='unix'>",
    "</channel>", "<source mode='bind' path='/run/a.sock'/>",
    "<source mode='bind' path='/run/channel/target/b'/>",
    "<source path='/log/a.log'/>", "<source path='/log/clone-serial0.log'/>",
    "<log file='/log/b.log'/>", "<rng><backend model='egd' type='unix'>",
    "</backend>", "</rng>", "<graphics type='vnc' port='5901'/>",
    "<graphics type='spice' tlsPort='5902' websocket='1' socket='/s'>",
    "</graphics>", "<listen type='socket' socket='/s'/>", "<vsock>",
    "<cid auto='no' address='3'/>", "</vsock>", "<pstore>", "<path>", "</path>",
    "</pstore>", "<tpm>", "<backend type='emulator'>", "</tpm>",
    "<audio type='file' path='/a.wav'/>", "<memory model='nvdimm'>",
    "</memory>", "<hostdev type='pci'/>", "<filesystem>", "</filesystem>",
    "<commandline>", "<arg value='-s'/>", "</commandline>", "<cpu>", "</cpu>",
    "&lt;", "&", "<!--", "-->", "<![CDATA[", "]]>", "'", "\"", "\n", " ",
    "\xc3\xa9", "\xff", "", NULL};

#define NAME "clone"
#define NEW "new:"
#define UUID "00112233-4455-4677-8899-aabbccddeeff"

/* --- a clone as it is ordered --- */

struct order {
	struct vmm_cloneto to;
	struct vmm_strv macs, paths;
	struct vmm_cloneto_disk *disk;
};

/* Other MACs than the source's; a pair stays one. */
static void order_macs(const struct vmm_cloneplan *plan, struct order *order)
{
	for (size_t i = 0; i < plan->macs.n; i++) {
		size_t same = 0;

		while (strcmp(plan->macs.v[same], plan->macs.v[i]) != 0)
			same++;
		vmm_strv_take(&order->macs, *plan->macs.v[i]
						? vmm_sprintf(NEW "%zu", same)
						: vmm_strdup(""));
	}
	order->to.mac = (const char *const *)order->macs.v;
	order->to.macs = order->macs.n;
}

static void order_clone(const struct vmm_cloneplan *plan, struct order *order)
{
	order->to = (struct vmm_cloneto){.name = NAME, .uuid = UUID};
	order_macs(plan, order);
	order->disk = vmm_calloc(plan->disks + 1, sizeof *order->disk);
	for (size_t i = 0; i < plan->disks; i++) {
		vmm_strv_take(&order->paths, vmm_sprintf(NEW "%zu", i));
		order->disk[i] =
		    (struct vmm_cloneto_disk){.target = plan->disk[i].target,
			.path = order->paths.v[i],
			.format = i % 2 ? "raw" : "qcow2",
			.block = i % 3 == 2};
	}
	order->to.disk = order->disk;
	order->to.disks = plan->disks;
	order->to.nvram = plan->nvram ? NEW "&<vars>" : NULL;
}

static void release_order(struct order *order)
{
	vmm_strv_release(&order->macs);
	vmm_strv_release(&order->paths);
	free(order->disk);
}

/* --- what was made --- */

/* The clone's own plan is the order: disks, MACs and variables, all new. */
static void check_plan(
    const char *made, const struct vmm_cloneplan *plan, struct order *order)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOCLONEPLAN now = {0};

	HOLDS(vmm_clone_plan(made, false, &now, &err) == 0);
	HOLDS(now.disks == plan->disks);
	for (size_t i = 0; i < now.disks; i++) {
		const struct vmm_layer *top = &now.disk[i].top;

		HOLDS(strcmp(now.disk[i].target, plan->disk[i].target) == 0);
		HOLDS(fuzz_same(top->source, order->disk[i].path));
		HOLDS(fuzz_same(top->format, order->disk[i].format));
		HOLDS(fuzz_same(
		    top->type, order->disk[i].block ? "block" : "file"));
	}
	HOLDS(now.macs.n == plan->macs.n);
	for (size_t i = 0; i < now.macs.n; i++)
		HOLDS(strcmp(now.macs.v[i], order->macs.v[i]) == 0);
	HOLDS(fuzz_same(now.nvram, order->to.nvram));
	HOLDS(fuzz_same(now.nvram_format, plan->nvram_format));
}

/* No disk that the source writes to is the clone's; what they may share is as
 * it was. Chains are looked up in the files. */
static void check_disks(const char *xml, const char *made)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *source = vmm_domxml_read(xml, &err);
	AUTODOMXML *clone = vmm_domxml_read(made, &err);

	HOLDS(clone && clone->disks == source->disks);
	for (size_t i = 0; i < clone->disks; i++) {
		const struct vmm_disk *old = &source->disk[i];
		const struct vmm_disk *new = &clone->disk[i];
		bool shared = old->readonly || old->shareable || !old->layers ||
			      strcmp(old->device, "cdrom") == 0 ||
			      strcmp(old->device, "floppy") == 0;

		HOLDS(strcmp(old->device, new->device) == 0);
		HOLDS(fuzz_same(old->target, new->target));
		HOLDS(new->layers == (old->layers ? 1 : 0));
		HOLDS(!new->chain_known);
		if (shared && old->layers)
			HOLDS(fuzz_same(
			    new->layer[0].source, old->layer[0].source));
		for (size_t j = 0; !shared && j < source->disks; j++)
			if (source->disk[j].layers)
				HOLDS(!fuzz_same(new->layer[0].source,
				    source->disk[j].layer[0].source));
	}
}

#define ALL(name) "/*/*[local-name()='devices'][1]/*[local-name()='" name "']"
#define CHILD(name) "/*[local-name()='" name "']"

/* What of the source's own must not be there. */
static const char *const gone[] = {"/*/@id", "/*" CHILD("title"),
    "/*" CHILD("genid") "[1]/text()",
    "/*" CHILD("sysinfo") CHILD("system")
	CHILD("entry") "[@name='uuid'][.!='" UUID "']",
    ALL("disk") CHILD("backingStore"), ALL("disk") CHILD("mirror"),
    ALL("graphics") "[@port>0 or @tlsPort>0 or @websocket>0 or @socket]",
    ALL("graphics") CHILD("listen") "/@socket", ALL("pstore") CHILD("path")};

static void check_identity(const char *made)
{
	AUTOASK *asked = fuzz_ask(made);

	HOLDS(fuzz_number(asked, "/*" CHILD("name") "[1] = '" NAME "'"));
	HOLDS(fuzz_number(asked, "/*" CHILD("uuid") "[1] = '" UUID "'"));
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		AUTOFREE char *count = vmm_sprintf("count(%s)", gone[i]);

		if (fuzz_number(asked, count))
			fprintf(stderr, "%s: %s\n", gone[i], made);
		HOLDS(!fuzz_number(asked, count));
	}
}

/* Adds the paths of files and sockets that are made for one VM alone. */
static void own_paths(const char *xml, struct vmm_strv *paths)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *devices = vmm_xml_child(xmlDocGetRootElement(doc), "devices");

	for (xmlNode *device = devices ? devices->children : NULL; device;
	     device = device->next) {
		xmlNode *end = vmm_chardev_end(device);
		AUTOFREE char *log = NULL;

		for (xmlNode *node = vmm_xml_child(end, "source"); node;
		     node = vmm_xml_from(node->next, "source")) {
			char *path = vmm_xml_attribute(node, "path");

			if (path && *path &&
			    vmm_chardev_fate(device, end, node) ==
				VMM_FATE_RENAME)
				vmm_strv_take(paths, path);
			else
				free(path);
		}
		if (vmm_xml_is(device, "audio") &&
		    vmm_xml_has(device, "type", "file"))
			log = vmm_xml_attribute(device, "path");
		else if (vmm_xml_is(device, "interface"))
			log = vmm_xml_attribute(
			    vmm_xml_child(device, "backend"), "logFile");
		else
			log = vmm_xml_attribute(
			    vmm_xml_child(end, "log"), "file");
		if (log && *log)
			vmm_strv_take(paths, TAKE_PTR(log));
	}
}

/* All of them are others, in the same folders; what was one still is. */
static void check_paths(const char *xml, const char *made)
{
	AUTOSTRV old = VMM_STRV_INIT;
	AUTOSTRV new = VMM_STRV_INIT;

	own_paths(xml, &old);
	own_paths(made, &new);
	HOLDS(old.n == new.n);
	for (size_t i = 0; i < old.n; i++) {
		const char *slash = strrchr(old.v[i], '/');
		size_t folder = slash ? (size_t)(slash + 1 - old.v[i]) : 0;

		HOLDS(!vmm_strv_has(&old, new.v[i]));
		HOLDS(strncmp(old.v[i], new.v[i], folder) == 0);
		HOLDS(strncmp(new.v[i] + folder, NAME "-", strlen(NAME "-")) ==
		      0);
		for (size_t j = 0; j < i; j++)
			HOLDS((strcmp(old.v[i], old.v[j]) == 0) ==
			      (strcmp(new.v[i], new.v[j]) == 0));
	}
}

/* The elements of XML in which nothing is one VM's alone, as text; to be
 * freed. */
static char *rest_of(const char *xml)
{
	static const char *const own[] = {"name", "uuid", "title", "genid",
	    "sysinfo", "os", "seclabel", "devices"};
	AUTODOC doc = vmm_xml_parse(xml);
	struct vmm_buf text = VMM_BUF_INIT;

	for (xmlNode *node = xmlDocGetRootElement(doc)->children; node;
	     node = node->next) {
		bool skip = node->type == XML_TEXT_NODE;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			skip |= vmm_xml_is(node, own[i]);
		if (!skip) {
			AUTOFREE char *one = vmm_xml_dump(doc, node);

			vmm_buf_addf(&text, "%s\n", one);
		}
	}
	return vmm_buf_take(&text);
}

static void check_clone(const char *xml, const struct vmm_cloneplan *plan)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *made = NULL;
	AUTOFREE char *rest = rest_of(xml);
	AUTOFREE char *rest_now = NULL;
	struct order order = {0};

	order_clone(plan, &order);
	made = vmm_clone_build(xml, &order.to, &err);
	HOLDS(made);
	check_plan(made, plan, &order);
	check_disks(xml, made);
	check_identity(made);
	check_paths(xml, made);
	rest_now = rest_of(made);
	HOLDS(strcmp(rest, rest_now) == 0);
	/* what does not fit is refused */
	order.to.macs++;
	HOLDS(!vmm_clone_build(xml, &order.to, &err) && err.text);
	release_order(&order);
}

static void check_says_whole(const char *text, const char *xml)
{
	HOLDS(*text && (!strstr(text, "(null)") || strstr(xml, "(null)")));
}

static void check(const char *xml, bool linked)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOCLONEPLAN plan = {0};

	if (strstr(xml, NEW))
		return; /* what is new is not the source's */
	if (vmm_clone_plan(xml, linked, &plan, &err) < 0) {
		check_says_whole(err.text, xml);
		return;
	}
	HOLDS(!err.text);
	for (size_t i = 0; i < plan.warnings.n; i++)
		check_says_whole(plan.warnings.v[i], xml);
	check_clone(xml, &plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *xml = fuzz_text(data, size);
	AUTOFREE char *mended = fuzz_mended_domain(xml);

	check(xml, size % 2);
	check(mended, size % 2);
	return 0;
}
