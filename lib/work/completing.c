/* completing: hides how a command line is read that is not ended yet. */
#include "work/completing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/index.h"
#include "base/parallel.h"
#include "libvirt/uri.h"
#include "pure/settings.h"
#include "pure/usage.h"
#include "pure/vpath.h"
#include "storage/snapshot.h"
#include "storage/volume.h"
#include "work/dispatch.h"
#include "work/select.h"
#include "work/spawn.h"

/* Milliseconds for a command to say what it has; whoever waits for us has less,
 * and does not wait so long. */
#define PATIENCE 60000

struct candidate {
	char *word;
	char *help;
	bool folder;
};

struct work {
	char *dir; /* where commands live */
	struct vmm_usage usage;
	struct vmm_args typed; /* what the line says so far */
	const struct vmm_config *config;
	struct vmm_report report; /* unheard */
	struct vmm_conn *conn;
	struct vmm_set set;
	unsigned loaded; /* facts of all VMs in the set, and LOADED */
	char *kept;      /* what the word begins with, whatever follows */
	char *word;      /* and what it is that is being completed */
	struct candidate *found;
	size_t n;
	struct vmm_index seen;
	bool files;
};

#define LOADED (1U << 31)

/* --- candidates --- */

static void add(struct work *work, const char *text, const char *help)
{
	size_t length = strlen(text);

	if (strncmp(text, work->word, strlen(work->word)) != 0 ||
	    vmm_index_find(&work->seen, text))
		return;
	VMM_GROW(work->found, work->n);
	work->found[work->n] = (struct candidate){.word = vmm_strdup(text),
	    .help = vmm_strdup(help ? help : ""),
	    .folder = length && text[length - 1] == '/'};
	vmm_index_add(&work->seen, work->found[work->n].word, work);
	work->n++;
}

/* What is taken as it stands, without escapes: something that would need them
 * cannot be typed, and is left out. */
static void add_raw(struct work *work, const char *text, const char *help)
{
	AUTOBUF shown = VMM_BUF_INIT;

	vmm_escape_message(&shown, text);
	if (strcmp(vmm_buf_text(&shown), text) == 0)
		add(work, text, help);
}

static int compare(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;

	if (one->folder != other->folder)
		return one->folder ? -1 : 1;
	return vmm_natural_cmp(one->word, other->word);
}

static void sort(struct work *work)
{
	if (work->n)
		qsort(work->found, work->n, sizeof *work->found, compare);
}

/* --- VMs --- */

static bool connect(struct work *work)
{
	AUTOERR ignored = VMM_ERR_INIT;

	if (work->conn)
		return true;
	work->conn = vmm_conn_open(work->typed.uri, VMM_PEEK, &ignored);
	return work->conn;
}

static bool load(struct work *work, unsigned facts)
{
	AUTOERR ignored = VMM_ERR_INIT;

	if (!connect(work))
		return false;
	if (!work->loaded &&
	    vmm_set_load(&work->set, work->conn, VMM_FACT_STATE, &ignored) < 0)
		return false;
	work->loaded |= LOADED;
	if ((facts & ~work->loaded) &&
	    vmm_set_fetch(work->set.vm, work->set.n, facts, &ignored) < 0)
		return false;
	work->loaded |= facts;
	return true;
}

static void add_names(struct work *work)
{
	if (!load(work, VMM_FACT_STATE))
		return;
	for (size_t i = 0; i < work->set.n; i++) {
		const struct vmm_vm *vm = work->set.vm[i];
		AUTOFREE char *name = vmm_escaped(vm->name);

		if (*name != '-') /* an option: it has a path, too */
			add(work, name,
			    vm->facts & VMM_FACT_STATE
				? vmm_state_name(vm->state)
				: NULL);
	}
}

/* What is directly in the folder that PATH, which is escaped and absolute, is
 * in: those that begin as it does. */
static void add_in_folder(
    struct work *work, const char *path, bool vms, bool relative)
{
	size_t in = (size_t)(strrchr(path, '/') + 1 - path);

	if (!load(work, VMM_FACT_STATE | VMM_FACT_META))
		return;
	for (size_t i = 0; i < work->set.n; i++) {
		const struct vmm_vm *vm = work->set.vm[i];
		AUTOFREE char *its =
		    vm->facts & VMM_FACT_META ? vmm_escaped(vm->path) : NULL;
		char *slash;

		if (!its || strncmp(its, path, strlen(path)) != 0)
			continue;
		slash = strchr(its + in, '/');
		if (slash)
			slash[1] = '\0';
		if (slash || vms)
			add(work, its + relative,
			    slash ? "folder"
			    : vm->facts & VMM_FACT_STATE
				? vmm_state_name(vm->state)
				: NULL);
	}
}

/* As files are completed, a folder at a time. A first slash may be left out.
 * Where all that is left is one folder, what is in it is offered, too. */
static void add_paths(struct work *work, bool vms)
{
	bool relative = *work->word && *work->word != '/';
	AUTOFREE char *path =
	    vmm_sprintf("%s%s", relative ? "/" : "", work->word);

	if (!*path || !path[1]) {
		if (!vms)
			add(work, "/", "folder");
		add_in_folder(work, "/", vms && *path, false);
		return;
	}
	add_in_folder(work, path, vms && strchr(work->word, '/'), relative);
	if (work->n == 1 && work->found[0].folder) {
		AUTOFREE char *below = vmm_sprintf(
		    "%s%s", relative ? "/" : "", work->found[0].word);

		add_in_folder(work, below, vms, relative);
	}
}

static void add_vms(struct work *work)
{
	if (!strchr(work->word, '/'))
		add_names(work);
	if (!*work->word || !work->n)
		add_paths(work, true);
	sort(work);
}

static void add_folders(struct work *work)
{
	add_paths(work, false);
	sort(work);
}

static void add_labels(struct work *work)
{
	if (!load(work, VMM_FACT_META))
		return;
	for (size_t i = 0; i < work->set.n; i++) {
		const struct vmm_strv *labels = &work->set.vm[i]->meta.labels;

		for (size_t j = 0; j < labels->n; j++)
			add_raw(work, labels->v[j], NULL);
	}
	sort(work);
}

/* --- snapshots --- */

struct asked {
	struct vmm_vm **vm;
	struct vmm_snapshots *snapshots; /* a VM each */
};

static void ask(size_t i, void *data)
{
	struct asked *asked = data;
	AUTOERR ignored = VMM_ERR_INIT;

	if (vmm_snapshot_list(asked->vm[i], &asked->snapshots[i], &ignored) < 0)
		vmm_snapshots_release(&asked->snapshots[i]);
}

/* Those of N VMs; where that is one, with what was said of them. */
static void add_snapshots_of(struct work *work, struct vmm_vm **vm, size_t n)
{
	AUTOFREE struct vmm_snapshots *snapshots =
	    vmm_calloc(n, sizeof *snapshots);
	struct asked asked = {vm, snapshots};

	if (n)
		vmm_parallel(
		    n, vmm_conn_threads(work->conn), ask, NULL, &asked);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < snapshots[i].n; j++) {
			const struct vmm_snapxml *one =
			    snapshots[i].snapshot[j];

			add_raw(work, one->name,
			    n == 1 && one->description ? one->description
						       : one->state);
		}
		vmm_snapshots_release(&snapshots[i]);
	}
}

/* Of the VMs that the line names; else of all. */
static void add_snapshots(struct work *work)
{
	struct vmm_selection selection = {0};
	AUTOFREE struct vmm_vm **vm = NULL;
	size_t n = 0;

	if (work->typed.operands.n) {
		if (connect(work) &&
		    vmm_select(work->conn, &work->typed, VMM_SELECT_VMS,
			VMM_SNAPSHOT_FACTS, &selection, &work->report) == 0)
			add_snapshots_of(work, selection.vm, selection.n);
		vmm_selection_release(&selection);
		return;
	}
	if (!load(work, VMM_FACT_SNAPSHOTS))
		return;
	vm = vmm_calloc(work->set.n, sizeof *vm);
	for (size_t i = 0; i < work->set.n; i++)
		if (work->set.vm[i]->snapshots)
			vm[n++] = work->set.vm[i];
	add_snapshots_of(work, vm, n);
	sort(work);
}

/* --- other kinds --- */

static void add_states(struct work *work)
{
	for (int i = VIR_DOMAIN_NOSTATE + 1; i <= VIR_DOMAIN_PMSUSPENDED; i++)
		add(work, vmm_state_name(i), NULL);
	add(work, "saved", "with a managed save");
}

static void add_columns(struct work *work)
{
	for (size_t i = 0; i < work->usage.columns.n; i++)
		add(work, work->usage.columns.v[i],
		    work->usage.column_help.v[i]);
}

static void add_hosts(struct work *work)
{
	AUTOSTRV names = VMM_STRV_INIT, uris = VMM_STRV_INIT;
	const char *ours = vmm_setting_value(work->config, "core.uri");

	vmm_uri_aliases(&names, &uris);
	for (size_t i = 0; i < names.n; i++)
		add_raw(work, names.v[i], uris.v[i]);
	if (ours)
		add_raw(work, ours, "core.uri");
	add(work, "qemu:///system", NULL);
	add(work, "qemu:///session", NULL);
}

static void add_pools(struct work *work)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOSTRV names = VMM_STRV_INIT;

	if (connect(work) &&
	    vmm_pool_names(vmm_conn_virt(work->conn), &names, &ignored) == 0)
		for (size_t i = 0; i < names.n; i++)
			add_raw(work, names.v[i], NULL);
	sort(work);
}

static void add_settings(struct work *work)
{
	for (const struct vmm_setting *s = vmm_settings; s->name; s++)
		if (!strstr(s->name, "NAME"))
			add(work, s->name, s->help);
}

static void add_pickers(struct work *work)
{
	static const char *const pickers[] = {"auto", "fzf", "rofi", "wofi"};

	for (size_t i = 0; i < ARRAY_SIZE(pickers); i++)
		add(work, pickers[i], NULL);
}

static void add_commands(struct work *work)
{
	AUTOSTRV names = VMM_STRV_INIT;

	vmm_dispatch_commands(work->dir, &names);
	for (size_t i = 0; i < names.n; i++)
		add(work, names.v[i], NULL);
}

static void add_files(struct work *work)
{
	work->files = true;
}

static const struct kind {
	const char *name;
	void (*add)(struct work *work);
} kinds[] = {
    {"COL", add_columns},
    {"COMMAND", add_commands},
    {"DIR", add_files},
    {"FILE", add_files},
    {"FOLDER", add_folders},
    {"KEY", add_settings},
    {"LABEL", add_labels},
    {"PICKER", add_pickers},
    {"POOL", add_pools},
    {"SNAPSHOT", add_snapshots},
    {"STATE", add_states},
    {"URI", add_hosts},
    {"VM", add_vms},
};

/* A list with commas: what stands before the last one stays. */
static void keep_list(struct work *work)
{
	const char *comma = strrchr(work->word, ',');
	AUTOFREE char *kept = NULL;

	if (!comma)
		return;
	kept = vmm_sprintf(
	    "%s%.*s", work->kept, (int)(comma + 1 - work->word), work->word);
	memmove(work->word, comma + 1, strlen(comma + 1) + 1);
	free(work->kept);
	work->kept = TAKE_PTR(kept);
}

static void add_kind(struct work *work, const char *name)
{
	size_t length = strcspn(name, ",");

	if (*name < 'A' || *name > 'Z') {
		add(work, name, NULL);
		return;
	}
	if (name[length])
		keep_list(work);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].name) == length &&
		    strncmp(kinds[i].name, name, length) == 0)
			kinds[i].add(work);
}

/* Folders are on the way to VMs, and so VMs come first and have them all. */
static void add_kinds(struct work *work, const struct vmm_strv *names)
{
	bool vms = vmm_strv_has(names, "VM");

	for (size_t i = 0; i < names->n; i++)
		if (!vms || strcmp(names->v[i], "FOLDER") != 0)
			add_kind(work, names->v[i]);
}

/* --- what a command has --- */

static bool is_script(const char *path)
{
	FILE *file = fopen(path, "re");
	bool script = file && fgetc(file) == '#' && fgetc(file) == '!';

	if (file)
		fclose(file);
	return script;
}

/* What PATH prints when it gets OPTION, added to OUT; nothing if it fails. */
static void ask_program(
    const char *path, const char *option, struct vmm_buf *out)
{
	AUTOSTRV argv = VMM_STRV_INIT;
	AUTOERR ignored = VMM_ERR_INIT;
	int log = memfd_create("vmm", MFD_CLOEXEC);
	FILE *answer = log < 0 ? NULL : fdopen(log, "r+");
	int status = -1;
	pid_t process = -1;

	vmm_strv_take(&argv, vmm_strdup(path));
	vmm_strv_take(&argv, vmm_strdup(option));
	if (answer)
		process = vmm_spawn(&argv, log, NULL, NULL, &ignored);
	if (process > 0 && vmm_spawn_wait(process, PATIENCE, &status) &&
	    status == 0) {
		rewind(answer);
		if (vmm_file_read_all(answer, out) < 0)
			vmm_buf_release(out);
	}
	if (answer)
		fclose(answer);
	else if (log >= 0)
		close(log);
}

/* Whatever is not ours takes VMs, we suppose, and is not asked. */
static void read_usage(struct work *work, const char *command)
{
	AUTOFREE char *path = vmm_dispatch_program(work->dir, command);
	AUTOBUF text = VMM_BUF_INIT;

	vmm_usage_release(&work->usage);
	if (!path) {
		work->usage.operands = vmm_strdup("[FOLDER|VM]...");
	} else if (is_script(path)) {
		ask_program(path, "--help", &text);
		vmm_usage_read_help(&work->usage, vmm_buf_text(&text));
	} else {
		ask_program(path, "--dump-options", &text);
		vmm_usage_read_dump(&work->usage, vmm_buf_text(&text));
	}
}

/* --- the line --- */

/* Where in the line we are. */
struct place {
	const struct vmm_usage_option *wants; /* whose value comes next */
	bool plain;                           /* no options any more */
};

static void take_value(
    struct work *work, const struct vmm_usage_option *option, const char *value)
{
	if (strcmp(option->name, "connect") == 0 && *value) {
		free(work->typed.uri);
		work->typed.uri = vmm_strdup(value);
	}
}

/* The option that a "--NAME..." is; *VALUE is what stands behind its '='. */
static const struct vmm_usage_option *find_long(
    const struct work *work, const char *word, const char **value)
{
	size_t length = strcspn(word + 2, "=");

	*value = word[2 + length] ? word + 2 + length + 1 : NULL;
	return vmm_usage_long(&work->usage, word + 2, length);
}

/* The first option in "-rLVALUE" that takes a value; *VALUE is what follows. */
static const struct vmm_usage_option *find_letter(
    const struct work *work, const char *word, const char **value)
{
	for (const char *p = word + 1; *p; p++) {
		const struct vmm_usage_option *option =
		    vmm_usage_letter(&work->usage, *p);

		*value = p + 1;
		if (option && option->takes)
			return option;
	}
	return NULL;
}

/* Reads a word that stands before the one that is completed. */
static void pass(struct work *work, struct place *place, const char *word)
{
	const struct vmm_usage_option *option = place->wants;
	const char *value = NULL;

	place->wants = NULL;
	if (option) {
		take_value(work, option, word);
	} else if (!place->plain && strcmp(word, "--") == 0) {
		place->plain = true;
	} else if (place->plain || word[0] != '-' || !word[1]) {
		vmm_strv_take(&work->typed.operands, vmm_strdup(word));
	} else if (word[1] == '-') {
		option = find_long(work, word, &value);
		if (option && strcmp(option->name, "recursive") == 0)
			work->typed.recursive = true;
		if (option && option->takes && value)
			take_value(work, option, value);
		else if (option && option->takes && !option->optional)
			place->wants = option;
	} else {
		option = find_letter(work, word, &value);
		if (option && *value)
			take_value(work, option, value);
		else if (option)
			place->wants = option;
		if (strchr(word, 'r'))
			work->typed.recursive = true;
	}
}

/* Completes what stands behind the first KEPT bytes of WORD. */
static void begin(struct work *work, const char *word, size_t kept)
{
	work->kept = vmm_strndup(word, kept);
	work->word = vmm_strdup(word + kept);
}

static void add_value(struct work *work, const struct vmm_usage_option *option,
    const char *word, size_t kept)
{
	AUTOSTRV names = VMM_STRV_INIT;

	begin(work, word, kept);
	vmm_usage_value(option->takes, &names);
	add_kinds(work, &names);
}

static void add_options(struct work *work, const char *word)
{
	begin(work, word, 0);
	for (size_t i = 0; i < work->usage.n; i++) {
		const struct vmm_usage_option *option = &work->usage.option[i];
		AUTOFREE char *text = vmm_sprintf("--%s%s", option->name,
		    option->takes && !option->optional ? "=" : "");

		add(work, text, option->help);
	}
	if (word[1] && word[1] != '-') /* letters, and that is all there is */
		add(work, word, NULL);
}

static void finish(struct work *work, struct place *place, const char *word)
{
	const struct vmm_usage_option *option;
	AUTOSTRV names = VMM_STRV_INIT;
	const char *value = NULL;

	if (place->wants) {
		add_value(work, place->wants, word, 0);
	} else if (!place->plain && strncmp(word, "--", 2) == 0) {
		option = find_long(work, word, &value);
		if (!value)
			add_options(work, word);
		else if (option && option->takes)
			add_value(work, option, word, (size_t)(value - word));
	} else if (!place->plain && word[0] == '-') {
		option = find_letter(work, word, &value);
		if (option)
			add_value(work, option, word, (size_t)(value - word));
		else
			add_options(work, word);
	} else if (work->usage.operands) {
		begin(work, word, 0);
		vmm_usage_operand(
		    work->usage.operands, &work->typed.operands, &names);
		add_kinds(work, &names);
	}
}

/* Passes the options of vmm itself; the place of the command in WORDS, or of
 * the last word. */
static size_t pass_dispatcher(
    struct work *work, const struct vmm_strv *words, struct place *place)
{
	size_t i;

	vmm_usage_read_help(&work->usage, vmm_dispatch_usage);
	work->usage.operands = vmm_strdup("COMMAND");
	for (i = 1; i + 1 < words->n; i++) {
		if (!place->wants && words->v[i][0] != '-')
			break;
		pass(work, place, words->v[i]);
	}
	return i;
}

static void complete(struct work *work, const struct vmm_strv *words)
{
	const char *name = strrchr(words->v[0], '/');
	struct place place = {0};
	size_t i = 0;

	name = name ? name + 1 : words->v[0];
	if (strncmp(name, "vmm-", 4) == 0) {
		name += 4;
	} else {
		i = pass_dispatcher(work, words, &place);
		name = words->v[i];
	}
	if (i + 1 < words->n) {
		place = (struct place){0};
		read_usage(work, name);
		for (i++; i + 1 < words->n; i++)
			pass(work, &place, words->v[i]);
	}
	finish(work, &place, words->v[i]);
}

void vmm_complete(const struct vmm_strv *words, const struct vmm_args *args,
    struct vmm_candidates *candidates)
{
	struct work work = {.config = &args->config,
	    .report = {.program = args->program},
	    .set = VMM_SET_INIT,
	    .seen = VMM_INDEX_INIT};

	if (words->n < 2)
		return;
	/* there is nobody who could be asked, and nobody wants to be */
	unsetenv("VMM_ASKPASS");
	unsetenv("SSH_ASKPASS");
	work.typed.uri = vmm_strdup_null(args->uri);
	work.dir = vmm_dispatch_here();
	complete(&work, words);
	candidates->files = work.files && !work.n;
	vmm_index_release(&work.seen);
	for (size_t i = 0; i < work.n; i++) {
		vmm_strv_take(&candidates->word,
		    vmm_sprintf("%s%s", work.kept, work.found[i].word));
		vmm_strv_take(&candidates->help, work.found[i].help);
		free(work.found[i].word);
	}
	free(work.found);
	free(work.kept);
	free(work.word);
	free(work.dir);
	vmm_set_release(&work.set);
	vmm_conn_close(work.conn);
	vmm_usage_release(&work.usage);
	vmm_opt_release(&work.typed);
}

void vmm_candidates_release(struct vmm_candidates *candidates)
{
	vmm_strv_release(&candidates->word);
	vmm_strv_release(&candidates->help);
}
