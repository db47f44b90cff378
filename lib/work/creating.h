/* creating: other programs that define VMs, and where what they define is
 * filed. */
#ifndef VMM_WORK_CREATING_H
#define VMM_WORK_CREATING_H

#include "libvirt/conn.h"
#include "work/opt.h"
#include "work/report.h"

struct vmm_create {
	const char *folder;            /* normal form; NULL: where it is */
	const struct vmm_strv *labels; /* to be added */
	/* what virt-install is told; none: virt-manager's wizard is opened */
	const struct vmm_strv *words;
};

/* Ends the program where what virt-install is to be told will not do. */
void vmm_create_check(
    const struct vmm_create *how, const struct vmm_command *command);
/*
 * Runs the program, and files those VMs that were not there before and have no
 * element of ours; prints their paths. Interrupts must be held. The exit status
 * of virt-install, or 0.
 */
int vmm_create(struct vmm_conn *conn, const struct vmm_create *how,
    const struct vmm_args *args, struct vmm_report *report);

#endif
