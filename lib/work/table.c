/* table: hides how a cell looks in each format. */
#include "work/table.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "pure/vpath.h"

/* Bytes of text, from which on it is written. */
#define MUCH 16384

static size_t find(const struct vmm_table *table, const char *name)
{
	size_t i = 0;

	while (i < table->n && strcmp(table->column[i].name, name) != 0)
		i++;
	return i;
}

static int unknown(
    const struct vmm_table *table, const char *name, struct vmm_err *err)
{
	AUTOBUF known = VMM_BUF_INIT;

	for (size_t i = 0; i < table->n; i++)
		vmm_buf_addf(
		    &known, "%s%s", i ? ", " : "", table->column[i].name);
	return vmm_err_set(err, VMM_USAGE, "unknown column '%s'; known are %s",
	    name, vmm_buf_text(&known));
}

int vmm_columns_parse(const struct vmm_table *table, const char *text,
    struct vmm_columns *columns, struct vmm_err *err)
{
	for (;;) {
		size_t length = strcspn(text, ",");
		AUTOFREE char *name = vmm_strndup(text, length);
		size_t place = find(table, name);

		if (place == table->n)
			return unknown(table, name, err);
		VMM_GROW(columns->place, columns->n);
		columns->place[columns->n++] = place;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

void vmm_columns_default(
    const struct vmm_table *table, struct vmm_columns *columns)
{
	for (size_t i = 0; i < table->n; i++) {
		if (table->column[i].on_request)
			continue;
		VMM_GROW(columns->place, columns->n);
		columns->place[columns->n++] = i;
	}
}

unsigned vmm_columns_facts(
    const struct vmm_table *table, const struct vmm_columns *columns)
{
	unsigned facts = 0;

	for (size_t i = 0; i < columns->n; i++)
		facts |= table->column[columns->place[i]].facts;
	return facts;
}

void vmm_columns_release(struct vmm_columns *columns)
{
	free(columns->place);
	*columns = (struct vmm_columns){NULL, 0};
}

/* A label in a list: a comma in it must not look like the joint. */
static void add_item(struct vmm_buf *out, const char *item, bool raw)
{
	AUTOBUF text = VMM_BUF_INIT;

	if (raw)
		vmm_buf_adds(&text, item);
	else
		vmm_escapes(&text, item);
	for (const char *p = vmm_buf_text(&text); *p; p++) {
		/* escaped text has its backslashes doubled already */
		if (*p == ',' || (raw && *p == '\\'))
			vmm_buf_addc(out, '\\');
		vmm_buf_addc(out, *p);
	}
}

static void add_cell(struct vmm_buf *out, const struct vmm_cell *cell, bool raw)
{
	switch (cell->kind) {
	case VMM_CELL_TEXT:
		if (raw)
			vmm_buf_adds(out, cell->text);
		else
			vmm_escapes(out, cell->text);
		return;
	case VMM_CELL_NUMBER:
		vmm_buf_addf(out, "%lld", cell->number);
		return;
	case VMM_CELL_BOOL:
		vmm_buf_adds(out, cell->yes ? "yes" : "no");
		return;
	case VMM_CELL_LIST:
		for (size_t i = 0; i < cell->list->n; i++) {
			if (i)
				vmm_buf_addc(out, ',');
			add_item(out, cell->list->v[i], raw);
		}
		if (cell->list->n)
			return;
		break;
	case VMM_CELL_NONE:
		break;
	}
	vmm_buf_addc(out, '-');
}

static void add_json_cell(struct vmm_buf *out, const struct vmm_cell *cell)
{
	switch (cell->kind) {
	case VMM_CELL_TEXT:
		vmm_escape_json(out, cell->text);
		return;
	case VMM_CELL_NUMBER:
		vmm_buf_addf(out, "%lld", cell->number);
		return;
	case VMM_CELL_BOOL:
		vmm_buf_adds(out, cell->yes ? "true" : "false");
		return;
	case VMM_CELL_LIST:
		vmm_buf_addc(out, '[');
		for (size_t i = 0; i < cell->list->n; i++) {
			if (i)
				vmm_buf_addc(out, ',');
			vmm_escape_json(out, cell->list->v[i]);
		}
		vmm_buf_addc(out, ']');
		return;
	case VMM_CELL_NONE:
		vmm_buf_adds(out, "null");
		return;
	}
}

static void add_json_row(const struct vmm_table *table,
    const struct vmm_columns *columns, const void *row, struct vmm_buf *out)
{
	vmm_buf_addc(out, '{');
	for (size_t i = 0; i < columns->n; i++) {
		const struct vmm_column *column =
		    &table->column[columns->place[i]];
		struct vmm_cell cell = column->get(row);

		vmm_buf_addf(out, "%s\"%s\":", i ? "," : "", column->name);
		add_json_cell(out, &cell);
	}
	vmm_buf_adds(out, "}\n");
}

/* What colours the cell, or NULL. */
static const char *color_of(
    const struct vmm_column *column, const void *row, bool color)
{
	return color && column->color ? column->color(row) : NULL;
}

static void add_colored(struct vmm_buf *out, const char *code, const char *text)
{
	if (code)
		vmm_buf_addf(out, "\033[%sm%s\033[0m", code, text);
	else
		vmm_buf_adds(out, text);
}

static void add_line(const struct vmm_table *table,
    const struct vmm_columns *columns, const void *row, bool raw, bool color,
    struct vmm_buf *out)
{
	for (size_t i = 0; i < columns->n; i++) {
		const struct vmm_column *column =
		    &table->column[columns->place[i]];
		struct vmm_cell cell = column->get(row);
		const char *code = color_of(column, row, color);

		if (i)
			vmm_buf_addc(out, '\t');
		if (code)
			vmm_buf_addf(out, "\033[%sm", code);
		add_cell(out, &cell, raw);
		if (code)
			vmm_buf_adds(out, "\033[0m");
	}
	vmm_buf_addc(out, raw ? '\0' : '\n');
}

/* Writes what there is, if that is more than LEAST bytes. */
static void flush(struct vmm_buf *out, size_t least, struct vmm_report *report)
{
	if (report && out->length > least)
		vmm_report_out(report, out);
}

/* The text of a row's cell, in TEXT; row NULL is the header. */
static const char *text_of(
    const struct vmm_column *column, const void *row, struct vmm_buf *text)
{
	text->length = 0;
	vmm_buf_adds(text, "");
	if (row) {
		struct vmm_cell cell = column->get(row);

		add_cell(text, &cell, false);
	} else {
		for (const char *p = column->name; *p; p++)
			vmm_buf_addc(text, *p >= 'a' && *p <= 'z'
					       ? (char)(*p - 'a' + 'A')
					       : *p);
	}
	return vmm_buf_text(text);
}

static void add_spaces(struct vmm_buf *out, size_t n)
{
	while (n--)
		vmm_buf_addc(out, ' ');
}

/* Every cell's text is made twice, for all of them at once would need as much
 * memory as the VMs do; but not that of the last column, behind which nothing
 * is. */
static void add_aligned(const struct vmm_table *table,
    const struct vmm_columns *columns, const void *const *row, size_t n,
    bool color, struct vmm_buf *out, struct vmm_report *report)
{
	AUTOFREE size_t *width = vmm_calloc(columns->n, sizeof *width);
	AUTOBUF buf = VMM_BUF_INIT;

	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j + 1 < columns->n; j++) {
			size_t taken = vmm_text_width(
			    text_of(&table->column[columns->place[j]],
				i ? row[i - 1] : NULL, &buf));

			width[j] = taken > width[j] ? taken : width[j];
		}
	for (size_t i = 0; i <= n; i++) {
		const void *of = i ? row[i - 1] : NULL;

		for (size_t j = 0; j < columns->n; j++) {
			const struct vmm_column *column =
			    &table->column[columns->place[j]];
			const char *text = text_of(column, of, &buf);

			add_colored(
			    out, of ? color_of(column, of, color) : NULL, text);
			if (j + 1 < columns->n)
				add_spaces(
				    out, width[j] + 2 - vmm_text_width(text));
		}
		vmm_buf_addc(out, '\n');
		flush(out, MUCH, report);
	}
}

void vmm_table_print(const struct vmm_table *table,
    const struct vmm_columns *columns, const void *const *row, size_t n,
    enum vmm_format format, bool color, struct vmm_buf *out,
    struct vmm_report *report)
{
	if (format == VMM_FORMAT_ALIGNED && n)
		add_aligned(table, columns, row, n, color, out, report);
	for (size_t i = 0; i < n && format != VMM_FORMAT_ALIGNED; i++) {
		if (format == VMM_FORMAT_JSON)
			add_json_row(table, columns, row[i], out);
		else
			add_line(table, columns, row[i],
			    format == VMM_FORMAT_NULL, color, out);
		flush(out, MUCH, report);
	}
	flush(out, 0, report);
}

struct sort_key {
	const void *row;
	struct vmm_cell cell;
	char *text; /* of a list */
	size_t place;
};

static int compare_cells(const struct sort_key *a, const struct sort_key *b)
{
	if (a->cell.kind != b->cell.kind)
		return a->cell.kind < b->cell.kind ? -1 : 1;
	switch (a->cell.kind) {
	case VMM_CELL_TEXT:
		return vmm_natural_cmp(a->cell.text, b->cell.text);
	case VMM_CELL_NUMBER:
		return a->cell.number < b->cell.number   ? -1
		       : a->cell.number > b->cell.number ? 1
							 : 0;
	case VMM_CELL_BOOL:
		return (int)a->cell.yes - (int)b->cell.yes;
	case VMM_CELL_LIST:
		return vmm_natural_cmp(a->text, b->text);
	case VMM_CELL_NONE:
		break;
	}
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	int order = compare_cells(x, y);

	if (order)
		return order;
	return x->place < y->place ? -1 : 1; /* qsort() is not stable */
}

void vmm_table_sort(
    const struct vmm_table *table, size_t column, const void **row, size_t n)
{
	struct sort_key *key = vmm_calloc(n, sizeof *key);

	for (size_t i = 0; i < n; i++) {
		AUTOBUF text = VMM_BUF_INIT;

		key[i].row = row[i];
		key[i].place = i;
		key[i].cell = table->column[column].get(row[i]);
		if (key[i].cell.kind == VMM_CELL_LIST && key[i].cell.list->n)
			add_cell(&text, &key[i].cell, true);
		key[i].text = vmm_buf_take(&text);
	}
	if (n)
		qsort(key, n, sizeof *key, compare_keys);
	for (size_t i = 0; i < n; i++) {
		row[i] = key[i].row;
		free(key[i].text);
	}
	free(key);
}
