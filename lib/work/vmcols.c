/* vmcols: hides which fact of a VM stands in which column. */
#include "work/vmcols.h"

#include <string.h>

#include "base/alloc.h"
#include "pure/vpath.h"

const char vmm_vmcols_long[] =
    "state,saved,snapshots,autostart,persistent,labels,path";

void vmm_row_folder(struct vmm_row *row, const char *folder)
{
	const char *slash = strrchr(folder, '/');
	AUTOFREE char *above = vmm_strndup(folder, (size_t)(slash - folder));

	*row = (struct vmm_row){.path = vmm_sprintf("%s/", folder),
	    .name = vmm_strdup(slash + 1),
	    .parent = vmm_vpath_normal(above)};
}

void vmm_row_release(struct vmm_row *row)
{
	free(row->path);
	free(row->name);
	free(row->parent);
}

static const struct vmm_vm *vm_of(const void *row)
{
	return ((const struct vmm_row *)row)->vm;
}

static struct vmm_cell text(const char *value)
{
	return (struct vmm_cell){
	    .kind = value ? VMM_CELL_TEXT : VMM_CELL_NONE, .text = value};
}

static struct vmm_cell number(unsigned long long value)
{
	return (struct vmm_cell){
	    .kind = VMM_CELL_NUMBER, .number = (long long)value};
}

static struct vmm_cell yes_no(bool value)
{
	return (struct vmm_cell){.kind = VMM_CELL_BOOL, .yes = value};
}

static struct vmm_cell get_type(const void *row)
{
	return text(vm_of(row) ? "vm" : "folder");
}

static struct vmm_cell get_path(const void *row)
{
	return text(vm_of(row) ? vm_of(row)->path
			       : ((const struct vmm_row *)row)->path);
}

static struct vmm_cell get_name(const void *row)
{
	return text(vm_of(row) ? vm_of(row)->name
			       : ((const struct vmm_row *)row)->name);
}

static struct vmm_cell get_folder(const void *row)
{
	return text(vm_of(row) ? vm_of(row)->meta.folder
			       : ((const struct vmm_row *)row)->parent);
}

/* The columns that folders have nothing in. */
#define VM_COLUMN(name, value)                                                 \
	static struct vmm_cell get_##name(const void *row)                     \
	{                                                                      \
		const struct vmm_vm *vm = vm_of(row);                          \
		return vm ? value : text(NULL);                                \
	}

VM_COLUMN(uuid, text(vm->uuid))
VM_COLUMN(id, vm->id < 0 ? text(NULL) : number((unsigned long long)vm->id))
VM_COLUMN(state, text(vmm_state_name(vm->state)))
VM_COLUMN(saved, yes_no(vm->saved))
VM_COLUMN(snapshots, yes_no(vm->snapshots))
VM_COLUMN(autostart, yes_no(vm->autostart))
VM_COLUMN(persistent, yes_no(vm->persistent))
VM_COLUMN(labels,
    ((struct vmm_cell){.kind = VMM_CELL_LIST, .list = &vm->meta.labels}))
VM_COLUMN(title, text(vm->xml->title))
VM_COLUMN(vcpus, number(vm->xml->vcpus))
VM_COLUMN(memory, number(vm->xml->memory * 1024))

static struct vmm_cell get_origin(const void *row)
{
	return text(((const struct vmm_row *)row)->origin);
}

static struct vmm_cell get_base(const void *row)
{
	return text(((const struct vmm_row *)row)->base);
}

const char *vmm_state_color(int state)
{
	switch (state) {
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
		return "32"; /* green */
	case VIR_DOMAIN_PAUSED:
	case VIR_DOMAIN_PMSUSPENDED:
	case VIR_DOMAIN_SHUTDOWN:
		return "33"; /* yellow */
	case VIR_DOMAIN_CRASHED:
		return "31"; /* red */
	default:
		return NULL;
	}
}

static const char *color_state(const void *row)
{
	return vm_of(row) ? vmm_state_color(vm_of(row)->state) : NULL;
}

static const char *color_path(const void *row)
{
	const struct vmm_vm *vm = vm_of(row);

	if (!vm)
		return "1;34"; /* bold blue, as ls has it for directories */
	return vm->facts & VMM_FACT_STATE ? vmm_state_color(vm->state) : NULL;
}

static const struct vmm_column columns[] = {
    {"type", "vm or folder", get_type, 0, false, NULL},
    {"path", "folder and name; a folder ends in a slash", get_path,
	VMM_FACT_META, false, color_path},
    {"name", "libvirt's name of the domain", get_name, 0, false, NULL},
    {"folder", "the folder it is in", get_folder, VMM_FACT_META, false, NULL},
    {"uuid", "the domain's UUID", get_uuid, 0, false, NULL},
    {"id", "its number while it runs", get_id, 0, false, NULL},
    {"state",
	"running, blocked, paused, shutdown, shutoff, crashed or "
	"pmsuspended",
	get_state, VMM_FACT_STATE, false, color_state},
    {"saved", "whether it has a managed save", get_saved, VMM_FACT_SAVED, false,
	NULL},
    {"snapshots", "whether it has snapshots", get_snapshots, VMM_FACT_SNAPSHOTS,
	false, NULL},
    {"autostart", "whether it starts with the host", get_autostart,
	VMM_FACT_AUTOSTART, false, NULL},
    {"persistent", "no for a VM that is gone once it is off", get_persistent,
	VMM_FACT_PERSISTENT, false, NULL},
    {"labels", "its labels", get_labels, VMM_FACT_META, false, NULL},
    {"title", "the domain's title", get_title, VMM_FACT_XML, true, NULL},
    {"vcpus", "virtual CPUs at most", get_vcpus, VMM_FACT_XML, true, NULL},
    {"memory", "memory at most, in bytes", get_memory, VMM_FACT_XML, true,
	NULL},
    {"origin", "the VM that it is a linked clone of", get_origin,
	VMM_FACT_META | VMM_ROW_ORIGIN, true, NULL},
    {"base", "the backing file that its first disk stands on", get_base,
	VMM_FACT_XML | VMM_ROW_BASE, true, NULL},
};

const struct vmm_table vmm_vmcols = {columns, ARRAY_SIZE(columns)};
