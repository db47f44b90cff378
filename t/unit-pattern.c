/* pattern: what a pattern means, and that no pattern takes for ever. */
#include "pure/pattern.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "unit.h"

/* A pattern, and texts that it matches and does not; '' is an empty one. */
struct line {
	const char *pattern, *matches, *others;
};

static void check_texts(const char *pattern, const char *texts, bool expected)
{
	while (*texts) {
		size_t length = strcspn(texts, " ");
		AUTOFREE char *word = vmm_strndup(texts, length);
		const char *text = strcmp(word, "''") == 0 ? "" : word;

		is_int(vmm_pattern_match(pattern, text), expected,
		    "'%s' %s '%s'", pattern,
		    expected ? "matches" : "does not match", text);
		texts += length + (texts[length] == ' ');
	}
}

static void check(const struct line *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_texts(line[i].pattern, line[i].matches, true);
		check_texts(line[i].pattern, line[i].others, false);
	}
}

static void test_is(void)
{
	ok(vmm_pattern_is("web*"), "is: a star");
	ok(vmm_pattern_is("?"), "is: a question mark");
	ok(vmm_pattern_is("a[1]"), "is: a set");
	ok(vmm_pattern_is("a[1"), "is: the start of a set");
	ok(!vmm_pattern_is(""), "is not: nothing");
	ok(!vmm_pattern_is("/lab/web1"), "is not: a path");
	ok(!vmm_pattern_is("a]{}!^-"), "is not: other punctuation");
	ok(!vmm_pattern_is("a\\b"), "is not: a backslash");
}

static void test_plain(void)
{
	static const struct line lines[] = {
	    {"", "''", "a"},
	    {"a", "", "''"},
	    {"/lab/web1", "/lab/web1", ""},
	    {"web1", "", "web10 web2"},
	    {"web10", "", "web1"},
	    {"Web1", "", "web1"},
	    {"]", "]", ""},
	    {"a-b!^", "a-b!^", ""},
	    {"caf\xc3\xa9", "caf\xc3\xa9", ""},
	    {"\xff", "\xff", ""},
	    {"\xfe", "", "\xff"},
	};

	check(lines, ARRAY_SIZE(lines));
}

static void test_question(void)
{
	static const struct line lines[] = {
	    {"?", "a \xc3\xa9 \xf0\x9f\x98\x80 \xff \xc3 ?",
		"'' ab / \xff\xff"},
	    {"web?", "web1", "web web10"},
	    {"?web", "", "web"},
	    {"??", "\xff\xff", "\xc3\xa9"},
	    {"a?b", "", "a/b"},
	};

	check(lines, ARRAY_SIZE(lines));
}

static void test_star(void)
{
	static const struct line lines[] = {
	    {"*", "'' abc", "/ a/b"},
	    {"web*", "web web10", "we"},
	    {"*1", "web1 1 web11", "web12"},
	    {"w*1*0", "web100", ""},
	    {"a*b*c", "axbxbxc", "axcxb"},
	    {"*a*b", "bab", ""},
	    {"/lab/*", "/lab/web1 /lab/", "/lab /lab/x/web1"},
	    {"/*/db?", "/lab/db1", "/lab/x/db1"},
	    {"/*/*/db", "/a/b/db", "/a/db"},
	    {"*/b", "a/b /b", "/a/b"},
	    {"a*", "", "a/"},
	    {"*?", "\xc3\xa9", ""},
	    {"*??", "", "\xc3\xa9 \xe2\x82\xac"},
	    {"*\xa9", "\xc3\xff\xa9", "\xc3\xa9"},
	};

	check(lines, ARRAY_SIZE(lines));
}

static void test_two_stars(void)
{
	static const struct line lines[] = {
	    {"**", "'' /a/b", ""},
	    {"/**", "/ /a/b", "a"},
	    {"/lab/**", "/lab/web1 /lab/x/web1 /lab/x/y/web1",
		"/lab /lab2/web1 /x/lab/web1"},
	    {"/lab/**/db", "/lab/db /lab/x/db /lab/x/y/db /lab/db/db",
		"/lab/xdb /labdb /lab/db/x"},
	    {"**/db", "db /db /lab/db", "/lab/xdb xdb"},
	    {"/a**b", "/ab /a/b /ax/y/zb", "/a/bc"},
	    {"/a**/b", "/a/b /ax/b /ax/y/b", "/ab"},
	    {"**a", "/x/ya", "/x/yb"},
	    {"/**/a/**/b", "/a/b /x/a/y/z/b", "/x/b/y/a /xa/b"},
	    {"/**/**/b", "/b /x/y/b", ""},
	    {"/**/*", "/a /a/b", ""},
	    {"/**/?", "/ab/c", "/ab/cd"},
	    {"/**/w*1", "/w0/w21/w31", "/w1/x"},
	    {"/**/w*1/x", "/w1/w2/w21/x", ""},
	    {"/**/[ab]/*", "/x/y/a/c", "/x/y/a/c/d"},
	    {"/*a/**/c*", "/xa/y/z/cd", "/x/a/cd"},
	};

	check(lines, ARRAY_SIZE(lines));
}

static void test_set(void)
{
	static const struct line lines[] = {
	    {"[abc]", "a c", "d '' ab"},
	    {"a[1]", "a1", "a[1]"},
	    {"[a-c]", "a b c", "d - `"},
	    {"[a-cx-z]", "y", "d"},
	    {"[c-a]", "", "b"},
	    {"[a-]", "- a", "b"},
	    {"[-a]", "- a", ""},
	    {"[a-c-e]", "- e", "d"},
	    {"[!a-c]", "d !", "b"},
	    {"[^a-c]", "d ^", "b"},
	    {"[!a]", "", "'' /"},
	    {"[a!]", "!", ""},
	    {"[a^]", "^", "b"},
	    {"[]]", "]", "]]"},
	    {"[]a]", "a ]", ""},
	    {"[!]]", "a", "]"},
	    {"[[]", "[", ""},
	    {"[*?]", "* ?", "a"},
	    {"[\\]]", "]", "\\"},
	    {"[\\]a]", "a", ""},
	    {"[\\\\]", "\\", ""},
	    {"[\\a]", "a", "\\"},
	    {"[\\a-c]", "b", ""},
	    {"[a-\\c]", "b", "\\"},
	    {"[Z-\\]]", "] [", ""},
	    {"[\\!a]", "!", "b"},
	    {"x[0-9]*[!0-9]", "x12y", "x12"},
	    {"[0-9][0-9]", "42", ""},
	    {"*[0-9]", "web1", "web"},
	};

	check(lines, ARRAY_SIZE(lines));
}

static void test_unfinished_set(void)
{
	static const struct line lines[] = {
	    {"[", "[", "a"},
	    {"[a", "[a", "a"},
	    {"[]", "[]", "]"},
	    {"[!]", "[!]", "a"},
	    {"[^]", "[^]", ""},
	    {"[a-", "[a-", ""},
	    {"[!", "[!", ""},
	    {"a[", "a[", ""},
	    {"[\\]", "[]", ""},
	    {"[a\\]", "[a]", ""},
	    {"[*", "[xyz", ""},
	    {"[?", "[x", "x"},
	    {"*[", "web[", ""},
	    {"[a-\\", "[a-\\", ""},
	};

	check(lines, ARRAY_SIZE(lines));
}

static void test_backslash(void)
{
	static const struct line lines[] = {
	    {"\\*", "*", "a \\*"},
	    {"\\?", "?", "a"},
	    {"\\[a]", "[a]", "a"},
	    {"\\\\", "\\", "\\\\"},
	    {"\\\\*", "\\abc", "*"},
	    {"\\a", "a", ""},
	    {"a\\", "a\\", "a"},
	    {"\\", "\\", ""},
	    {"*\\", "web\\", ""},
	    {"\\**", "*a", "*/a"},
	    {"\\***", "*/a", ""},
	    {"*\\*", "a*", "ab"},
	    {"\\/*", "/a", ""},
	    {"\\\xc3\xa9", "\xc3\xa9", ""},
	};

	check(lines, ARRAY_SIZE(lines));
}

/* A pattern is read in characters: [!a] takes the whole of what ? takes. */
static void test_set_of_characters(void)
{
	static const struct line lines[] = {
	    {"[\xc3\xa9]", "\xc3\xa9", "\xc3\xa8 \xa9"},
	    {"[!a]", "\xc3\xa9", ""},
	    {"[!\xc3\xa9]", "\xc3\xa8", "\xc3\xa9"},
	    {"[\xd0\xb0-\xd1\x8f]", "\xd0\xb4", "\xd1\x90"},
	    {"[a-\xc3\xa9]", "\xc3\xa8", ""},
	    {"*[!x]", "caf\xc3\xa9", ""},
	    {"*[!\xc3\xa9]", "", "caf\xc3\xa9"},
	    {"*[\xc3\xa9]*[\xc3\xa9]", "\xc3\xa9\xc3\xa9", ""},
	    {"[\xff]", "\xff", ""},
	    {"[!\xff]", "\xfe", ""},
	};

	check(lines, ARRAY_SIZE(lines));
}

/* TEXT repeated N times, then END; to be freed. */
static char *repeated(const char *text, size_t n, const char *end)
{
	AUTOBUF out = VMM_BUF_INIT;

	while (n--)
		vmm_buf_adds(&out, text);
	vmm_buf_adds(&out, end);
	return vmm_buf_take(&out);
}

/*
 * Both lengths multiplied are some ten millions everywhere here, which takes
 * seconds under a sanitizer; one power more takes minutes, and the alarm ends
 * it.
 */
static void check_time(const char *name, const char *pattern, size_t n,
    const char *pattern_end, const char *text, size_t m, const char *text_end)
{
	AUTOFREE char *long_pattern = repeated(pattern, n, pattern_end);
	AUTOFREE char *long_text = repeated(text, m, text_end);

	alarm(120);
	ok(!vmm_pattern_match(long_pattern, long_text), "%s: no match", name);
	alarm(0);
}

static void test_time(void)
{
	check_time("one star", "", 0, "*b", "a", 1000000, "");
	check_time("question marks", "?", 2000, "b", "a", 5000, "");
	check_time("many stars", "a*", 1000, "b", "a", 5000, "");
	check_time("stars and question marks", "*?", 1000, "b", "a", 5000, "");
	check_time("many double stars", "a**", 1000, "b", "a", 3000, "");
	check_time("folders of folders", "**/", 1000, "b", "/", 5000, "c");
	check_time("many folders", "**/a/", 500, "b", "a/", 4000, "c");
	check_time(
	    "a long end after a star", "a", 0, "*aaaaaaaaaab", "a", 200000, "");
	check_time(
	    "a star after a double star", "", 0, "**a*aab", "a", 20000, "");
	check_time(
	    "stars after double stars", "**a*a*a", 20, "b", "a", 50000, "");
	check_time(
	    "a star in every folder", "**/*a*/", 5, "b", "aaaa/", 50000, "c");
	check_time("sets", "*[a-z]", 500, "[!a]", "a", 5000, "");
}

/* As long as one argument of a program can be. */
static void test_depth(void)
{
	AUTOFREE char *folders = repeated("**/", 43000, "b");
	AUTOFREE char *stars = repeated("*", 130000, "b");

	ok(vmm_pattern_match(folders, "/a/b"), "long: folders");
	ok(vmm_pattern_match(stars, "/a/b"), "long: stars");
}

int main(void)
{
	test_is();
	test_plain();
	test_question();
	test_star();
	test_two_stars();
	test_set();
	test_unfinished_set();
	test_backslash();
	test_set_of_characters();
	test_time();
	test_depth();
	return unit_done();
}
