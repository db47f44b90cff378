/* domxml: what we take from a domain's XML, as libvirt writes it. */
#include "pure/domxml.h"

#include "base/alloc.h"
#include "unit.h"

#define DOMAIN(devices)                                                        \
	"<domain type='kvm'><name>x</name><devices>" devices                   \
	"</devices></domain>"

/* XML, which must be a domain's; to be freed. */
static struct vmm_domxml *read_domain(const char *xml)
{
	AUTOERR err = VMM_ERR_INIT;
	struct vmm_domxml *domain = vmm_domxml_read(xml, &err);

	if (domain)
		return domain;
	printf("Bail out! not read: %s\n", err.text);
	exit(EXIT_FAILURE);
}

static void test_domain(void)
{
	AUTODOMXML *full = read_domain(
	    "<?xml version='1.0'?>\n"
	    "<!-- made by hand -->\n"
	    "<domain type='kvm' id='3'"
	    " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
	    "  <name>web1</name>\n"
	    "  <title>The &lt;web&gt; server</title>\n"
	    "  <description>Two\nlines</description>\n"
	    "  <metadata><x:title xmlns:x='urn:x'>no</x:title></metadata>\n"
	    "  <memory unit='KiB'>8589934592</memory>\n"
	    "  <currentMemory unit='KiB'>1048576</currentMemory>\n"
	    "  <vcpu placement='static' current='2'>4</vcpu>\n"
	    "  <os firmware='efi'>\n"
	    "    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n"
	    "  </os>\n"
	    "  <devices><emulator>/usr/bin/qemu</emulator></devices>\n"
	    "</domain>\n");
	AUTODOMXML *bare = read_domain("<domain/>");

	is(full->title, "The <web> server", "domain: title");
	is(full->description, "Two\nlines", "domain: description");
	is(full->arch, "x86_64", "domain: arch");
	is(full->machine, "pc-q35-7.2", "domain: machine");
	is(full->firmware, "efi", "domain: firmware");
	is_int(full->vcpus, 4, "domain: the most vCPUs");
	is_int(full->memory, 8589934592, "domain: the most memory");
	is_int(
	    full->disks + full->nics + full->displays, 0, "domain: no devices");
	is(bare->title, NULL, "bare: no title");
	is(bare->description, NULL, "bare: no description");
	is(bare->arch, NULL, "bare: no arch");
	is(bare->machine, NULL, "bare: no machine");
	is_int(bare->vcpus + bare->memory, 0, "bare: no numbers");
	is_int(
	    bare->disks + bare->nics + bare->displays, 0, "bare: no devices");
}

static void test_firmware(void)
{
	static const struct {
		const char *xml, *expected, *name;
	} cases[] = {
	    {"<domain><os><loader readonly='yes' type='pflash'>/x</loader></os>"
	     "</domain>",
		"efi", "a flash loader"},
	    {"<domain><os><loader type='rom'>/x</loader></os></domain>", "bios",
		"a ROM loader"},
	    {"<domain><os firmware='bios'><loader type='pflash'/></os>"
	     "</domain>",
		"bios", "a flash loader, yet BIOS named"},
	    {"<domain><os><type>hvm</type></os></domain>", "bios", "neither"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTODOMXML *domain = read_domain(cases[i].xml);

		is(domain->firmware, cases[i].expected, "firmware: %s",
		    cases[i].name);
	}
}

static void test_not_a_domain(void)
{
	static const char *const xml[] = {"", "domain", "<domain>",
	    "<network/>", "<domain></network>", "<domain/><domain/>",
	    "<!-- domain -->"};

	for (size_t i = 0; i < ARRAY_SIZE(xml); i++) {
		AUTOERR err = VMM_ERR_INIT;
		AUTODOMXML *domain = vmm_domxml_read(xml[i], &err);

		ok(!domain, "no domain: '%s'", xml[i]);
		ok(err.status == VMM_FAILED && err.text && *err.text,
		    "no domain: '%s' is an error with text", xml[i]);
	}
	vmm_domxml_free(NULL);
}

static void is_layer(const struct vmm_disk *disk, size_t i, const char *type,
    const char *source, const char *format, const char *name)
{
	if (i >= disk->layers) {
		ok(false, "%s: has layer %zu", name, i);
		return;
	}
	is(disk->layer[i].type, type, "%s: type of layer %zu", name, i);
	is(disk->layer[i].source, source, "%s: source of layer %zu", name, i);
	is(disk->layer[i].format, format, "%s: format of layer %zu", name, i);
}

static void test_chain(void)
{
	/* of a running VM, whose whole chain libvirt writes */
	AUTODOMXML *domain = read_domain(DOMAIN(
	    "<disk type='file' device='disk'>"
	    "  <driver name='qemu' type='qcow2' discard='unmap'/>"
	    "  <source file='/img/web1.qcow2' index='1'>"
	    "    <seclabel model='dac' relabel='no'/></source>"
	    "  <backingStore type='file' index='3'>"
	    "    <format type='qcow2'/>"
	    "    <source file='/img/base &amp; co.qcow2'/>"
	    "    <backingStore type='block' index='4'>"
	    "      <format type='raw'/>"
	    "      <source dev='/dev/vg/base'/>"
	    "      <backingStore/>"
	    "    </backingStore>"
	    "  </backingStore>"
	    "  <target dev='vda' bus='virtio'/>"
	    "  <alias name='virtio-disk0'/>"
	    "</disk>"
	    "<disk type='file'><driver type='qcow2'/>"
	    "  <source file='/img/b'/><backingStore/><target dev='vdb'/></disk>"
	    "<disk type='file'><driver type='qcow2'/>"
	    "  <source file='/img/c'/><target dev='vdc'/></disk>"
	    "<disk type='file'><driver type='qcow2'/><source file='/img/d'/>"
	    "  <backingStore type='file'><format type='qcow2'/>"
	    "    <source file='/img/e'/></backingStore>"
	    "  <target dev='vdd'/></disk>"));
	const struct vmm_disk *disk = domain->disk;

	is_int(domain->disks, 4, "chain: so many disks");
	is_int(disk[0].layers, 3, "whole chain: so many layers");
	is_layer(
	    &disk[0], 0, "file", "/img/web1.qcow2", "qcow2", "whole chain");
	is_layer(&disk[0], 1, "file", "/img/base & co.qcow2", "qcow2",
	    "whole chain");
	is_layer(&disk[0], 2, "block", "/dev/vg/base", "raw", "whole chain");
	ok(disk[0].chain_known, "whole chain: known");
	is_int(disk[1].layers, 1, "no backing file: one layer");
	is_layer(&disk[1], 0, "file", "/img/b", "qcow2", "no backing file");
	ok(disk[1].chain_known, "no backing file: known");
	is_int(disk[2].layers, 1, "chain not in the XML: one layer");
	ok(!disk[2].chain_known, "chain not in the XML: not known");
	is_int(disk[3].layers, 2, "chain in part: two layers");
	is_layer(&disk[3], 1, "file", "/img/e", "qcow2", "chain in part");
	ok(!disk[3].chain_known, "chain in part: not known");
	is(disk[0].target, "vda", "chain: target");
	is(disk[3].target, "vdd", "chain: last target");
}

static void test_disk(void)
{
	AUTODOMXML *domain = read_domain(
	    DOMAIN("<disk type='file' device='lun'><source file='/a'/>"
		   "  <target dev='sda' bus='scsi'/><readonly/></disk>"
		   "<controller type='scsi'/>"
		   "<disk type='file'><source file='/b'/>"
		   "  <target dev='vda' bus='virtio'/><shareable/></disk>"));

	is_int(domain->disks, 2, "disk: two, and a controller between");
	is(domain->disk[0].device, "lun", "disk: device");
	is(domain->disk[0].target, "sda", "disk: target");
	is(domain->disk[0].bus, "scsi", "disk: bus");
	ok(domain->disk[0].readonly, "disk: read-only");
	ok(!domain->disk[0].shareable, "disk: not shareable");
	is_layer(&domain->disk[0], 0, "file", "/a", NULL, "no driver");
	is(domain->disk[1].device, "disk", "disk: device by default");
	ok(!domain->disk[1].readonly, "disk: not read-only");
	ok(domain->disk[1].shareable, "disk: shareable");
}

static void test_sources(void)
{
	static const struct {
		const char *xml, *type, *source, *format, *name;
	} cases[] = {
	    {"<disk type='block'><driver name='qemu' type='raw'/>"
	     "<source dev='/dev/sdb'/></disk>",
		"block", "/dev/sdb", "raw", "block"},
	    {"<disk type='volume'><driver type='qcow2'/>"
	     "<source pool='default' volume='web1.qcow2' mode='host'/></disk>",
		"volume", "default/web1.qcow2", "qcow2", "volume"},
	    {"<disk type='network'><driver type='raw'/>"
	     "<source protocol='rbd' name='pool/image'>"
	     "<host name='mon1' port='6321'/></source></disk>",
		"network", "rbd:pool/image", "raw", "network"},
	    {"<disk type='network'><source protocol='nbd'>"
	     "<host name='h' port='10809'/></source></disk>",
		"network", NULL, NULL, "network without a name"},
	    {"<disk type='dir'><driver type='fat'/><source dir='/floppy'/>"
	     "</disk>",
		"dir", "/floppy", "fat", "directory"},
	    {"<disk type='vhostuser'><source type='unix' "
	     "path='/run/s'/></disk>",
		"vhostuser", "/run/s", NULL, "vhost-user"},
	    {"<disk type='nvme'><source type='pci' managed='yes'"
	     " namespace='1'><address bus='1'/></source></disk>",
		"nvme", NULL, NULL, "NVMe"},
	    {"<disk type='volume'><source pool='p'/></disk>", "volume", NULL,
		NULL, "a pool without a volume"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOFREE char *xml = vmm_sprintf(
		    "<domain><devices>%s</devices></domain>", cases[i].xml);
		AUTODOMXML *domain = read_domain(xml);

		is_int(
		    domain->disk[0].layers, 1, "%s: one layer", cases[i].name);
		is_layer(&domain->disk[0], 0, cases[i].type, cases[i].source,
		    cases[i].format, cases[i].name);
	}
}

static void test_empty_drives(void)
{
	AUTODOMXML *domain = read_domain(
	    DOMAIN("<disk type='file' device='cdrom'>"
		   "  <driver name='qemu' type='raw'/>"
		   "  <target dev='sda' bus='sata'/><readonly/></disk>"
		   "<disk type='file' device='cdrom'>"
		   "  <source startupPolicy='optional'/>"
		   "  <target dev='sdb' bus='sata'/><readonly/></disk>"
		   "<disk type='file' device='floppy'>"
		   "  <target dev='fda' bus='fdc'/></disk>"
		   "<disk type='file' device='cdrom'>"
		   "  <source file='/iso' startupPolicy='optional'/>"
		   "  <target dev='sdc' bus='sata'/><readonly/></disk>"));

	is_int(domain->disks, 4, "drives: also the empty ones");
	is_int(domain->disk[0].layers, 0, "an empty drive: no layer");
	is(domain->disk[0].device, "cdrom", "an empty drive: its device");
	is(domain->disk[0].target, "sda", "an empty drive: its target");
	ok(domain->disk[0].readonly, "an empty drive: read-only");
	is_int(domain->disk[1].layers, 0,
	    "an empty drive with a startup policy: no layer");
	is(domain->disk[2].device, "floppy", "an empty floppy drive");
	is_int(domain->disk[2].layers, 0, "an empty floppy drive: no layer");
	is_int(domain->disk[3].layers, 1, "a drive that is not empty");
}

static void test_nics(void)
{
	static const struct {
		const char *type, *source, *mac, *model, *target;
	} expected[] = {
	    {"network", "default", "52:54:00:00:00:01", "virtio", "vnet0"},
	    {"bridge", "br0", "52:54:00:00:00:02", "e1000e", NULL},
	    {"direct", "eth0", "52:54:00:00:00:03", NULL, "macvtap0"},
	    {"user", NULL, NULL, NULL, NULL},
	    {"hostdev", NULL, "52:54:00:00:00:05", NULL, NULL},
	    {"internal", "lab", NULL, NULL, NULL},
	};
	AUTODOMXML *domain = read_domain(
	    DOMAIN("<interface type='network'>"
		   "  <mac address='52:54:00:00:00:01'/>"
		   "  <source network='default' portid='p' bridge='virbr0'/>"
		   "  <target dev='vnet0'/><model type='virtio'/></interface>"
		   "<interface type='bridge'>"
		   "  <mac address='52:54:00:00:00:02'/>"
		   "  <source bridge='br0'/><model type='e1000e'/></interface>"
		   "<graphics type='vnc'/>"
		   "<interface type='direct'>"
		   "  <mac address='52:54:00:00:00:03'/>"
		   "  <source dev='eth0' mode='bridge'/>"
		   "  <target dev='macvtap0'/></interface>"
		   "<interface type='user'/>"
		   "<interface type='hostdev' managed='yes'>"
		   "  <mac address='52:54:00:00:00:05'/>"
		   "  <source><address type='pci' bus='1'/></source>"
		   "</interface>"
		   "<interface type='internal'><source name='lab'/>"
		   "</interface>"));

	is_int(domain->nics, ARRAY_SIZE(expected), "nics: so many");
	for (size_t i = 0; i < domain->nics && i < ARRAY_SIZE(expected); i++) {
		const struct vmm_nic *nic = &domain->nic[i];
		const char *type = expected[i].type;

		is(nic->type, type, "nic %s: type", type);
		is(nic->source, expected[i].source, "nic %s: source", type);
		is(nic->mac, expected[i].mac, "nic %s: mac", type);
		is(nic->model, expected[i].model, "nic %s: model", type);
		is(nic->target, expected[i].target, "nic %s: target", type);
	}
}

static void test_displays(void)
{
	static const struct {
		const char *type, *listen;
		int port, tls_port;
		const char *name;
	} expected[] = {
	    {"spice", "127.0.0.1", 5900, 5901, "of a running VM"},
	    {"spice", NULL, -1, -1, "not yet given a port"},
	    {"vnc", "0.0.0.0", 5902, -1, "with the old attribute only"},
	    {"vnc", "/run/a.sock", -1, -1, "on a socket"},
	    {"spice", NULL, -1, -1, "that does not listen"},
	    {"vnc", "192.0.2.1", 65535, -1, "on a network's address"},
	    {"vnc", NULL, -1, -1, "of ports that are none"},
	    {"vnc", NULL, 1, -1, "on the least of ports"},
	    {"egl-headless", NULL, -1, -1, "without a port"},
	};
	AUTODOMXML *domain = read_domain(DOMAIN(
	    "<graphics type='spice' port='5900' tlsPort='5901' autoport='yes'"
	    " listen='127.0.0.1'>"
	    "  <listen type='address' address='127.0.0.1'/>"
	    "  <image compression='off'/></graphics>"
	    "<graphics type='spice' port='-1' tlsPort='-1' autoport='yes'>"
	    "  <listen type='address'/></graphics>"
	    "<graphics type='vnc' port='5902' listen='0.0.0.0'/>"
	    "<graphics type='vnc' socket='/run/a.sock'>"
	    "  <listen type='socket' socket='/run/a.sock'/></graphics>"
	    "<graphics type='spice'><listen type='none'/></graphics>"
	    "<graphics type='vnc' port='65535'>"
	    "  <listen type='network' address='192.0.2.1' network='lab'/>"
	    "</graphics>"
	    "<graphics type='vnc' port='65536' tlsPort='0'/>"
	    "<graphics type='vnc' port='1'/>"
	    "<graphics type='egl-headless'/>"));

	is_int(domain->displays, ARRAY_SIZE(expected), "displays: so many");
	for (size_t i = 0; i < domain->displays && i < ARRAY_SIZE(expected);
	     i++) {
		const struct vmm_display *display = &domain->display[i];
		const char *name = expected[i].name;

		is(display->type, expected[i].type, "display %s: type", name);
		is(display->listen, expected[i].listen, "display %s: listen",
		    name);
		is_int(
		    display->port, expected[i].port, "display %s: port", name);
		is_int(display->tls_port, expected[i].tls_port,
		    "display %s: TLS port", name);
	}
}

/* The disk TARGET is on another file, and nothing is said of its chain. */
static void test_with_files(void)
{
	static const char xml[] =
	    "<domain><devices><disk type='volume' device='disk'>"
	    "<driver xmlns:x='urn:x' x:type='x' name='qemu' type='raw' "
	    "cache='none'/>"
	    "<source pool='p' volume='v' index='3'/>"
	    "<backingStore type='file'><source file='/b'/></backingStore>"
	    "<target dev='vda'/></disk><disk type='file'><source file='/c'/>"
	    "<backingStore/><target dev='vdb'/></disk></devices></domain>";
	const struct vmm_diskfile file[] = {
	    {"vda", "/new", "qcow2"}, {"vdb", NULL, NULL}};
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *changed = vmm_domxml_with_files(xml, file, 2, &err);
	AUTODOMXML *domain = vmm_domxml_read(changed, &err);

	is(domain->disk[0].layer[0].source, "/new", "with files: its file");
	is(domain->disk[0].layer[0].type, "file", "with files: its type");
	is(domain->disk[0].layer[0].format, "qcow2", "with files: its format");
	ok(strstr(changed, "cache=\"none\"") != NULL,
	    "with files: what else its driver has stays");
	ok(!strstr(changed, "backingStore") && !strstr(changed, "index"),
	    "with files: no word of the chain");
	is(domain->disk[1].layer[0].source, "/c",
	    "with files: without a file it stays where it is");
	ok(!vmm_domxml_with_files("<x/>", file, 2, &err),
	    "with files: what is no domain is an error");
}

static void test_shared_memory(void)
{
	AUTODOMXML *shmem = read_domain(
	    DOMAIN("<shmem name='door'><model type='ivshmem-doorbell'/>"
		   "<server path='/run/x'/></shmem>"
		   "<shmem name='looking-glass'><model type='ivshmem-plain'/>"
		   "<size unit='M'>32</size></shmem>"));
	AUTODOMXML *arguments = read_domain(
	    "<domain><q:commandline xmlns:q='urn:q'><q:arg value='-device'/>"
	    "<q:arg value='{&quot;qom-type&quot;:&quot;memory-backend-file"
	    "&quot;,&quot;mem-path&quot;:&quot;/dev/kvmfr0&quot;}'/>"
	    "</q:commandline></domain>");
	AUTODOMXML *old = read_domain(
	    "<domain><q:commandline xmlns:q='urn:q'><q:arg value="
	    "'memory-backend-file,id=x,mem-path=/dev/kvmfr1,size=32M'/>"
	    "</q:commandline></domain>");
	AUTODOMXML *none = read_domain(DOMAIN(""));

	is(shmem->shared_memory, "/dev/shm/looking-glass",
	    "shared memory: the first without a server");
	is(arguments->shared_memory, "/dev/kvmfr0", "shared memory: JSON");
	is(old->shared_memory, "/dev/kvmfr1", "shared memory: an argument");
	is(none->shared_memory, NULL, "shared memory: none");
}

static void test_console(void)
{
	AUTODOMXML *both =
	    read_domain(DOMAIN("<serial type='file'/><console type='pty'/>"));
	AUTODOMXML *serial = read_domain(DOMAIN("<serial type='file'/>"));
	AUTODOMXML *none = read_domain(DOMAIN("<parallel type='pty'/>"));

	is(both->console, "pty", "console: the first console");
	is(serial->console, "file", "console: the first serial port");
	is(none->console, NULL, "console: none");
}

int main(void)
{
	test_domain();
	test_firmware();
	test_not_a_domain();
	test_chain();
	test_disk();
	test_sources();
	test_empty_drives();
	test_nics();
	test_displays();
	test_with_files();
	test_shared_memory();
	test_console();
	return unit_done();
}
