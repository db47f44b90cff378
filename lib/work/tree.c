/* tree: hides how branches are drawn. */
#include "work/tree.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/index.h"
#include "pure/vpath.h"
#include "work/vmcols.h"

struct style {
	const char *branch, *last, *through, *blank;
};

static const struct style lines = {
    "\342\224\234\342\224\200\342\224\200 ", /* U+251C U+2500 U+2500 */
    "\342\224\224\342\224\200\342\224\200 ", /* U+2514 U+2500 U+2500 */
    "\342\224\202   ",                       /* U+2502 */
    "    "};
static const struct style ascii = {"|-- ", "`-- ", "|   ", "    "};

struct tree {
	const struct style *style;
	bool color;
	struct vmm_buf *out;
};

static void add_name(const struct tree *tree, const char *name, const char *end,
    const char *code)
{
	if (tree->color && code)
		vmm_buf_addf(tree->out, "\033[%sm", code);
	vmm_escapes(tree->out, name);
	vmm_buf_adds(tree->out, end);
	if (tree->color && code)
		vmm_buf_adds(tree->out, "\033[0m");
	vmm_buf_addc(tree->out, '\n');
}

static const char *color_of(const struct vmm_vm *vm)
{
	return vm->facts & VMM_FACT_STATE ? vmm_state_color(vm->state) : NULL;
}

/* How many of the N VMs at VM, of which the first is below FOLDER, are in or
 * below the same subfolder, which becomes *STEP; 1 and NULL for a VM that is
 * directly in FOLDER. */
static size_t take_branch(
    struct vmm_vm *const *vm, size_t n, const char *folder, char **step)
{
	size_t taken = 1;

	*step = NULL;
	if (strcmp(vm[0]->meta.folder, folder) == 0)
		return 1;
	*step = vmm_vpath_step(vm[0]->meta.folder, folder);
	while (taken < n && vmm_vpath_within(vm[taken]->meta.folder, *step))
		taken++;
	return taken;
}

/* Draws the N VMs at VM, all below FOLDER, in natural order. */
static void draw(const struct tree *tree, struct vmm_vm *const *vm, size_t n,
    const char *folder, const char *indent)
{
	while (n) {
		AUTOFREE char *step = NULL;
		AUTOFREE char *deeper = NULL;
		size_t taken = take_branch(vm, n, folder, &step);
		bool last = taken == n;

		vmm_buf_adds(tree->out, indent);
		vmm_buf_adds(
		    tree->out, last ? tree->style->last : tree->style->branch);
		if (step) {
			add_name(tree, strrchr(step, '/') + 1, "/", "1;34");
			deeper = vmm_sprintf("%s%s", indent,
			    last ? tree->style->blank : tree->style->through);
			draw(tree, vm, taken, step, deeper);
		} else {
			add_name(tree, vm[0]->name, "", color_of(vm[0]));
		}
		vm += taken;
		n -= taken;
	}
}

static const struct style *choose_style(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? &lines : &ascii;
}

void vmm_tree_print(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report)
{
	AUTOBUF out = VMM_BUF_INIT;
	struct tree tree = {&ascii, args->color, &out};

	tree.style = choose_style();
	for (size_t i = 0; i < selection->groups; i++) {
		const struct vmm_group *group = &selection->group[i];

		if (group->folder) {
			add_name(&tree, group->folder,
			    group->folder[1] ? "/" : "", "1;34");
			draw(&tree, group->vm, group->n, group->folder, "");
			continue;
		}
		for (size_t j = 0; j < group->n; j++)
			add_name(&tree, group->vm[j]->path, "",
			    color_of(group->vm[j]));
	}
	vmm_report_out(report, &out);
}

/* --- a tree of names --- */

#define NONE SIZE_MAX

/* The nodes by their places; place n is above all roots. */
struct forest {
	const struct vmm_node *node;
	size_t n;
	size_t *parent, *child, *next; /* the first child, the next sibling */
	bool *cut;                     /* its parent is below it: a circle */
};

static void find_parents(struct forest *forest)
{
	struct vmm_index keys = VMM_INDEX_INIT;

	for (size_t i = 0; i < forest->n; i++)
		vmm_index_add(
		    &keys, forest->node[i].key, (void *)&forest->node[i]);
	for (size_t i = 0; i < forest->n; i++) {
		const char *key = forest->node[i].parent;
		const struct vmm_node *parent =
		    key ? vmm_index_find(&keys, key) : NULL;

		forest->parent[i] =
		    parent ? (size_t)(parent - forest->node) : forest->n;
	}
	vmm_index_release(&keys);
}

/* Cuts the circle that node I is in above the first of its nodes. */
static void cut_circle(struct forest *forest, size_t i)
{
	size_t first = i;

	for (size_t j = forest->parent[i]; j != i; j = forest->parent[j])
		first = j < first ? j : first;
	forest->parent[first] = forest->n;
	forest->cut[first] = true;
}

/* Goes up from each node until where an earlier walk has been; where this one
 * comes to its own way there is a circle. */
static void cut_circles(struct forest *forest)
{
	AUTOFREE size_t *walk = vmm_calloc(forest->n, sizeof *walk);

	for (size_t i = 0; i < forest->n; i++) {
		size_t j = i;

		for (; j != forest->n && !walk[j]; j = forest->parent[j])
			walk[j] = i + 1;
		if (j != forest->n && walk[j] == i + 1)
			cut_circle(forest, j);
	}
}

static void find_children(struct forest *forest)
{
	for (size_t i = 0; i <= forest->n; i++)
		forest->child[i] = forest->next[i] = NONE;
	for (size_t i = forest->n; i-- > 0;) {
		forest->next[i] = forest->child[forest->parent[i]];
		forest->child[forest->parent[i]] = i;
	}
}

static void draw_node(
    const struct forest *forest, size_t i, struct vmm_buf *out)
{
	const struct vmm_node *node = &forest->node[i];

	if (node->color)
		vmm_buf_addf(out, "\033[%sm", node->color);
	vmm_escapes(out, node->name);
	if (node->color)
		vmm_buf_adds(out, "\033[0m");
	vmm_buf_adds(out, node->mark);
	vmm_buf_adds(out, forest->cut[i] ? " (in a circle)\n" : "\n");
}

/* Goes through all nodes without recursion: how deep they are is their owners'
 * choice. */
static void draw_forest(
    const struct forest *forest, bool flush, struct vmm_buf *out)
{
	const struct style *style = choose_style();
	AUTOBUF indent = VMM_BUF_INIT;
	size_t i = forest->child[forest->n];

	while (i != NONE) {
		bool last = forest->next[i] == NONE;
		bool bare = flush && forest->parent[i] == forest->n;

		vmm_buf_adds(out, vmm_buf_text(&indent));
		if (!bare)
			vmm_buf_adds(out, last ? style->last : style->branch);
		draw_node(forest, i, out);
		if (forest->child[i] != NONE) {
			if (!bare)
				vmm_buf_adds(&indent,
				    last ? style->blank : style->through);
			i = forest->child[i];
			continue;
		}
		while (i != forest->n && forest->next[i] == NONE) {
			i = forest->parent[i];
			if (i == forest->n ||
			    (flush && forest->parent[i] == forest->n))
				continue;
			indent.length -=
			    strlen(forest->next[i] == NONE ? style->blank
							   : style->through);
			indent.text[indent.length] = '\0';
		}
		i = forest->next[i];
	}
}

void vmm_tree_draw(const struct vmm_node *node, size_t n,
    enum vmm_tree_roots roots, struct vmm_buf *out)
{
	AUTOFREE size_t *parent = vmm_calloc(n, sizeof *parent);
	AUTOFREE size_t *child = vmm_calloc(n + 1, sizeof *child);
	AUTOFREE size_t *next = vmm_calloc(n + 1, sizeof *next);
	AUTOFREE bool *cut = vmm_calloc(n, sizeof *cut);
	struct forest forest = {node, n, parent, child, next, cut};

	find_parents(&forest);
	cut_circles(&forest);
	find_children(&forest);
	draw_forest(&forest, roots == VMM_TREE_FLUSH, out);
}
