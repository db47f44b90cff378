/* alloc: hides that memory can run out. */
#include "base/alloc.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
	static const char message[] = "vmm: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);

	(void)ignored;
	_exit(1);
}

void vmm_alloc_lean(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 1);
#endif
}

void *vmm_calloc(size_t count, size_t size)
{
	void *new = calloc(count ? count : 1, size ? size : 1);

	if (!new)
		out_of_memory();
	return new;
}

void *vmm_realloc(void *old, size_t count, size_t size)
{
	void *new;

	if (size && count > SIZE_MAX / size)
		out_of_memory();
	/* realloc() to nothing would free */
	new = realloc(old, count && size ? count * size : 1);
	if (!new)
		out_of_memory();
	return new;
}

char *vmm_strndup(const char *text, size_t length)
{
	char *new = strndup(text, length);

	if (!new)
		out_of_memory();
	return new;
}

char *vmm_strdup(const char *text)
{
	char *new = strdup(text);

	if (!new)
		out_of_memory();
	return new;
}

char *vmm_strdup_null(const char *text)
{
	return text ? vmm_strdup(text) : NULL;
}

char *vmm_vsprintf(const char *format, va_list args)
{
	char *new;

	if (vasprintf(&new, format, args) < 0)
		out_of_memory();
	return new;
}

char *vmm_sprintf(const char *format, ...)
{
	va_list args;
	char *new;

	va_start(args, format);
	new = vmm_vsprintf(format, args);
	va_end(args);
	return new;
}
