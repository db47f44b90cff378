/*
 * table: records with columns, printed for programs or for people.
 *
 * One table of columns drives -o, --sort, --json, -l, --help and completion.
 */
#ifndef VMM_WORK_TABLE_H
#define VMM_WORK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "work/report.h"

enum vmm_cell_kind {
	VMM_CELL_NONE,
	VMM_CELL_TEXT,
	VMM_CELL_NUMBER,
	VMM_CELL_BOOL,
	VMM_CELL_LIST,
};

struct vmm_cell {
	enum vmm_cell_kind kind;
	const char *text; /* borrowed from the row */
	long long number;
	bool yes;
	const struct vmm_strv *list; /* borrowed from the row */
};

struct vmm_column {
	const char *name;
	const char *help;
	struct vmm_cell (*get)(const void *row);
	unsigned facts;  /* what get() needs to be known (set.h) */
	bool on_request; /* not among the keys of --json by itself */
	/* the terminal's colour for this cell ("1;34"), or NULL */
	const char *(*color)(const void *row);
};

struct vmm_table {
	const struct vmm_column *column;
	size_t n;
};

/* Which columns, by their places in the table. */
struct vmm_columns {
	size_t *place;
	size_t n;
};

/* Parses COL[,COL...]. An unknown one is an error that lists the known. */
int vmm_columns_parse(const struct vmm_table *table, const char *text,
    struct vmm_columns *columns, struct vmm_err *err) MUST_CHECK;
/* All that are not on request only. */
void vmm_columns_default(
    const struct vmm_table *table, struct vmm_columns *columns);
unsigned vmm_columns_facts(
    const struct vmm_table *table, const struct vmm_columns *columns);
void vmm_columns_release(struct vmm_columns *columns);

enum vmm_format {
	VMM_FORMAT_LINES,   /* tab-separated, escaped */
	VMM_FORMAT_NULL,    /* tab-separated, raw, each ended by NUL */
	VMM_FORMAT_JSON,    /* an object a line */
	VMM_FORMAT_ALIGNED, /* with a header, for people */
};

/* Appends the N rows to OUT, in their order, and writes OUT to REPORT whenever
 * there is much in it, and at the end; with REPORT NULL all stays in OUT. */
void vmm_table_print(const struct vmm_table *table,
    const struct vmm_columns *columns, const void *const *row, size_t n,
    enum vmm_format format, bool color, struct vmm_buf *out,
    struct vmm_report *report);
/* Sorts the rows by one column: numbers by value, text in natural order,
 * nothing first; equal ones keep their order. */
void vmm_table_sort(
    const struct vmm_table *table, size_t column, const void **row, size_t n);

#define AUTOCOLUMNS CLEANUP(vmm_columns_release) struct vmm_columns

#endif
