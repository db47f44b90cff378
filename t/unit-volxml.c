/* What libvirt says of volumes and pools, and what it is told. */
#include "pure/volxml.h"

#include "base/alloc.h"
#include "unit.h"

static const char with[] =
    "<volume type='file'><name>web1.qcow2</name>"
    "<capacity unit='bytes'>1073741824</capacity>"
    "<allocation unit='bytes'>200704</allocation>"
    "<physical unit='bytes'>196624</physical>"
    "<target><path>/img/web1.qcow2</path><format type='qcow2'/>"
    "<permissions><mode>0600</mode><owner>64055</owner><group>108</group>"
    "</permissions><clusterSize unit='B'>65536</clusterSize></target>"
    "<backingStore><path>/img/base.raw</path><format type='raw'/>"
    "</backingStore></volume>";

static void test_read(void)
{
	static const char *const none[] = {
	    "", "<volume>", "<pool/>", "<volume"};
	AUTOVOLXML volume = {0};
	AUTOVOLXML bare = {0};

	ok(vmm_volxml_read(with, &volume), "read: a volume");
	is(volume.name, "web1.qcow2", "read: its name");
	is(volume.path, "/img/web1.qcow2", "read: its path");
	is(volume.format, "qcow2", "read: its format");
	is(volume.below.source, "/img/base.raw", "read: its backing file");
	is(volume.below.format, "raw", "read: the backing file's format");
	is_int(volume.capacity, 1073741824, "read: what a guest sees");
	is_int(volume.allocation, 200704, "read: what it takes");
	is(volume.mode, "0600", "read: its mode");
	ok(!volume.block && !volume.encrypted, "read: an ordinary file");
	ok(vmm_volxml_read("<volume type='block'><target><encryption/>"
			   "</target></volume>",
	       &bare),
	    "read: a bare one");
	ok(bare.block && bare.encrypted && !bare.format && !bare.below.source,
	    "read: an encrypted device without a format");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		AUTOVOLXML no = {0};

		ok(!vmm_volxml_read(none[i], &no), "read: no volume: '%s'",
		    none[i]);
	}
}

/* An overlay that is as small as an empty one, but for CHANGE. */
static bool untouched(void (*change)(struct vmm_volxml *volume))
{
	AUTOVOLXML volume = {0};

	(void)!vmm_volxml_read(with, &volume);
	if (change)
		change(&volume);
	return vmm_volxml_is_untouched(&volume);
}

static void grow(struct vmm_volxml *volume)
{
	volume->physical += 65536;
}
static void shrink_clusters(struct vmm_volxml *volume)
{
	volume->cluster = 4096;
}
static void forget_clusters(struct vmm_volxml *volume)
{
	volume->cluster = 0;
}
static void stand_alone(struct vmm_volxml *volume)
{
	free(volume->below.source);
	volume->below.source = NULL;
}
static void be_raw(struct vmm_volxml *volume)
{
	free(volume->format);
	volume->format = vmm_strdup("raw");
}
static void be_endless(struct vmm_volxml *volume)
{
	volume->capacity = ~0ULL;
	volume->physical += 65536;
}
static void be_unknown(struct vmm_volxml *volume)
{
	volume->physical = 0;
}

static void test_untouched(void)
{
	ok(untouched(NULL), "untouched: 1 GiB needs two entries of L1");
	ok(untouched(be_endless), "untouched: with all the L1 there can be");
	ok(!untouched(grow), "untouched: not with one cluster more");
	ok(!untouched(shrink_clusters), "untouched: not with small clusters");
	ok(!untouched(forget_clusters), "untouched: not with unknown ones");
	ok(!untouched(stand_alone), "untouched: not without a backing file");
	ok(!untouched(be_raw), "untouched: not if it is raw");
	ok(!untouched(be_unknown), "untouched: not of unknown size");
}

static void test_build(void)
{
	const struct vmm_layer below = {
	    .source = (char *)"/a&b<c", .format = NULL};
	AUTOVOLXML like = {0}, back = {0};
	AUTOFREE char *xml = NULL;

	(void)!vmm_volxml_read(with, &like);
	xml = vmm_volxml_build("a&'b\"<", "qcow2", &like, &below);
	ok(vmm_volxml_read(xml, &back), "build: can be read");
	is(back.name, "a&'b\"<", "build: its name");
	is(back.format, "qcow2", "build: its format");
	is_int(back.capacity, 1073741824, "build: as large as the other");
	is(back.below.source, "/a&b<c", "build: its backing file");
	is(back.below.format, "raw", "build: whose format is always said");
	is(back.owner, "64055", "build: the same owner");
	ok(strstr(xml, "<compat>1.1</compat>") != NULL, "build: compat 1.1");
	ok(strstr(xml, "<allocation>0</allocation>") != NULL,
	    "build: nothing is allocated beforehand");
	free(xml);
	like.block = true;
	xml = vmm_volxml_build("lv", "raw", &like, NULL);
	ok(!strstr(xml, "allocation") && !strstr(xml, "permissions") &&
		!strstr(xml, "compat") && !strstr(xml, "backingStore"),
	    "build: a device is allocated whole");
}

static void test_pool(void)
{
	AUTOFREE char *xml = vmm_poolxml_build("vmm-1", "/a & b");
	AUTOFREE char *target = vmm_poolxml_target(xml);
	AUTOFREE char *none = vmm_poolxml_target("<pool/>");

	is(target, "/a & b", "pool: its folder");
	is(none, NULL, "pool: no folder");
	ok(vmm_poolxml_has_files(xml), "pool: of files");
	ok(!vmm_poolxml_has_files("<pool type='logical'/>"),
	    "pool: of devices");
	ok(!vmm_poolxml_has_files("<x"), "pool: not XML");
}

int main(void)
{
	test_read();
	test_untouched();
	test_build();
	test_pool();
	return unit_done();
}
