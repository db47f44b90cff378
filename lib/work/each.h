/*
 * each: one action on many VMs.
 *
 * Several at once; what a VM's job writes, its path with -v, and its error
 * come out in operand order and unmixed. A failure never stops the others. An
 * interrupt lets the jobs under way end and starts no more.
 */
#ifndef VMM_WORK_EACH_H
#define VMM_WORK_EACH_H

#include "libvirt/set.h"
#include "work/opt.h"
#include "work/report.h"

/* Does the action on VM. OUT is for what goes to standard output. */
typedef int vmm_each_fn(struct vmm_vm *vm, const void *how, struct vmm_buf *out,
    struct vmm_err *err);

struct vmm_action {
	const char *verb; /* "start": for "cannot start '/lab/web1': ..." */
	/* What would be done to VM, for --dry-run: *VERB is "boot", "restore",
	 * ..., or NULL for nothing; *TO the path that it gets, owned, or left
	 * NULL. */
	int (*plan)(const struct vmm_vm *vm, const void *how, const char **verb,
	    char **to, struct vmm_err *err);
	vmm_each_fn *act;
	const void *how;
	unsigned jobs; /* at once, where the user did not say */
};

void vmm_each(const struct vmm_action *action, struct vmm_vm **vm, size_t n,
    const struct vmm_args *args, struct vmm_report *report);

#endif
