/* tree: folders and VMs as a drawing, for people. */
#ifndef VMM_WORK_TREE_H
#define VMM_WORK_TREE_H

#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

void vmm_tree_print(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report);

/* A node of a tree of names; PARENT is another node's name, or NULL. */
struct vmm_node {
	const char *name, *parent;
	const char *mark; /* printed behind the name */
};

/* Draws the N nodes below whatever was printed before, each beneath its parent
 * and in their order; one whose parent is none of them is a root. */
void vmm_tree_draw(const struct vmm_node *node, size_t n, struct vmm_buf *out);

#endif
