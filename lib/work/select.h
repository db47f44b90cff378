/*
 * select: from operands to VMs. The one language of all commands.
 *
 * vmm-selectors(7) has it for users. What costs what: an exact operand is a
 * look-up and one call for its folder; a folder or a pattern is a listing of
 * all, with a call for the folder of each VM that the state filter lets
 * through.
 */
#ifndef VMM_WORK_SELECT_H
#define VMM_WORK_SELECT_H

#include "libvirt/set.h"
#include "work/opt.h"
#include "work/report.h"

enum vmm_select_mode {
	/* operands are VMs; a folder is one only with --recursive */
	VMM_SELECT_VMS,
	/* the same, but a folder with its trailing slash is a group */
	VMM_SELECT_FOLDERS,
	/* operands are folders or VMs, and a folder wins; none is "/" */
	VMM_SELECT_TREE,
};

/* What one operand named: VMs, or the folder that they are in or below. */
struct vmm_group {
	char *folder;       /* NULL: the VMs were named themselves */
	struct vmm_vm **vm; /* borrowed from the set; in natural order */
	size_t n;
};

struct vmm_selection {
	struct vmm_set set;
	bool whole;              /* the set holds all VMs of the host */
	struct vmm_group *group; /* one an operand that matched */
	size_t groups;
	struct vmm_vm **vm; /* all that was named, once, in operand order */
	size_t n;
};

/*
 * Fills SELECTION (all zero) with what args->operands name and the filters
 * let through, each with FACTS and its path. An operand that matches nothing
 * is reported, and so is a VM whose facts could not be had; the rest is
 * selected. Returns -1, reported too, only when nothing can be selected: the
 * connection is lost, or standard input cannot be read.
 */
int vmm_select(struct vmm_conn *conn, const struct vmm_args *args,
    enum vmm_select_mode mode, unsigned facts, struct vmm_selection *selection,
    struct vmm_report *report) MUST_CHECK;

/* The UUID of the one VM that TEXT, an operand like any other, means; a UUID
 * that no VM has (any longer) stands for itself. OPTION is where TEXT comes
 * from. To be freed; NULL, reported. */
char *vmm_select_uuid(struct vmm_conn *conn, const char *text,
    const char *option, struct vmm_report *report);
void vmm_selection_release(struct vmm_selection *selection);

#endif
