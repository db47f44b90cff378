/* err: hides who owns the text of an error. */
#include "base/err.h"

#include <stdarg.h>

#include "base/alloc.h"

int vmm_err_set(
    struct vmm_err *err, enum vmm_status status, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = vmm_vsprintf(format, args); /* may print the old text */
	va_end(args);
	vmm_err_release(err);
	err->status = status;
	err->text = text;
	return -1;
}

static PRINTF_LIKE(2, 0) void put_in_front(
    struct vmm_err *err, const char *format, va_list args)
{
	AUTOFREE char *prefix = vmm_vsprintf(format, args);
	char *text = vmm_sprintf("%s%s", prefix, err->text ? err->text : "");

	free(err->text);
	err->text = text;
}

int vmm_err_prefix(struct vmm_err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_in_front(err, format, args);
	va_end(args);
	return -1;
}

int vmm_err_after(struct vmm_err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_in_front(err, format, args);
	va_end(args);
	err->done = true;
	return -1;
}

int vmm_err_name(struct vmm_err *err, const char *verb, const char *what)
{
	if (err->done)
		return vmm_err_prefix(err, "'%s': it was done, but ", what);
	return vmm_err_prefix(err, "cannot %s '%s': ", verb, what);
}

int vmm_err_append(struct vmm_err *err, const char *more)
{
	char *text = vmm_sprintf("%s%s", err->text ? err->text : "", more);

	free(err->text);
	err->text = text;
	return -1;
}

void vmm_err_move(struct vmm_err *to, struct vmm_err *from)
{
	vmm_err_release(to);
	*to = *from;
	*from = (struct vmm_err)VMM_ERR_INIT;
}

void vmm_err_release(struct vmm_err *err)
{
	free(err->text);
	*err = (struct vmm_err)VMM_ERR_INIT;
}
