/* opt: hides popt, the shared options, and where settings come from. */
#include "work/opt.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <popt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "config.h"
#include "libvirt/state.h"
#include "pure/settings.h"

/* --- the options --- */

/* Values of shared options as they were typed. */
struct raw {
	struct vmm_strv uris, states;
	char *color;
	bool help, version, dump;
};

struct vocabulary {
	const struct vmm_option **option; /* places are popt's `val` - 1 */
	struct poptOption *popt;
	char **arg; /* owned; the name of each one's argument, or NULL */
	size_t n;
};

static void add_options(
    struct vocabulary *words, const struct vmm_option *option)
{
	for (; option && option->name; option++) {
		VMM_GROW(words->option, words->n);
		words->option[words->n++] = option;
	}
}

static void make_popt_table(struct vocabulary *words)
{
	words->popt = vmm_calloc(words->n + 1, sizeof *words->popt);
	words->arg = vmm_calloc(words->n, sizeof *words->arg);
	for (size_t i = 0; i < words->n; i++) {
		const struct vmm_option *option = words->option[i];
		const char *arg = option->arg;

		words->arg[i] =
		    arg ? vmm_strndup(arg, strcspn(arg, "=")) : NULL;
		words->popt[i] = (struct poptOption){
		    .longName = option->name,
		    .shortName = option->letter,
		    .argInfo = option->kind == VMM_OPT_FLAG ? POPT_ARG_NONE
							    : POPT_ARG_STRING,
		    .val = (int)i + 1,
		    .descrip = option->help,
		    .argDescrip = words->arg[i],
		};
		if (!option->help)
			words->popt[i].argInfo |= POPT_ARGFLAG_DOC_HIDDEN;
	}
}

/* --- ends --- */

/* Ends from deep inside: nothing is released on the way, the system does. */
_Noreturn static void end(enum vmm_status status)
{
	fflush(stderr);
	_exit((int)status);
}

/* What is left to do at exit() are the ends of libvirt and of the forty
 * libraries that it needs. They touch 800 KiB that nothing else does, take a
 * thirtieth of a listing's time, and must not come under a call that was given
 * up. Only what counts or checks a program at its end wants them. */
static void leave(int status, void *unused)
{
	(void)unused;
#ifndef VMM_WHOLE_EXIT
	end((enum vmm_status)status);
#endif
	(void)status;
}

_Noreturn void vmm_opt_usage(
    const struct vmm_command *command, const char *format, ...)
{
	AUTOBUF line = VMM_BUF_INIT;
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = vmm_vsprintf(format, args);
	va_end(args);
	vmm_escape_message(&line, text);
	fprintf(stderr, "vmm-%s: %s (see 'vmm %s --help')\n", command->name,
	    vmm_buf_text(&line), command->name);
	end(VMM_USAGE);
}

_Noreturn static void end_after_printing(void)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("cannot write standard output");
		end(VMM_FAILED);
	}
	end(VMM_OK);
}

_Noreturn static void print_help(
    const struct vmm_command *command, poptContext context)
{
	poptPrintHelp(context, stdout, 0);
	printf("\n%s\n", command->summary);
	for (size_t i = 0; command->table && i < command->table->n; i++) {
		const struct vmm_column *column = &command->table->column[i];

		if (!i)
			printf("\nColumns (-o, --sort and --json):\n");
		printf("  %-11s %s\n", column->name, column->help);
	}
	printf("\nThe manual: man vmm-%s\n", command->name);
	end_after_printing();
}

_Noreturn static void dump_options(
    const struct vmm_command *command, const struct vocabulary *words)
{
	const struct vmm_table *table = command->table;

	for (size_t i = 0; i < words->n; i++) {
		const struct vmm_option *option = words->option[i];

		const char *arg = words->arg[i] ? words->arg[i] : "-";
		const char *takes = option->arg ? strchr(option->arg, '=') : "";

		if (option->help)
			printf("--%s\t%s%c\t%s\t%s\t%s\n", option->name,
			    option->letter ? "-" : "",
			    option->letter ? option->letter : '-', arg,
			    option->help, takes && *takes ? takes + 1 : arg);
	}
	for (size_t i = 0; table && i < table->n; i++)
		printf("column\t%s\t%s\n", table->column[i].name,
		    table->column[i].help);
	printf("operands\t%s\n",
	    command->takes ? command->takes : command->operands);
	end_after_printing();
}

/* --- values --- */

static unsigned parse_number(const struct vmm_command *command,
    const struct vmm_option *option, const char *text)
{
	unsigned value = 0;
	const char *p = text;

	/* six digits: no overflow, and eleven days in seconds */
	while (*p >= '0' && *p <= '9' && p - text < 6)
		value = value * 10 + (unsigned)(*p++ - '0');
	if (*p || p == text || (!value && option->kind == VMM_OPT_NUMBER))
		vmm_opt_usage(command,
		    "--%s takes a number from %d to 999999, not '%s'",
		    option->name, option->kind == VMM_OPT_NUMBER, text);
	return value;
}

static void store(const struct vmm_command *command,
    const struct vmm_option *option, char *text)
{
	switch (option->kind) {
	case VMM_OPT_FLAG:
		*(bool *)option->value = true;
		break;
	case VMM_OPT_TEXT:
		free(*(char **)option->value);
		*(char **)option->value = TAKE_PTR(text);
		break;
	case VMM_OPT_LIST:
		vmm_strv_take(option->value, TAKE_PTR(text));
		break;
	case VMM_OPT_NUMBER:
	case VMM_OPT_SECONDS:
		*(unsigned *)option->value =
		    parse_number(command, option, text);
		break;
	}
	free(text);
}

void vmm_opt_states(const struct vmm_command *command, const char *text,
    unsigned *states, bool *saved)
{
	for (;;) {
		size_t length = strcspn(text, ",");
		AUTOFREE char *name = vmm_strndup(text, length);
		int state = vmm_state_parse(name);

		if (strcmp(name, "saved") == 0)
			*saved = true;
		else if (state > VIR_DOMAIN_NOSTATE)
			*states |= 1U << state;
		else
			vmm_opt_usage(command,
			    "unknown state '%s'; known are running, blocked, "
			    "paused, shutdown, shutoff, crashed, pmsuspended "
			    "and saved",
			    name);
		if (!text[length])
			return;
		text += length + 1;
	}
}

static bool decide_color(const struct vmm_command *command, const char *when)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when && strcmp(when, "always") == 0)
		return true;
	if (when && strcmp(when, "never") == 0)
		return false;
	if (when && strcmp(when, "auto") != 0)
		vmm_opt_usage(command,
		    "--color takes auto, always or never, not '%s'", when);
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	       !(term && strcmp(term, "dumb") == 0);
}

/* --- configuration --- */

/* Reads one file, if it is there. */
static void read_config(const struct vmm_command *command, const char *base,
    struct vmm_config *config)
{
	AUTOFREE char *path = vmm_sprintf("%s/vmm/config", base);
	AUTOFREE char *text = vmm_file_read(path);
	int line = text ? vmm_config_read(config, text) : 0;

	if (!text && errno != ENOENT && errno != ENOTDIR)
		vmm_opt_usage(
		    command, "cannot read '%s': %s", path, strerror(errno));

	if (line)
		vmm_opt_usage(command,
		    "%s:%d: not a '[section]' or 'name = value' line", path,
		    line);
}

static void load_config(
    const struct vmm_command *command, struct vmm_config *config)
{
	const char *mine = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	const char *dirs = getenv("XDG_CONFIG_DIRS");

	if (mine && *mine) {
		read_config(command, mine, config);
	} else if (home && *home) {
		AUTOFREE char *base = vmm_sprintf("%s/.config", home);

		read_config(command, base, config);
	}
	if (!dirs || !*dirs)
		dirs = "/etc/xdg";
	while (*dirs) {
		size_t length = strcspn(dirs, ":");
		AUTOFREE char *base = vmm_strndup(dirs, length);

		if (length)
			read_config(command, base, config);
		dirs += length + (dirs[length] == ':');
	}
}

static const char *if_set(const char *text)
{
	return text && *text ? text : NULL;
}

/* Whether the dispatcher, whose process this was, had a -c of its own. */
static bool was_connected(void)
{
	const char *number = getenv("VMM_CONNECTED");

	return number && strtol(number, NULL, 10) == (long)getpid();
}

/* -c, then the environment, then the configuration; NULL leaves the choice
 * to libvirt's own configuration. */
static void choose_uri(const struct vmm_command *command, const struct raw *raw,
    struct vmm_args *args)
{
	const char *uri = NULL;

	if (raw->uris.n > 1 || (raw->uris.n && was_connected()))
		vmm_opt_usage(command,
		    "only one -c: VMs of several hosts in one command do not "
		    "work yet");
	if (raw->uris.n)
		uri = if_set(raw->uris.v[0]);
	if (!uri)
		uri = if_set(getenv("LIBVIRT_DEFAULT_URI"));
	if (!uri)
		uri = vmm_setting_value(&args->config, "core.uri");
	args->uri = vmm_strdup_null(uri);
}

static void choose_jobs(
    const struct vmm_command *command, struct vmm_args *args)
{
	const char *text = vmm_setting_value(&args->config, "core.jobs");
	AUTOERR err = VMM_ERR_INIT;

	if (args->jobs || !text || !(command->groups & VMM_OPTS_JOBS))
		return;
	if (vmm_setting_check("core.jobs", text, &err) < 0)
		vmm_opt_usage(command, "%s", err.text);
	args->jobs = (unsigned)strtoul(text, NULL, 10);
}

/* --- all together --- */

static void parse(const struct vmm_command *command, int argc, char **argv,
    struct vocabulary *words, struct raw *raw, struct vmm_args *args)
{
	AUTOFREE char *called = vmm_sprintf("vmm %s", command->name);
	AUTOFREE char *usage = vmm_sprintf("[OPTION...]%s%s",
	    *command->operands ? " " : "", command->operands);
	AUTOFREE const char **copy = vmm_calloc((size_t)argc + 1, sizeof *copy);
	const char **rest;
	poptContext context;
	int which;

	for (int i = 0; i < argc; i++)
		copy[i] = argv[i];
	copy[0] = called; /* --help shows it */
	context = poptGetContext(command->name, argc, copy, words->popt, 0);
	poptSetOtherOptionHelp(context, usage);
	while ((which = poptGetNextOpt(context)) > 0)
		store(
		    command, words->option[which - 1], poptGetOptArg(context));
	if (which < -1)
		vmm_opt_usage(command, "%s: %s",
		    poptBadOption(context, POPT_BADOPTION_NOALIAS),
		    poptStrerror(which));
	if (raw->help)
		print_help(command, context);
	if (raw->version) {
		printf("vmm-%s (vmm) %s\n", command->name, PACKAGE_VERSION);
		end_after_printing();
	}
	if (raw->dump)
		dump_options(command, words);
	rest = poptGetArgs(context);
	while (rest && *rest)
		vmm_strv_take(&args->operands, vmm_strdup(*rest++));
	poptFreeContext(context);
}

void vmm_opt_parse(const struct vmm_command *command, int argc, char **argv,
    struct vmm_args *args)
{
	struct raw raw = {0};
	struct vocabulary words = {0};
	const struct vmm_option common[] = {
	    {"connect", 'c', VMM_OPT_LIST, &raw.uris, "URI",
		"the libvirt host to work on"},
	    {"help", 0, VMM_OPT_FLAG, &raw.help, NULL, "show this help"},
	    {"version", 0, VMM_OPT_FLAG, &raw.version, NULL,
		"show the version"},
	    {"dump-options", 0, VMM_OPT_FLAG, &raw.dump, NULL, NULL}, {0}};
	const struct vmm_option selecting[] = {
	    {"label", 'L', VMM_OPT_LIST, &args->labels, "LABEL",
		"only VMs that carry LABEL; repeated: all of them"},
	    {"no-label", 0, VMM_OPT_LIST, &args->no_labels, "LABEL",
		"only VMs that do not carry LABEL"},
	    {"state", 's', VMM_OPT_LIST, &raw.states, "STATE[,STATE...]",
		"only VMs in one of these states, or saved"},
	    {"null", '0', VMM_OPT_FLAG, &args->null, NULL,
		"records, also those read, are raw and end with NUL"},
	    {0}};
	const struct vmm_option recursing[] = {
	    {"recursive", 'r', VMM_OPT_FLAG, &args->recursive, NULL,
		"take every VM below a folder"},
	    {0}};
	const struct vmm_option trying[] = {
	    {"dry-run", 'n', VMM_OPT_FLAG, &args->dry_run, NULL,
		"print what would be done, and do nothing"},
	    {0}};
	const struct vmm_option talking[] = {
	    {"verbose", 'v', VMM_OPT_FLAG, &args->verbose, NULL,
		"print each VM's path when it is done"},
	    {"quiet", 'q', VMM_OPT_FLAG, &args->quiet, NULL,
		"show no progress"},
	    {0}};
	const struct vmm_option working[] = {
	    {"jobs", 'j', VMM_OPT_NUMBER, &args->jobs, "N",
		"work on N VMs at once"},
	    {0}};
	const struct vmm_option coloring[] = {
	    {"color", 0, VMM_OPT_TEXT, &raw.color, "WHEN=auto|always|never",
		"auto (on a terminal), always or never"},
	    {0}};

	on_exit(leave, NULL);
	vmm_file_fill_standard();
	vmm_interrupt_keep_pipes();
	args->program = vmm_sprintf("vmm-%s", command->name);
	add_options(&words, command->options);
	if (command->groups & VMM_OPTS_SELECT)
		add_options(&words, selecting);
	if (command->groups & VMM_OPTS_RECURSE)
		add_options(&words, recursing);
	if (command->groups & VMM_OPTS_DRY_RUN)
		add_options(&words, trying);
	if (command->groups & VMM_OPTS_TALK)
		add_options(&words, talking);
	if (command->groups & VMM_OPTS_JOBS)
		add_options(&words, working);
	if (command->groups & VMM_OPTS_COLOR)
		add_options(&words, coloring);
	add_options(&words, common);
	make_popt_table(&words);
	parse(command, argc, argv, &words, &raw, args);
	for (size_t i = 0; i < words.n; i++)
		free(words.arg[i]);
	free(words.arg);
	free(words.option);
	free(words.popt);

	if (command->needs_operand && !args->operands.n)
		vmm_opt_usage(command, VMM_OPT_WHICH);
	for (size_t i = 0; i < raw.states.n; i++)
		vmm_opt_states(
		    command, raw.states.v[i], &args->states, &args->saved);
	args->color = decide_color(command, raw.color) && !args->null;
	load_config(command, &args->config);
	choose_uri(command, &raw, args);
	choose_jobs(command, args);
	vmm_strv_release(&raw.uris);
	vmm_strv_release(&raw.states);
	free(raw.color);
}

void vmm_opt_release(struct vmm_args *args)
{
	free(args->program);
	free(args->uri);
	free(args->origin);
	vmm_strv_release(&args->operands);
	vmm_strv_release(&args->labels);
	vmm_strv_release(&args->no_labels);
	vmm_config_release(&args->config);
}
