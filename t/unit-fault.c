/* fault: what libvirt's last error becomes, asked of its test driver. */
#include "libvirt/fault.h"

#include "unit.h"

static void stay_silent(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

int main(void)
{
	AUTOERR unsupported = VMM_ERR_INIT;
	AUTOERR flags = VMM_ERR_INIT;
	AUTOERR unknown = VMM_ERR_INIT;
	virConnectPtr virt;
	virDomainPtr domain;

	virSetErrorFunc(NULL, stay_silent);
	virt = virConnectOpen("test:///default");
	domain = virt ? virDomainLookupByName(virt, "test") : NULL;
	if (!domain)
		return EXIT_FAILURE;
	is_int(virDomainBlockPull(domain, "vda", 0, 0), -1,
	    "the driver cannot pull a disk");
	vmm_fault(&unsupported, virt);
	is_int(unsupported.status, VMM_FAILED, "which is a failure");
	ok(strstr(unsupported.text, "virDomainBlockPull (libvirt ") &&
		strstr(unsupported.text,
		    " there has no such thing for TEST; for "
		    "QEMU it has since 0.9.4)"),
	    "that says whose libvirt, and for what: %s", unsupported.text);
	ok(!virDomainSnapshotCreateXML(domain, "<domainsnapshot/>",
	       VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY),
	    "it cannot take a snapshot of disks only");
	vmm_fault(&flags, virt);
	ok(strstr(flags.text, "unsupported flags (") &&
		strstr(flags.text, " for TEST; for QEMU it has since 0.9.11)"),
	    "and that says the same: %s", flags.text);
	ok(!virDomainLookupByName(virt, "nobody"), "nobody is not there");
	vmm_fault(&unknown, virt);
	ok(!strstr(unknown.text, "libvirt "), "which is nobody's version: %s",
	    unknown.text);
	virDomainFree(domain);
	virConnectClose(virt);
	return unit_done();
}
