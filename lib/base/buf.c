/* buf: hides how text grows. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void vmm_buf_release(struct vmm_buf *buf)
{
	free(buf->text);
	*buf = (struct vmm_buf)VMM_BUF_INIT;
}

void vmm_buf_add(struct vmm_buf *buf, const char *text, size_t length)
{
	if (buf->room - buf->length <= length) {
		buf->room = (buf->length + length + 1) * 2;
		buf->text = vmm_realloc(buf->text, buf->room, 1);
	}
	if (length)
		memcpy(buf->text + buf->length, text, length);
	buf->length += length;
	buf->text[buf->length] = '\0';
}

void vmm_buf_adds(struct vmm_buf *buf, const char *text)
{
	vmm_buf_add(buf, text, strlen(text));
}

void vmm_buf_addc(struct vmm_buf *buf, char c)
{
	vmm_buf_add(buf, &c, 1);
}

void vmm_buf_addf(struct vmm_buf *buf, const char *format, ...)
{
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = vmm_vsprintf(format, args);
	va_end(args);
	vmm_buf_adds(buf, text);
}

const char *vmm_buf_text(const struct vmm_buf *buf)
{
	return buf->text ? buf->text : "";
}

char *vmm_buf_take(struct vmm_buf *buf)
{
	char *text = buf->text ? buf->text : vmm_strdup("");

	*buf = (struct vmm_buf)VMM_BUF_INIT;
	return text;
}

void vmm_strv_release(struct vmm_strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct vmm_strv)VMM_STRV_INIT;
}

void vmm_strv_take(struct vmm_strv *list, char *text)
{
	/* one place more than VMM_GROW's, for the NULL at the end */
	if ((list->n & (list->n - 1)) == 0)
		list->v = vmm_realloc(
		    list->v, list->n ? list->n * 2 + 1 : 2, sizeof *list->v);
	list->v[list->n++] = text;
	list->v[list->n] = NULL;
}

void vmm_strv_move(struct vmm_strv *to, struct vmm_strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		vmm_strv_take(to, from->v[i]);
	free(from->v);
	*from = (struct vmm_strv)VMM_STRV_INIT;
}

bool vmm_strv_has(const struct vmm_strv *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}
