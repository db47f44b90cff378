/*
 * unit: TAP out of C.
 *
 * A test is a main() that checks with ok(), is() and is_int(), each of them
 * one behaviour with a name like printf()'s, and ends with
 * `return unit_done();`, which prints the plan. A check that fails prints both
 * sides and where it stands, and the test goes on.
 */
#ifndef VMM_T_UNIT_H
#define VMM_T_UNIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static unsigned unit_run, unit_failed;

/* The line of one check; returns GOOD. */
PRINTF_LIKE(2, 3)
static inline bool unit_line(bool good, const char *format, ...)
{
	AUTOFREE char *name = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&name, format, args) < 0)
		abort();
	va_end(args);
	unit_failed += !good;
	printf("%sok %u - ", good ? "" : "not ", ++unit_run);
	for (const char *p = name; *p; p++) {
		if (*p == '#') /* would begin a directive */
			putchar('\\');
		putchar((unsigned char)*p < ' ' ? ' ' : *p);
	}
	putchar('\n');
	fflush(stdout); /* what comes next may crash */
	return good;
}

/* One side of a comparison; not by the library's own escapes. */
static inline void unit_show(const char *side, const char *text)
{
	printf("#   %s", side);
	if (!text)
		printf("NULL");
	for (const char *p = text; p && *p; p++) {
		if (*p < ' ' || *p > '~' || *p == '\\')
			printf("\\x%02x", (unsigned char)*p);
		else
			putchar(*p);
	}
	putchar('\n');
}

static inline void unit_is(const char *got, const char *expected, bool good,
    const char *file, int line)
{
	if (good)
		return;
	printf("#   %s:%d\n", file, line);
	unit_show("     got: ", got);
	unit_show("expected: ", expected);
}

static inline bool unit_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline int unit_done(void)
{
	printf("1..%u\n", unit_run);
	return unit_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ok(CONDITION, NAME...) */
#define ok(condition, ...)                                                     \
	do {                                                                   \
		bool good_ = (condition);                                      \
		if (!unit_line(good_, __VA_ARGS__))                            \
			printf("#   %s:%d: not so: %s\n", __FILE__, __LINE__,  \
			    #condition);                                       \
	} while (0)

/* is(GOT, EXPECTED, NAME...): two strings, each of which may be NULL. */
#define is(got, expected, ...)                                                 \
	do {                                                                   \
		const char *got_ = (got), *expected_ = (expected);             \
		bool good_ = unit_same(got_, expected_);                       \
		unit_line(good_, __VA_ARGS__);                                 \
		unit_is(got_, expected_, good_, __FILE__, __LINE__);           \
	} while (0)

/* is_int(GOT, EXPECTED, NAME...) */
#define is_int(got, expected, ...)                                             \
	do {                                                                   \
		long long got_ = (long long)(got);                             \
		long long expected_ = (long long)(expected);                   \
		if (!unit_line(got_ == expected_, __VA_ARGS__))                \
			printf("#   %s:%d\n#        got: %lld\n"               \
			       "#   expected: %lld\n",                         \
			    __FILE__, __LINE__, got_, expected_);              \
	} while (0)

#endif
