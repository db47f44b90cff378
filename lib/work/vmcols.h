/* vmcols: the columns of a listing of VMs and folders. */
#ifndef VMM_WORK_VMCOLS_H
#define VMM_WORK_VMCOLS_H

#include "libvirt/set.h"
#include "work/table.h"

/* A line of a listing: a VM, or a folder. */
struct vmm_row {
	const struct vmm_vm *vm; /* NULL: a folder */
	char *path;   /* of a folder, with a slash at its end; owned */
	char *name;   /* of a folder; owned */
	char *parent; /* of a folder; owned */
	/* of a VM, where a column asks for it: */
	const char *origin; /* as vmm_origin_name() has it */
	const char *base;   /* what its first writable disk stands on */
};

/* What a column may need beside facts of the VM (set.h), in the same bits. */
enum vmm_row_fact {
	VMM_ROW_ORIGIN = 1 << 16, /* origin */
	VMM_ROW_BASE = 1 << 17,   /* base */
};
#define VMM_ROW_FACTS (VMM_ROW_ORIGIN | VMM_ROW_BASE)

/* Makes ROW the folder FOLDER (normal form). */
void vmm_row_folder(struct vmm_row *row, const char *folder);
void vmm_row_release(struct vmm_row *row);

extern const struct vmm_table vmm_vmcols;
/* What ls -l shows, and the escape code of a state's colour, or NULL. */
extern const char vmm_vmcols_long[];
const char *vmm_state_color(int state);

#endif
