/* snapcols: hides which part of a snapshot stands in which column. */
#include "work/snapcols.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/parallel.h"
#include "work/tree.h"

struct row {
	const struct vmm_vm *vm;
	const struct vmm_snapxml *snapshot;
	bool current;
	char created[sizeof "2026-11-25T01:02:03+01:00"];
};

/* --- columns --- */

static struct vmm_cell text(const char *value)
{
	return (struct vmm_cell){
	    .kind = value ? VMM_CELL_TEXT : VMM_CELL_NONE, .text = value};
}

static const struct vmm_snapxml *of(const void *row)
{
	return ((const struct row *)row)->snapshot;
}

static struct vmm_cell get_path(const void *row)
{
	return text(((const struct row *)row)->vm->path);
}

static struct vmm_cell get_name(const void *row)
{
	return text(of(row)->name);
}

static struct vmm_cell get_created(const void *row)
{
	const char *created = ((const struct row *)row)->created;

	return text(*created ? created : NULL);
}

static struct vmm_cell get_state(const void *row)
{
	return text(of(row)->state);
}

static struct vmm_cell get_current(const void *row)
{
	return (struct vmm_cell){
	    .kind = VMM_CELL_BOOL, .yes = ((const struct row *)row)->current};
}

static struct vmm_cell get_parent(const void *row)
{
	return text(of(row)->parent);
}

static struct vmm_cell get_kind(const void *row)
{
	return text(of(row)->external ? "external" : "internal");
}

static struct vmm_cell get_memory(const void *row)
{
	return (struct vmm_cell){.kind = VMM_CELL_BOOL, .yes = of(row)->memory};
}

static struct vmm_cell get_description(const void *row)
{
	return text(of(row)->description);
}

static const struct vmm_column columns[] = {
    {"path", "the VM", get_path, 0, false, NULL},
    {"name", "the snapshot", get_name, 0, false, NULL},
    {"created", "when it was taken: ISO 8601, local", get_created, 0, false,
	NULL},
    {"state", "the VM's state then", get_state, 0, false, NULL},
    {"current", "whether the VM stands on it", get_current, 0, false, NULL},
    {"parent", "the snapshot that it stands on", get_parent, 0, false, NULL},
    {"kind", "internal or external", get_kind, 0, false, NULL},
    {"memory", "whether the memory is in it", get_memory, 0, false, NULL},
    {"description", "what was said of it", get_description, 0, false, NULL},
};

const struct vmm_table vmm_snapcols = {columns, ARRAY_SIZE(columns)};

/* --- options --- */

bool vmm_snaplisting_wanted(const struct vmm_snaplisting *listing)
{
	return listing->aligned || listing->json || listing->tree ||
	       listing->output;
}

void vmm_snaplisting_check(struct vmm_snaplisting *listing,
    const struct vmm_command *command, const struct vmm_args *args)
{
	AUTOERR err = VMM_ERR_INIT;
	const char *wanted = listing->output ? listing->output
			     : listing->aligned
				 ? "path,name,created,state,kind,current"
				 : "path,name";

	if (listing->aligned + listing->json + listing->tree > 1)
		vmm_opt_usage(
		    command, "-l, --json and --tree exclude each other");
	if (listing->tree && listing->output)
		vmm_opt_usage(command, "--tree has no columns for -o");
	if ((listing->aligned || listing->tree) && args->null)
		vmm_opt_usage(
		    command, "-l and --tree are for people, -0 for programs");
	if (listing->json && !listing->output)
		vmm_columns_default(command->table, &listing->columns);
	else if (vmm_columns_parse(
		     command->table, wanted, &listing->columns, &err) < 0)
		vmm_opt_usage(command, "%s", err.text);
}

void vmm_snaplisting_release(struct vmm_snaplisting *listing)
{
	free(listing->output);
	vmm_columns_release(&listing->columns);
}

/* --- asking --- */

struct asked {
	struct vmm_vm **vm;
	struct vmm_snapshots *snapshots; /* a VM each */
	struct vmm_err *err;
};

static void ask(size_t i, void *data)
{
	struct asked *asked = data;

	if (vmm_snapshot_list(
		asked->vm[i], &asked->snapshots[i], &asked->err[i]) < 0)
		vmm_snapshots_release(&asked->snapshots[i]);
}

static void report_one(
    const struct vmm_vm *vm, struct vmm_err *err, struct vmm_report *report)
{
	AUTOFREE char *path = vmm_escaped(vm->path);

	if (err->status) {
		vmm_err_prefix(
		    err, "cannot list the snapshots of '%s': ", path);
		vmm_report_err(report, err);
	}
	vmm_err_release(err);
}

/* --- printing --- */

static void fill_row(struct row *row, const struct vmm_vm *vm,
    const struct vmm_snapshots *snapshots, size_t i)
{
	const struct vmm_snapxml *snapshot = snapshots->snapshot[i];
	time_t created = (time_t)snapshot->created;
	char when[sizeof "2026-11-25T01:02:03+0100"] = "";
	struct tm local;

	*row = (struct row){.vm = vm, .snapshot = snapshot};
	row->current = snapshots->current &&
		       strcmp(snapshots->current, snapshot->name) == 0;
	if (localtime_r(&created, &local) &&
	    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S%z", &local))
		/* strftime() does not know the colon in the zone */
		snprintf(row->created, sizeof row->created, "%.22s:%.2s", when,
		    when + 22);
}

static void print_rows(const struct vmm_snaplisting *listing,
    const struct asked *asked, size_t n, const struct vmm_args *args,
    struct vmm_buf *out)
{
	AUTOFREE struct row *row = NULL;
	AUTOFREE const void **line = NULL;
	size_t all = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		all += asked->snapshots[i].n;
	row = vmm_calloc(all, sizeof *row);
	line = vmm_calloc(all, sizeof *line);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < asked->snapshots[i].n; j++, at++) {
			fill_row(
			    &row[at], asked->vm[i], &asked->snapshots[i], j);
			line[at] = &row[at];
		}
	vmm_table_print(&vmm_snapcols, &listing->columns, line, all,
	    listing->json      ? VMM_FORMAT_JSON
	    : args->null       ? VMM_FORMAT_NULL
	    : listing->aligned ? VMM_FORMAT_ALIGNED
			       : VMM_FORMAT_LINES,
	    false, out, NULL);
}

static void print_trees(
    const struct asked *asked, size_t n, struct vmm_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct vmm_snapshots *snapshots = &asked->snapshots[i];
		AUTOFREE struct vmm_node *node =
		    vmm_calloc(snapshots->n, sizeof *node);

		if (!snapshots->n)
			continue;
		for (size_t j = 0; j < snapshots->n; j++) {
			const struct vmm_snapxml *snapshot =
			    snapshots->snapshot[j];

			node[j] = (struct vmm_node){.key = snapshot->name,
			    .name = snapshot->name,
			    .parent = snapshot->parent,
			    .mark =
				snapshots->current && strcmp(snapshots->current,
							  snapshot->name) == 0
				    ? " *"
				    : ""};
		}
		vmm_escapes(out, asked->vm[i]->path);
		vmm_buf_addc(out, '\n');
		vmm_tree_draw(node, snapshots->n, VMM_TREE_BELOW, out);
	}
}

void vmm_snaplisting_print(const struct vmm_snaplisting *listing,
    const struct vmm_selection *selection, const struct vmm_args *args,
    struct vmm_report *report)
{
	size_t n = selection->n;
	AUTOFREE struct vmm_snapshots *snapshots =
	    vmm_calloc(n, sizeof *snapshots);
	AUTOFREE struct vmm_err *err = vmm_calloc(n, sizeof *err);
	struct asked asked = {selection->vm, snapshots, err};
	AUTOBUF out = VMM_BUF_INIT;

	if (n)
		vmm_parallel(n, vmm_conn_threads(selection->vm[0]->conn), ask,
		    NULL, &asked);
	for (size_t i = 0; i < n; i++)
		report_one(selection->vm[i], &err[i], report);
	if (listing->tree)
		print_trees(&asked, n, &out);
	else
		print_rows(listing, &asked, n, args, &out);
	vmm_report_out(report, &out);
	for (size_t i = 0; i < n; i++)
		vmm_snapshots_release(&snapshots[i]);
}
