/*
 * buf: text that grows, and a list of strings that grows.
 *
 * A buffer may hold NUL bytes; its text is followed by one more NUL, so it can
 * be used as a C string. Start with VMM_BUF_INIT.
 */
#ifndef VMM_BASE_BUF_H
#define VMM_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct vmm_buf {
	char *text; /* NULL while nothing was added */
	size_t length;
	size_t room;
};

#define VMM_BUF_INIT                                                           \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

void vmm_buf_release(struct vmm_buf *buf);
void vmm_buf_add(struct vmm_buf *buf, const char *text, size_t length);
void vmm_buf_adds(struct vmm_buf *buf, const char *text);
void vmm_buf_addc(struct vmm_buf *buf, char c);
void vmm_buf_addf(struct vmm_buf *buf, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The text so far, never NULL; valid until the buffer changes. */
const char *vmm_buf_text(const struct vmm_buf *buf);
/* The text, for the caller to free; the buffer is empty afterwards. */
char *vmm_buf_take(struct vmm_buf *buf);

#define AUTOBUF CLEANUP(vmm_buf_release) struct vmm_buf

/* A list of owned strings. `v` is NULL-terminated once it holds any. */
struct vmm_strv {
	char **v;
	size_t n;
};

#define VMM_STRV_INIT                                                          \
	{                                                                      \
		NULL, 0                                                        \
	}

void vmm_strv_release(struct vmm_strv *list);
/* Appends TEXT, which the list owns from here on. */
void vmm_strv_take(struct vmm_strv *list, char *text);
/* Appends all that FROM has, which is empty then. */
void vmm_strv_move(struct vmm_strv *to, struct vmm_strv *from);
bool vmm_strv_has(const struct vmm_strv *list, const char *text);

#define AUTOSTRV CLEANUP(vmm_strv_release) struct vmm_strv

#endif
