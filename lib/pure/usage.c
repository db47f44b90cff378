/* usage: hides how options, columns and operands are written down. */
#include "pure/usage.h"

#include <string.h>

#include "base/alloc.h"

/* --- reading --- */

static void add_option(
    struct vmm_usage *usage, const struct vmm_usage_option *option)
{
	VMM_GROW(usage->option, usage->n);
	usage->option[usage->n++] = *option;
}

/* The text up to the first of STOPS, to be freed; *TEXT is behind it. */
static char *take(const char **text, const char *stops)
{
	size_t length = strcspn(*text, stops);
	char *field = vmm_strndup(*text, length);

	*text += length + ((*text)[length] != '\0');
	return field;
}

/* What stands for nothing is NULL. */
static char *if_any(char *field)
{
	if (strcmp(field, "-") != 0)
		return field;
	free(field);
	return NULL;
}

static void read_dump_line(struct vmm_usage *usage, const char *line)
{
	AUTOFREE char *first = take(&line, "\t");

	if (strcmp(first, "column") == 0) {
		vmm_strv_take(&usage->columns, take(&line, "\t"));
		vmm_strv_take(&usage->column_help, take(&line, "\t"));
	} else if (strcmp(first, "operands") == 0) {
		free(usage->operands);
		usage->operands = take(&line, "\t");
	} else if (strncmp(first, "--", 2) == 0 && first[2]) {
		AUTOFREE char *letter = take(&line, "\t");
		struct vmm_usage_option option = {
		    .name = vmm_strdup(first + 2),
		    .letter =
			letter[0] == '-' && letter[1] != '-' ? letter[1] : '\0',
		};

		free(take(&line, "\t")); /* what it takes, as --help has it */
		option.help = take(&line, "\t");
		option.takes = if_any(take(&line, "\t"));
		add_option(usage, &option);
	}
}

/* "  -c, --connect=URI     the host", "      --exec-path[=DIR]  where" */
static void read_help_line(struct vmm_usage *usage, const char *line)
{
	const char *p = line + strspn(line, " ");
	struct vmm_usage_option option = {0};
	size_t length;

	if (p == line)
		return;
	if (p[0] == '-' && p[1] && p[1] != '-' &&
	    strncmp(p + 2, ", ", 2) == 0) {
		option.letter = p[1];
		p += 4;
	}
	length = strncmp(p, "--", 2) == 0 ? strcspn(p + 2, " =[") : 0;
	if (!length)
		return;
	option.name = vmm_strndup(p + 2, length);
	p += 2 + length;
	option.optional = *p == '[';
	p += option.optional;
	if (*p == '=') {
		p++;
		option.takes =
		    vmm_strndup(p, strcspn(p, option.optional ? " ]" : " "));
		p += strcspn(p, " ");
	}
	option.help = vmm_strdup(p + strspn(p, " ]"));
	add_option(usage, &option);
}

/* "Usage: vmm menu [OPTION...] [FOLDER|VM]" */
static void read_usage_line(struct vmm_usage *usage, const char *line)
{
	static const char options[] = "[OPTION...]";
	const char *p = strstr(line, options);

	if (strncmp(line, "Usage: ", 7) != 0 || !p || usage->operands)
		return;
	p += strlen(options);
	usage->operands = vmm_strdup(p + strspn(p, " "));
}

void vmm_usage_read_dump(struct vmm_usage *usage, const char *text)
{
	while (*text) {
		AUTOFREE char *line = take(&text, "\n");

		read_dump_line(usage, line);
	}
}

void vmm_usage_read_help(struct vmm_usage *usage, const char *text)
{
	while (*text) {
		AUTOFREE char *line = take(&text, "\n");

		read_usage_line(usage, line);
		read_help_line(usage, line);
	}
}

void vmm_usage_release(struct vmm_usage *usage)
{
	for (size_t i = 0; i < usage->n; i++) {
		free(usage->option[i].name);
		free(usage->option[i].takes);
		free(usage->option[i].help);
	}
	free(usage->option);
	vmm_strv_release(&usage->columns);
	vmm_strv_release(&usage->column_help);
	free(usage->operands);
	*usage = (struct vmm_usage){0};
}

/* --- finding --- */

const struct vmm_usage_option *vmm_usage_long(
    const struct vmm_usage *usage, const char *name, size_t length)
{
	for (size_t i = 0; i < usage->n; i++)
		if (strlen(usage->option[i].name) == length &&
		    strncmp(usage->option[i].name, name, length) == 0)
			return &usage->option[i];
	return NULL;
}

const struct vmm_usage_option *vmm_usage_letter(
    const struct vmm_usage *usage, char letter)
{
	for (size_t i = 0; i < usage->n && letter; i++)
		if (usage->option[i].letter == letter)
			return &usage->option[i];
	return NULL;
}

/* --- understanding --- */

/* TEXT without its brackets, to be freed. */
static char *without_brackets(const char *text)
{
	AUTOBUF out = VMM_BUF_INIT;

	for (; *text; text++)
		if (*text != '[' && *text != ']')
			vmm_buf_addc(&out, *text);
	return vmm_buf_take(&out);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);

	return length >= n && strcmp(text + length - n, end) == 0;
}

static bool is_kind(const char *word)
{
	return *word >= 'A' && *word <= 'Z';
}

/* ELEMENT is one operand, or one value, without brackets. */
static void add_kinds(const char *element, struct vmm_strv *kinds)
{
	while (*element) {
		AUTOFREE char *word = take(&element, "|");
		char *comma = strchr(word, ',');

		if (comma)
			comma[1] = '\0'; /* "COL,COL..." */
		else if (ends_with(word, "..."))
			word[strlen(word) - 3] = '\0';
		if (is_kind(word) && ends_with(word, "/"))
			word[strlen(word) - 1] = '\0';
		if (*word && !vmm_strv_has(kinds, word))
			vmm_strv_take(kinds, TAKE_PTR(word));
	}
}

void vmm_usage_value(const char *takes, struct vmm_strv *kinds)
{
	AUTOFREE char *element = without_brackets(takes);

	add_kinds(element, kinds);
}

/* Whether OPERAND can be what ELEMENT says: a kind can be anything. */
static bool suits(const char *element, const char *operand)
{
	AUTOSTRV kinds = VMM_STRV_INIT;

	add_kinds(element, &kinds);
	for (size_t i = 0; i < kinds.n; i++)
		if (is_kind(kinds.v[i]) || strcmp(kinds.v[i], operand) == 0)
			return true;
	return false;
}

/* One alternative, "get KEY"; what stands behind a "--" is another program's.
 */
static void add_operand(
    char *alternative, const struct vmm_strv *before, struct vmm_strv *kinds)
{
	char *others = strstr(alternative, "-- ");
	const char *rest = alternative + strspn(alternative, " ");
	AUTOFREE char *element = NULL;

	if (others)
		*others = '\0';
	element = take(&rest, " ");
	for (size_t i = 0; i < before->n; i++) {
		if (!suits(element, before->v[i]))
			return;
		if (ends_with(element, "...")) {
			add_kinds(rest, kinds); /* or it was the last of them */
			break;
		}
		free(element);
		element = take(&rest, " ");
	}
	add_kinds(element, kinds);
}

void vmm_usage_operand(
    const char *operands, const struct vmm_strv *before, struct vmm_strv *kinds)
{
	AUTOFREE char *text = without_brackets(operands);
	char *alternative = text;

	while (alternative) {
		char *end = strstr(alternative, " | ");

		if (end)
			*end = '\0';
		add_operand(alternative, before, kinds);
		alternative = end ? end + 3 : NULL;
	}
}
