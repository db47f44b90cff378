/* check: what vmm fsck finds, prints and mends: of metadata, saved states,
 * snapshots and storage. */
#ifndef VMM_WORK_CHECK_H
#define VMM_WORK_CHECK_H

#include "libvirt/meta.h"
#include "storage/guard.h"
#include "work/report.h"

#define VMM_CHECK_FACTS (VMM_META_FACTS | VMM_FACT_STATE | VMM_FACT_SAVED)

struct vmm_check { /* starts as {0} */
	bool repair;
	bool raw; /* lines end with NUL and are not escaped */
	struct vmm_guard *guard;
	unsigned problems; /* atomic: found, and not mended */
	size_t warned;     /* how much of what is unread was reported */
};

/* Reads the storage of CONN, as far as it can be; what cannot is reported as a
 * warning. The guard is NULL, reported, where that is all of it. */
void vmm_check_storage(
    struct vmm_check *check, struct vmm_conn *conn, struct vmm_report *report);
/* Warns of what else turned out to be unreadable since. */
void vmm_check_unread(struct vmm_check *check, struct vmm_report *report);
/* Looks VM, of which VMM_CHECK_FACTS are known, over: `PATH<TAB>PROBLEM` lines
 * go to OUT; with repair they are mended. */
int vmm_check_vm(struct vmm_check *check, struct vmm_vm *vm,
    struct vmm_buf *out, struct vmm_err *err) MUST_CHECK;
/* Looks over what is no VM's: `FILE<TAB>PROBLEM` lines. */
void vmm_check_files(
    struct vmm_check *check, struct vmm_conn *conn, struct vmm_report *report);

#endif
