/*
 * escape: hostile bytes made harmless, and back.
 *
 * Whoever can name a VM chooses its bytes. In escaped text control characters
 * (C0, DEL, C1), bytes that are not UTF-8, the bidirectional controls, line
 * and paragraph separators and the backslash itself stand as C escapes:
 * \a \b \t \n \v \f \r \\ and \xNN, one byte each, always two digits. All else
 * is left as it is, so escaped text is valid UTF-8 on one line.
 */
#ifndef VMM_BASE_ESCAPE_H
#define VMM_BASE_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends TEXT, escaped. */
void vmm_escape(struct vmm_buf *out, const char *text, size_t length);
void vmm_escapes(struct vmm_buf *out, const char *text);
/* TEXT escaped, to be freed: how a VM's name or path enters a message. */
char *vmm_escaped(const char *text);
/* Text that has each of its strings escaped, to be freed: FORMAT knows %s and
 * %zu. */
char *vmm_escapedf(const char *format, ...) PRINTF_LIKE(1, 2);
/* The same for a message of our own: a backslash stays as it is. */
void vmm_escape_message(struct vmm_buf *out, const char *text);
/* TEXT with its escapes undone, to be freed; NULL where TEXT has none, or is
 * nothing that vmm_escape() writes. */
char *vmm_unescape(const char *text);
/* Appends TEXT as a JSON string with its quotes. What is not UTF-8, which
 * JSON cannot hold, becomes U+FFFD. */
void vmm_escape_json(struct vmm_buf *out, const char *text);

/* Decodes the character at TEXT (of LENGTH bytes, at least 1) into *RUNE and
 * returns its length in bytes; 0 where it is not UTF-8. */
size_t vmm_utf8_decode(const char *text, size_t length, uint32_t *rune);
/* The columns that TEXT, which is escaped, takes on a terminal. */
size_t vmm_text_width(const char *text);
/* The end of TEXT that fits into WIDTH of them. */
const char *vmm_text_end(const char *text, size_t width);

#endif
