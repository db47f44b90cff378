/* escape: hides UTF-8, and which characters are dangerous. */
#include "base/escape.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

size_t vmm_utf8_decode(const char *text, size_t length, uint32_t *rune)
{
	/* the least value that needs so many bytes: less is overlong */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	size_t n;
	uint32_t value;

	if (byte[0] < 0x80) {
		*rune = byte[0];
		return 1;
	}
	if (byte[0] >= 0xc2 && byte[0] < 0xe0) {
		n = 2;
		value = byte[0] & 0x1fU;
	} else if (byte[0] >= 0xe0 && byte[0] < 0xf0) {
		n = 3;
		value = byte[0] & 0x0fU;
	} else if (byte[0] >= 0xf0 && byte[0] < 0xf5) {
		n = 4;
		value = byte[0] & 0x07U;
	} else {
		return 0;
	}
	if (length < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (byte[i] & 0x3fU);
	}
	if (value < least[n] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*rune = value;
	return n;
}

/* Controls, and what reorders or breaks the line around it: U+061C, U+200E,
 * U+200F, U+202A to U+202E and U+2066 to U+2069 are Unicode's Bidi_Control
 * property (PropList.txt); U+2028 and U+2029 separate lines. */
static bool is_dangerous(uint32_t rune)
{
	return rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || rune == 0x061c ||
	       rune == 0x200e || rune == 0x200f ||
	       (rune >= 0x2028 && rune <= 0x202e) ||
	       (rune >= 0x2066 && rune <= 0x2069);
}

static const char named[] = "a\ab\bt\tn\nv\vf\fr\r\\\\";

static void add_byte(struct vmm_buf *out, unsigned char byte)
{
	for (const char *pair = named; *pair; pair += 2) {
		if ((unsigned char)pair[1] == byte) {
			vmm_buf_addc(out, '\\');
			vmm_buf_addc(out, pair[0]);
			return;
		}
	}
	vmm_buf_addf(out, "\\x%02x", byte);
}

static void escape(
    struct vmm_buf *out, const char *text, size_t length, bool backslash)
{
	size_t plain = 0; /* bytes before `text` not yet copied */

	while (length) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(text, length, &rune);

		if (n && !is_dangerous(rune) && (rune != '\\' || !backslash)) {
			plain += n;
		} else {
			if (plain)
				vmm_buf_add(out, text - plain, plain);
			plain = 0;
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				add_byte(out, (unsigned char)text[i]);
		}
		text += n;
		length -= n;
	}
	if (plain)
		vmm_buf_add(out, text - plain, plain);
}

void vmm_escape(struct vmm_buf *out, const char *text, size_t length)
{
	escape(out, text, length, true);
}

void vmm_escapes(struct vmm_buf *out, const char *text)
{
	escape(out, text, strlen(text), true);
}

char *vmm_escaped(const char *text)
{
	AUTOBUF out = VMM_BUF_INIT;

	vmm_escapes(&out, text);
	return vmm_buf_take(&out);
}

char *vmm_escapedf(const char *format, ...)
{
	AUTOBUF out = VMM_BUF_INIT;
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%') {
			vmm_buf_addc(&out, *format);
		} else if (*++format == 's') {
			vmm_escapes(&out, va_arg(args, const char *));
		} else { /* %zu */
			vmm_buf_addf(&out, "%zu", va_arg(args, size_t));
			format++;
		}
	}
	va_end(args);
	return vmm_buf_take(&out);
}

void vmm_escape_message(struct vmm_buf *out, const char *text)
{
	escape(out, text, strlen(text), false);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes the escape at TEXT, a backslash; returns its length, 0 for none. */
static size_t undo(const char *text, struct vmm_buf *out)
{
	if (text[1] == 'x') {
		int high = hex_value(text[2]);
		int low = high < 0 ? -1 : hex_value(text[3]);

		if (low < 0 || high + low == 0)
			return 0;
		vmm_buf_addc(out, (char)(high << 4 | low));
		return 4;
	}
	for (const char *pair = named; *pair; pair += 2) {
		if (pair[0] == text[1]) {
			vmm_buf_addc(out, pair[1]);
			return 2;
		}
	}
	return 0;
}

char *vmm_unescape(const char *text)
{
	AUTOBUF out = VMM_BUF_INIT, again = VMM_BUF_INIT;
	const char *p = text;

	if (!strchr(text, '\\'))
		return NULL;
	while (*p) {
		size_t n = 1;

		if (*p == '\\')
			n = undo(p, &out);
		else
			vmm_buf_addc(&out, *p);
		if (!n)
			return NULL;
		p += n;
	}
	/* what we never write is not ours to undo */
	vmm_escapes(&again, vmm_buf_text(&out));
	return strcmp(vmm_buf_text(&again), text) == 0 ? vmm_buf_take(&out)
						       : NULL;
}

static void add_json_rune(struct vmm_buf *out, uint32_t rune)
{
	if (rune >= 0x10000) /* JSON writes these as a surrogate pair */
		vmm_buf_addf(out, "\\u%04x\\u%04x",
		    0xd7c0 + (unsigned)(rune >> 10),
		    0xdc00 + (unsigned)(rune & 0x3ff));
	else
		vmm_buf_addf(out, "\\u%04x", (unsigned)rune);
}

void vmm_escape_json(struct vmm_buf *out, const char *text)
{
	size_t length = strlen(text);

	vmm_buf_addc(out, '"');
	while (length) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(text, length, &rune);

		if (!n)
			add_json_rune(out, 0xfffd);
		else if (rune == '"' || rune == '\\')
			vmm_buf_addf(out, "\\%c", (int)rune);
		else if (is_dangerous(rune))
			add_json_rune(out, rune);
		else
			vmm_buf_add(out, text, n);
		n = n ? n : 1;
		text += n;
		length -= n;
	}
	vmm_buf_addc(out, '"');
}

/* Wide: East Asian Wide and Fullwidth blocks (UAX 11) and emoji; zero:
 * combining marks, joiners and variation selectors. Blocks, not single
 * characters: a table is for people, and wcwidth() depends on the locale. */
static size_t rune_width(uint32_t rune)
{
	static const struct {
		uint32_t first, last;
		unsigned char width;
	} spans[] = {
	    {0x0300, 0x036f, 0},
	    {0x0483, 0x0489, 0},
	    {0x0591, 0x05bd, 0},
	    {0x064b, 0x065f, 0},
	    {0x1100, 0x115f, 2},
	    {0x1ab0, 0x1aff, 0},
	    {0x1dc0, 0x1dff, 0},
	    {0x200b, 0x200d, 0},
	    {0x20d0, 0x20ff, 0},
	    {0x2e80, 0x303e, 2},
	    {0x3041, 0xa4cf, 2},
	    {0xa960, 0xa97f, 2},
	    {0xac00, 0xd7a3, 2},
	    {0xf900, 0xfaff, 2},
	    {0xfe00, 0xfe0f, 0},
	    {0xfe20, 0xfe2f, 0},
	    {0xfe30, 0xfe6f, 2},
	    {0xff00, 0xff60, 2},
	    {0xffe0, 0xffe6, 2},
	    {0x1f300, 0x1f64f, 2},
	    {0x1f680, 0x1f6ff, 2},
	    {0x1f900, 0x1f9ff, 2},
	    {0x20000, 0x3fffd, 2},
	    {0xe0100, 0xe01ef, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++)
		if (rune <= spans[i].last)
			return rune >= spans[i].first ? spans[i].width : 1;
	return 1;
}

size_t vmm_text_width(const char *text)
{
	size_t length = strlen(text), width = 0;

	while (length) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(text, length, &rune);

		n = n ? n : 1;
		width += rune_width(rune);
		text += n;
		length -= n;
	}
	return width;
}
