/* moving: where vmm mv puts each VM. */
#ifndef VMM_WORK_MOVING_H
#define VMM_WORK_MOVING_H

#include "base/index.h"
#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

/* Where the last operand points. */
struct vmm_target {
	char *raw;
	char *folder; /* normal form */
	bool inside;  /* a trailing slash: folders go into it, not onto it */
};

/* Takes the last operand away as the target; one that cannot be a folder ends
 * the program. */
void vmm_target_take(struct vmm_target *target, struct vmm_args *args,
    const struct vmm_command *command);
void vmm_target_release(struct vmm_target *target);

/* The new folder of each VM. */
struct vmm_moves {
	struct vmm_index folders; /* by UUID */
	struct vmm_strv texts;    /* owns them */
};

/* Fills MOVES (all zero) for all of the selection; where one of them cannot be
 * moved there, that is reported and -1 comes back. */
int vmm_moves_plan(struct vmm_moves *moves,
    const struct vmm_selection *selection, const struct vmm_target *target,
    struct vmm_conn *conn, struct vmm_report *report) MUST_CHECK;
const char *vmm_moves_folder(
    const struct vmm_moves *moves, const struct vmm_vm *vm);
void vmm_moves_release(struct vmm_moves *moves);

#endif
