/* check: what vmm fsck finds, prints and mends. */
#ifndef VMM_WORK_CHECK_H
#define VMM_WORK_CHECK_H

#include "libvirt/meta.h"

#define VMM_CHECK_FACTS (VMM_META_FACTS | VMM_FACT_STATE | VMM_FACT_SAVED)

struct vmm_check { /* starts as {0} */
	bool repair;
	bool raw;          /* lines end with NUL and are not escaped */
	unsigned problems; /* atomic: found, and not mended */
};

/* Looks VM, of which VMM_CHECK_FACTS are known, over: `PATH<TAB>PROBLEM` lines
 * go to OUT; with repair they are mended. */
int vmm_check_vm(struct vmm_check *check, struct vmm_vm *vm,
    struct vmm_buf *out, struct vmm_err *err) MUST_CHECK;

#endif
