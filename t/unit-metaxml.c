/* metaxml: whatever stands there, a VM has a folder and labels. */
#include "pure/metaxml.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "unit.h"

#define NS "xmlns:vmm='" VMM_META_URI "'"
#define OURS(children) "<vmm>" children "</vmm>"
#define IN_FULL(children) "<vmm:vmm " NS ">" children "</vmm:vmm>"
#define UUID_A "0a000000-0000-4000-8000-00000000000a"
#define UUID_B "0b000000-0000-4000-8000-00000000000b"

#define TROUBLE true

/* Checks what XML says: the labels joined by '|', and whether all is well. */
static void reads(const char *xml, const char *folder, const char *labels,
    bool trouble, const char *name)
{
	struct vmm_meta meta = VMM_META_INIT;
	AUTOBUF joined = VMM_BUF_INIT;

	vmm_meta_read(xml, &meta);
	for (size_t i = 0; i < meta.labels.n; i++)
		vmm_buf_addf(&joined, "%s%s", i ? "|" : "", meta.labels.v[i]);
	is(meta.folder, folder, "%s: folder", name);
	is(vmm_buf_text(&joined), labels, "%s: labels", name);
	ok((meta.trouble != NULL) == trouble, "%s: %s", name,
	    trouble ? "trouble" : "no trouble");
	vmm_meta_release(&meta);
}

static void test_forms(void)
{
	reads(NULL, "/", "", false, "no element");
	reads(IN_FULL("<vmm:path>/lab</vmm:path><vmm:label>web</vmm:label>"),
	    "/lab", "web", false, "the form in a domain's XML");
	reads(OURS("<path>/lab</path><label>web</label>"), "/lab", "web", false,
	    "the form that libvirt hands out");
	reads("<vmm xmlns='" VMM_META_URI "'><path>/lab</path>"
	      "<label>web</label></vmm>",
	    "/lab", "web", false, "the default namespace");
	reads("<x:vmm xmlns:x='" VMM_META_URI "'><x:path>/lab</x:path>"
	      "<x:label>web</x:label></x:vmm>",
	    "/lab", "web", false, "another prefix");
	reads("<vmm v='1'>\n  <path>/lab</path>\n  <label>a</label>\n\n"
	      "  <label>b</label>\n</vmm>\n",
	    "/lab", "a|b", false, "an element over several lines");
	reads("<?xml version='1.0' encoding='UTF-8'?>\n<!-- c -->\n" OURS(
		  "<path>/lab</path>"),
	    "/lab", "", false, "an XML declaration and a comment before it");
	reads(OURS("<path>/caf\xc3\xa9</path><label>\xe6\x97\xa5</label>"),
	    "/caf\xc3\xa9", "\xe6\x97\xa5", false, "UTF-8");
	reads(OURS("<path>/a&amp;b&lt;&#233;</path>"
		   "<label><![CDATA[<&>]]></label>"),
	    "/a&b<\xc3\xa9", "<&>", false, "entities and CDATA");
	reads(OURS("<path>/a<!-- c -->b</path><label>w<?p i?>eb</label>"),
	    "/ab", "web", false, "comments inside");
}

static void test_path(void)
{
	reads(OURS("<path>/lab/</path>"), "/lab", "", false,
	    "a trailing slash, as vroomm writes it");
	reads(OURS("<path>\n\t/lab/x \n</path>"), "/lab/x", "", false,
	    "white space around the path");
	reads(OURS("<path>lab//x</path>"), "/lab/x", "", false,
	    "a path to be mended");
	reads(OURS("<path>/my lab</path>"), "/my lab", "", false,
	    "a blank in the path");
	reads(OURS("<path/>"), "/", "", false, "an empty path");
	reads(OURS("<path> \n </path>"), "/", "", false, "a blank path");
	reads(OURS("<path>/</path>"), "/", "", false, "the root");
	reads(OURS("<label>a</label>"), "/", "a", TROUBLE, "no path");
	reads(OURS(""), "/", "", TROUBLE, "no children");
	reads("<vmm/>", "/", "", TROUBLE, "an empty element");
	reads(OURS("<path>/a</path><label>x</label><path>/b</path>"), "/", "x",
	    TROUBLE, "two paths");
	reads(OURS("<path>/a</path><path>/a</path>"), "/", "", TROUBLE,
	    "twice the same path");
	reads(OURS("<path>/a</path><path/>"), "/", "", TROUBLE,
	    "a path and an empty one");
	reads(OURS("<path>/a</path><path>/b</path><path>/c</path>"), "/", "",
	    TROUBLE, "three paths");
	reads(OURS("<Path>/a</Path>"), "/", "", TROUBLE, "a capital letter");
}

static void test_labels(void)
{
	reads(OURS("<path>/</path><label>b</label><label>a</label>"
		   "<label>b</label>"),
	    "/", "b|a", false, "a label twice");
	reads(OURS("<path>/</path><label>a</label><label> a\n</label>"), "/",
	    "a", false, "a label twice but for white space");
	reads(OURS("<path>/</path><label>a</label><label>A</label>"), "/",
	    "a|A", false, "two labels but for case");
	reads(
	    OURS("<path>/</path><label/><label> \t\n</label><label>x</label>"),
	    "/", "x", false, "empty labels");
	reads(OURS("<path>/</path><label>\n  two words\n</label>"), "/",
	    "two words", false, "white space around a label");
	reads(OURS("<path>/</path><label>a,b\\c</label><label>/</label>"), "/",
	    "a,b\\c|/", false, "punctuation in labels");
}

/* Checks the origin that an element with CHILDREN has; NULL: none. */
static void originates(
    const char *children, const char *origin, const char *name)
{
	AUTOFREE char *xml = vmm_sprintf(
	    "<vmm><path>/lab</path>%s<label>a</label></vmm>", children);
	struct vmm_meta meta = VMM_META_INIT;

	reads(xml, "/lab", "a", false, name);
	vmm_meta_read(xml, &meta);
	is(meta.origin ? meta.origin : "none", origin ? origin : "none",
	    "%s: origin", name);
	vmm_meta_release(&meta);
}

static void test_origin(void)
{
	originates("", NULL, "no origin");
	originates("<origin>" UUID_A "</origin>", UUID_A, "an origin");
	originates("<o:origin xmlns:o='" VMM_META_URI "'>" UUID_A "</o:origin>",
	    UUID_A, "an origin with a prefix");
	originates("<origin>\n " UUID_A "\t</origin>", UUID_A,
	    "white space around the origin");
	originates("<origin>0A000000000040008000-00000000000A</origin>", UUID_A,
	    "an origin as libvirt would read it");
	originates("<origin/><origin>x</origin><origin>" UUID_B
		   "</origin><origin>" UUID_A "</origin>",
	    UUID_B, "several origins: the first UUID");
	originates("<o:origin xmlns:o='urn:o'>" UUID_A "</o:origin>", NULL,
	    "an origin in another namespace");
	originates("<note><origin>" UUID_A "</origin></note>", NULL,
	    "an origin deeper");
	originates("<origin>" UUID_A "0</origin>", NULL, "a digit too many");
	originates("<origin>0a000000-0000-4000-8000-00000000000</origin>", NULL,
	    "a digit too few");
	originates("<origin>0a000000-0000-4000-8000-00000000000g</origin>",
	    NULL, "what is no digit");
	originates("<origin>0a000000-0000-4000 8000-00000000000a</origin>",
	    NULL, "a blank in the origin");
	originates("<origin>../../etc/passwd&#10;&#x202e;</origin>", NULL,
	    "what is no UUID at all");
}

/* Checks that the one problem of CHILDREN is PROBLEM (NULL: none), and what a
 * repair leaves of them. */
static void repairs(
    const char *children, const char *problem, const char *after)
{
	const struct vmm_meta_change repair = {.repair = true};
	AUTOFREE char *xml = vmm_sprintf(OURS("<path>/</path>%s"), children);
	AUTOFREE char *mended = vmm_sprintf(OURS("<path>/</path>%s"), after);
	AUTOFREE char *new = NULL;
	AUTOSTRV problems = VMM_STRV_INIT;
	AUTOERR err = VMM_ERR_INIT;
	bool changed = false;

	vmm_meta_check(xml, &problems);
	is(problems.n == 1 ? problems.v[0]
	    : problems.n   ? "many"
			   : "none",
	    problem ? problem : "none", "check: %s", children);
	new = vmm_meta_edit(xml, &repair, &changed, &err);
	is(new, mended, "repair: %s", children);
	ok(changed == (problem != NULL), "repair: says so: %s", children);
}

static void test_mend_origin(void)
{
	static const char good[] = "<origin>" UUID_A "</origin>";

	repairs(good, NULL, good);
	repairs("<origin/>", "its origin is no UUID", "");
	repairs("<origin>web1</origin>", "its origin is no UUID", "");
	repairs("<origin x='y'>0A000000-0000-4000-8000-00000000000A </origin>",
	    "its origin is not in normal form",
	    "<origin x=\"y\">" UUID_A "</origin>");
	repairs("<origin>" UUID_A "</origin><origin>" UUID_B "</origin>",
	    "it has more than one origin", good);
	repairs("<origin>x</origin><z/><origin>" UUID_A "</origin>",
	    "its origin is no UUID", "<z/><origin>" UUID_A "</origin>");
	repairs("<o:origin xmlns:o=\"urn:o\">x</o:origin>", NULL,
	    "<o:origin xmlns:o=\"urn:o\">x</o:origin>");
}

static void test_foreign(void)
{
	reads("<lab><path>/lab</path><label>a</label></lab>", "/", "", TROUBLE,
	    "another root");
	reads("<vmm xmlns='urn:x'><path>/lab</path><label>a</label></vmm>", "/",
	    "", TROUBLE, "our root's name in another namespace");
	reads("<x:path xmlns:x='" VMM_META_URI "'>/lab</x:path>", "/", "",
	    TROUBLE, "another root in our namespace");
	reads("<vmm xmlns='" VMM_META_URI "/'><path>/lab</path></vmm>", "/", "",
	    TROUBLE, "a namespace that only begins like ours");
	reads(IN_FULL("<x:path xmlns:x='urn:x'>/x</x:path>"
		      "<vmm:path>/lab</vmm:path>"
		      "<x:label xmlns:x='urn:x'>a</x:label>"
		      "<label xmlns='urn:y'>b</label>"
		      "<vmm:label>c</vmm:label>"),
	    "/lab", "c", false, "children in other namespaces");
	reads(OURS("<origin>x</origin><path a='1'>/lab</path>"
		   "<note><path>/x</path><label>a</label></note>text"
		   "<label x='y'>b</label><labels>c</labels>"),
	    "/lab", "b", false, "children that are not ours");
	reads(IN_FULL("<x:path xmlns:x='urn:x'>/x</x:path>"), "/", "", TROUBLE,
	    "only a foreign path");
}

static void test_malformed(void)
{
	static const char *const xml[] = {"", " ", "vmm", "<", "<vmm", "<vmm>",
	    "<vmm><path>/lab</vmm>", "<vmm><path>/lab</path>",
	    OURS("<path>/lab</path>") "<vmm/>",
	    OURS("<path>/lab</path>") "text", OURS("<path>&x;</path>"),
	    OURS("<path>\xff</path>"), OURS("<path>\x01</path>"),
	    "<vmm:vmm xmlns:vmm=''><vmm:path>/lab</vmm:path></vmm:vmm>",
	    "<!-- only a comment -->"};

	for (size_t i = 0; i < ARRAY_SIZE(xml); i++)
		reads(xml[i], "/", "", TROUBLE, xml[i]);
}

/* Nothing outside the element is read, and nothing grows without end. */
static void test_entities(void)
{
	struct vmm_meta meta = VMM_META_INIT;

	reads("<!DOCTYPE vmm [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" OURS(
		  "<path>/lab/&x;</path>"),
	    "/lab", "", false, "a file as an entity");
	vmm_meta_read("<!DOCTYPE vmm [<!ENTITY a '0123456789'>"
		      "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
		      "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
		      "<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>"
		      "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>"
		      "<!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>"
		      "<!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'>]>" OURS(
			  "<path>/&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;</path>"),
	    &meta);
	ok(strlen(meta.folder) < 10000000, "entities in entities: bounded");
	vmm_meta_release(&meta);
}

/* libxml2 prints on standard error, if one lets it. */
static void test_silence(void)
{
	static const char *const xml[] = {"<vmm", OURS("<path>\xff</path>"),
	    "<?xml version='1.0' encoding='EUC-JP'?>" OURS(
		"<path>/\xda\xc3\x81\xfd</path>"),
	    "<?xml version='1.0' encoding='nonsense'?>" OURS(
		"<path>/lab</path>")};
	FILE *instead = tmpfile();
	int saved = dup(STDERR_FILENO);

	if (!instead || saved < 0) {
		ok(false, "silence: a temporary file");
		return;
	}
	fflush(stderr);
	dup2(fileno(instead), STDERR_FILENO);
	for (size_t i = 0; i < ARRAY_SIZE(xml); i++) {
		struct vmm_meta meta = VMM_META_INIT;

		vmm_meta_read(xml[i], &meta);
		vmm_meta_release(&meta);
	}
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	is_int(lseek(fileno(instead), 0, SEEK_END), 0,
	    "silence: nothing is printed, whatever the XML");
	fclose(instead);
}

static void test_release(void)
{
	struct vmm_meta meta = VMM_META_INIT;

	vmm_meta_read(
	    OURS("<label>a</label><origin>" UUID_A "</origin>"), &meta);
	vmm_meta_release(&meta);
	ok(!meta.folder && !meta.labels.n && !meta.origin && !meta.trouble,
	    "release: as before reading");
	vmm_meta_read(OURS("<path>/lab</path>"), &meta);
	is(meta.folder, "/lab", "release: can be read into again");
	vmm_meta_release(&meta);
}

/* --- editing --- */

/* Does CHANGE to *XML, which is replaced; returns whether it changed. */
static bool edit(char **xml, const struct vmm_meta_change *change)
{
	AUTOERR err = VMM_ERR_INIT;
	bool changed = false;
	char *new = vmm_meta_edit(*xml, change, &changed, &err);

	if (!new)
		return false;
	free(*xml);
	*xml = new;
	return changed;
}

static void test_edit(void)
{
	AUTOSTRV add = VMM_STRV_INIT, remove = VMM_STRV_INIT;
	const struct vmm_meta_change both = {
	    .folder = "/a&b", .add = &add, .remove = &remove};
	const struct vmm_meta_change repair = {.repair = true};
	AUTOFREE char *xml = NULL;
	AUTOFREE char *foreign = vmm_strdup("<other>data</other>");
	AUTOFREE char *odd =
	    vmm_strdup(OURS("<path>/x/</path><path>/y</path><label> l </label>"
			    "<label>l</label><label/><z/>"));
	AUTOFREE char *nested = vmm_strdup(
	    OURS("<path>/o<x>ld</x><!--c--><y/></path><label>&lt;l></label>"));
	AUTOERR err = VMM_ERR_INIT;
	bool changed = true;

	vmm_strv_take(&add, vmm_strdup("<l>"));
	vmm_strv_take(&remove, vmm_strdup("gone"));
	ok(edit(&xml, &both), "edit: a VM without an element");
	is(xml, OURS("<path>/a&amp;b</path><label>&lt;l&gt;</label>"),
	    "edit: gets one, escaped");
	ok(!edit(&xml, &both), "edit: the same again changes nothing");
	ok(edit(&nested, &both) && !edit(&nested, &both),
	    "edit: a path in pieces");
	is(nested,
	    OURS("<path>/a&amp;b<!--c--><y/></path><label>&lt;l&gt;</label>"),
	    "edit: is whole, and its comment stays");
	ok(!vmm_meta_edit(foreign, &both, &changed, &err) &&
		err.status == VMM_REFUSED && !changed,
	    "edit: a foreign root is refused");
	ok(edit(&foreign, &repair), "repair: a foreign root");
	is(foreign, OURS("<path>/</path>"), "repair: is replaced");
	ok(edit(&odd, &repair), "repair: an odd element");
	is(odd, OURS("<path>/x</path><label>l</label><z/>"),
	    "repair: keeps what it does not know");
	ok(!edit(&odd, &repair), "repair: once is enough");
}

static void test_edit_origin(void)
{
	const struct vmm_meta_change from_a = {.origin = UUID_A},
				     from_b = {.origin = UUID_B},
				     none = {.origin = ""},
				     moved = {.folder = "/x"};
	AUTOFREE char *xml = NULL;
	AUTOFREE char *two = vmm_strdup(OURS(
	    "<origin>x</origin><path>/</path><origin>" UUID_A "</origin>"));
	AUTOFREE char *bare = vmm_strdup(OURS("<z/>"));
	AUTOSTRV add = VMM_STRV_INIT;
	const struct vmm_meta_change label = {.add = &add};

	vmm_strv_take(&add, vmm_strdup("l"));
	ok(!edit(&xml, &none), "origin: none of nothing changes nothing");
	ok(edit(&xml, &from_a), "origin: set");
	is(xml, OURS("<path>/</path><origin>" UUID_A "</origin>"),
	    "origin: behind the path");
	ok(!edit(&xml, &from_a), "origin: the same again changes nothing");
	ok(edit(&xml, &label), "origin: a label beside it");
	is(xml,
	    OURS("<path>/</path><label>l</label><origin>" UUID_A "</origin>"),
	    "origin: labels stand before it");
	ok(edit(&xml, &moved), "origin: another folder");
	ok(strstr(xml, UUID_A) != NULL, "origin: stays when others change");
	ok(edit(&xml, &from_b) && !edit(&xml, &from_b), "origin: another");
	is(xml,
	    OURS("<path>/x</path><label>l</label><origin>" UUID_B "</origin>"),
	    "origin: in its place");
	ok(edit(&xml, &none) && !edit(&xml, &none), "origin: removed");
	is(xml, OURS("<path>/x</path><label>l</label>"), "origin: is gone");
	ok(edit(&xml, &from_a), "origin: set with labels");
	is(xml,
	    OURS("<path>/x</path><label>l</label><origin>" UUID_A "</origin>"),
	    "origin: behind the labels");
	ok(edit(&two, &from_b), "origin: of several");
	is(two, OURS("<origin>" UUID_B "</origin><path>/</path>"),
	    "origin: only one is left");
	ok(edit(&bare, &from_a), "origin: without a path");
	is(bare, OURS("<origin>" UUID_A "</origin><z/>"),
	    "origin: without a path it is first");
}

static void test_would_change(void)
{
	const struct vmm_meta_change from_a = {.origin = UUID_A},
				     none = {.origin = ""}, keep = {0};
	struct vmm_meta with = {.folder = (char[]){"/"},
			    .origin = (char[]){UUID_A}},
			without = {.folder = (char[]){"/"}};

	ok(!vmm_meta_would_change(&with, &keep) &&
		!vmm_meta_would_change(&with, &from_a) &&
		vmm_meta_would_change(&with, &none),
	    "would change: a VM with an origin");
	ok(vmm_meta_would_change(&without, &from_a) &&
		!vmm_meta_would_change(&without, &none),
	    "would change: a VM without one");
	ok(!vmm_meta_same(OURS("<path>/</path>"),
	       OURS("<path>/</path><origin>" UUID_A "</origin>")) &&
		vmm_meta_same(
		    OURS("<path>/</path><origin>" UUID_A " </origin>"),
		    OURS("<path>/</path><origin>" UUID_A "</origin>")),
	    "same: the origin counts");
}

/* XML without our path, labels and origin: what must never change. To be freed.
 */
static char *without_ours(const char *xml)
{
	AUTOBUF out = VMM_BUF_INIT;

	while (*xml) {
		const char *end = NULL;

		if (strncmp(xml, "<path>", 6) == 0)
			end = strstr(xml, "</path>");
		else if (strncmp(xml, "<label>", 7) == 0)
			end = strstr(xml, "</label>");
		else if (strncmp(xml, "<origin>", 8) == 0)
			end = strstr(xml, "</origin>");
		if (end)
			xml = strchr(end, '>') + 1;
		else
			vmm_buf_addc(&out, *xml++);
	}
	return vmm_buf_take(&out);
}

static void test_random_edits(void)
{
	static const char foreign[] =
	    "<vmm kept='1'><!-- mine --><path>/a</path> <future x=\"y\">"
	    "<path at='2'>no</path></future>\n"
	    "<o:path xmlns:o=\"urn:o\">text &amp; more</o:path>"
	    "<o:origin xmlns:o=\"urn:o\">" UUID_B "</o:origin>"
	    "<label>first</label><![CDATA[raw]]></vmm>";
	static const char *const folders[] = {"/", "/a", "/b/c", "/\xc3\xa9"};
	static const char *const labels[] = {
	    "first", "a", "b & c", "\xe2\x82\xac"};
	static const char *const origins[] = {"", UUID_A, UUID_B};
	AUTOFREE char *xml = NULL;
	AUTOFREE char *rest = NULL;
	const struct vmm_meta_change nothing = {.folder = "/a"};
	bool has[ARRAY_SIZE(labels)] = {true};
	const char *folder = "/a", *origin = "";
	size_t wrong = 0;

	xml = vmm_strdup(foreign);
	edit(&xml, &nothing); /* as libxml2 writes it */
	rest = without_ours(xml);
	srand(1);
	for (int i = 0; i < 1000; i++) {
		AUTOSTRV one = VMM_STRV_INIT;
		struct vmm_meta_change change = {0};
		struct vmm_meta meta = VMM_META_INIT;
		AUTOFREE char *left = NULL;
		size_t which = (size_t)rand() % ARRAY_SIZE(labels);
		int what = rand() % 4;
		bool changed;

		vmm_strv_take(&one, vmm_strdup(labels[which]));
		if (what == 0)
			change.folder = folders[rand() % 4];
		else if (what == 1)
			change.add = &one;
		else if (what == 2)
			change.remove = &one;
		else
			change.origin = origins[rand() % 3];
		changed = what == 0   ? strcmp(change.folder, folder) != 0
			  : what == 3 ? strcmp(change.origin, origin) != 0
				      : has[which] != (what == 1);
		vmm_meta_read(xml, &meta);
		wrong += vmm_meta_would_change(&meta, &change) != changed;
		vmm_meta_release(&meta);
		wrong += edit(&xml, &change) != changed;
		if (what == 0)
			folder = change.folder;
		else if (what == 3)
			origin = change.origin;
		else
			has[which] = what == 1;
		vmm_meta_read(xml, &meta);
		wrong += strcmp(meta.folder, folder) != 0;
		wrong += strcmp(meta.origin ? meta.origin : "", origin) != 0;
		for (size_t j = 0; j < ARRAY_SIZE(labels); j++)
			wrong +=
			    vmm_strv_has(&meta.labels, labels[j]) != has[j];
		left = without_ours(xml);
		wrong += strcmp(left, rest) != 0;
		vmm_meta_release(&meta);
	}
	is_int(
	    (int)wrong, 0, "1000 random edits: ours as asked, the rest kept");
	ok(strstr(rest, "<!-- mine -->") && strstr(rest, "urn:o") &&
		strstr(rest, "future") && strstr(rest, "raw") &&
		strstr(rest, UUID_B),
	    "1000 random edits: there was a rest");
}

static void test_graft(void)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *bare = NULL;
	AUTOFREE char *none = vmm_meta_graft(
	    "<domain><name>x</name></domain>", OURS("<path>/g</path>"), &err);
	AUTOFREE char *old = vmm_meta_graft(
	    "<domain><metadata><o:k xmlns:o='urn:o'/>" IN_FULL(
		"<vmm:path>/old</vmm:path>") "</metadata><name>x</name></"
					     "domain>",
	    OURS("<path>/new</path><label>l</label>"), &err);

	ok(none && strstr(none, "<metadata><vmm:vmm xmlns:vmm=\"" VMM_META_URI
				"\"><vmm:path>/g</vmm:path>"),
	    "graft: a domain without metadata gets it");
	ok(old && strstr(old, "<vmm:path>/new</vmm:path>") &&
		strstr(old, "<vmm:label>l</vmm:label>") &&
		!strstr(old, "/old") && strstr(old, "urn:o") &&
		strstr(old, "<name>x</name>"),
	    "graft: ours is replaced, and nothing else");
	ok(!vmm_meta_graft("no XML", OURS(""), &err) && err.status,
	    "graft: no domain is an error");
	ok(!vmm_meta_graft("<domainsnapshot><domain/></domainsnapshot>",
	       "<vmm xmlns:vmm='urn:o'><path>/</path></vmm>", &err) &&
		strstr(err.text, "prefix 'vmm'"),
	    "graft: our prefix for something else is an error");
	bare = vmm_meta_extract("<domain><metadata><o:k xmlns:o='urn:o'/>"
				"</metadata></domain>");
	is(bare, NULL, "extract: there is none of ours");
}

int main(void)
{
	test_edit();
	test_edit_origin();
	test_would_change();
	test_random_edits();
	test_graft();
	test_forms();
	test_path();
	test_labels();
	test_origin();
	test_mend_origin();
	test_foreign();
	test_malformed();
	test_entities();
	test_silence();
	test_release();
	return unit_done();
}
