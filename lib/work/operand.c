/* operand: hides where operands come from and what their text means. */
#include "work/operand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "libvirt/uri.h"
#include "pure/vpath.h"

static void reading_init(struct vmm_reading *reading, const char *text)
{
	const char *slash = strrchr(text, '/');

	reading->name = vmm_strdup(slash ? slash + 1 : text);
	if (slash) {
		AUTOFREE char *folder =
		    vmm_strndup(text, (size_t)(slash - text));

		reading->folder = vmm_vpath_normal(folder);
	}
}

bool vmm_operand_is_reserved(const char *text, struct vmm_err *err)
{
	const char *colon = strstr(text, ":/");
	AUTOFREE char *name = NULL;

	if (!colon || colon == text)
		return false;
	name = vmm_strndup(text, (size_t)(colon - text));
	if (strchr(name, '/') || !vmm_uri_is_alias(name))
		return false;
	vmm_err_set(err, VMM_FAILED,
	    "'%s': VMs of several hosts in one command do not work yet; give "
	    "the host with -c",
	    text);
	return true;
}

static struct vmm_operand *add(
    struct vmm_operands *operands, const char *text, bool literal, bool raw)
{
	struct vmm_operand *operand;
	size_t length = strlen(text);
	AUTOFREE char *unescaped = raw ? NULL : vmm_unescape(text);

	VMM_GROW(operands->operand, operands->n);
	operand = &operands->operand[operands->n++];
	*operand = (struct vmm_operand){.text = vmm_strdup(text),
	    .literal = literal,
	    .raw = raw,
	    .is_folder = length && text[length - 1] == '/'};
	reading_init(&operand->plain, text);
	if (unescaped)
		reading_init(&operand->unescaped, unescaped);
	if (!text[strspn(text, " \t\n\v\f\r")])
		vmm_err_set(
		    &operand->err, VMM_FAILED, "an empty operand names no VM");
	else
		vmm_operand_is_reserved(text, &operand->err);
	return operand;
}

/* One operand a line, or NUL-separated. */
static int read_input(
    struct vmm_operands *operands, bool raw, struct vmm_err *err)
{
	int end = raw ? '\0' : '\n';
	AUTOFREE char *record = NULL;
	size_t room = 0;
	ssize_t length;

	errno = 0;
	while ((length = getdelim(&record, &room, end, stdin)) >= 0) {
		struct vmm_operand *operand;

		if (length && record[length - 1] == end)
			record[--length] = '\0';
		if (!length)
			continue;
		operand = add(operands, record, true, raw);
		if (strlen(record) < (size_t)length)
			vmm_err_set(&operand->err, VMM_FAILED,
			    "'%s' goes on after a NUL byte; read NUL-separated "
			    "operands with -0",
			    record);
	}
	if (ferror(stdin))
		return vmm_err_set(err, VMM_FAILED,
		    "cannot read standard input: %s", strerror(errno));
	return 0;
}

int vmm_operands_take(struct vmm_operands *operands,
    const struct vmm_args *args, bool root_by_default, struct vmm_err *err)
{
	for (size_t i = 0; i < args->operands.n; i++) {
		const char *text = args->operands.v[i];

		if (strcmp(text, "-") != 0)
			add(operands, text, false, false);
		else if (read_input(operands, args->null, err) < 0)
			return -1;
	}
	if (!args->operands.n && root_by_default)
		add(operands, "/", true, true);
	return 0;
}

static void reading_release(struct vmm_reading *reading)
{
	free(reading->name);
	free(reading->folder);
}

void vmm_operands_release(struct vmm_operands *operands)
{
	for (size_t i = 0; i < operands->n; i++) {
		struct vmm_operand *operand = &operands->operand[i];

		free(operand->text);
		reading_release(&operand->plain);
		reading_release(&operand->unescaped);
		vmm_err_release(&operand->err);
	}
	free(operands->operand);
	*operands = (struct vmm_operands){0};
}
