/* tree: hides how branches are drawn. */
#include "work/tree.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
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

struct nodes {
	const struct vmm_node *node;
	size_t n;
	bool *drawn; /* what goes in a circle is drawn once all the same */
	struct tree tree;
};

static bool has_parent(const struct nodes *nodes, const struct vmm_node *node)
{
	for (size_t i = 0; node->parent && i < nodes->n; i++)
		if (strcmp(nodes->node[i].name, node->parent) == 0)
			return true;
	return false;
}

/* Whether node I is to be drawn beneath PARENT (NULL: as a root). */
static bool is_child(const struct nodes *nodes, size_t i, const char *parent)
{
	const struct vmm_node *node = &nodes->node[i];

	if (nodes->drawn[i])
		return false;
	if (!parent)
		return !has_parent(nodes, node);
	return node->parent && strcmp(node->parent, parent) == 0;
}

static void draw_nodes(
    const struct nodes *nodes, const char *parent, const char *indent)
{
	const struct style *style = nodes->tree.style;
	size_t left = 0;

	for (size_t i = 0; i < nodes->n; i++)
		left += is_child(nodes, i, parent);
	for (size_t i = 0; i < nodes->n && left; i++) {
		AUTOFREE char *deeper = NULL;
		bool last = left == 1;

		if (!is_child(nodes, i, parent))
			continue;
		left--;
		nodes->drawn[i] = true;
		vmm_buf_adds(nodes->tree.out, indent);
		vmm_buf_adds(
		    nodes->tree.out, last ? style->last : style->branch);
		add_name(&nodes->tree, nodes->node[i].name, nodes->node[i].mark,
		    NULL);
		deeper = vmm_sprintf(
		    "%s%s", indent, last ? style->blank : style->through);
		draw_nodes(nodes, nodes->node[i].name, deeper);
	}
}

void vmm_tree_draw(const struct vmm_node *node, size_t n, struct vmm_buf *out)
{
	AUTOFREE bool *drawn = vmm_calloc(n, sizeof *drawn);
	struct nodes nodes = {node, n, drawn, {choose_style(), false, out}};

	draw_nodes(&nodes, NULL, "");
}
