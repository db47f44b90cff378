/*
 * snapxml: snapshots are read, and what is written to take one is read back.
 * The first lines are a name, a description and a file; all of the input is
 * read as XML, and mended into a snapshot and into a domain to be snapshotted.
 */
#include "fuzz-xml.h"

#include "pure/snapxml.h"
#include "pure/vpath.h"

const char fuzz_name[] = "snapxml";
const char *const fuzz_words[] = {"before\n", "\n", "\n", "<domainsnapshot>",
    "</domainsnapshot>", "<name>", "</name>", "<description>", "</description>",
    "<parent>", "</parent>", "<state>running</state>", "<creationTime>",
    "</creationTime>", "1764115200", "-9223372036854775808",
    "<memory snapshot='external' file='/m'/>", "<memory snapshot='no'/>",
    "<memory/>", "<disks>", "</disks>", "<revertDisks>", "</revertDisks>",
    "<disk name='vda' snapshot='external' type='file'>", "<disk name='vda'/>",
    "<disk type='file' device='disk'>", "<disk type='block' device='lun'>",
    "<disk type='network'>", "<disk>", "</disk>", "<source file='/x'/>",
    "<source dev='/dev/x'/>", "<driver type='qcow2'/>", "<driver type='raw'/>",
    "<target dev='vda'/>", "<target dev='vdb'/>", "<readonly/>", "<shareable/>",
    "<domain>", "</domain>", "<inactiveDomain>", "<devices>", "</devices>",
    "<os firmware='efi'/>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&#10;",
    "&", "'", "\"", "123456", ".", "/", "\xc3\xa9", "\xef\xbf\xbe", "\xff", "",
    NULL};

/* Each once, and none empty-handed. */
static void check_files(const struct vmm_strv *files)
{
	for (size_t i = 0; i < files->n; i++)
		for (size_t j = 0; j < i; j++)
			HOLDS(strcmp(files->v[i], files->v[j]) != 0);
}

static void check(const struct vmm_snapxml *snapshot)
{
	HOLDS(snapshot->name);
	check_files(&snapshot->disks);
	check_files(&snapshot->overlays);
	check_files(&snapshot->earlier);
	HOLDS(snapshot->external || !snapshot->memory_file);
	HOLDS(snapshot->external ||
	      (!snapshot->overlays.n && !snapshot->earlier.n));
	HOLDS(snapshot->has_revert_disks || !snapshot->earlier.n);
	HOLDS(
	    snapshot->has_domain || (!snapshot->disks.n && !snapshot->no_file));
}

/* The snapshot in XML, which there has to be. */
static struct vmm_snapxml *must_read(const char *xml)
{
	AUTOERR err = VMM_ERR_INIT;
	struct vmm_snapxml *snapshot = vmm_snapxml_read(xml, &err);

	HOLDS(snapshot);
	check(snapshot);
	return snapshot;
}

static void check_read(const char *xml)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOSNAPXML *snapshot = vmm_snapxml_read(xml, &err);

	HOLDS((snapshot == NULL) == (err.text != NULL));
	if (snapshot)
		check(snapshot);
}

/* --- taking --- */

/* How many disks of the kind KIND (internal, external, no) there are. */
static size_t count(xmlXPathContext *asked, const char *kind)
{
	AUTOFREE char *what =
	    vmm_sprintf("count(/*/disks/disk[@snapshot='%s'])", kind);

	return fuzz_number(asked, what);
}

static void check_disks(const struct vmm_domxml *domain,
    const struct vmm_snapplan *plan, const char *xml)
{
	AUTOASK *asked = fuzz_ask(xml);
	size_t with_target = 0, taken = 0;

	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];

		if (!disk->target)
			continue;
		with_target++;
		taken += disk->layers && !disk->readonly &&
			 (strcmp(disk->device, "disk") == 0 ||
			     strcmp(disk->device, "lun") == 0);
	}
	HOLDS(count(asked, plan->external ? "external" : "internal") == taken);
	HOLDS(count(asked, plan->external ? "internal" : "external") == 0);
	HOLDS(count(asked, "no") == with_target - taken);
}

static void check_taken(const struct vmm_domxml *domain,
    const struct vmm_snapplan *plan, char *const *text)
{
	AUTOERR err = VMM_ERR_INIT;
	bool good = vmm_snapshot_name_check(text[0], &err) == 0 &&
		    vmm_snapshot_text_check(text[1], &err) == 0;
	AUTOFREE char *xml = NULL;
	AUTOSNAPXML *snapshot = NULL;

	HOLDS(good == (err.text == NULL));
	if (!good)
		return;
	xml = vmm_snapxml_build(
	    domain, plan, text[0], text[1], text[2], 1764115200);
	snapshot = must_read(xml);
	HOLDS(strcmp(snapshot->name, text[0]) == 0);
	HOLDS(fuzz_same(snapshot->description, text[1]));
	HOLDS(
	    strcmp(snapshot->state, plan->memory ? "running" : "shutoff") == 0);
	HOLDS(snapshot->created == 1764115200);
	HOLDS(snapshot->memory == plan->memory);
	HOLDS(fuzz_same(snapshot->memory_file,
	    plan->memory && plan->external ? text[2] : NULL));
	HOLDS(!snapshot->external || plan->external);
	HOLDS(!snapshot->has_domain && !snapshot->parent);
	check_disks(domain, plan, xml);
}

static void check_plans(
    const struct vmm_domxml *domain, const char *xml, char *const *text)
{
	for (int way = 0; way < 4; way++) {
		bool active = way & 1, disk_only = way & 2;
		struct vmm_snapplan plan;
		AUTOERR err = VMM_ERR_INIT;
		AUTOFREE char *why = NULL;

		if (vmm_snapshot_plan(domain, active, disk_only, &plan, &err) <
		    0) {
			HOLDS(!strstr(err.text, "(null)") ||
			      strstr(xml, "(null)"));
			continue;
		}
		why = plan.why;
		HOLDS(plan.first && plan.external == (disk_only || why));
		HOLDS(plan.memory == (active && !disk_only));
		check_taken(domain, &plan, text);
	}
}

/* Every disk that has a name is put on an overlay, or explicitly on none. */
static void check_overlays(const struct vmm_domxml *domain, const char *path)
{
	const struct vmm_diskfile file = {"vda", path, "qcow2"};
	AUTOFREE char *xml = vmm_snapxml_overlays(domain, &file, 1);
	AUTOSNAPXML *snapshot = must_read(xml);
	AUTOASK *asked = fuzz_ask(xml);
	size_t on = 0, with_target = 0;

	for (size_t i = 0; i < domain->disks; i++) {
		on += fuzz_same(domain->disk[i].target, "vda");
		with_target += domain->disk[i].target != NULL;
	}
	HOLDS(count(asked, "external") == on);
	HOLDS(count(asked, "no") == with_target - on);
	HOLDS(snapshot->overlays.n == (on ? 1 : 0));
	HOLDS(!on || strcmp(snapshot->overlays.v[0], path) == 0);
}

/* A snapshot with the domain in it has what the domain writes to. */
static void check_with_domain(
    const char *xml, const struct vmm_domxml *domain, const char *domain_xml)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *whole = vmm_snapxml_with_domain(xml, domain_xml, &err);
	AUTOSNAPXML *before = must_read(xml);
	AUTOSNAPXML *after = must_read(whole);
	AUTOSTRV written = VMM_STRV_INIT;

	HOLDS(after->has_domain);
	HOLDS(strcmp(before->name, after->name) == 0);
	HOLDS(before->created == after->created);
	HOLDS(before->external == after->external);
	HOLDS(before->overlays.n == after->overlays.n);
	if (before->has_domain)
		return;
	vmm_snapshot_written(domain, &written);
	HOLDS(written.n == after->disks.n);
	for (size_t i = 0; i < written.n; i++)
		HOLDS(strcmp(written.v[i], after->disks.v[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *xml = fuzz_text(data, size);
	AUTOFREE char *mended = fuzz_mended("domainsnapshot", xml);
	AUTOFREE char *domain_xml = fuzz_mended_domain(xml);
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *domain = vmm_domxml_read(domain_xml, &err);
	AUTOSTRV text = VMM_STRV_INIT;

	check_read(xml);
	check_read(mended);
	for (int i = 0; i < 3; i++)
		vmm_strv_take(&text, fuzz_line(&data, &size));
	if (!domain)
		return 0;
	if (vmm_text_is_storable(text.v[2])) {
		check_plans(domain, domain_xml, text.v);
		check_overlays(domain, text.v[2]);
	}
	if (*mended)
		check_with_domain(mended, domain, domain_xml);
	return 0;
}
