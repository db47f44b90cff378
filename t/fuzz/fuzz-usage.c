/*
 * usage: options that were printed are read, as --dump-options and as --help.
 * The input is read as it is, as either; then its lines, as the fields of
 * options; and then as what an option or an operand takes.
 */
#include "fuzz.h"

#include "pure/usage.h"

const char fuzz_name[] = "usage";
const char *const fuzz_words[] = {"\n", "\n", "\n", "\t", "\t", " ", "  ", "--",
    "-", "-c, ", "--mode", "=MODE", "[=DIR]", "[", "]", ", ", "column\t",
    "operands\t", "Usage: vmm x [OPTION...] ", "VM", "FOLDER", "FOLDER/", "...",
    ",...", ",", "|", " | ", "get", "KEY", "-- ", "acpi|agent", "A", "a",
    "\xc3\xa9", "\xff", "", NULL};

/* Fields of an option: of the lines of the input. */
struct fields {
	char *name, *letter, *takes, *help;
};

/* TEXT without any of the characters in BUT; to be freed. */
static char *without(const char *text, const char *but)
{
	struct vmm_buf out = VMM_BUF_INIT;

	for (; *text; text++)
		if (!strchr(but, *text))
			vmm_buf_addc(&out, *text);
	return vmm_buf_take(&out);
}

static void check(const struct vmm_usage *usage)
{
	HOLDS(usage->columns.n == usage->column_help.n);
	for (size_t i = 0; i < usage->n; i++) {
		const struct vmm_usage_option *option = &usage->option[i];
		const struct vmm_usage_option *found =
		    vmm_usage_long(usage, option->name, strlen(option->name));

		HOLDS(*option->name && option->help);
		HOLDS(found && found <= option);
		HOLDS(strcmp(found->name, option->name) == 0);
		if (option->letter) {
			found = vmm_usage_letter(usage, option->letter);
			HOLDS(found && found <= option);
			HOLDS(found->letter == option->letter);
		}
	}
	HOLDS(!vmm_usage_letter(usage, '\0'));
}

static void check_raw(const char *text)
{
	struct vmm_usage usage = {0};

	vmm_usage_read_dump(&usage, text);
	check(&usage);
	vmm_usage_read_help(&usage, text); /* more of them */
	check(&usage);
	vmm_usage_release(&usage);
}

static void check_option(const struct vmm_usage *usage,
    const struct fields *fields, const char *help)
{
	const struct vmm_usage_option *option = usage->option;

	HOLDS(usage->n == 1);
	HOLDS(strcmp(option->name, fields->name) == 0);
	HOLDS(option->letter == fields->letter[0]);
	HOLDS((option->takes == NULL) == !*fields->takes);
	HOLDS(!option->takes || strcmp(option->takes, fields->takes) == 0);
	HOLDS(strcmp(option->help, help) == 0);
}

static void check_written(const struct fields *fields)
{
	struct vmm_usage dumped = {0}, helped = {0};
	AUTOBUF dump = VMM_BUF_INIT;
	AUTOBUF help = VMM_BUF_INIT;

	vmm_buf_addf(&dump, "--%s\t-%s\t%s\t%s\t%s\n", fields->name,
	    *fields->letter ? fields->letter : "-", "ARG", fields->help,
	    *fields->takes ? fields->takes : "-");
	vmm_buf_addf(&dump, "column\t%s\t%s\n", fields->name, fields->help);
	vmm_buf_addf(&dump, "operands\t%s", fields->takes);
	vmm_usage_read_dump(&dumped, vmm_buf_text(&dump));
	check(&dumped);
	check_option(&dumped, fields, fields->help);
	HOLDS(dumped.columns.n == 1);
	HOLDS(strcmp(dumped.columns.v[0], fields->name) == 0);
	HOLDS(strcmp(dumped.column_help.v[0], fields->help) == 0);
	HOLDS(strcmp(dumped.operands, fields->takes) == 0);
	for (int optional = 0; optional < 2; optional++) {
		vmm_buf_release(&help);
		if (*fields->letter)
			vmm_buf_addf(&help, "  -%s, ", fields->letter);
		else
			vmm_buf_adds(&help, "      ");
		vmm_buf_addf(&help, "--%s", fields->name);
		if (*fields->takes)
			vmm_buf_addf(
			    &help, optional ? "[=%s]" : "=%s", fields->takes);
		vmm_buf_addf(&help, "   %s\nUsage: vmm x [OPTION...] %s",
		    fields->help, fields->takes);
		vmm_usage_read_help(&helped, vmm_buf_text(&help));
		check(&helped);
		check_option(
		    &helped, fields, fields->help + strspn(fields->help, " ]"));
		HOLDS(
		    helped.option[0].optional == (optional && *fields->takes));
		HOLDS(strcmp(helped.operands, fields->takes) == 0);
		vmm_usage_release(&helped);
	}
	vmm_usage_release(&dumped);
}

/* A kind of thing is a word that stands in the text, and each is there once. */
static void check_kinds(const struct vmm_strv *kinds, const char *text)
{
	AUTOFREE char *plain = without(text, "[]");

	for (size_t i = 0; i < kinds->n; i++) {
		const char *kind = kinds->v[i];
		const char *comma = strchr(kind, ',');

		HOLDS(*kind && !strpbrk(kind, "[]|"));
		HOLDS(!comma || !comma[1]);
		HOLDS(strstr(plain, kind));
		for (size_t j = 0; j < i; j++)
			HOLDS(strcmp(kind, kinds->v[j]) != 0);
	}
}

static void check_takes(const char *text, const struct vmm_strv *words)
{
	AUTOSTRV values = VMM_STRV_INIT;
	AUTOSTRV before = VMM_STRV_INIT;

	vmm_usage_value(text, &values);
	check_kinds(&values, text);
	for (size_t i = 0; i <= words->n; i++) {
		AUTOSTRV kinds = VMM_STRV_INIT;

		vmm_usage_operand(text, &before, &kinds);
		check_kinds(&kinds, text);
		/* brackets mean nothing */
		if (i == 0 && !strpbrk(text, " [")) {
			HOLDS(kinds.n == values.n);
			for (size_t j = 0; j < kinds.n; j++)
				HOLDS(strcmp(kinds.v[j], values.v[j]) == 0);
		}
		if (i < words->n)
			vmm_strv_take(&before, vmm_strdup(words->v[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *text = fuzz_text(data, size);
	AUTOSTRV lines = VMM_STRV_INIT;

	check_raw(text);
	for (int i = 0; i < 5; i++)
		vmm_strv_take(&lines, fuzz_line(&data, &size));
	check_takes(lines.v[0], &lines);
	{
		AUTOFREE char *name = without(lines.v[0], "\t =[]|-,");
		AUTOFREE char *letter = without(lines.v[1], "\t -");
		AUTOFREE char *takes = without(lines.v[2], "\t []");
		AUTOFREE char *help = without(lines.v[3], "\t");

		if (*letter)
			letter[1] = '\0';
		if (strcmp(takes, "-") == 0)
			*takes = '\0';
		if (*name)
			check_written(
			    &(struct fields){name, letter, takes, help});
	}
	return 0;
}
