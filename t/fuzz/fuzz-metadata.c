/*
 * metadata: reading it never fails, and gives a folder, labels and an origin.
 * The input is read as XML, and mended, and changed, and put into domains; then
 * its lines are a path and labels that somebody wrote.
 */
#include "fuzz-xml.h"

#include "pure/metaxml.h"
#include "pure/uuid.h"
#include "pure/vpath.h"

const char fuzz_name[] = "metadata";
const char *const fuzz_words[] = {"<vmm>", "</vmm>", "<vmm xmlns='",
    VMM_META_URI, "'>", "<vmm:vmm xmlns:vmm='" VMM_META_URI "'>", "</vmm:vmm>",
    "<path>", "</path>", "<path/>", "<vmm:path>", "</vmm:path>", "<label>",
    "</label>", "<label/>", "<vmm:label>", "</vmm:label>", "/lab", "/", "web",
    " ", "\n", "\n", "\t", "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&#10;",
    "&x;", "<x:path xmlns:x='urn:x'>", "</x:path>", "<domain>", "</domain>",
    "<devices>", "</devices>", "<metadata>", "</metadata>", "<disk>", "</disk>",
    "<source file='/x'/>", "<backingStore>", "</backingStore>",
    "<backingStore/>", "<volume>", "</volume>", "<origin>", "</origin>",
    "0a000000-0000-4000-8000-0000000000", "0a", "-", "\xc3\xa9", "\xff", "",
    NULL};

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

/* --- changing --- */

/* The element XML after CHANGE, to be freed; NULL where it is refused. It is
 * said to have changed only where it has. */
static char *edited(const char *xml, const struct vmm_meta_change *change)
{
	AUTOERR err = VMM_ERR_INIT;
	bool changed = false, again = true;
	AUTOFREE char *made = vmm_meta_edit(xml, change, &changed, &err);
	AUTOFREE char *twice = NULL;

	HOLDS((made == NULL) == (err.text != NULL));
	if (!made) {
		HOLDS(!change->repair && !changed);
		return NULL;
	}
	if (!changed)
		HOLDS(vmm_meta_same(xml, made));
	twice = vmm_meta_edit(made, change, &again, &err);
	HOLDS(twice && !again && strcmp(made, twice) == 0);
	return TAKE_PTR(made);
}

/* What is changed is what was to be, and all else as it was. */
static void check_changed(const char *xml, const struct vmm_meta *before)
{
	static char *add[] = {(char *)"new & <label>", (char *)"web"};
	static char *removed[] = {(char *)"lab"};
	const struct vmm_strv adds = {add, 2}, removes = {removed, 1};
	const struct vmm_meta_change change = {.folder = "/new/a&b",
	    .add = &adds,
	    .remove = &removes,
	    .origin = "0a000000-0000-4000-8000-000000000001"};
	struct vmm_meta after = VMM_META_INIT;
	AUTOFREE char *made = edited(xml, &change);
	size_t kept = 0;

	if (!made)
		return;
	vmm_meta_read(made, &after);
	check(&after);
	HOLDS(!after.trouble && !vmm_meta_would_change(&after, &change));
	HOLDS(strcmp(after.folder, change.folder) == 0);
	HOLDS(fuzz_same(after.origin, change.origin));
	HOLDS(vmm_strv_has(&after.labels, add[0]));
	HOLDS(vmm_strv_has(&after.labels, add[1]));
	HOLDS(!vmm_strv_has(&after.labels, removed[0]));
	for (size_t i = 0; i < before->labels.n; i++)
		if (strcmp(before->labels.v[i], removed[0]) != 0)
			HOLDS(strcmp(before->labels.v[i],
				  after.labels.v[kept++]) == 0);
	HOLDS(after.labels.n <= kept + 2);
	vmm_meta_release(&after);
}

/* After a repair nothing is wrong, and a reader sees what it saw, unless that
 * was what was wrong. */
static void check_repaired(const char *xml, const struct vmm_meta *before)
{
	const struct vmm_meta_change repair = {.repair = true};
	AUTOFREE char *made = edited(xml, &repair);
	AUTOSTRV problems = VMM_STRV_INIT;
	AUTOSTRV left = VMM_STRV_INIT;
	struct vmm_meta after = VMM_META_INIT;

	vmm_meta_check(xml, &problems);
	vmm_meta_check(made, &left);
	vmm_meta_read(made, &after);
	check(&after);
	HOLDS(!left.n && !after.trouble);
	HOLDS(problems.n || !before->trouble);
	HOLDS(problems.n || vmm_meta_same(xml, made));
	HOLDS(before->labels.n == after.labels.n);
	for (size_t i = 0; i < before->labels.n; i++)
		HOLDS(strcmp(before->labels.v[i], after.labels.v[i]) == 0);
	HOLDS(fuzz_same(before->origin, after.origin));
	vmm_meta_release(&after);
}

/* What is put into a domain is found in it, and what it had is gone. */
static void check_grafted(const char *domain, const char *element)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *made = vmm_meta_graft(domain, element, &err);
	AUTOFREE char *bare = NULL;
	AUTOFREE char *found = NULL;
	AUTOFREE char *none = NULL;
	AUTODOC doc = NULL;

	HOLDS((made == NULL) == (err.text != NULL));
	/* not of domains within one another, for which is meant may differ */
	if (!made || strncmp(made, "<domain", 7) != 0 ||
	    strstr(made + 7, "<domain"))
		return;
	doc = vmm_xml_parse(made);
	if (!doc)
		return; /* a prefix that nothing declares, and ours before it */
	found = vmm_meta_extract(made);
	HOLDS(found && vmm_meta_same(found, element));
	bare = vmm_meta_graft(made, NULL, &err);
	none = vmm_meta_extract(bare);
	HOLDS(bare && !none);
}

/* Whatever the XML is, it is read; changed, or refused with a reason. */
static void check_raw(const char *xml)
{
	struct vmm_meta meta = VMM_META_INIT;
	AUTOFREE char *found = vmm_meta_extract(xml);

	vmm_meta_read(xml, &meta);
	check(&meta);
	/* entities of a document's own do not outlast it; libvirt has none */
	if (!strstr(xml, "<!DOCTYPE")) {
		check_changed(xml, &meta);
		check_repaired(xml, &meta);
	}
	if (found)
		HOLDS(vmm_meta_same(found, found));
	vmm_meta_release(&meta);
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
	AUTOFREE char *mended = fuzz_mended("vmm", xml);
	AUTOFREE char *domain = fuzz_mended("domain", xml);
	AUTOFREE char *raw_path = fuzz_line(&data, &size);
	AUTOFREE char *path = fuzz_printable(raw_path);
	AUTOSTRV labels = VMM_STRV_INIT;

	check_raw(xml);
	check_raw(mended);
	check_grafted(xml, "<vmm><path>/a</path><label>web</label></vmm>");
	check_grafted(domain, "<vmm><path>/a</path><label>web</label></vmm>");
	check_grafted("<domain/>", mended);
	while (size && labels.n < 8) {
		AUTOFREE char *label = fuzz_line(&data, &size);

		vmm_strv_take(&labels, fuzz_printable(label));
	}
	check_written(path, &labels, "", "");
	check_written(path, &labels, "", " xmlns='" VMM_META_URI "'");
	check_written(path, &labels, "vmm:", " xmlns:vmm='" VMM_META_URI "'");
	return 0;
}
