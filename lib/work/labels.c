/* labels: hides how labels are listed and which texts can be one. */
#include "work/labels.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/index.h"
#include "pure/metaxml.h"
#include "pure/vpath.h"

static void print(struct vmm_buf *out, const char *text, bool raw)
{
	if (raw)
		vmm_buf_adds(out, text);
	else
		vmm_escapes(out, text);
}

void vmm_labels_print(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report)
{
	AUTOBUF out = VMM_BUF_INIT;

	for (size_t i = 0; i < selection->n; i++) {
		const struct vmm_vm *vm = selection->vm[i];

		for (size_t j = 0; j < vm->meta.labels.n; j++) {
			print(&out, vm->path, args->null);
			vmm_buf_addc(&out, '\t');
			print(&out, vm->meta.labels.v[j], args->null);
			vmm_buf_addc(&out, args->null ? '\0' : '\n');
		}
	}
	vmm_report_out(report, &out);
}

static int compare(const void *a, const void *b)
{
	return vmm_natural_cmp(*(char *const *)a, *(char *const *)b);
}

void vmm_labels_print_used(const struct vmm_selection *selection,
    const struct vmm_args *args, struct vmm_report *report)
{
	struct vmm_index seen = VMM_INDEX_INIT;
	AUTOFREE const char **used = NULL;
	AUTOBUF out = VMM_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < selection->n; i++) {
		const struct vmm_strv *labels = &selection->vm[i]->meta.labels;

		for (size_t j = 0; j < labels->n; j++) {
			if (vmm_index_find(&seen, labels->v[j]))
				continue;
			vmm_index_add(&seen, labels->v[j], &seen);
			VMM_GROW(used, n);
			used[n++] = labels->v[j];
		}
	}
	if (n)
		qsort(used, n, sizeof *used, compare);
	for (size_t i = 0; i < n; i++) {
		print(&out, used[i], args->null);
		vmm_buf_addc(&out, args->null ? '\0' : '\n');
	}
	vmm_index_release(&seen);
	vmm_report_out(report, &out);
}

static void check(
    struct vmm_strv *labels, const struct vmm_command *command, bool to_store)
{
	for (size_t i = 0; i < labels->n; i++) {
		char *label = vmm_label_normal(labels->v[i]);

		if (!*label || (to_store && !vmm_text_is_storable(label)))
			vmm_opt_usage(command,
			    "a label is UTF-8 without control characters and "
			    "not empty, not '%s'",
			    labels->v[i]);
		free(labels->v[i]);
		labels->v[i] = label;
	}
}

void vmm_labels_check(struct vmm_strv *add, struct vmm_strv *remove,
    const struct vmm_command *command)
{
	check(add, command, true);
	check(remove, command, false); /* others may have stored anything */
	for (size_t i = 0; i < add->n; i++)
		if (vmm_strv_has(remove, add->v[i]))
			vmm_opt_usage(command,
			    "'%s' cannot be added and deleted at once",
			    add->v[i]);
}
