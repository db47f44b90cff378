/*
 * metadata: reading it never fails, and gives a folder, labels and an origin.
 * The input is read as XML, and then its lines as a path and labels that
 * somebody wrote.
 */
#include "fuzz.h"

#include "base/escape.h"
#include "pure/domxml.h"
#include "pure/metaxml.h"
#include "pure/uuid.h"
#include "pure/volxml.h"
#include "pure/vpath.h"

const char fuzz_name[] = "metadata";
const char *const fuzz_words[] = {"<vmm>", "</vmm>", "<vmm xmlns='",
    VMM_META_URI, "'>", "<vmm:vmm xmlns:vmm='" VMM_META_URI "'>", "</vmm:vmm>",
    "<path>", "</path>", "<path/>", "<vmm:path>", "</vmm:path>", "<label>",
    "</label>", "<label/>", "<vmm:label>", "</vmm:label>", "/lab", "/", "web",
    " ", "\n", "\n", "\t", "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&#10;",
    "&x;", "<x:path xmlns:x='urn:x'>", "</x:path>", "<domain>", "</domain>",
    "<devices>", "</devices>", "<disk>", "</disk>", "<source file='/x'/>",
    "<backingStore>", "</backingStore>", "<backingStore/>", "<volume>",
    "</volume>", "<origin>", "</origin>", "0a000000-0000-4000-8000-0000000000",
    "0a", "-", "\xc3\xa9", "\xff", "", NULL};

static bool is_white(char c)
{
	return c && strchr(" \t\n\v\f\r", c);
}

/* What holds whatever was read. */
static void check(const struct vmm_meta *meta)
{
	AUTOFREE char *again = NULL;

	HOLDS(meta->folder != NULL);
	HOLDS(meta->folder[0] == '/' && !strstr(meta->folder, "//"));
	again = vmm_vpath_normal(meta->folder);
	HOLDS(strcmp(meta->folder, again) == 0);
	for (size_t i = 0; i < meta->labels.n; i++) {
		const char *label = meta->labels.v[i];

		HOLDS(*label && !is_white(*label) &&
		      !is_white(label[strlen(label) - 1]));
		for (size_t j = 0; j < i; j++)
			HOLDS(strcmp(label, meta->labels.v[j]) != 0);
	}
	HOLDS(!meta->trouble || *meta->trouble);
	if (meta->origin) {
		AUTOFREE char *uuid = vmm_uuid_normal(meta->origin);

		HOLDS(uuid && strcmp(meta->origin, uuid) == 0);
	}
}

/* Whatever the XML is, it is read, or refused with a reason. */
static void check_raw(const char *xml)
{
	struct vmm_meta meta = VMM_META_INIT;
	AUTOVOLXML volume = {0};
	AUTOERR err = VMM_ERR_INIT;
	AUTODOMXML *domain = vmm_domxml_read(xml, &err);

	HOLDS((domain == NULL) == (err.text != NULL));
	for (size_t i = 0; domain && i < domain->disks; i++)
		HOLDS(domain->disk[i].device != NULL);
	if (!vmm_volxml_read(xml, &volume))
		HOLDS(!volume.path && !volume.below.source);
	else if (vmm_volxml_is_untouched(&volume))
		HOLDS(volume.below.source != NULL);
	vmm_meta_read(xml, &meta);
	check(&meta);
	vmm_meta_release(&meta);
}

/* TEXT without what XML cannot hold; to be freed. */
static char *printable(const char *text)
{
	size_t length = strlen(text);
	AUTOBUF out = VMM_BUF_INIT;

	while (length) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(text, length, &rune);

		if (n && (rune >= ' ' || rune == '\t' || rune == '\r') &&
		    rune != 0xfffe && rune != 0xffff)
			vmm_buf_add(&out, text, n);
		text += n ? n : 1;
		length -= n ? n : 1;
	}
	return vmm_buf_take(&out);
}

/* Adds <PREFIX NAME>TEXT</PREFIX NAME>, with all but letters as references. */
static void add_element(
    struct vmm_buf *xml, const char *prefix, const char *name, const char *text)
{
	size_t length = strlen(text);

	vmm_buf_addf(xml, "\n<%s%s>", prefix, name);
	while (length) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(text, length, &rune);

		vmm_buf_addf(xml, "&#%u;", (unsigned)rune);
		text += n;
		length -= n;
	}
	vmm_buf_addf(xml, "</%s%s>", prefix, name);
}

/* TEXT without white space around it; to be freed. */
static char *trimmed(const char *text)
{
	size_t length;

	while (is_white(*text))
		text++;
	for (length = strlen(text); length && is_white(text[length - 1]);)
		length--;
	return vmm_strndup(text, length);
}

/* What was written is read, in the form of a domain's XML and in libvirt's. */
static void check_written(const char *path, const struct vmm_strv *labels,
    const char *prefix, const char *namespace)
{
	struct vmm_meta meta = VMM_META_INIT;
	AUTOBUF xml = VMM_BUF_INIT;
	AUTOFREE char *folder = vmm_vpath_normal(path);
	size_t distinct = 0;

	vmm_buf_addf(&xml, "<%svmm%s>", prefix, namespace);
	for (size_t i = 0; i < labels->n; i++) {
		if (i == labels->n / 2)
			add_element(&xml, prefix, "path", path);
		vmm_buf_adds(&xml, "<!-- c --><x:path xmlns:x='urn:x'/>");
		add_element(&xml, prefix, "label", labels->v[i]);
	}
	if (!labels->n)
		add_element(&xml, prefix, "path", path);
	vmm_buf_addf(&xml, "</%svmm>", prefix);
	vmm_meta_read(vmm_buf_text(&xml), &meta);
	check(&meta);
	HOLDS(!meta.trouble);
	HOLDS(strcmp(meta.folder, folder) == 0);
	for (size_t i = 0; i < labels->n; i++) {
		AUTOFREE char *label = trimmed(labels->v[i]);

		if (!*label)
			continue;
		HOLDS(vmm_strv_has(&meta.labels, label));
		if (distinct < meta.labels.n &&
		    strcmp(meta.labels.v[distinct], label) == 0)
			distinct++;
	}
	HOLDS(distinct == meta.labels.n); /* in order, and no others */
	vmm_meta_release(&meta);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *xml = fuzz_text(data, size);
	AUTOFREE char *raw_path = fuzz_line(&data, &size);
	AUTOFREE char *path = printable(raw_path);
	AUTOSTRV labels = VMM_STRV_INIT;

	check_raw(xml);
	while (size && labels.n < 8) {
		AUTOFREE char *label = fuzz_line(&data, &size);

		vmm_strv_take(&labels, printable(label));
	}
	check_written(path, &labels, "", "");
	check_written(path, &labels, "", " xmlns='" VMM_META_URI "'");
	check_written(path, &labels, "vmm:", " xmlns:vmm='" VMM_META_URI "'");
	return 0;
}
