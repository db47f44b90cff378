/* vpath: what a folder may be written like, and the order of a listing. */
#include "pure/vpath.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "unit.h"

static void test_normal(void)
{
	static const struct {
		const char *raw, *expected, *name;
	} cases[] = {
	    {"", "/", "nothing"},
	    {"/", "/", "the root"},
	    {"///", "/", "the root in three slashes"},
	    {" \t\n\v\f\r", "/", "only white space"},
	    {" / ", "/", "the root amid white space"},
	    {"/lab", "/lab", "a normal one"},
	    {"lab", "/lab", "no first slash"},
	    {"lab/x", "/lab/x", "no first slash, two components"},
	    {"/lab/", "/lab", "a trailing slash"},
	    {"//lab//x//", "/lab/x", "doubled slashes"},
	    {"\n\t/lab/x \r\n", "/lab/x", "white space around it"},
	    {"\v\flab\v\f", "/lab", "vertical tabs and form feeds"},
	    {"/my lab/two  words", "/my lab/two  words", "blanks inside"},
	    {"/lab\tx", "/lab\tx", "a tab inside"},
	    {"/.../.x", "/.../.x", "dots that mean nothing"},
	    {"/caf\xc3\xa9", "/caf\xc3\xa9", "UTF-8"},
	    {"/lab\xc2\xa0", "/lab\xc2\xa0", "a space that is not ASCII's"},
	    {"/\xff", "/\xff", "no UTF-8"},
	    {"\\lab\\", "/\\lab\\", "backslashes"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOFREE char *got = vmm_vpath_normal(cases[i].raw);

		is(got, cases[i].expected, "normal: %s", cases[i].name);
	}
}

/* What has been read once must be the same when it is read again: it is
 * stored, printed and typed in. */
static void test_normal_twice(void)
{
	static const char *const raw[] = {"/a /", "a //", "/a \t/ /", "/ /",
	    "/ / a", " / a / ", "/a/ /b", "/\t/", "a / b"};

	for (size_t i = 0; i < ARRAY_SIZE(raw); i++) {
		AUTOFREE char *once = vmm_vpath_normal(raw[i]);
		AUTOFREE char *twice = vmm_vpath_normal(once);

		is(twice, once, "normal: of normal is the same: '%s'", raw[i]);
	}
}

static void test_join(void)
{
	static const struct {
		const char *folder, *name, *expected;
	} cases[] = {
	    {"/", "web1", "/web1"},
	    {"/lab", "web1", "/lab/web1"},
	    {"/lab/x", " a b ", "/lab/x/ a b "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOFREE char *got =
		    vmm_vpath_join(cases[i].folder, cases[i].name);

		is(got, cases[i].expected, "join: '%s'", cases[i].expected);
	}
}

static void test_within(void)
{
	static const struct {
		const char *path, *folder;
		bool expected;
	} cases[] = {
	    {"/", "/", true},
	    {"/lab", "/", true},
	    {"/lab/x", "/", true},
	    {"/lab", "/lab", true},
	    {"/lab/x", "/lab", true},
	    {"/lab/x/y", "/lab/x", true},
	    {"/", "/lab", false},
	    {"/la", "/lab", false},
	    {"/lab2", "/lab", false},
	    {"/lab2/x", "/lab", false},
	    {"/lab", "/lab/x", false},
	    {"/Lab/x", "/lab", false},
	    {"/x/lab", "/lab", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		is_int(vmm_vpath_within(cases[i].path, cases[i].folder),
		    cases[i].expected, "within: '%s' is%s in '%s'",
		    cases[i].path, cases[i].expected ? "" : " not",
		    cases[i].folder);
}

static void test_step(void)
{
	static const struct {
		const char *path, *folder, *expected;
	} cases[] = {
	    {"/lab", "/", "/lab"},
	    {"/lab/x/y", "/", "/lab"},
	    {"/lab/x", "/lab", "/lab/x"},
	    {"/lab/x/y/z", "/lab", "/lab/x"},
	    {"/lab/x/y/z", "/lab/x", "/lab/x/y"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOFREE char *got =
		    vmm_vpath_step(cases[i].path, cases[i].folder);

		is(got, cases[i].expected, "step: from '%s' to '%s'",
		    cases[i].folder, cases[i].path);
	}
}

/* A folder on the way is a folder: `ls` prints it, and takes it back. */
static void test_step_is_normal(void)
{
	AUTOFREE char *path = vmm_vpath_normal("/a /\tb\t/c");
	AUTOFREE char *first = vmm_vpath_step(path, "/");
	AUTOFREE char *second = vmm_vpath_step(path, first);
	AUTOFREE char *first_again = vmm_vpath_normal(first);
	AUTOFREE char *second_again = vmm_vpath_normal(second);

	is(first_again, first, "step: the first folder is normal");
	is(second_again, second, "step: the second folder is normal");
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_natural(void)
{
	static const struct {
		const char *less, *more;
	} cases[] = {
	    {"", "a"},
	    {"", "0"},
	    {"a", "b"},
	    {"B", "a"},
	    {"a", "a1"},
	    {"web2", "web10"},
	    {"web10", "web10a"},
	    {"web9-10", "web10-9"},
	    {"web1-2", "web1-10"},
	    {"9", "10"},
	    {"9", "a"},
	    {"web-1", "web1"},
	    {"web1", "weba"},
	    {"web 1", "web1"},
	    {"0", "1"},
	    {"0", "00"},
	    {"1", "01"},
	    {"01", "001"},
	    {"01", "2"},
	    {"009", "10"},
	    {"a01b", "a1c"},
	    {"a1b", "a01b"},
	    {"a01b1", "a1b02"},
	    {"a1b02", "a01b02"},
	    {"a0", "a00"},
	    {"a0", "a0a"},
	    {"a00", "a0a"},
	    {"99999999999999999999", "100000000000000000000"},
	    {"18446744073709551615", "18446744073709551616"},
	    {"4294967295", "4294967296"},
	    {"z", "\xc3\xa9"},
	    {"\x7f", "\x80"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *less = cases[i].less, *more = cases[i].more;

		is_int(sign(vmm_natural_cmp(less, more)), -1,
		    "natural: '%s' before '%s'", less, more);
		is_int(sign(vmm_natural_cmp(more, less)), 1,
		    "natural: '%s' after '%s'", more, less);
		is_int(vmm_natural_cmp(more, more), 0,
		    "natural: '%s' equals itself", more);
	}
}

struct place {
	const char *folder, *name;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return vmm_vpath_cmp(x->folder, x->name, y->folder, y->name);
}

static int compare_names(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return vmm_natural_cmp(x->name, y->name);
}

static bool equal_names(const struct place *a, const struct place *b)
{
	return strcmp(a->name, b->name) == 0;
}

static bool equal_places(const struct place *a, const struct place *b)
{
	return strcmp(a->folder, b->folder) == 0 && equal_names(a, b);
}

/* Checks that COMPARE orders PLACE totally; each pair and each triple. */
static void check_total(const struct place *place, size_t n,
    int (*compare)(const void *a, const void *b),
    bool (*equal)(const struct place *a, const struct place *b),
    const char *name)
{
	bool antisymmetric = true, transitive = true, apart = true;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int ij = sign(compare(&place[i], &place[j]));

			if (ij != -sign(compare(&place[j], &place[i])))
				antisymmetric = false;
			if ((ij == 0) != equal(&place[i], &place[j]))
				apart = false;
			for (size_t k = 0; k < n; k++) {
				int jk = sign(compare(&place[j], &place[k]));
				int ik = sign(compare(&place[i], &place[k]));

				if (ij <= 0 && jk <= 0 &&
				    (ij < 0 || jk < 0 ? ik >= 0 : ik != 0))
					transitive = false;
			}
		}
	}
	ok(antisymmetric, "%s: antisymmetric", name);
	ok(apart, "%s: equal only where it is the same", name);
	ok(transitive, "%s: transitive", name);
}

/* All words of up to three of these, and some longer ones. */
static const char letters[] = "019ab-";

#define WORDS (1 + 6 + 6 * 6 + 6 * 6 * 6)

static void test_natural_is_total(void)
{
	static char text[WORDS][4];
	struct place place[WORDS];
	size_t n = 1;

	for (size_t i = 0; n < WORDS; i++) {
		for (size_t c = 0; letters[c]; c++, n++) {
			size_t length = strlen(text[i]);

			memcpy(text[n], text[i], length);
			text[n][length] = letters[c];
		}
	}
	for (size_t i = 0; i < WORDS; i++)
		place[i] = (struct place){"/", text[i]};
	check_total(place, WORDS, compare_names, equal_names, "natural");
}

static void test_listing_is_total(void)
{
	static const char *const folders[] = {"/", "/a", "/a/b", "/a b", "/a!",
	    "/a-", "/a0", "/a1", "/a01", "/a01/b", "/a1/b", "/a10", "/a2", "/b",
	    "/a/b/c", "/0", "/\xff"};
	static const char *const names[] = {"a", "a1", "a01", "b", "0", " "};
	struct place place[ARRAY_SIZE(folders) * ARRAY_SIZE(names)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			place[n++] = (struct place){folders[i], names[j]};
	check_total(place, n, compare_places, equal_places, "listing");
}

static void test_listing(void)
{
	/* as `ls -R` prints them */
	static const struct place sorted[] = {
	    {"/lab/db/old", "z"},
	    {"/lab/db", "a"},
	    {"/lab/web2", "x"},
	    {"/lab/web10", "x"},
	    {"/lab", "a1"},
	    {"/lab", "a2"},
	    {"/lab", "a10"},
	    {"/lab 2", "a"},
	    {"/lab-x/y", "a"},
	    {"/lab2", "a"},
	    {"/zoo", "a"},
	    {"/", "a"},
	    {"/", "lab"},
	};
	struct place shuffled[ARRAY_SIZE(sorted)];
	size_t n = ARRAY_SIZE(sorted);

	for (size_t i = 0; i < n; i++)
		shuffled[i] = sorted[i * 5 % n];
	qsort(shuffled, n, sizeof *shuffled, compare_places);
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *got =
		    vmm_vpath_join(shuffled[i].folder, shuffled[i].name);
		AUTOFREE char *expected =
		    vmm_vpath_join(sorted[i].folder, sorted[i].name);

		is(got, expected, "listing: line %zu", i + 1);
	}
}

static void test_strict(void)
{
	static const char *const bad[] = {"/a/../b", "/./x", "..", "/a\tb",
	    "/a\x7f", "/bad\xff", "/x/.", "/c1\xc2\x85"};
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *good = vmm_vpath_strict(" lab//.x/..y/ ", &err);
	AUTOFREE char *deepest = NULL;
	AUTOBUF deep = VMM_BUF_INIT;

	is(good, "/lab/.x/..y", "strict: the normal form is stored");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!vmm_vpath_strict(bad[i], &err) && err.status == VMM_USAGE,
		    "strict: number %zu is refused", i);
	for (int i = 0; i < VMM_VPATH_DEEPEST; i++)
		vmm_buf_adds(&deep, "/d");
	deepest = vmm_vpath_strict(vmm_buf_text(&deep), &err);
	is(deepest, vmm_buf_text(&deep), "strict: as deep as can be");
	vmm_buf_adds(&deep, "/d");
	ok(!vmm_vpath_strict(vmm_buf_text(&deep), &err) &&
		err.status == VMM_USAGE,
	    "strict: deeper is refused");
}

int main(void)
{
	test_strict();
	test_normal();
	test_normal_twice();
	test_join();
	test_within();
	test_step();
	test_step_is_normal();
	test_natural();
	test_natural_is_total();
	test_listing_is_total();
	test_listing();
	return unit_done();
}
