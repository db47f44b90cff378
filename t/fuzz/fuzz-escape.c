/* escape: harmless whatever it was, and back again. */
#include "fuzz.h"

#include "base/escape.h"

const char fuzz_name[] = "escape";
const char *const fuzz_words[] = {"", "\a", "\n", "\t", "\r", "\033[31m", "\\",
    "\\", "\\x", "\\n", "\\\\", "1b", "1B", "00", "41", "9f", "a", "web", "\"",
    "\x7f", "\xc2", "\xc2\x85", "\xc2\x9b", "\xc2\xa0", "\xc3\xa9", "\xd8\x9c",
    "\xe2\x80\x8e", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80",
    "\xef\xbf\xbf", "\xed\xa0\x80", "\xed\xb0\x80", "\xc0\x80", "\xe0\x80\xaf",
    "\xf0\x9f\x98\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xff",
    "\xe6\x97\xa5", "\xcc\x81", NULL};

/* The character at TEXT by the table of well-formed sequences in the Unicode
 * standard (table 3-7); returns its length, or 0. */
static size_t well_formed(const uint8_t *text, size_t size, uint32_t *rune)
{
	static const struct {
		uint8_t first, last, low, high; /* lead; second byte */
		size_t length;
	} rows[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	if (text[0] < 0x80) {
		*rune = text[0];
		return 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t n = rows[i].length;

		if (text[0] < rows[i].first || text[0] > rows[i].last)
			continue;
		if (size < n || text[1] < rows[i].low || text[1] > rows[i].high)
			return 0;
		*rune = text[0] & (0xffU >> (n + 1));
		for (size_t j = 1; j < n; j++) {
			if (text[j] < 0x80 || text[j] > 0xbf)
				return 0;
			*rune = *rune * 64 + text[j] - 0x80;
		}
		return n;
	}
	return 0;
}

static bool is_dangerous(uint32_t rune)
{
	static const uint32_t others[] = {0x7f, 0x061c, 0x200e, 0x200f, 0x2028,
	    0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067,
	    0x2068, 0x2069};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (rune == others[i])
			return true;
	return rune < ' ' || (rune >= 0x80 && rune <= 0x9f);
}

/* One line of valid UTF-8 that a terminal only shows. */
static void check_harmless(const struct vmm_buf *text)
{
	const uint8_t *p = (const uint8_t *)vmm_buf_text(text);
	size_t left = text->length, characters = 0;

	HOLDS(strlen(vmm_buf_text(text)) == text->length);
	while (left) {
		uint32_t rune = 0;
		size_t n = well_formed(p, left, &rune);

		HOLDS(n > 0);
		HOLDS(!is_dangerous(rune));
		p += n;
		left -= n;
		characters++;
	}
	HOLDS(vmm_text_width(vmm_buf_text(text)) <= 2 * characters);
}

static void check_decode(const uint8_t *data, size_t size)
{
	for (; size; data++, size--) {
		uint32_t rune = 0, expected = 0;
		size_t n = well_formed(data, size, &expected);

		HOLDS(vmm_utf8_decode((const char *)data, size, &rune) == n);
		HOLDS(!n || rune == expected);
	}
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Undoes the escapes of TEXT in the plainest way; false where one of them is
 * none that is ever written. */
static bool undo(const char *text, struct vmm_buf *out)
{
	static const char letters[] = "abtnvfr\\";
	static const char bytes[] = "\a\b\t\n\v\f\r\\";

	for (; *text; text++) {
		const char *letter;
		int byte;

		if (*text != '\\') {
			vmm_buf_addc(out, *text);
			continue;
		}
		text++;
		letter = *text ? strchr(letters, *text) : NULL;
		if (letter) {
			vmm_buf_addc(out, bytes[letter - letters]);
			continue;
		}
		if (text[0] != 'x' || digit(text[1]) < 0 || digit(text[2]) < 0)
			return false;
		byte = digit(text[1]) * 16 + digit(text[2]);
		/* plain ASCII never is, nor what has a letter */
		if ((byte >= ' ' && byte < 0x7f) ||
		    (byte && strchr(bytes, byte)))
			return false;
		vmm_buf_addc(out, (char)byte);
		text += 2;
	}
	return true;
}

static void check_escape(const uint8_t *data, size_t size)
{
	AUTOBUF escaped = VMM_BUF_INIT;
	AUTOBUF back = VMM_BUF_INIT;
	AUTOBUF twice = VMM_BUF_INIT;
	AUTOFREE char *once = NULL;

	vmm_escape(&escaped, (const char *)data, size);
	check_harmless(&escaped);
	HOLDS(undo(vmm_buf_text(&escaped), &back));
	HOLDS(back.length == size);
	HOLDS(!size || memcmp(vmm_buf_text(&back), data, size) == 0);
	/* escaped twice and undone once it is what it was */
	vmm_escapes(&twice, vmm_buf_text(&escaped));
	once = vmm_unescape(vmm_buf_text(&twice));
	if (strchr(vmm_buf_text(&escaped), '\\'))
		HOLDS(once && strcmp(once, vmm_buf_text(&escaped)) == 0);
	else
		HOLDS(!once);
}

static void check_text(const char *text)
{
	AUTOBUF escaped = VMM_BUF_INIT;
	AUTOBUF message = VMM_BUF_INIT;
	AUTOBUF undone = VMM_BUF_INIT;
	AUTOBUF again = VMM_BUF_INIT;
	AUTOFREE char *back = NULL;
	AUTOFREE char *unescaped = vmm_unescape(text);

	vmm_escapes(&escaped, text);
	back = vmm_unescape(vmm_buf_text(&escaped));
	if (strcmp(vmm_buf_text(&escaped), text) == 0)
		HOLDS(!back);
	else
		HOLDS(back && strcmp(back, text) == 0);
	vmm_escape_message(&message, text);
	check_harmless(&message);
	if (!strchr(text, '\\'))
		HOLDS(strcmp(vmm_buf_text(&message), vmm_buf_text(&escaped)) ==
		      0);
	/* as it is typed in: only what is written so is undone */
	if (undo(text, &undone))
		vmm_escape(&again, vmm_buf_text(&undone), undone.length);
	if (strchr(text, '\\') && strcmp(vmm_buf_text(&again), text) == 0 &&
	    strlen(vmm_buf_text(&undone)) == undone.length)
		HOLDS(
		    unescaped && strcmp(unescaped, vmm_buf_text(&undone)) == 0);
	else
		HOLDS(!unescaped);
}

/* Reads four digits of a JSON string. */
static uint32_t four_digits(const char *p)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		HOLDS(digit(p[i]) >= 0);
		value = value * 16 + (uint32_t)digit(p[i]);
	}
	return value;
}

/* Holds the JSON string of TEXT against TEXT, character by character. */
static void check_json(const char *text)
{
	AUTOBUF json = VMM_BUF_INIT;
	const uint8_t *t = (const uint8_t *)text;
	size_t left = strlen(text);
	const char *p;

	vmm_escape_json(&json, text);
	check_harmless(&json);
	p = vmm_buf_text(&json);
	HOLDS(*p++ == '"');
	while (left) {
		uint32_t expected = 0, rune = 0;
		size_t n = well_formed(t, left, &expected);

		t += n ? n : 1;
		left -= n ? n : 1;
		expected = n ? expected : 0xfffd;
		HOLDS(*p && *p != '"');
		if (*p != '\\') {
			p += well_formed((const uint8_t *)p, strlen(p), &rune);
		} else if (p[1] == '"' || p[1] == '\\') {
			rune = (uint32_t)p[1];
			p += 2;
		} else {
			HOLDS(p[1] == 'u');
			rune = four_digits(p + 2);
			p += 6;
			HOLDS(rune < 0xd800 || rune > 0xdfff);
		}
		HOLDS(rune == expected);
	}
	HOLDS(strcmp(p, "\"") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = fuzz_text(data, size);

	check_decode(data, size);
	check_escape(data, size);
	check_text(text);
	check_json(text);
	return 0;
}
