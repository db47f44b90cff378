/*
 * each: one action on many VMs.
 *
 * Several at once; what a VM's job writes, its path with -v, and its error
 * come out in operand order and unmixed. A failure never stops the others. An
 * interrupt lets the jobs under way end, says of those that were done all the
 * same that they were, and starts no more. What takes long is shown.
 */
#ifndef VMM_WORK_EACH_H
#define VMM_WORK_EACH_H

#include "base/progress.h"
#include "libvirt/set.h"
#include "work/opt.h"
#include "work/report.h"

/* One VM's job. */
struct vmm_job {
	struct vmm_buf out;     /* for standard output */
	struct vmm_buf warning; /* what else there is to say of the VM */
	struct vmm_strv warnings, notes; /* and of others; whole sentences */
	struct vmm_progress progress;
};

/* Writes PATH<TAB>TEXT as one record; RAW ones end with NUL. */
void vmm_job_record(
    struct vmm_job *job, const char *path, const char *text, bool raw);
/* Writes PATH as one. */
void vmm_job_line(struct vmm_job *job, const char *path, bool raw);
/* Writes what --dry-run would do: `VERB PATH<TAB>TO`; TO NULL: none. */
void vmm_job_plan(struct vmm_job *job, const char *verb, const char *path,
    const char *to, bool raw);
/* Throws a stale saved state away (libvirt/save.h), with a warning. */
int vmm_job_drop_stale(
    struct vmm_job *job, struct vmm_vm *vm, struct vmm_err *err) MUST_CHECK;

typedef int vmm_each_fn(struct vmm_vm *vm, const void *how, struct vmm_job *job,
    struct vmm_err *err);

struct vmm_action {
	const char *verb; /* "start": for "cannot start '/lab/web1': ..." */
	/* What would be done to VM, for --dry-run: *VERB is "boot", "restore",
	 * ..., or NULL for nothing; *TO the path that it gets, owned, or left
	 * NULL. Without a plan act() heeds --dry-run itself. */
	int (*plan)(struct vmm_vm *vm, const void *how, const char **verb,
	    char **to, struct vmm_err *err);
	vmm_each_fn *act;
	const void *how;
	unsigned jobs; /* at once, where the user did not say */
	bool looks;    /* nothing is changed: an interrupt may kill at once */
	bool records;  /* act() prints what it made: -v has nothing to add */
};

void vmm_each(const struct vmm_action *action, struct vmm_vm **vm, size_t n,
    const struct vmm_args *args, struct vmm_report *report);

#endif
