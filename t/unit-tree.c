/* tree: nodes are drawn beneath their parents, whatever they claim. */
#include "work/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "unit.h"

#define NODE(name, parent)                                                     \
	{                                                                      \
		name, parent, name, "", NULL                                   \
	}

static void draws(const struct vmm_node *node, size_t n,
    enum vmm_tree_roots roots, const char *expected, const char *name)
{
	AUTOBUF out = VMM_BUF_INIT;

	vmm_tree_draw(node, n, roots, &out);
	is(vmm_buf_text(&out), expected, "%s", name);
}

static void test_shapes(void)
{
	static const struct vmm_node node[] = {NODE("b", "a"), NODE("a", NULL),
	    NODE("c", "b"), NODE("d", "a"), NODE("e", "d"), NODE("f", "none"),
	    NODE("g", "f"), NODE("h", "g")};

	draws(node, ARRAY_SIZE(node), VMM_TREE_FLUSH,
	    "a\n"
	    "|-- b\n"
	    "|   `-- c\n"
	    "`-- d\n"
	    "    `-- e\n"
	    "f\n"
	    "`-- g\n"
	    "    `-- h\n",
	    "two trees at the margin, in their order");
	draws(node, ARRAY_SIZE(node), VMM_TREE_BELOW,
	    "|-- a\n"
	    "|   |-- b\n"
	    "|   |   `-- c\n"
	    "|   `-- d\n"
	    "|       `-- e\n"
	    "`-- f\n"
	    "    `-- g\n"
	    "        `-- h\n",
	    "two trees below what was printed before");
	draws(node, 0, VMM_TREE_FLUSH, "", "no nodes");
}

static void test_looks(void)
{
	static const struct vmm_node node[] = {
	    {"1", NULL, "a\n", " *", "32"}, {"2", "1", "\033[31m", "", NULL}};

	draws(node, ARRAY_SIZE(node), VMM_TREE_FLUSH,
	    "\033[32ma\\n\033[0m *\n`-- \\x1b[31m\n",
	    "colours and marks are ours, names are escaped");
}

static void test_circles(void)
{
	static const struct vmm_node self[] = {NODE("a", "a"), NODE("b", "a")};
	static const struct vmm_node ring[] = {NODE("tail", "c"),
	    NODE("b", "a"), NODE("c", "b"), NODE("a", "c"), NODE("x", "y"),
	    NODE("y", "x"), NODE("z", NULL)};

	draws(self, ARRAY_SIZE(self), VMM_TREE_FLUSH,
	    "a (in a circle)\n`-- b\n", "its own parent");
	draws(ring, ARRAY_SIZE(ring), VMM_TREE_FLUSH,
	    "b (in a circle)\n"
	    "`-- c\n"
	    "    |-- tail\n"
	    "    `-- a\n"
	    "x (in a circle)\n"
	    "`-- y\n"
	    "z\n",
	    "two circles, and what hangs on one: all once");
}

/* N nodes, each of which has a parent among those before it, or all the first.
 * Whatever is not linear takes minutes. */
static size_t lines_of(size_t n, bool chain)
{
	AUTOFREE struct vmm_node *node = vmm_calloc(n, sizeof *node);
	AUTOSTRV keys = VMM_STRV_INIT;
	AUTOBUF out = VMM_BUF_INIT;
	size_t lines = 0;

	for (size_t i = 0; i < n; i++) {
		vmm_strv_take(&keys, vmm_sprintf("%zu", i));
		node[i] = (struct vmm_node){.key = keys.v[i],
		    .parent = !i ? NULL : keys.v[chain ? i - 1 : 0],
		    .name = "x",
		    .mark = ""};
	}
	vmm_tree_draw(node, n, VMM_TREE_FLUSH, &out);
	for (size_t i = 0; i < out.length; i++)
		lines += out.text[i] == '\n';
	return lines;
}

static void test_many(void)
{
	is_int((int)lines_of(300000, false), 300000, "300000 children of one");
	is_int((int)lines_of(3000, true), 3000, "3000 generations");
}

int main(void)
{
	setenv("LC_ALL", "C", 1);
	test_shapes();
	test_looks();
	test_circles();
	test_many();
	return unit_done();
}
