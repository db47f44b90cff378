/*
 * alloc: memory that is there, or the program ends.
 *
 * None of these returns NULL: out of memory is one line on standard error and
 * status 1. What they return is released with free().
 */
#ifndef VMM_BASE_ALLOC_H
#define VMM_BASE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

#include "base/cleanup.h"

/* What threads allocate is to go where memory was freed, and not to a place of
 * each thread's own: less memory, but threads that compute wait for each other.
 * To be called while there are none. */
void vmm_alloc_lean(void);
void *vmm_calloc(size_t count, size_t size);
void *vmm_realloc(void *old, size_t count, size_t size);
char *vmm_strdup(const char *text);
char *vmm_strndup(const char *text, size_t length);
/* strdup() of what may be NULL: NULL then. */
char *vmm_strdup_null(const char *text);
char *vmm_sprintf(const char *format, ...) PRINTF_LIKE(1, 2);
char *vmm_vsprintf(const char *format, va_list args) PRINTF_LIKE(1, 0);

/* Makes room for one element more in ARRAY, of which COUNT are used. Grows by
 * doubling, so that appending n elements costs n. */
#define VMM_GROW(array, count)                                                 \
	do {                                                                   \
		if (((count) & ((count)-1)) == 0)                              \
			(array) = vmm_realloc((array),                         \
			    (count) ? (count)*2 : 1, sizeof *(array));         \
	} while (0)

#endif
