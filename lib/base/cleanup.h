/*
 * cleanup: ownership written where a variable is declared.
 *
 * A variable marked with one of these is released at the end of its scope;
 * TAKE_PTR gives it away. Every marked variable must be initialised where it
 * is declared.
 */
#ifndef VMM_BASE_CLEANUP_H
#define VMM_BASE_CLEANUP_H

#include <stdlib.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines NAME##p(TYPE *), a NULL-safe cleanup for a pointer TYPE. */
#define DEFINE_CLEANUP(type, function)                                         \
	static inline __attribute__((unused)) void function##p(type *p)        \
	{                                                                      \
		if (*p)                                                        \
			function(*p);                                          \
	}

#define TAKE_PTR(pointer)                                                      \
	({                                                                     \
		__typeof__(pointer) *take_ptr_ = &(pointer);                   \
		__typeof__(pointer) taken_ = *take_ptr_;                       \
		*take_ptr_ = NULL;                                             \
		taken_;                                                        \
	})

static inline __attribute__((unused)) void freep(void *p)
{
	free(*(void **)p);
}

#define AUTOFREE CLEANUP(freep)

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first)                                               \
	__attribute__((__format__(__printf__, text, first)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
