/* snapxml: hides what libvirt and QEMU can snapshot in which way. */
#include "pure/snapxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "pure/vpath.h"
#include "pure/xml.h"

/* Bytes; it becomes part of the name of files. */
#define LONGEST_NAME 128
/* qemu-img takes a name for the number of a snapshot in the file first. A short
 * number may be another snapshot's. */
#define LONGEST_NUMBER 6

/* --- reading --- */

static void add_file(struct vmm_strv *files, const char *file)
{
	if (file && !vmm_strv_has(files, file))
		vmm_strv_take(files, vmm_strdup(file));
}

void vmm_snapshot_written(
    const struct vmm_domxml *domain, struct vmm_strv *files)
{
	for (size_t i = 0; i < domain->disks; i++)
		if (domain->disk[i].layers && !domain->disk[i].readonly)
			add_file(files, domain->disk[i].layer[0].source);
}

/* The files of those of DISKS that are external; true if there are any. */
static bool read_external(const xmlNode *disks, struct vmm_strv *files)
{
	bool external = false;

	for (xmlNode *disk = vmm_xml_child(disks, "disk"); disk;
	     disk = vmm_xml_from(disk->next, "disk")) {
		AUTOFREE char *file =
		    vmm_xml_attribute(vmm_xml_child(disk, "source"), "file");

		if (!vmm_xml_has(disk, "snapshot", "external"))
			continue;
		external = true;
		add_file(files, file);
	}
	return external;
}

/* libvirt: a VM put back to a snapshot on which others stand gets overlays of
 * its own, <revertDisks>, beside those that these stand on. */
static void read_disks(const xmlNode *root, struct vmm_snapxml *snapshot)
{
	const xmlNode *again = vmm_xml_child(root, "revertDisks");

	snapshot->has_revert_disks = again != NULL;
	if (read_external(again, &snapshot->overlays))
		snapshot->external = true;
	if (read_external(vmm_xml_child(root, "disks"),
		again ? &snapshot->earlier : &snapshot->overlays))
		snapshot->external = true;
}

static void read_domain(
    xmlDocPtr doc, xmlNode *node, struct vmm_snapxml *snapshot)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOFREE char *text = vmm_xml_dump(doc, node);
	AUTODOMXML *domain = vmm_domxml_read(text, &ignored);

	if (!domain)
		return;
	vmm_snapshot_written(domain, &snapshot->disks);
	snapshot->no_file = vmm_snapshot_no_file(domain);
}

struct vmm_snapxml *vmm_snapxml_read(const char *xml, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	AUTOFREE char *created =
	    vmm_xml_text(vmm_xml_child(root, "creationTime"));
	const xmlNode *memory = vmm_xml_child(root, "memory");
	xmlNode *domain = vmm_xml_child(root, "domain");
	struct vmm_snapxml *snapshot;

	if (!root || !vmm_xml_is(root, "domainsnapshot")) {
		vmm_err_set(
		    err, VMM_FAILED, "the XML of its snapshot cannot be read");
		return NULL;
	}
	snapshot = vmm_calloc(1, sizeof *snapshot);
	snapshot->name = vmm_xml_text(vmm_xml_child(root, "name"));
	if (!snapshot->name)
		snapshot->name = vmm_strdup("");
	snapshot->description =
	    vmm_xml_text(vmm_xml_child(root, "description"));
	snapshot->parent =
	    vmm_xml_text(vmm_xml_child(vmm_xml_child(root, "parent"), "name"));
	snapshot->state = vmm_xml_text(vmm_xml_child(root, "state"));
	snapshot->created = created ? strtoll(created, NULL, 10) : 0;
	snapshot->memory = memory && !vmm_xml_has(memory, "snapshot", "no");
	snapshot->external = vmm_xml_has(memory, "snapshot", "external");
	if (snapshot->external)
		snapshot->memory_file = vmm_xml_attribute(memory, "file");
	read_disks(root, snapshot);
	snapshot->has_domain = domain != NULL;
	if (domain)
		read_domain(doc, domain, snapshot);
	return snapshot;
}

void vmm_snapxml_free(struct vmm_snapxml *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->name);
	free(snapshot->description);
	free(snapshot->parent);
	free(snapshot->state);
	free(snapshot->memory_file);
	free(snapshot->no_file);
	vmm_strv_release(&snapshot->disks);
	vmm_strv_release(&snapshot->overlays);
	vmm_strv_release(&snapshot->earlier);
	free(snapshot);
}

/* --- taking --- */

/* Whether the VM writes to it, so that it must be in the snapshot. */
static bool counts(const struct vmm_disk *disk)
{
	return disk->layers && !disk->readonly && disk->device &&
	       (strcmp(disk->device, "disk") == 0 ||
		   strcmp(disk->device, "lun") == 0);
}

static bool is_no_file(const struct vmm_disk *disk)
{
	return disk->layers && disk->layer[0].type &&
	       strcmp(disk->layer[0].type, "file") != 0;
}

char *vmm_snapshot_no_file(const struct vmm_domxml *domain)
{
	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];

		if (is_no_file(disk))
			return vmm_strdup(disk->target ? disk->target : "?");
	}
	return NULL;
}

static char *not_internal(const struct vmm_domxml *domain)
{
	if (domain->firmware && strcmp(domain->firmware, "efi") == 0)
		return vmm_strdup("its firmware is UEFI");
	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];
		const char *format = disk->layers ? disk->layer[0].format : "";

		if (counts(disk) && (!format || strcmp(format, "qcow2") != 0))
			return vmm_sprintf("its disk %s is %s",
			    disk->target ? disk->target : "?",
			    format ? format : "raw");
	}
	return NULL;
}

int vmm_snapshot_plan(const struct vmm_domxml *domain, bool active,
    bool disk_only, struct vmm_snapplan *plan, struct vmm_err *err)
{
	*plan = (struct vmm_snapplan){0};
	for (size_t i = 0; i < domain->disks && !plan->first; i++)
		if (counts(&domain->disk[i]))
			plan->first = &domain->disk[i];
	if (!plan->first)
		return vmm_err_set(err, VMM_FAILED,
		    "it has no disk that it writes to, so there is nothing to "
		    "keep");
	for (size_t i = 0; i < domain->disks; i++)
		if (counts(&domain->disk[i]) && domain->disk[i].shareable)
			return vmm_err_set(err, VMM_FAILED,
			    "its disk %s is shared with other VMs",
			    domain->disk[i].target ? domain->disk[i].target
						   : "?");
	if (!disk_only)
		plan->why = not_internal(domain);
	plan->external = disk_only || plan->why;
	plan->memory = active && !disk_only;
	return 0;
}

int vmm_snapshot_plan_files(
    const struct vmm_domxml *domain, struct vmm_err *err)
{
	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];

		if (counts(disk) && is_no_file(disk))
			return vmm_err_set(err, VMM_FAILED,
			    "its disk %s is of type '%s', and libvirt makes "
			    "external snapshots of files only",
			    disk->target ? disk->target : "?",
			    disk->layer[0].type);
	}
	return 0;
}

char *vmm_snapxml_build(const struct vmm_domxml *domain,
    const struct vmm_snapplan *plan, const char *name, const char *description,
    const char *memory, time_t now)
{
	AUTOFREE char *created = vmm_sprintf("%lld", (long long)now);
	AUTODOC doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *root = xmlNewNode(NULL, BAD_CAST "domainsnapshot");
	const char *how = plan->external ? "external" : "internal";
	xmlNode *node;

	xmlDocSetRootElement(doc, root);
	xmlNewTextChild(root, NULL, BAD_CAST "name", BAD_CAST name);
	if (description)
		xmlNewTextChild(
		    root, NULL, BAD_CAST "description", BAD_CAST description);
	/* of these two libvirt takes its own word, but to redefine one */
	xmlNewTextChild(root, NULL, BAD_CAST "state",
	    BAD_CAST(plan->memory ? "running" : "shutoff"));
	xmlNewTextChild(root, NULL, BAD_CAST "creationTime", BAD_CAST created);
	node = xmlNewChild(root, NULL, BAD_CAST "memory", NULL);
	xmlNewProp(
	    node, BAD_CAST "snapshot", BAD_CAST(plan->memory ? how : "no"));
	if (plan->memory && plan->external)
		xmlNewProp(node, BAD_CAST "file", BAD_CAST memory);
	node = xmlNewChild(root, NULL, BAD_CAST "disks", NULL);
	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];
		xmlNode *entry;

		if (!disk->target)
			continue;
		entry = xmlNewChild(node, NULL, BAD_CAST "disk", NULL);
		xmlNewProp(entry, BAD_CAST "name", BAD_CAST disk->target);
		xmlNewProp(entry, BAD_CAST "snapshot",
		    BAD_CAST(counts(disk) ? how : "no"));
	}
	return vmm_xml_dump(doc, root);
}

static void add_overlay(xmlNode *entry, const struct vmm_diskfile *file)
{
	xmlNode *node;

	xmlNewProp(entry, BAD_CAST "snapshot", BAD_CAST "external");
	xmlNewProp(entry, BAD_CAST "type", BAD_CAST "file");
	node = xmlNewChild(entry, NULL, BAD_CAST "driver", NULL);
	xmlNewProp(node, BAD_CAST "type", BAD_CAST file->format);
	node = xmlNewChild(entry, NULL, BAD_CAST "source", NULL);
	xmlNewProp(node, BAD_CAST "file", BAD_CAST file->path);
}

char *vmm_snapxml_overlays(const struct vmm_domxml *domain,
    const struct vmm_diskfile *file, size_t files)
{
	AUTODOC doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *root = xmlNewNode(NULL, BAD_CAST "domainsnapshot");
	xmlNode *disks;

	xmlDocSetRootElement(doc, root);
	disks = xmlNewChild(root, NULL, BAD_CAST "disks", NULL);
	for (size_t i = 0; i < domain->disks; i++) {
		const char *target = domain->disk[i].target;
		xmlNode *entry;
		size_t j = 0;

		if (!target)
			continue;
		entry = xmlNewChild(disks, NULL, BAD_CAST "disk", NULL);
		xmlNewProp(entry, BAD_CAST "name", BAD_CAST target);
		while (j < files && strcmp(file[j].target, target) != 0)
			j++;
		if (j < files)
			add_overlay(entry, &file[j]);
		else
			xmlNewProp(entry, BAD_CAST "snapshot", BAD_CAST "no");
	}
	return vmm_xml_dump(doc, root);
}

char *vmm_snapxml_with_domain(
    const char *xml, const char *domain, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(xml);
	AUTODOC inner = vmm_xml_parse(domain);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlNode *node = inner ? xmlDocGetRootElement(inner) : NULL;

	if (!root || !node) {
		vmm_err_set(
		    err, VMM_FAILED, "the XML of its snapshot cannot be read");
		return NULL;
	}
	xmlAddChild(root, xmlDocCopyNode(node, doc, 1));
	return vmm_xml_dump(doc, root);
}

int vmm_snapshot_name_check(const char *name, struct vmm_err *err)
{
	size_t length = strlen(name);
	AUTOFREE char *shown = vmm_escaped(name);

	if (!length)
		return vmm_err_set(
		    err, VMM_USAGE, "a snapshot's name is not empty");
	if (length > LONGEST_NAME)
		return vmm_err_set(err, VMM_USAGE,
		    "a snapshot's name has at most %d bytes", LONGEST_NAME);
	if (*name == '.' || strchr(name, '/') || !vmm_text_is_storable(name))
		return vmm_err_set(err, VMM_USAGE,
		    "a snapshot cannot be called '%s': no '.' at the start, no "
		    "'/' and no control characters",
		    shown);
	if (length <= LONGEST_NUMBER && strspn(name, "0123456789") == length)
		return vmm_err_set(err, VMM_USAGE,
		    "a snapshot cannot be called '%s': QEMU takes a short "
		    "number for another one's place in the file",
		    shown);
	return 0;
}

int vmm_snapshot_text_check(const char *text, struct vmm_err *err)
{
	if (!text || vmm_text_is_storable(text))
		return 0;
	return vmm_err_set(err, VMM_USAGE,
	    "a snapshot's description has no control characters");
}

char *vmm_snapshot_name_at(time_t when)
{
	char text[sizeof "2026-11-25_010203"];
	struct tm local;

	localtime_r(&when, &local);
	strftime(text, sizeof text, "%Y-%m-%d_%H%M%S", &local);
	return vmm_strdup(text);
}
