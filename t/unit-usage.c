/* usage: what programs print of their options. */
#include "pure/usage.h"

#include "base/alloc.h"
#include "unit.h"

static void test_dump(void)
{
	struct vmm_usage usage = {0};
	const struct vmm_usage_option *option;

	vmm_usage_read_dump(&usage, "--mode\t--\tMODE\task by\tacpi|agent\n"
				    "--label\t-L\tLABEL\tonly\tLABEL\n"
				    "--json\t--\t-\tan object\t-\n"
				    "\nsomething else\n--\n"
				    "column\tpath\tits path\n"
				    "operands\tVM...");
	is_int(usage.n, 3, "dump: all options");
	option = vmm_usage_long(&usage, "mode=x", 4);
	is(option->takes, "acpi|agent", "dump: what it takes");
	is_int(option->letter, 0, "dump: no letter");
	option = vmm_usage_letter(&usage, 'L');
	is(option->name, "label", "dump: by its letter");
	is(option->help, "only", "dump: help");
	ok(!vmm_usage_long(&usage, "json", 4)->takes, "dump: a flag");
	ok(!vmm_usage_long(&usage, "jso", 3), "dump: no abbreviations");
	ok(!vmm_usage_letter(&usage, 'x'), "dump: no such letter");
	ok(!vmm_usage_letter(&usage, '\0'), "dump: no letter at all");
	is(usage.columns.v[0], "path", "dump: a column");
	is(usage.column_help.v[0], "its path", "dump: its help");
	is(usage.operands, "VM...", "dump: operands");
	vmm_usage_release(&usage);
	vmm_usage_read_dump(&usage, "--x\n--y\t\ncolumn\ncolumn\tz\n");
	is_int(usage.n, 2, "dump: short lines");
	is(usage.column_help.v[1], "", "dump: a column without help");
	vmm_usage_release(&usage);
}

static void test_help(void)
{
	struct vmm_usage usage = {0};

	vmm_usage_read_help(&usage,
	    "Usage: vmm menu [OPTION...] [FOLDER|VM]\n"
	    "  -c, --connect=URI      the host - or --another\n"
	    "  -y, --yes              do not ask\n"
	    "      --exec-path[=DIR]  where\n"
	    "                         --not an option\n"
	    "--nor this\n"
	    "Shows VMs.\n");
	is(usage.operands, "[FOLDER|VM]", "help: operands");
	is(vmm_usage_letter(&usage, 'c')->takes, "URI", "help: a value");
	is(vmm_usage_letter(&usage, 'c')->help, "the host - or --another",
	    "help: its help");
	ok(!vmm_usage_letter(&usage, 'y')->takes, "help: a flag");
	ok(vmm_usage_long(&usage, "exec-path", 9)->optional, "help: optional");
	is(vmm_usage_long(&usage, "exec-path", 9)->takes, "DIR",
	    "help: what it takes");
	is(vmm_usage_long(&usage, "exec-path", 9)->help, "where",
	    "help: behind the bracket");
	vmm_usage_release(&usage);
}

/* What a value can be, or, with BEFORE (words with blanks between), the operand
 * after those; joined by blanks. */
static void takes(const char *text, const char *before, const char *expected)
{
	AUTOSTRV kinds = VMM_STRV_INIT;
	AUTOSTRV words = VMM_STRV_INIT;
	AUTOBUF joined = VMM_BUF_INIT;

	for (const char *p = before; p && *p; p += strspn(p, " ")) {
		vmm_strv_take(&words, vmm_strndup(p, strcspn(p, " ")));
		p += strcspn(p, " ");
	}
	if (before)
		vmm_usage_operand(text, &words, &kinds);
	else
		vmm_usage_value(text, &kinds);
	for (size_t i = 0; i < kinds.n; i++)
		vmm_buf_addf(&joined, "%s%s", i ? " " : "", kinds.v[i]);
	is(vmm_buf_text(&joined), expected, "takes: %s, after '%s'", text,
	    before ? before : "=");
}

int main(void)
{
	test_dump();
	test_help();
	takes("LABEL", NULL, "LABEL");
	takes("COL[,COL...]", NULL, "COL,");
	takes("ip|agent|STATE[,STATE...]", NULL, "ip agent STATE,");
	takes("", NULL, "");
	takes("VM...", "", "VM");
	takes("VM...", "a b c", "VM");
	takes("[FOLDER|VM]...", "a", "FOLDER VM");
	takes("VM", "a", "");
	takes("VM NAME...", "", "VM");
	takes("VM NAME...", "a b", "NAME");
	takes("VM|FOLDER/... FOLDER", "", "VM FOLDER");
	takes("VM|FOLDER/... FOLDER", "a b", "FOLDER VM");
	takes("get KEY | list", "", "get list");
	takes("get KEY | list", "get", "KEY");
	takes("get KEY | list", "list", "");
	takes("get KEY | list", "get x", "");
	takes("at FOLDER|VM... | vm VM...", "at x", "FOLDER VM");
	takes("[-- ARG...]", "", "");
	takes("TITLE -- COMMAND...", "", "TITLE");
	takes("TITLE -- COMMAND...", "a", "");
	takes("", "", "");
	return unit_done();
}
