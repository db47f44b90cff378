/* listing: hides which lines a folder has. */
#include "work/listing.h"

#include <string.h>

#include "base/alloc.h"
#include "base/index.h"
#include "base/parallel.h"
#include "pure/vpath.h"
#include "storage/chain.h"
#include "work/origin.h"

static void parse_columns(const struct vmm_command *command, const char *text,
    struct vmm_columns *columns)
{
	AUTOERR err = VMM_ERR_INIT;

	if (vmm_columns_parse(command->table, text, columns, &err) < 0)
		vmm_opt_usage(command, "%s", err.text);
}

void vmm_listing_check(struct vmm_listing *listing,
    const struct vmm_command *command, const struct vmm_args *args)
{
	if (listing->aligned && listing->json)
		vmm_opt_usage(command, "-l and --json exclude each other");
	if (listing->aligned && args->null)
		vmm_opt_usage(command, "-l is for people, -0 for programs");
	if (listing->output)
		parse_columns(command, listing->output, &listing->columns);
	else if (listing->json)
		vmm_columns_default(command->table, &listing->columns);
	else
		parse_columns(command,
		    listing->aligned ? vmm_vmcols_long : "path",
		    &listing->columns);
	if (listing->sort)
		parse_columns(command, listing->sort, &listing->order);
	if (listing->clones_of)
		listing->recursive = true;
	if (listing->order.n > 1)
		vmm_opt_usage(command, "--sort takes one column");
}

int vmm_listing_narrow(const struct vmm_listing *listing, struct vmm_conn *conn,
    struct vmm_args *args, struct vmm_report *report)
{
	if (!listing->clones_of)
		return 0;
	args->origin =
	    vmm_select_uuid(conn, listing->clones_of, "--clones-of", report);
	return args->origin ? 0 : -1;
}

/* Those of VMs, and those of rows. */
static unsigned all_facts(const struct vmm_listing *listing)
{
	return vmm_columns_facts(&vmm_vmcols, &listing->columns) |
	       vmm_columns_facts(&vmm_vmcols, &listing->order);
}

unsigned vmm_listing_facts(
    const struct vmm_listing *listing, const struct vmm_args *args)
{
	unsigned facts = all_facts(listing) & ~(unsigned)VMM_ROW_FACTS;

	if (args->color && !listing->json)
		facts |= VMM_FACT_STATE; /* the path's colour */
	return facts;
}

void vmm_listing_release(struct vmm_listing *listing)
{
	free(listing->output);
	free(listing->sort);
	free(listing->clones_of);
	vmm_columns_release(&listing->columns);
	vmm_columns_release(&listing->order);
}

struct rows {
	struct vmm_row *row;
	size_t n;
	bool several;          /* groups, which may have the same VMs */
	struct vmm_index seen; /* keys: UUIDs, and paths of folders */
};

static void add_vm(struct rows *rows, const struct vmm_vm *vm)
{
	if (rows->several && vmm_index_find(&rows->seen, vm->uuid))
		return;
	if (rows->several)
		vmm_index_add(&rows->seen, vm->uuid, rows);
	rows->row[rows->n++] = (struct vmm_row){.vm = vm};
}

static void add_folder(struct rows *rows, const char *folder)
{
	AUTOFREE char *path = vmm_sprintf("%s/", folder);

	if (vmm_index_find(&rows->seen, path))
		return;
	vmm_row_folder(&rows->row[rows->n], folder);
	vmm_index_add(&rows->seen, rows->row[rows->n].path, rows);
	rows->n++;
}

static void add_group(
    struct rows *rows, const struct vmm_group *group, bool recursive)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct vmm_vm *vm = group->vm[i];
		AUTOFREE char *step = NULL;

		if (!group->folder || recursive ||
		    strcmp(vm->meta.folder, group->folder) == 0) {
			add_vm(rows, vm);
			continue;
		}
		step = vmm_vpath_step(vm->meta.folder, group->folder);
		add_folder(rows, step);
	}
}

/* Finds what the VM's first writable disk stands on. In a worker. */
static void find_base(size_t i, void *arg)
{
	struct vmm_row *row = &((struct rows *)arg)->row[i];
	struct vmm_domxml *xml = row->vm ? row->vm->xml : NULL;

	for (size_t j = 0; xml && j < xml->disks; j++) {
		struct vmm_disk *disk = &xml->disk[j];

		if (disk->readonly || !disk->layers ||
		    strcmp(disk->device, "cdrom") == 0 ||
		    strcmp(disk->device, "floppy") == 0)
			continue;
		/* a running VM's XML has it */
		if (disk->layers < 2 && !disk->chain_known)
			free(
			    vmm_chain_read(vmm_conn_virt(row->vm->conn), disk));
		if (disk->layers > 1)
			row->base = disk->layer[1].source;
		return;
	}
}

/* Fills in what columns need beyond the facts of VMs. */
static int complete(struct rows *rows, unsigned facts,
    struct vmm_selection *selection, struct vmm_report *report)
{
	if (facts & VMM_ROW_ORIGIN) {
		if (vmm_origin_fetch(selection, report) < 0)
			return -1;
		for (size_t i = 0; i < rows->n; i++)
			if (rows->row[i].vm)
				rows->row[i].origin = vmm_origin_name(
				    &selection->set, rows->row[i].vm);
	}
	if (facts & VMM_ROW_BASE && selection->n)
		vmm_parallel(rows->n, vmm_conn_threads(selection->vm[0]->conn),
		    find_base, NULL, rows);
	/* a base may be unknown, but not for want of a connection */
	if (facts & VMM_ROW_BASE && selection->n &&
	    virConnectIsAlive(vmm_conn_virt(selection->vm[0]->conn)) == 0) {
		vmm_report_failure(
		    report, VMM_NOCONN, "the connection was lost");
		return -1;
	}
	return 0;
}

static enum vmm_format format_of(
    const struct vmm_listing *listing, const struct vmm_args *args)
{
	if (listing->json)
		return VMM_FORMAT_JSON;
	if (args->null)
		return VMM_FORMAT_NULL;
	return listing->aligned ? VMM_FORMAT_ALIGNED : VMM_FORMAT_LINES;
}

static void print_rows(const struct vmm_listing *listing,
    const struct rows *rows, const struct vmm_args *args,
    struct vmm_report *report)
{
	AUTOFREE const void **line = vmm_calloc(rows->n, sizeof *line);
	AUTOBUF out = VMM_BUF_INIT;

	for (size_t i = 0; i < rows->n; i++)
		line[i] = &rows->row[i];
	if (listing->sort)
		vmm_table_sort(
		    &vmm_vmcols, listing->order.place[0], line, rows->n);
	vmm_table_print(&vmm_vmcols, &listing->columns, line, rows->n,
	    format_of(listing, args), args->color, &out, report);
}

void vmm_listing_print(const struct vmm_listing *listing,
    struct vmm_selection *selection, const struct vmm_args *args,
    struct vmm_report *report)
{
	struct rows rows = {.several = selection->groups > 1};
	size_t most = 0;

	for (size_t i = 0; i < selection->groups; i++)
		most += selection->group[i].n;
	rows.row = vmm_calloc(most, sizeof *rows.row);
	for (size_t i = 0; i < selection->groups; i++)
		add_group(&rows, &selection->group[i], listing->recursive);
	if (complete(&rows, all_facts(listing), selection, report) == 0)
		print_rows(listing, &rows, args, report);
	vmm_index_release(&rows.seen);
	for (size_t i = 0; i < rows.n; i++)
		vmm_row_release(&rows.row[i]);
	free(rows.row);
}
