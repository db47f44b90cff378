/* escape: hides UTF-8, and which characters are dangerous. */
#include "base/escape.h"

#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

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

static locale_t unicode; /* (locale_t)0 where there is none */

/* Of those that there may be: the second is the user's. */
static void find_unicode(void)
{
	static const char *const names[] = {"C.UTF-8", "", "en_US.UTF-8"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		locale_t found =
		    newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);

		if (!found)
			continue;
		if (strcmp(nl_langinfo_l(CODESET, found), "UTF-8") == 0) {
			unicode = found;
			return;
		}
		freelocale(found);
	}
}

/* The C library knows, but only where the locale is UTF-8; the user's may be
 * another, or C. */
static size_t rune_width(uint32_t rune)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	locale_t before;
	int width;

	pthread_once(&once, find_unicode);
	if (!unicode)
		return 1;
	before = uselocale(unicode);
	width = wcwidth((wchar_t)rune);
	uselocale(before);
	return width < 0 ? 1 : (size_t)width;
}

/* The columns of the first character of TEXT, LENGTH bytes, which are moved on
 * behind it. */
static size_t step(const char **text, size_t *length)
{
	uint32_t rune = 0;
	size_t n = vmm_utf8_decode(*text, *length, &rune);

	*text += n ? n : 1;
	*length -= n ? n : 1;
	return n > 1 ? rune_width(rune) : 1;
}

size_t vmm_text_width(const char *text)
{
	size_t length = strlen(text), width = 0;

	while (length)
		width += step(&text, &length);
	return width;
}

const char *vmm_text_end(const char *text, size_t width)
{
	size_t length = strlen(text), all = vmm_text_width(text);

	while (all > width)
		all -= step(&text, &length);
	return text;
}
