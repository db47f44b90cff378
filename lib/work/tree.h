/* tree: folders and VMs as a drawing, for people. */
#ifndef VMM_WORK_TREE_H
#define VMM_WORK_TREE_H

#include "work/opt.h"
#include "work/report.h"
#include "work/select.h"

void vmm_tree_print(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report);

/* A node of a tree of names. */
struct vmm_node {
	const char *key;    /* no other node's */
	const char *parent; /* another node's key, or NULL */
	const char *name;
	const char *mark;  /* printed behind the name; escaped already */
	const char *color; /* the name's escape code, or NULL */
};

enum vmm_tree_roots {
	VMM_TREE_BELOW, /* below what was printed before */
	VMM_TREE_FLUSH, /* at the left margin */
};

/* Draws the N nodes, each beneath its parent and in their order; one whose
 * parent is none of them is a root. A circle is cut above its first node, which
 * is a root then and says so. */
void vmm_tree_draw(const struct vmm_node *node, size_t n,
    enum vmm_tree_roots roots, struct vmm_buf *out);

#endif
