/* config: both kinds of configuration, as people write them. */
#include "pure/config.h"

#include "base/alloc.h"
#include "unit.h"

#define AUTOCONFIG CLEANUP(vmm_config_release) struct vmm_config

static void test_settings(void)
{
	AUTOCONFIG config = VMM_CONFIG_INIT;

	is_int(vmm_config_read(&config,
		   "# a comment\n"
		   "; another\n"
		   "\n"
		   "[core]\n"
		   "uri = qemu:///system\n"
		   "jobs=4\n"
		   "[menu]\n"
		   "picker =   fzf --ansi  \n"
		   "empty =\n"
		   "[core]\n"
		   "last = qemu+ssh://h/system?socket=/run/s&x=y"),
	    0, "settings: all lines are good");
	is(vmm_config_get(&config, "core.uri"), "qemu:///system",
	    "settings: with blanks around the sign");
	is(vmm_config_get(&config, "core.jobs"), "4",
	    "settings: without blanks");
	is(vmm_config_get(&config, "menu.picker"), "fzf --ansi",
	    "settings: blanks inside the value and after it");
	is(vmm_config_get(&config, "menu.empty"), "",
	    "settings: an empty value");
	is(vmm_config_get(&config, "core.last"),
	    "qemu+ssh://h/system?socket=/run/s&x=y",
	    "settings: a section again, = in the value, no last newline");
	is_int(config.keys.n, 5, "settings: no others");
	is_int(config.values.n, 5, "settings: a value each");
	is(vmm_config_get(&config, "core.none"), NULL, "settings: not set");
	is(vmm_config_get(&config, "uri"), NULL,
	    "settings: no key without its section");
	is(vmm_config_get(&config, "menu.uri"), NULL,
	    "settings: no key of another section");
	is(vmm_config_get(&config, ""), NULL, "settings: no empty key");
}

static void test_first_counts(void)
{
	AUTOCONFIG config = VMM_CONFIG_INIT;
	int lines = vmm_config_read(&config, "[core]\nuri = a\nuri = b\n");

	is_int(lines, 0, "first: a key twice is no bad line");
	is(vmm_config_get(&config, "core.uri"), "a",
	    "first: counts within a file");
	is_int(vmm_config_read(&config, "[core]\nuri = c\njobs = 1\n"), 0,
	    "first: a second text");
	is(vmm_config_get(&config, "core.uri"), "a",
	    "first: counts over a later file");
	is(vmm_config_get(&config, "core.jobs"), "1",
	    "first: a later file adds to it");
	vmm_config_release(&config);
	is(vmm_config_get(&config, "core.uri"), NULL,
	    "release: nothing is set");
}

/* git config writes a tab before every setting. */
static void test_indented(void)
{
	AUTOCONFIG config = VMM_CONFIG_INIT;

	is_int(vmm_config_read(&config, "[core]\n"
					"\turi = qemu:///session\n"
					"\tjobs = 4\n"
					"\t# a comment\n"
					"[menu]\n"
					"    picker = fzf\n"
					"    terminal = foot\n"),
	    0, "indented: all lines are good");
	is(vmm_config_get(&config, "core.uri"), "qemu:///session",
	    "indented: the first setting");
	is(vmm_config_get(&config, "core.jobs"), "4",
	    "indented: the second setting, after a tab");
	is(vmm_config_get(&config, "menu.picker"), "fzf",
	    "indented: after blanks");
	is(vmm_config_get(&config, "menu.terminal"), "foot",
	    "indented: the second setting, after blanks");
	is_int(config.keys.n, 4, "indented: no others");
}

/* What `git config` writes around a value, and what people write after it. */
static void test_quotes_and_comments(void)
{
	static const struct {
		const char *line, *value;
	} cases[] = {
	    {"a = \"x y\"", "x y"},
	    {"a = \" x \"", " x "},
	    {"a = \"\"", ""},
	    {"a = x \"y\"", "x y"},
	    {"a = x\" y \"z", "x y z"},
	    {"a = \\\"x", "\"x"},
	    {"a = x\\\\y", "x\\y"},
	    {"a = \"x\\\\\"", "x\\"},
	    {"a = \"say \\\"y\\\"\"", "say \"y\""},
	    {"a = x # c", "x"},
	    {"a = x\t# c", "x"},
	    {"a = x ; c", "x"},
	    {"a = x#y;z", "x#y;z"},
	    {"a = \"x # y\"", "x # y"},
	    {"a = \"x ; y\"", "x ; y"},
	    {"a = \"x\" # c", "x"},
	    {"a = \"x\" # \"c\"", "x"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOCONFIG config = VMM_CONFIG_INIT;
		AUTOFREE char *text =
		    vmm_sprintf("[core]\n\t%s\n\tb = c\n", cases[i].line);

		is_int(vmm_config_read(&config, text), 0, "good: '%s'",
		    cases[i].line);
		is(vmm_config_get(&config, "core.a"), cases[i].value,
		    "value: '%s'", cases[i].line);
		is(vmm_config_get(&config, "core.b"), "c", "next after: '%s'",
		    cases[i].line);
	}
}

static void test_line_ends(void)
{
	AUTOCONFIG config = VMM_CONFIG_INIT;

	is_int(vmm_config_read(&config, ""), 0, "lines: an empty file");
	is_int(vmm_config_read(&config, "\n\n# x\n"), 0, "lines: no settings");
	is_int(config.keys.n, 0, "lines: nothing is set");
	is_int(vmm_config_read(&config, "[core]\r\nuri = a b\r\njobs = 2\r\n"),
	    0, "lines: carriage returns");
	is(vmm_config_get(&config, "core.uri"), "a b",
	    "lines: no carriage return in the value");
	is(vmm_config_get(&config, "core.jobs"), "2",
	    "lines: the last with a carriage return");
}

static void test_bad_lines(void)
{
	static const struct {
		const char *text;
		int line;
		const char *name;
	} cases[] = {
	    {"nonsense\n[core]\nuri = x\n", 1, "no section, no sign"},
	    {"uri = y\n[core]\nuri = x\n", 1, "a setting without a section"},
	    {"[core\nuri = y\n[core]\nuri = x\n", 1, "an unfinished section"},
	    {"[core]\nuri = x\n[co re]\nuri = y\n", 3, "no section's name"},
	    {"[core]\nuri = x\n[core?]\nuri = y\n", 3, "nor is this"},
	    {"[core]\nuri = x\n[]\nuri = y\n", 3, "an empty section's name"},
	    {"[core]\na = \"y\nuri = x\n", 2, "an unfinished quote"},
	    {"[core]\n= y\nuri = x\n", 2, "no name"},
	    {"[core]\na b = y\nuri = x\n", 2, "two names"},
	    {"[core] x\nuri = y\n[core]\nuri = x\n", 1, "more than a section"},
	    {"[core]\nuri = x\nnonsense\n", 3, "no sign"},
	    {"[core]\n\n# c\nnonsense\nuri = x\nmore nonsense\n", 4,
		"the first of two"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTOCONFIG config = VMM_CONFIG_INIT;

		is_int(vmm_config_read(&config, cases[i].text), cases[i].line,
		    "bad line: %s", cases[i].name);
		is(vmm_config_get(&config, "core.uri"), "x",
		    "bad line: %s: the others are read", cases[i].name);
	}
}

/* A long value is whole, or its line is bad: never cut off. */
static void test_long_lines(void)
{
	static const size_t lengths[] = {100, 190, 250, 1000, 100000};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		AUTOCONFIG config = VMM_CONFIG_INIT;
		AUTOBUF text = VMM_BUF_INIT;
		AUTOBUF value = VMM_BUF_INIT;
		const char *got;
		int line;

		while (value.length < lengths[i])
			vmm_buf_addf(&value, "k%zu=v&", value.length);
		vmm_buf_addf(&text, "[core]\nuri = %s\n[menu]\na = b\n",
		    vmm_buf_text(&value));
		line = vmm_config_read(&config, vmm_buf_text(&text));
		got = vmm_config_get(&config, "core.uri");
		ok(line == 2 || unit_same(got, vmm_buf_text(&value)),
		    "long: a value of %zu bytes is not cut off", value.length);
		ok(line == 2 || config.keys.n == 2,
		    "long: a value of %zu bytes is not two settings",
		    value.length);
		is(vmm_config_get(&config, "menu.a"), "b",
		    "long: the setting after %zu bytes", value.length);
	}
}

/* Checks the default and the aliases, joined by '|', of a libvirt.conf. */
static void libvirt_reads(
    const char *text, const char *uri, const char *aliases, const char *name)
{
	AUTOSTRV list = VMM_STRV_INIT;
	AUTOBUF joined = VMM_BUF_INIT;
	AUTOFREE char *got = vmm_config_read_libvirt(text, &list);

	for (size_t i = 0; i < list.n; i++)
		vmm_buf_addf(&joined, "%s%s", i ? "|" : "", list.v[i]);
	is(got, uri, "libvirt.conf: %s: default", name);
	is(vmm_buf_text(&joined), aliases, "libvirt.conf: %s: aliases", name);
}

static void test_libvirt(void)
{
	libvirt_reads("", NULL, "", "empty");
	libvirt_reads("\n \t\n", NULL, "", "blank");
	libvirt_reads("uri_default = \"qemu:///system\"\n", "qemu:///system",
	    "", "a default");
	libvirt_reads("uri_default='qemu:///session'", "qemu:///session", "",
	    "single quotes, no blanks, no newline");
	libvirt_reads("\turi_default\t=\t\"x\" # c\r\n", "x", "",
	    "tabs, a comment after it, a carriage return");
	libvirt_reads("uri_default = \"a'b#c=d\"\n", "a'b#c=d", "",
	    "other marks inside quotes");
	libvirt_reads("uri_default = \"\"\n", "", "", "an empty default");
	libvirt_reads("uri_default = \"a\"\nuri_default = \"b\"\n", "a", "",
	    "the default twice");
	libvirt_reads("#uri_default = \"a\"\n  # uri_default = \"b\"\n", NULL,
	    "", "comments only");
	libvirt_reads("xuri_default = \"a\"\nuri_default2 = \"b\"\n"
		      "uri_defaul = \"c\"\nuri_aliases2 = [ \"d=e\" ]\n"
		      "uri_alias = [ \"f=g\" ]\nother_lists = [ \"h=i\" ]\n"
		      "other_value = \"j\"\n",
	    NULL, "", "other keys");
	libvirt_reads("other = \"uri_default = 'x'\"\nuri_default = \"a\"\n",
	    "a", "", "the key inside a value");
	libvirt_reads("number = 4\nuri_default = \"a\"\n", "a", "",
	    "another setting before it");
}

static void test_libvirt_aliases(void)
{
	libvirt_reads("uri_aliases = [ \"a=qemu:///a\", 'b=qemu:///b' ]\n",
	    NULL, "a=qemu:///a|b=qemu:///b", "a list in a line");
	libvirt_reads("# hosts\n"
		      "uri_aliases = [\n"
		      "  \"hail=qemu+ssh://root@hail/system\",\n"
		      "\n"
		      "\t\"sleet=qemu+ssh://root@sleet/system\"\n"
		      "]\n"
		      "uri_default = \"qemu:///system\"\n",
	    "qemu:///system",
	    "hail=qemu+ssh://root@hail/system"
	    "|sleet=qemu+ssh://root@sleet/system",
	    "a list over several lines");
	libvirt_reads("uri_aliases=[\"a=b\",]\nuri_default='c'\n", "c", "a=b",
	    "a comma at the end");
	libvirt_reads("uri_aliases = []\nuri_default = \"a\"\n", "a", "",
	    "an empty list");
	libvirt_reads("uri_aliases = [ \"a=b,c]d\" ]\n", NULL, "a=b,c]d",
	    "the list's marks inside quotes");
	libvirt_reads("uri_default = \"x\"\nuri_aliases = [ \"a=b\" ]\n", "x",
	    "a=b", "a list after the default");
	libvirt_reads("uri_aliases = [\"a=b\"]\nuri_aliases = [\"c=d\"]\n",
	    NULL, "a=b|c=d", "two lists");
	libvirt_reads("other = [ \"x=y\",\n \"uri_aliases = z\" ]\n", NULL, "",
	    "another list");
}

static void test_libvirt_malformed(void)
{
	libvirt_reads(
	    "uri_default\nuri_aliases = [\"a=b\"]\n", NULL, "a=b", "no sign");
	libvirt_reads("uri_default =\nuri_aliases = [\"a=b\"]\n", NULL, "a=b",
	    "no value");
	libvirt_reads("uri_default = x\nuri_aliases = [\"a=b\"]\n", NULL, "a=b",
	    "no quotes");
	libvirt_reads(
	    "uri_default = [ \"x\" ]\n", NULL, "", "a list for a string");
	libvirt_reads(
	    "uri_aliases = \"a=b\"\n", NULL, "", "a string for a list");
	libvirt_reads("other = uri_default = \"x\"\n", NULL, "",
	    "two settings in a line");
	libvirt_reads("= \"x\"\nuri_default = \"a\"\n", "a", "", "no key");
	libvirt_reads("uri_default = \"x", NULL, "", "no end of the string");
	libvirt_reads("uri_default = 'x\"\n", NULL, "", "two kinds of quotes");
	libvirt_reads("uri_default = \"x\nuri_aliases = [ \"a=b\" ]\n", NULL,
	    "a=b", "a string ends with its line");
	libvirt_reads("other = \"x\nuri_default = \"a\"\n", "a", "",
	    "another string ends with its line");
	libvirt_reads("uri_aliases = [ \"a=b\", \"c", NULL, "a=b",
	    "no end of a string in the list");
	libvirt_reads(
	    "uri_aliases = [ \"a=b\"", NULL, "a=b", "no end of the list");
	libvirt_reads("uri_aliases = [", NULL, "", "no more than a bracket");
	libvirt_reads("uri_aliases = [ 1, 2 ]\nuri_default = \"a\"\n", "a", "",
	    "numbers in the list");
}

int main(void)
{
	test_settings();
	test_first_counts();
	test_indented();
	test_quotes_and_comments();
	test_line_ends();
	test_bad_lines();
	test_long_lines();
	test_libvirt();
	test_libvirt_aliases();
	test_libvirt_malformed();
	return unit_done();
}
