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
};

/* Makes ROW the folder FOLDER (normal form). */
void vmm_row_folder(struct vmm_row *row, const char *folder);
void vmm_row_release(struct vmm_row *row);

extern const struct vmm_table vmm_vmcols;
/* What ls -l shows, and the escape code of a state's colour, or NULL. */
extern const char vmm_vmcols_long[];
const char *vmm_state_color(int state);

#endif
