/*
 * opt: command lines. The only user of popt.
 *
 * A command describes itself with a struct vmm_command: its own options and
 * the groups of options it shares with others. --help, --version and the
 * hidden --dump-options (one option a line, for completion and for the test
 * that holds programs and man pages together; behind them columns and operands,
 * see pure/usage.h) come from that description.
 */
#ifndef VMM_WORK_OPT_H
#define VMM_WORK_OPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "pure/config.h"
#include "work/table.h"

enum vmm_opt_kind {
	VMM_OPT_FLAG,    /* bool *: true when given */
	VMM_OPT_TEXT,    /* char **: owned, the last one given */
	VMM_OPT_LIST,    /* struct vmm_strv *: all that were given */
	VMM_OPT_NUMBER,  /* unsigned *: decimal digits, at least 1 */
	VMM_OPT_SECONDS, /* unsigned *: decimal digits */
};

struct vmm_option {
	const char *name; /* "label" */
	char letter;      /* 'L', or 0 */
	enum vmm_opt_kind kind;
	void *value;
	/* "LABEL", or "MODE=acpi|agent" where the name does not say what it can
	 * be (pure/usage.h); NULL for a flag */
	const char *arg;
	const char *help;
};

/* Groups of options that commands share. */
enum vmm_opt_group {
	VMM_OPTS_SELECT = 1 << 0,  /* -L, --no-label, -s, -0 */
	VMM_OPTS_RECURSE = 1 << 1, /* -r */
	VMM_OPTS_DRY_RUN = 1 << 2, /* -n */
	VMM_OPTS_TALK = 1 << 3,    /* -v, -q */
	VMM_OPTS_JOBS = 1 << 4,    /* -j */
	VMM_OPTS_COLOR = 1 << 5,   /* --color */
	/* what commands that change VMs have */
	VMM_OPTS_ACT = VMM_OPTS_DRY_RUN | VMM_OPTS_TALK | VMM_OPTS_JOBS,
};

struct vmm_command {
	const char *name;     /* "start" */
	const char *operands; /* "VM...", as in the synopsis */
	const char *summary;  /* one sentence */
	unsigned groups;
	bool needs_operand;
	const struct vmm_option *options; /* its own; ends with a NULL name */
	const struct vmm_table *table;    /* what -o and --sort know, or NULL */
	const char *takes; /* what its operands can be, for completion, where
			    * OPERANDS does not say so; or NULL */
};

enum vmm_color {
	VMM_COLOR_AUTO,
	VMM_COLOR_ALWAYS,
	VMM_COLOR_NEVER,
};

/* What the shared options said. */
struct vmm_args {
	char *program; /* "vmm-start" */
	char *uri;     /* as chosen from -c, environment, configuration */
	struct vmm_strv operands;
	struct vmm_strv labels, no_labels; /* all must hold */
	unsigned states; /* bits 1 << virDomainState; 0: any */
	bool saved;      /* -s saved: a saved VM passes too */
	char *origin;    /* the UUID of what it must be a clone of, or NULL */
	bool null;       /* records end with NUL, in and out */
	bool recursive, dry_run, verbose, quiet;
	unsigned jobs; /* 0: the command's default */
	bool color;    /* decided */
	struct vmm_config config;
}; /* starts as {0} */

/* Parses the command line into ARGS, which is all zero.  Whatever is wrong with
 * it ends the program with status 2 and one line; --help, --version and
 * --dump-options end it too. The end of the program will leave out what was
 * asked for before (atexit(3), destructors), and what the C library has not
 * written, unless VMM_WHOLE_EXIT is defined. */
void vmm_opt_parse(const struct vmm_command *command, int argc, char **argv,
    struct vmm_args *args);
void vmm_opt_release(struct vmm_args *args);
/* What is wrong with a command line that names no VM. */
#define VMM_OPT_WHICH "which VMs? name them, or '/**' for all"
/* Parses STATE[,STATE...] into bits 1 << virDomainState and *SAVED; what is
 * neither ends the program. */
void vmm_opt_states(const struct vmm_command *command, const char *text,
    unsigned *states, bool *saved);
/* Ends the program with status 2 and one line that names the help. */
_Noreturn void vmm_opt_usage(const struct vmm_command *command,
    const char *format, ...) PRINTF_LIKE(2, 3);

#endif
