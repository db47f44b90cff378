/* table: one set of records in every format. */
#include "work/table.h"

#include "base/alloc.h"
#include "unit.h"

struct row {
	const char *name; /* NULL: none */
	long long number; /* -1: none */
	int flag;         /* -1: none */
	struct vmm_strv list;
};

static struct vmm_cell get_name(const void *data)
{
	const struct row *row = data;

	return (struct vmm_cell){
	    .kind = row->name ? VMM_CELL_TEXT : VMM_CELL_NONE,
	    .text = row->name};
}

static struct vmm_cell get_number(const void *data)
{
	const struct row *row = data;

	return (struct vmm_cell){
	    .kind = row->number == -1 ? VMM_CELL_NONE : VMM_CELL_NUMBER,
	    .number = row->number};
}

static struct vmm_cell get_flag(const void *data)
{
	const struct row *row = data;

	return (struct vmm_cell){
	    .kind = row->flag < 0 ? VMM_CELL_NONE : VMM_CELL_BOOL,
	    .yes = row->flag > 0};
}

static struct vmm_cell get_list(const void *data)
{
	const struct row *row = data;

	return (struct vmm_cell){.kind = VMM_CELL_LIST, .list = &row->list};
}

static const char *color(const void *data)
{
	const struct row *row = data;

	return row->flag > 0 ? "1;34" : NULL;
}

static const struct vmm_column column[] = {
    {.name = "name", .help = "its name", .get = get_name, .facts = 1},
    {.name = "max-size", .help = "its most", .get = get_number, .facts = 2},
    {.name = "flag",
	.help = "its flag",
	.get = get_flag,
	.facts = 6,
	.color = color},
    {.name = "list",
	.help = "its list",
	.get = get_list,
	.facts = 16,
	.on_request = true},
};
static const struct vmm_table table = {column, ARRAY_SIZE(column)};

enum {
	NAME,
	NUMBER,
	FLAG,
	LIST,
};

/* Items that TEXT names, separated by '|'. */
static struct vmm_strv items(const char *text)
{
	struct vmm_strv list = VMM_STRV_INIT;

	while (*text) {
		size_t length = strcspn(text, "|");

		vmm_strv_take(&list, vmm_strndup(text, length));
		text += length + (text[length] == '|');
	}
	return list;
}

/* --- columns --- */

static void is_places(
    const struct vmm_columns *columns, const char *expected, const char *name)
{
	AUTOBUF got = VMM_BUF_INIT;

	for (size_t i = 0; i < columns->n; i++)
		vmm_buf_addf(&got, "%s%zu", i ? "," : "", columns->place[i]);
	is(vmm_buf_text(&got), expected, "%s", name);
}

static void test_columns(void)
{
	AUTOCOLUMNS all = {0};
	AUTOCOLUMNS one = {0};
	AUTOCOLUMNS by_default = {0};
	AUTOCOLUMNS none = {0};
	AUTOERR err = VMM_ERR_INIT;

	is_int(vmm_columns_parse(&table, "list,name,flag,max-size", &all, &err),
	    0, "columns: several");
	is_places(&all, "3,0,2,1", "columns: in the order they were named");
	is_int(
	    vmm_columns_parse(&table, "flag", &one, &err), 0, "columns: one");
	is_places(&one, "2", "columns: only that one");
	ok(!err.text, "columns: no error");
	vmm_columns_default(&table, &by_default);
	is_places(
	    &by_default, "0,1,2", "columns: by default not those on request");
	is_int(vmm_columns_facts(&table, &all), 23, "facts: of all columns");
	is_int(vmm_columns_facts(&table, &one), 6, "facts: of one");
	is_int(vmm_columns_facts(&table, &by_default), 7,
	    "facts: none of a column that is not there");
	is_int(vmm_columns_facts(&table, &none), 0, "facts: of no column");
	vmm_columns_release(&all);
	ok(!all.place && !all.n, "columns: none once released");
}

static void test_unknown_column(void)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
	    {"size", "size"},
	    {"name,size,flag", "size"},
	    {"", ""},
	    {"name,", ""},
	    {",name", ""},
	    {"name,,flag", ""},
	    {"nam", "nam"},
	    {"names", "names"},
	    {"Name", "Name"},
	    {" name", " name"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOCOLUMNS columns = {0};
		AUTOERR err = VMM_ERR_INIT;
		AUTOFREE char *subject = vmm_sprintf("'%s'", cases[i].name);

		is_int(vmm_columns_parse(&table, cases[i].text, &columns, &err),
		    -1, "unknown column: '%s' is an error", cases[i].text);
		is_int(err.status, VMM_USAGE, "unknown column: '%s': usage",
		    cases[i].text);
		ok(err.text && strstr(err.text, subject),
		    "unknown column: '%s': is named", cases[i].text);
		ok(err.text && strstr(err.text, "name, max-size, flag, list"),
		    "unknown column: '%s': the known are listed",
		    cases[i].text);
	}
}

/* --- formats --- */

/* Checks how rows are printed: COLUMNS as after -o. */
static void prints(const char *columns_text, const void *const *row, size_t n,
    enum vmm_format format, bool with_color, const char *expected,
    size_t length, const char *name)
{
	AUTOCOLUMNS columns = {0};
	AUTOERR err = VMM_ERR_INIT;
	AUTOBUF out = VMM_BUF_INIT;
	AUTOBUF got = VMM_BUF_INIT;
	AUTOBUF wanted = VMM_BUF_INIT;

	if (vmm_columns_parse(&table, columns_text, &columns, &err) < 0) {
		ok(false, "%s: its columns", name);
		return;
	}
	vmm_table_print(
	    &table, &columns, row, n, format, with_color, &out, NULL);
	/* NUL as something to compare and to show */
	for (size_t i = 0; i < out.length; i++)
		vmm_buf_addc(&got, out.text[i] ? out.text[i] : '\002');
	for (size_t i = 0; i < length; i++)
		vmm_buf_addc(&wanted, expected[i] ? expected[i] : '\002');
	is(vmm_buf_text(&got), vmm_buf_text(&wanted), "%s", name);
}

#define PRINTS(columns, row, n, format, color, expected, name)                 \
	prints((columns), (row), (n), (format), (color), (expected),           \
	    sizeof(expected) - 1, (name))

static void test_formats(void)
{
	struct row rows[] = {
	    {"web1", 42, 1, items("a|b")},
	    {NULL, -1, -1, items("")},
	    {"a\tb\\c\n\xff\"", -5, 0, items("x,y|p\\q|\t")},
	};
	const void *row[] = {&rows[0], &rows[1], &rows[2]};
	static const char all[] = "name,max-size,flag,list";

	PRINTS(all, row, 3, VMM_FORMAT_LINES, false,
	    "web1\t42\tyes\ta,b\n"
	    "-\t-\t-\t-\n"
	    "a\\tb\\\\c\\n\\xff\"\t-5\tno\tx\\,y,p\\\\q,\\t\n",
	    "lines");
	PRINTS(all, row, 3, VMM_FORMAT_NULL, false,
	    "web1\t42\tyes\ta,b\0"
	    "-\t-\t-\t-\0"
	    "a\tb\\c\n\xff\"\t-5\tno\tx\\,y,p\\\\q,\t\0",
	    "NUL: raw");
	PRINTS(all, row, 3, VMM_FORMAT_JSON, false,
	    "{\"name\":\"web1\",\"max-size\":42,\"flag\":true,"
	    "\"list\":[\"a\",\"b\"]}\n"
	    "{\"name\":null,\"max-size\":null,\"flag\":null,\"list\":[]}\n"
	    "{\"name\":\"a\\u0009b\\\\c\\u000a\\ufffd\\\"\",\"max-size\":-5,"
	    "\"flag\":false,\"list\":[\"x,y\",\"p\\\\q\",\"\\u0009\"]}\n",
	    "JSON");
	PRINTS("flag,name", row, 3, VMM_FORMAT_ALIGNED, false,
	    "FLAG  NAME\n"
	    "yes   web1\n"
	    "-     -\n"
	    "no    a\\tb\\\\c\\n\\xff\"\n",
	    "aligned: as wide as the header");
	PRINTS("name,max-size", row, 3, VMM_FORMAT_ALIGNED, false,
	    "NAME            MAX-SIZE\n"
	    "web1            42\n"
	    "-               -\n"
	    "a\\tb\\\\c\\n\\xff\"  -5\n",
	    "aligned: as wide as the widest cell");
	PRINTS("flag,list,max-size", row, 3, VMM_FORMAT_ALIGNED, false,
	    "FLAG  LIST          MAX-SIZE\n"
	    "yes   a,b           42\n"
	    "-     -             -\n"
	    "no    x\\,y,p\\\\q,\\t  -5\n",
	    "aligned: every column");
	PRINTS("name", row, 1, VMM_FORMAT_LINES, false, "web1\n",
	    "lines: one column of one row");
	PRINTS("flag", row, 1, VMM_FORMAT_JSON, false, "{\"flag\":true}\n",
	    "JSON: one column of one row");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		vmm_strv_release(&rows[i].list);
}

static void test_no_rows(void)
{
	PRINTS("name", NULL, 0, VMM_FORMAT_LINES, true, "", "no rows: lines");
	PRINTS("name", NULL, 0, VMM_FORMAT_NULL, false, "", "no rows: NUL");
	PRINTS("name", NULL, 0, VMM_FORMAT_JSON, false, "", "no rows: JSON");
	PRINTS("name", NULL, 0, VMM_FORMAT_ALIGNED, false, "",
	    "no rows: no header either");
}

static void test_width(void)
{
	struct row rows[] = {
	    {"\xe6\x97\xa5\xe6\x9c\xac", 1, 0, VMM_STRV_INIT},
	    {"cafe\xcc\x81", 2, 0, VMM_STRV_INIT},
	    {"\033[2J", 3, 0, VMM_STRV_INIT},
	};
	const void *row[] = {&rows[0], &rows[1], &rows[2]};

	PRINTS("name,max-size", row, 3, VMM_FORMAT_ALIGNED, false,
	    "NAME     MAX-SIZE\n"
	    "\xe6\x97\xa5\xe6\x9c\xac     1\n"
	    "cafe\xcc\x81     2\n"
	    "\\x1b[2J  3\n",
	    "aligned: by columns of the terminal, and escaped");
}

static void test_color(void)
{
	struct row rows[] = {
	    {"a", 1, 1, VMM_STRV_INIT},
	    {"b", 2, 0, VMM_STRV_INIT},
	};
	const void *row[] = {&rows[0], &rows[1]};

	PRINTS("flag,name", row, 2, VMM_FORMAT_LINES, true,
	    "\033[1;34myes\033[0m\ta\nno\tb\n", "color: lines");
	PRINTS("flag,name", row, 2, VMM_FORMAT_ALIGNED, true,
	    "FLAG  NAME\n\033[1;34myes\033[0m   a\nno    b\n",
	    "color: aligned, where it takes no width");
	PRINTS("flag,name", row, 2, VMM_FORMAT_JSON, true,
	    "{\"flag\":true,\"name\":\"a\"}\n{\"flag\":false,\"name\":\"b\"}\n",
	    "color: none in JSON");
}

/* --- sorting --- */

/* Checks the order of rows sorted by COLUMN; they are numbered from 'a' on. */
static void sorts(const struct row *rows, size_t n, size_t by,
    const char *expected, const char *name)
{
	const void *row[16];
	char got[17] = "";

	for (size_t i = 0; i < n; i++)
		row[i] = &rows[i];
	vmm_table_sort(&table, by, row, n);
	for (size_t i = 0; i < n; i++)
		got[i] = (char)('a' + ((const struct row *)row[i] - rows));
	got[n] = '\0';
	is(got, expected, "sort: %s", name);
}

static void test_sort(void)
{
	struct row rows[] = {
	    /* a */ {"web10", 10, 1, items("b")},
	    /* b */ {"web2", 9, 0, items("a|b")},
	    /* c */ {NULL, -1, -1, items("")},
	    /* d */ {"web2", -7, 1, items("a10")},
	    /* e */ {"", 10000000000, 0, items("a2")},
	    /* f */ {"Web", 9, -1, items("")},
	    /* g */ {NULL, 0, 1, items("!")},
	};
	size_t n = ARRAY_SIZE(rows);

	sorts(rows, n, NAME, "cgefbda",
	    "text in natural order, none first, equal ones as they came");
	sorts(rows, n, NUMBER, "cdgbfae",
	    "numbers by value, none first, equal ones as they came");
	sorts(rows, n, FLAG, "cfbeadg",
	    "no before yes, none first, equal ones as they came");
	sorts(rows, n, LIST, "cfgbeda", "lists in natural order, empty first");
	sorts(rows, 1, NAME, "a", "one row");
	sorts(rows, 0, NAME, "", "no rows");
	for (size_t i = 0; i < n; i++)
		vmm_strv_release(&rows[i].list);
}

static void test_sort_is_stable(void)
{
	static struct row rows[1000];
	const void *row[ARRAY_SIZE(rows)];
	bool good = true;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i] =
		    (struct row){"x", (long long)(i * 7 % 3), 0, VMM_STRV_INIT};
		row[i] = &rows[i];
	}
	vmm_table_sort(&table, NUMBER, row, ARRAY_SIZE(rows));
	for (size_t i = 1; i < ARRAY_SIZE(rows); i++) {
		const struct row *a = row[i - 1], *b = row[i];

		if (a->number > b->number || (a->number == b->number && a >= b))
			good = false;
	}
	ok(good, "sort: 1000 rows, equal ones as they came");
}

int main(void)
{
	test_columns();
	test_unknown_column();
	test_formats();
	test_no_rows();
	test_width();
	test_color();
	test_sort();
	test_sort_is_stable();
	return unit_done();
}
