/*
 * volxml: what libvirt says of a volume is read, and what is written is read
 * back. The input is read as XML, and mended; then its lines are the name of a
 * volume, its format, what is below it and that one's format.
 */
#include "fuzz-xml.h"

#include "pure/volxml.h"

const char fuzz_name[] = "volxml";
const char *const fuzz_words[] = {"<volume>", "<volume type='block'>",
    "</volume>", "<name>", "</name>", "<capacity>", "</capacity>",
    "<allocation unit='bytes'>", "</allocation>", "<physical>", "</physical>",
    "<target>", "</target>", "<path>", "</path>", "<format type='qcow2'/>",
    "<format type='raw'/>", "<backingStore>", "</backingStore>",
    "<permissions>", "</permissions>", "<mode>0600</mode>", "<owner>0</owner>",
    "<group>", "</group>", "<timestamps>", "</timestamps>", "<mtime>",
    "</mtime>", "<encryption/>", "<clusterSize unit='B'>65536</clusterSize>",
    "<pool type='dir'>", "</pool>", "196616", "18446744073709551615",
    "1073741824", "-1", "0", "/vm/a.qcow2", "qcow2", "raw", "\n", "\n", "\n",
    "&lt;", "&#10;", "&", "<!--", "-->", "<![CDATA[", "]]>", "'", "\"",
    "\xc3\xa9", "\xff", "", NULL};

/* How much is in the qcow2 that QEMU makes, counted the long way. */
static bool is_untouched(const struct vmm_volxml *volume)
{
	unsigned __int128 reach = 512U << 20, tables = 0;

	tables = (volume->capacity + reach - 1) / reach;
	return volume->below.source && volume->format &&
	       strcmp(volume->format, "qcow2") == 0 &&
	       volume->cluster == 65536 && volume->physical &&
	       volume->physical <= 3 * 65536 + 8 * tables;
}

static void check_permissions(
    const struct vmm_volxml *like, const struct vmm_volxml *made)
{
	bool whole = like->mode && like->owner && like->group;

	if (like->block) {
		HOLDS(!made->mode && !made->owner && !made->group);
		return;
	}
	HOLDS(fuzz_same(made->mode, like->mode));
	HOLDS(fuzz_same(made->owner, whole ? like->owner : NULL));
	HOLDS(fuzz_same(made->group, whole ? like->group : NULL));
}

/* A volume like LIKE, in all that it is to have of it. */
static void check_built(const struct vmm_volxml *like, const char *name,
    const char *format, const struct vmm_layer *below)
{
	AUTOFREE char *xml = vmm_volxml_build(name, format, like, below);
	AUTOVOLXML made = {0};

	HOLDS(vmm_volxml_read(xml, &made));
	HOLDS(fuzz_same(made.name, name));
	HOLDS(fuzz_same(made.format, format));
	HOLDS(made.capacity == like->capacity && !made.allocation);
	HOLDS(fuzz_same(made.below.source, below ? below->source : NULL));
	if (below) /* never without: QEMU would guess */
		HOLDS(fuzz_same(
		    made.below.format, below->format ? below->format : "raw"));
	check_permissions(like, &made);
}

/* Whatever it is, it is read or it is not; then it is as XPath has it. */
static void check_read(const char *xml, const char *name, const char *format,
    const struct vmm_layer *below)
{
	AUTOVOLXML volume = {0};
	AUTOFREE char *target = vmm_poolxml_target(xml);
	AUTOFREE char *path = NULL;
	AUTOASK *asked = NULL;

	if (vmm_poolxml_has_files(xml))
		HOLDS(strstr(xml, "type"));
	if (!vmm_volxml_read(xml, &volume)) {
		HOLDS(!volume.name && !volume.path && !volume.below.source);
		return;
	}
	asked = fuzz_ask(xml);
	path = fuzz_string(
	    asked, "/*/*[local-name()='target'][1]/*[local-name()='path'][1]");
	HOLDS(strcmp(volume.path ? volume.path : "", path) == 0);
	HOLDS(fuzz_same(volume.path, target));
	HOLDS(volume.below.source || !volume.below.format);
	HOLDS((volume.below.source == NULL) == (volume.below.type == NULL));
	HOLDS(vmm_volxml_is_untouched(&volume) == is_untouched(&volume));
	check_built(&volume, name, format, NULL);
	check_built(&volume, name, format, below);
	if (volume.below.source)
		check_built(&volume, name, "qcow2", &volume.below);
}

static void check_pool(const char *name, const char *folder)
{
	AUTOFREE char *xml = vmm_poolxml_build(name, folder);
	AUTOFREE char *target = vmm_poolxml_target(xml);
	AUTOASK *asked = fuzz_ask(xml);
	AUTOFREE char *named = fuzz_string(asked, "/pool/name");

	HOLDS(strcmp(target, folder) == 0);
	HOLDS(strcmp(named, name) == 0);
	HOLDS(vmm_poolxml_has_files(xml));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *xml = fuzz_text(data, size);
	AUTOFREE char *mended = fuzz_mended("volume", xml);
	AUTOSTRV line = VMM_STRV_INIT;
	struct vmm_layer below = {0};

	for (int i = 0; i < 4; i++) {
		AUTOFREE char *raw = fuzz_line(&data, &size);

		vmm_strv_take(&line, fuzz_printable(raw));
	}
	below.source = line.v[2];
	below.format = *line.v[3] ? line.v[3] : NULL;
	check_read(xml, line.v[0], line.v[1], &below);
	check_read(mended, line.v[0], line.v[1], &below);
	check_pool(line.v[0], line.v[2]);
	return 0;
}
