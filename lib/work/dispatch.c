/* dispatch: hides where commands live. */
#include "work/dispatch.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/file.h"
#include "config.h"

#define PREFIX "vmm-"

const char vmm_dispatch_usage[] =
    "Usage: vmm [-c URI] [--exec-path=DIR] COMMAND [ARG...]\n"
    "       vmm --help | --version | --exec-path | --list-cmds\n"
    "\n"
    "Manages the virtual machines of a libvirt host like files in folders.\n"
    "\n"
    "  -c, --connect=URI      the libvirt host to work on\n"
    "      --exec-path[=DIR]  where commands are looked for first; without\n"
    "                         DIR print the place and end\n"
    "      --list-cmds        print the commands, one a line\n"
    "      --help             show this help\n"
    "      --version          show the version\n"
    "\n"
    "'vmm help COMMAND' shows the manual of a command.\n";

PRINTF_LIKE(2, 3)
static int fail(enum vmm_status status, const char *format, ...)
{
	AUTOBUF line = VMM_BUF_INIT;
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = vmm_vsprintf(format, args);
	va_end(args);
	vmm_escape_message(&line, text);
	fprintf(stderr, "vmm: %s\n", vmm_buf_text(&line));
	return (int)status;
}

static int printed(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return VMM_OK;
	return fail(
	    VMM_FAILED, "cannot write standard output: %s", strerror(errno));
}

/* --- where commands are --- */

static void add_dirs(struct vmm_strv *dirs, const char *list)
{
	while (list && *list) {
		size_t length = strcspn(list, ":");

		if (length)
			vmm_strv_take(dirs, vmm_strndup(list, length));
		list += length + (list[length] == ':');
	}
}

/* VMM_EXEC_PATH (which --exec-path=DIR sets), EXEC_DIR, PATH. */
static void list_dirs(struct vmm_strv *dirs, const char *exec_dir)
{
	add_dirs(dirs, getenv("VMM_EXEC_PATH"));
	add_dirs(dirs, exec_dir);
	add_dirs(dirs, getenv("PATH"));
}

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       access(path, X_OK) == 0;
}

/* The program of the command NAME, to be freed, or NULL. */
static char *find_program(const struct vmm_strv *dirs, const char *name)
{
	for (size_t i = 0; i < dirs->n; i++) {
		AUTOFREE char *path =
		    vmm_sprintf("%s/" PREFIX "%s", dirs->v[i], name);

		if (is_program(path))
			return TAKE_PTR(path);
	}
	return NULL;
}

/* A command's name is letters, digits and dashes: no way out of a directory,
 * and no vmm-ls.c beside vmm-ls. */
static bool is_name(const char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	return *text && text[strspn(text, letters)] == '\0';
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_commands(const struct vmm_strv *dirs, struct vmm_strv *names)
{
	for (size_t i = 0; i < dirs->n; i++) {
		DIR *dir = opendir(dirs->v[i]);
		const struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			const char *name = entry->d_name + strlen(PREFIX);
			AUTOFREE char *path = NULL;

			if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) ||
			    !is_name(name) || vmm_strv_has(names, name))
				continue;
			path = vmm_sprintf("%s/%s", dirs->v[i], entry->d_name);
			if (is_program(path))
				vmm_strv_take(names, vmm_strdup(name));
		}
		if (dir)
			closedir(dir);
	}
	if (names->n)
		qsort(names->v, names->n, sizeof *names->v, compare_names);
}

/* --- for completion --- */

char *vmm_dispatch_here(void)
{
	char *path = realpath("/proc/self/exe", NULL);
	char *slash = path ? strrchr(path, '/') : NULL;

	if (slash)
		*slash = '\0';
	return path;
}

char *vmm_dispatch_program(const char *dir, const char *name)
{
	AUTOSTRV dirs = VMM_STRV_INIT;

	add_dirs(&dirs, dir);
	return is_name(name) ? find_program(&dirs, name) : NULL;
}

void vmm_dispatch_commands(const char *dir, struct vmm_strv *names)
{
	AUTOSTRV dirs = VMM_STRV_INIT;

	list_dirs(&dirs, dir);
	list_commands(&dirs, names);
}

/* --- a near miss --- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many single-letter changes and swaps of neighbours lie between the two
 * (restricted Damerau-Levenshtein distance). */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	AUTOFREE size_t *row = vmm_calloc((n + 1) * (m + 1), sizeof *row);

#define AT(i, j) row[(i) * (m + 1) + (j)]
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j) {
				AT(i, j) = i + j;
				continue;
			}
			AT(i, j) = AT(i - 1, j - 1) + (a[i - 1] != b[j - 1]);
			AT(i, j) = least(AT(i, j), AT(i - 1, j) + 1);
			AT(i, j) = least(AT(i, j), AT(i, j - 1) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				AT(i, j) =
				    least(AT(i, j), AT(i - 2, j - 2) + 1);
		}
	}
	return AT(n, m);
#undef AT
}

static int no_such_command(const struct vmm_strv *dirs, const char *name)
{
	AUTOSTRV names = VMM_STRV_INIT;
	const char *nearest = NULL;
	size_t best = 3; /* farther is no near miss */

	list_commands(dirs, &names);
	for (size_t i = 0; i < names.n && strlen(name) < 64; i++) {
		size_t between = distance(name, names.v[i]);

		if (between < best && between < strlen(names.v[i])) {
			best = between;
			nearest = names.v[i];
		}
	}
	if (nearest)
		return fail(VMM_NOCMD,
		    "no such command '%s'; did you mean '%s'?", name, nearest);
	return fail(VMM_NOCMD,
	    "no such command '%s'; 'vmm --list-cmds' lists them", name);
}

/* --- options --- */

/* The value of the option NAME at argv[*I] ("--name=VALUE", or the next
 * argument), or NULL where it is another one. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
	size_t length = strlen(name);
	const char *arg = argv[*i];

	if (strncmp(arg, name, length) != 0)
		return NULL;
	if (name[1] == '-' && arg[length] == '=')
		return arg + length + 1;
	if (name[1] != '-' && arg[length])
		return arg + length; /* -cURI */
	if (arg[length] || *i + 1 == argc)
		return NULL;
	return argv[++*i];
}

static void mark_connected(void)
{
	AUTOFREE char *number = vmm_sprintf("%ld", (long)getpid());

	setenv("VMM_CONNECTED", number, 1);
}

static void search_first(const char *dir)
{
	const char *set = getenv("VMM_EXEC_PATH");
	AUTOFREE char *both =
	    vmm_sprintf("%s%s%s", dir, set && *set ? ":" : "", set ? set : "");

	setenv("VMM_EXEC_PATH", both, 1);
}

static int run(const struct vmm_strv *dirs, char **argv)
{
	AUTOFREE char *program =
	    is_name(argv[0]) ? find_program(dirs, argv[0]) : NULL;

	if (!program)
		return no_such_command(dirs, argv[0]);
	argv[0] = program; /* ps shows it */
	execv(program, argv);
	return fail(VMM_NOCMD, "cannot run '%s': %s", program, strerror(errno));
}

int vmm_dispatch(int argc, char **argv, const char *exec_dir)
{
	static char menu[] = "menu";
	static char *open_menu[] = {menu, NULL};
	AUTOSTRV dirs = VMM_STRV_INIT, names = VMM_STRV_INIT;
	AUTOFREE char *menu_program = NULL;
	bool list = false, connected = false;
	int i;

	vmm_file_fill_standard();
	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		const char *arg = argv[i], *value;

		if (strcmp(arg, "--help") == 0) {
			fputs(vmm_dispatch_usage, stdout);
			return printed();
		} else if (strcmp(arg, "--version") == 0) {
			printf("vmm %s\n", PACKAGE_VERSION);
			return printed();
		} else if (strcmp(arg, "--list-cmds") == 0) {
			list = true;
		} else if (strcmp(arg, "--exec-path") == 0) {
			const char *set = getenv("VMM_EXEC_PATH");

			puts(set && *set ? set : exec_dir);
			return printed();
		} else if (strncmp(arg, "--exec-path=", 12) == 0) {
			search_first(arg + 12);
		} else if ((value = value_of("--connect", argc, argv, &i)) ||
			   (value = value_of("-c", argc, argv, &i))) {
			if (connected)
				return fail(VMM_USAGE,
				    "only one -c: VMs of several hosts in one "
				    "command do not work yet");
			connected = true;
			/* exec keeps our number: the command itself, and
			 * nothing that it runs, then knows of this -c */
			mark_connected();
			/* virsh and scripts understand this too */
			setenv("LIBVIRT_DEFAULT_URI", value, 1);
		} else {
			return fail(VMM_USAGE,
			    "%s: unknown option, or its value is missing (see "
			    "'vmm --help')",
			    arg);
		}
	}
	list_dirs(&dirs, exec_dir);
	if (list) {
		list_commands(&dirs, &names);
		for (size_t j = 0; j < names.n; j++)
			puts(names.v[j]);
		return printed();
	}
	if (i < argc)
		return run(&dirs, argv + i);
	menu_program = find_program(&dirs, menu);
	if (menu_program && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return run(&dirs, open_menu);
	return fail(VMM_USAGE, "which command? 'vmm --list-cmds' lists them, "
			       "'vmm --help' explains");
}
