/* What can be snapshotted how, what it is called, and its XML. */
#include "pure/snapxml.h"

#include "base/alloc.h"
#include "unit.h"

#define DISK(device, format, target, more)                                     \
	"<disk type='file' device='" device "'><driver type='" format          \
	"'/><source file='/d/" target "'/><target dev='" target "'/>" more     \
	"</disk>"

static struct vmm_domxml *domain_of(const char *os, const char *disks)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *xml = vmm_sprintf(
	    "<domain><os>%s</os><devices>%s</devices></domain>", os, disks);

	return vmm_domxml_read(xml, &err);
}

/* "internal", "internal+memory", ..., or the error. */
static char *plan_of(
    const char *os, const char *disks, bool active, bool disk_only)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *domain = domain_of(os, disks);
	struct vmm_snapplan plan;
	AUTOFREE char *why = NULL;

	if (vmm_snapshot_plan(domain, active, disk_only, &plan, &err) < 0)
		return vmm_strdup(err.text);
	why = plan.why;
	return vmm_sprintf("%s%s%s%s", plan.external ? "external" : "internal",
	    plan.memory ? "+memory" : "", why ? ": " : "", why ? why : "");
}

static void is_planned(const char *os, const char *disks, bool active,
    bool disk_only, const char *expected)
{
	AUTOFREE char *plan = plan_of(os, disks, active, disk_only);

	is(plan, expected, "%s", expected);
}

static void test_plans(void)
{
	const char *qcow2 = DISK("disk", "qcow2", "vda", "");
	const char *mixed =
	    DISK("disk", "qcow2", "vda", "") DISK("disk", "raw", "vdb", "");
	const char *cdrom = DISK("disk", "qcow2", "vda", "")
	    DISK("cdrom", "raw", "sda", "<readonly/>");

	is_planned("", qcow2, false, false, "internal");
	is_planned("", qcow2, true, false, "internal+memory");
	is_planned("", qcow2, true, true, "external");
	is_planned("", qcow2, false, true, "external");
	is_planned(
	    "", mixed, true, false, "external+memory: its disk vdb is raw");
	is_planned("", cdrom, true, false, "internal+memory");
	is_planned("<loader type='pflash'/>", qcow2, true, false,
	    "external+memory: its firmware is UEFI");
	is_planned("", DISK("cdrom", "raw", "sda", ""), true, false,
	    "it has no disk that it writes to, so there is nothing to keep");
	is_planned("", DISK("disk", "qcow2", "vda", "<shareable/>"), true,
	    false, "its disk vda is shared with other VMs");
	is_planned("",
	    "<disk type='file'><source file='/a'/><shareable/></disk>", true,
	    false, "its disk ? is shared with other VMs");
}

static void test_names(void)
{
	static const char *const bad[] = {"", ".", "..", ".x", "a/b", "a\nb",
	    "\x1b[m", "\xff", "1", "123456"};
	static const char *const good[] = {
	    "a", "a.b", "-x", "1234567", "1a", "\xc3\xa4", "a b;$(x)&<"};
	char longest[130];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTOERR err = VMM_ERR_INIT;

		is_int(vmm_snapshot_name_check(bad[i], &err), -1, "refused: %s",
		    bad[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		AUTOERR err = VMM_ERR_INIT;

		is_int(vmm_snapshot_name_check(good[i], &err), 0, "taken: %s",
		    good[i]);
	}
	for (size_t n = 128; n <= 129; n++) {
		AUTOERR err = VMM_ERR_INIT;

		memset(longest, 'x', n);
		longest[n] = '\0';
		is_int(vmm_snapshot_name_check(longest, &err),
		    n == 128 ? 0 : -1, "length");
	}
}

static void test_xml(void)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *domain = domain_of("",
	    DISK("disk", "qcow2", "vda", "") DISK("cdrom", "raw", "sda", ""));
	struct vmm_snapplan plan;
	AUTOFREE char *xml = NULL;
	AUTOFREE char *whole = NULL;
	AUTOSNAPXML *read = NULL;

	is_int(vmm_snapshot_plan(domain, true, false, &plan, &err), 0, "plan");
	xml = vmm_snapxml_build(domain, &plan, "a & <b>", "\"d\"", NULL, 77);
	is_int(strstr(xml, "name=\"vda\" snapshot=\"internal\"") != NULL, 1,
	    "in the XML");
	is_int(strstr(xml, "name=\"sda\" snapshot=\"no\"") != NULL, 1,
	    "in the XML");
	whole = vmm_snapxml_with_domain(xml,
	    "<domain><devices>" DISK(
		"disk", "qcow2", "vda", "") "</devices></domain>",
	    &err);
	read = vmm_snapxml_read(whole, &err);
	is(read->name, "a & <b>", "name");
	is(read->description, "\"d\"", "description");
	is(read->state, "running", "state");
	is_int((int)read->created, 77, "created");
	is_int(read->memory, 1, "memory");
	is_int(read->external, 0, "external");
	is_int((int)read->disks.n, 1, "disks");
	is(read->disks.v[0], "/d/vda", "disk");
	is_int((int)read->overlays.n, 0, "no overlay");
	is_int(vmm_snapxml_read("<nonsense/>", &err) == NULL, 1, "nonsense");
	is_int(vmm_snapxml_read("<", &err) == NULL, 1, "no XML");
	ok(!vmm_snapxml_with_domain("<", "<domain/>", &err),
	    "no XML with a domain");
	ok(!vmm_snapxml_with_domain("<domainsnapshot/>", "", &err),
	    "a snapshot with no XML");
	is_int(vmm_snapshot_text_check(NULL, &err), 0, "no description");
	is_int(vmm_snapshot_text_check("a\nb", &err), -1, "a line of two");
}

#define EXTERNAL(file)                                                         \
	"<disk name='vda' snapshot='external' type='file'><source file='" file \
	"'/></disk><disk name='sda' snapshot='no'/>"

static struct vmm_snapxml *external_of(const char *more, const char *disks)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *xml =
	    vmm_sprintf("<domainsnapshot><name>a</name><memory "
			"snapshot='external' file='/d/mem'/><disks>" EXTERNAL(
			    "/d/one") "</disks>%s<domain><devices>%s</devices>"
				      "</domain></domainsnapshot>",
		more, disks);

	return vmm_snapxml_read(xml, &err);
}

static void test_external(void)
{
	const char *disks = DISK("disk", "raw", "vda", "")
	    DISK("cdrom", "raw", "sda", "<readonly/>");
	AUTOSNAPXML *plain = external_of("", disks);
	AUTOSNAPXML *again = external_of(
	    "<revertDisks>" EXTERNAL("/d/two") "</revertDisks>", disks);
	AUTOSNAPXML *volume = external_of("",
	    "<disk type='volume'><source pool='p' volume='v'/><target "
	    "dev='vda'/></disk>");

	is_int(plain->external && plain->memory, 1, "external");
	is(plain->memory_file, "/d/mem", "memory");
	is(plain->no_file, NULL, "all are files");
	is_int((int)plain->disks.n, 1, "the CD-ROM is not written to");
	is(plain->disks.v[0], "/d/vda", "disk of then");
	is(plain->overlays.v[0], "/d/one", "overlay");
	is_int((int)plain->earlier.n, 0, "no other");
	is_int(plain->has_revert_disks, 0, "no <revertDisks>");
	is_int(again->has_revert_disks, 1, "<revertDisks>");
	is_int((int)again->overlays.n, 1, "one overlay");
	is(again->overlays.v[0], "/d/two", "overlay of now");
	is(again->earlier.v[0], "/d/one", "overlay of before");
	is(volume->no_file, "vda", "a volume");
}

static void test_files(void)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *files = domain_of("", DISK("disk", "raw", "vda", ""));
	AUTODOMXML *cdrom = domain_of("",
	    "<disk type='block' device='cdrom'><source dev='/dev/sr0'/><target "
	    "dev='sda'/><readonly/></disk>");
	AUTODOMXML *block = domain_of("",
	    "<disk type='block' device='disk'><source dev='/dev/x'/><target "
	    "dev='vda'/></disk>");

	is_int(vmm_snapshot_plan_files(files, &err), 0, "a file");
	is_int(vmm_snapshot_plan_files(cdrom, &err), 0, "a CD-ROM");
	is_int(vmm_snapshot_plan_files(block, &err), -1, "a block device");
	is(err.text,
	    "its disk vda is of type 'block', and libvirt makes external "
	    "snapshots of files only",
	    "why");
}

int main(void)
{
	test_external();
	test_files();
	test_plans();
	test_names();
	test_xml();
	return unit_done();
}
