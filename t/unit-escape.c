/* escape: what a VM's owner can write never reaches a terminal as it is. */
#include "base/escape.h"

#include "base/alloc.h"
#include "unit.h"

static void escaped(const char *text, const char *expected, const char *name)
{
	AUTOBUF out = VMM_BUF_INIT;
	AUTOFREE char *back = NULL;

	vmm_escapes(&out, text);
	is(vmm_buf_text(&out), expected, "escape: %s", name);
	back = vmm_unescape(vmm_buf_text(&out));
	is(back, strcmp(text, expected) != 0 ? text : NULL,
	    "unescape gives it back: %s", name);
}

static void test_escape(void)
{
	static const struct {
		const char *text, *expected, *name;
	} cases[] = {
	    {"", "", "nothing"},
	    {"web1", "web1", "ASCII"},
	    {" ~'\"$`[]{}*?", " ~'\"$`[]{}*?", "what only a shell minds"},
	    {"caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80",
		"caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80", "UTF-8 of 2 to 4"},
	    {"\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r", "the named ones"},
	    {"a\\b", "a\\\\b", "a backslash"},
	    {"\\x1b", "\\\\x1b", "what looks like an escape"},
	    {"\001\016\037", "\\x01\\x0e\\x1f", "other C0"},
	    {"\033[31m", "\\x1b[31m", "a terminal's escape"},
	    {"\x7f", "\\x7f", "DEL"},
	    {"\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f",
		"\\xc2\\x80\\xc2\\x85\\xc2\\x9b\\xc2\\x9f", "C1"},
	    {"\xc2\xa0", "\xc2\xa0", "the first after C1"},
	    {"\xd8\x9c", "\\xd8\\x9c", "U+061C"},
	    {"\xe2\x80\x8d", "\xe2\x80\x8d", "U+200D, before the marks"},
	    {"\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f",
		"U+200E and U+200F"},
	    {"\xe2\x80\x90", "\xe2\x80\x90", "U+2010, after the marks"},
	    {"\xe2\x80\xa7", "\xe2\x80\xa7", "U+2027, before the separators"},
	    {"\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9",
		"U+2028 and U+2029"},
	    {"\xe2\x80\xaa\xe2\x80\xae", "\\xe2\\x80\\xaa\\xe2\\x80\\xae",
		"U+202A and U+202E"},
	    {"\xe2\x80\xaf", "\xe2\x80\xaf", "U+202F, after the overrides"},
	    {"\xe2\x81\xa5", "\xe2\x81\xa5", "U+2065, before the isolates"},
	    {"\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9",
		"U+2066 and U+2069"},
	    {"\xe2\x81\xaa", "\xe2\x81\xaa", "U+206A, after the isolates"},
	    {"\xff\xfe", "\\xff\\xfe", "bytes that never stand in UTF-8"},
	    {"\xc3(", "\\xc3(", "a lead byte before ASCII"},
	    {"\xc3", "\\xc3", "a lead byte at the end"},
	    {"\xe2\x82", "\\xe2\\x82", "two bytes of three"},
	    {"\xf0\x9f\x98", "\\xf0\\x9f\\x98", "three bytes of four"},
	    {"\xe2\x82\xc3\xa9", "\\xe2\\x82\xc3\xa9",
		"a truncated character before a whole one"},
	    {"\x80\xbf", "\\x80\\xbf", "continuation bytes alone"},
	    {"\xc0\xaf\xc1\xbf", "\\xc0\\xaf\\xc1\\xbf", "overlong, 2 bytes"},
	    {"\xe0\x80\xaf\xe0\x9f\xbf", "\\xe0\\x80\\xaf\\xe0\\x9f\\xbf",
		"overlong, 3 bytes"},
	    {"\xf0\x80\x80\xaf\xf0\x8f\xbf\xbf",
		"\\xf0\\x80\\x80\\xaf\\xf0\\x8f\\xbf\\xbf",
		"overlong, 4 bytes"},
	    {"\xed\xa0\x80\xed\xbf\xbf", "\\xed\\xa0\\x80\\xed\\xbf\\xbf",
		"surrogates"},
	    {"\xf4\x90\x80\x80\xf5\x80\x80\x80",
		"\\xf4\\x90\\x80\\x80\\xf5\\x80\\x80\\x80", "above U+10FFFF"},
	    {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80", "five bytes"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		escaped(cases[i].text, cases[i].expected, cases[i].name);
}

static void test_every_byte(void)
{
	bool good = true;

	for (unsigned c = 1; c < 256; c++) {
		char text[] = {'a', (char)c, 'b', '\0'};
		AUTOBUF out = VMM_BUF_INIT;
		AUTOFREE char *back = NULL;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';

		vmm_escapes(&out, text);
		back = vmm_unescape(vmm_buf_text(&out));
		if (plain
			? back != NULL || strcmp(vmm_buf_text(&out), text) != 0
			: !unit_same(back, text) ||
			      strchr(vmm_buf_text(&out), (int)c) !=
				  (c == '\\' ? vmm_buf_text(&out) + 1 : NULL)) {
			printf("# byte %#x\n", c);
			good = false;
		}
	}
	ok(good, "escape: every byte there and back");
}

static void test_length(void)
{
	AUTOBUF out = VMM_BUF_INIT;

	vmm_buf_adds(&out, "> ");
	vmm_escape(&out, "a\0\\\nc", 4);
	is(vmm_buf_text(&out), "> a\\x00\\\\\\n",
	    "escape: appends so many bytes, NUL among them");
	vmm_buf_release(&out);
	vmm_escape(&out, "\xc3\xa9", 1);
	is(vmm_buf_text(&out), "\\xc3", "escape: looks no further than told");
}

static void test_format(void)
{
	AUTOFREE char *got = vmm_escapedf(
	    "'%s' of \\ has %zu, not '%s'", "a\n\\b", (size_t)12, "\x1b");

	is(got, "'a\\n\\\\b' of \\ has 12, not '\\x1b'",
	    "format: the strings are escaped, and nothing else");
}

static void test_message(void)
{
	AUTOBUF out = VMM_BUF_INIT;

	vmm_escape_message(&out, "no '\\*' in\n'\xe2\x80\xae\xff'");
	is(vmm_buf_text(&out), "no '\\*' in\\n'\\xe2\\x80\\xae\\xff'",
	    "a message: escaped but for the backslash");
}

static void test_unescape(void)
{
	static const struct {
		const char *text, *expected, *name;
	} cases[] = {
	    {"", NULL, "nothing to undo in nothing"},
	    {"web1", NULL, "nothing to undo in text without a backslash"},
	    {"\\\\", "\\", "a backslash"},
	    {"\\\\x1b", "\\x1b", "a backslash before x"},
	    {"\\xc3(\\t", "\xc3(\t", "several, with text between"},
	    {"a\\", NULL, "a backslash at the end"},
	    {"\\q", NULL, "an unknown letter"},
	    {"\\0", NULL, "octal"},
	    {"\\\n", NULL, "a backslash before a newline"},
	    {"\\*", NULL, "a pattern's escape"},
	    {"\\a\\*", NULL, "a wrong one after a right one"},
	    {"\\x", NULL, "\\x at the end"},
	    {"\\x1", NULL, "one digit"},
	    {"\\x1g", NULL, "no hexadecimal digit"},
	    {"\\xg1", NULL, "no hexadecimal digit first"},
	    {"\\x00", NULL, "NUL, which no name can hold"},
	    {"\\x41", NULL, "a byte that is never escaped"},
	    {"\\x09", NULL, "a byte that has a name"},
	    {"\\x5c", NULL, "a backslash in hexadecimal"},
	    {"\\x1B", NULL, "a capital digit, which is never written"},
	    {"\\xc3\\xa9", NULL, "bytes that together are harmless"},
	    {"\\xc3\\x28", NULL, "a plain byte after one that is not"},
	    {"\\n\t", NULL, "what would be escaped, beside an escape"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOFREE char *got = vmm_unescape(cases[i].text);

		is(got, cases[i].expected, "unescape: %s", cases[i].name);
	}
}

static void test_json(void)
{
	static const struct {
		const char *text, *expected, *name;
	} cases[] = {
	    {"", "\"\"", "nothing"},
	    {"a\"b\\c/d", "\"a\\\"b\\\\c/d\"", "quotes and backslashes"},
	    {"\t\n\001\x7f", "\"\\u0009\\u000a\\u0001\\u007f\"", "controls"},
	    {"\xc2\x9b", "\"\\u009b\"", "C1"},
	    {"\xe2\x80\xae\xe2\x80\xa8", "\"\\u202e\\u2028\"",
		"overrides and separators"},
	    {"\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"UTF-8 as it is"},
	    {"a\xff\xc3", "\"a\\ufffd\\ufffd\"", "no UTF-8"},
	    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "a surrogate"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOBUF out = VMM_BUF_INIT;

		vmm_escape_json(&out, cases[i].text);
		is(vmm_buf_text(&out), cases[i].expected, "JSON: %s",
		    cases[i].name);
	}
}

/* Writes RUNE as UTF-8, in the shortest way. */
static size_t encode(uint32_t rune, char *out)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; rune >>= 6)
		out[i] = (char)(0x80 | (rune & 0x3f));
	out[0] = (char)(lead[n] | rune);
	return n;
}

static void test_decode(void)
{
	bool good = true, short_is_none = true;
	uint32_t rune = 0;

	for (uint32_t r = 0; r < 0x110100; r++) {
		char text[4];
		size_t n = encode(r, text);
		bool none = (r >= 0xd800 && r < 0xe000) || r > 0x10ffff;

		rune = ~r;
		if (vmm_utf8_decode(text, n, &rune) != (none ? 0 : n) ||
		    (!none && rune != r))
			good = false;
		if (n > 1 && vmm_utf8_decode(text, n - 1, &rune) != 0)
			short_is_none = false;
	}
	ok(good, "decode: every character, no surrogate, none above U+10FFFF");
	ok(short_is_none, "decode: no character without its last byte");
	is_int(vmm_utf8_decode("\xc3\xa9z", 3, &rune), 2,
	    "decode: one character of more text");
}

static void test_width(void)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
	    {"", 0},
	    {"web1", 4},
	    {"caf\xc3\xa9", 4},
	    {"cafe\xcc\x81", 4},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 4},
	    {"\xea\xb0\x80", 2},
	    {"\xef\xbc\xa1", 2},
	    {"\xf0\x9f\x98\x80", 2},
	    {"a\xe2\x80\x8d"
	     "b",
		2},
	    {"\xef\xb8\x8f", 0},
	    {"\xd2\x83\xd6\x91\xd9\x8b", 0},
	    {"\xe1\xaa\xb0\xe1\xb7\x80\xe2\x83\x90\xef\xb8\xa0", 0},
	    {"\xf3\xa0\x84\x80", 0},
	    {"\xcb\xbf\xcd\xb0\xe2\x80\x8e\xe2\xba\x80", 4},
	    {"\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88", 1},
	    {"\xe0\xa4\xa8\xe0\xa5\x8d", 1},
	    {"\\x1b", 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		is_int(vmm_text_width(cases[i].text), cases[i].width,
		    "width: '%s'", cases[i].text);
	is(vmm_text_end("abcdef", 3), "def", "the end that fits");
	is(vmm_text_end("a\xe6\x97\xa5\xe6\x9c\xac", 3), "\xe6\x9c\xac",
	    "no half of a wide character");
	is(vmm_text_end("abc", 9), "abc", "all of it");
	is(vmm_text_end("abc", 0), "", "nothing");
}

int main(void)
{
	test_escape();
	test_every_byte();
	test_length();
	test_format();
	test_message();
	test_unescape();
	test_json();
	test_decode();
	test_width();
	return unit_done();
}
