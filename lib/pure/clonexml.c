/* clonexml: hides which parts of a definition are one VM's alone, and where
 * libvirt's XML has them. */
#include "pure/clonexml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pure/chardev.h"
#include "pure/shared.h"
#include "pure/xml.h"

/* --- the tree --- */

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

/* Gives NODE other text; comments in it stay. */
static void set_text(xmlNode *node, const char *text)
{
	xmlNode *next;

	for (xmlNode *child = node->children; child; child = next) {
		next = child->next;
		if (child->type == XML_COMMENT_NODE)
			continue;
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
	if (*text)
		xmlAddChild(node, xmlNewText(BAD_CAST text));
}

static xmlNode *add_child(xmlNode *node, const char *name)
{
	return xmlNewChild(node, NULL, BAD_CAST name, NULL);
}

/* Whether NODE or an element in it, however deep, is called NAME. */
static bool has_inside(const xmlNode *node, const char *name)
{
	for (xmlNode *child = node ? node->children : NULL; child;
	     child = child->next)
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
			    target,
			    disk->layer[i].type ? disk->layer[i].type
						: "strange");
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

/* Two disks on one file would be two volumes in the clone; and of two with one
 * name it is not known which gets the volume. */
static int check_twice(
    const struct vmm_domxml *domain, size_t i, struct vmm_err *err)
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
	for (size_t j = 0; j < domain->disks; j++)
		if (j != i && domain->disk[j].target &&
		    strcmp(domain->disk[j].target, disk->target) == 0)
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

		if (is_shared(disk) && !disk->readonly && disk->layers)
			vmm_strv_take(&plan->warnings,
			    vmm_sprintf(
				"shares the disk %s (%s) with its source",
				disk->target ? disk->target : "?",
				disk->layer[0].source ? disk->layer[0].source
						      : "?"));
		if (!is_shared(disk)) {
			if (check_disk(node, disk, linked, err) < 0 ||
			    check_twice(domain, i, err) < 0)
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
		vmm_strv_take(&plan->warnings,
		    vmm_sprintf("starts with fresh UEFI variables, not those "
				"in %s",
			store));
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
	vmm_shared_warn(root, &plan->warnings);
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
	for (xmlNode *table = sysinfo ? sysinfo->children : NULL; table;
	     table = table->next) {
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
	if (path && source && vmm_xml_has(nvram, "type", "file")) {
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
	xmlNode *end = vmm_chardev_end(device);

	for (xmlNode *source = vmm_xml_child(end, "source"); source;
	     source = vmm_xml_from(source->next, "source"))
		if (vmm_chardev_fate(device, end, source) == VMM_FATE_RENAME)
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
	xmlNode *end = vmm_chardev_end(device);

	for (xmlNode *source = vmm_xml_child(end, "source"); source;
	     source = vmm_xml_from(source->next, "source"))
		if (vmm_chardev_fate(device, end, source) == VMM_FATE_GENERATE)
			unset(source, "path");
}

/* Whether the port NAME of graphics is a number of somebody's choice. */
static bool is_fixed(const xmlNode *node, const char *name)
{
	AUTOFREE char *text = vmm_xml_attribute(node, name);

	return text && strtol(text, NULL, 10) > 0;
}

static void edit_graphics(xmlNode *node)
{
	static const char *const names[] = {"port", "tlsPort"};
	AUTOFREE char *socket = vmm_xml_attribute(node, "socket");
	bool listens = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!is_fixed(node, names[i]))
			continue;
		unset(node, names[i]);
		set(node, "autoport", "yes");
	}
	if (is_fixed(node, "websocket")) /* -1: a free one, where libvirt would
					    make none */
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

	for (xmlNode *node = devices ? devices->children : NULL; node;
	     node = node->next) {
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
