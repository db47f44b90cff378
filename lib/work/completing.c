/* completing: hides how a command line is read that is not ended yet. */
#include "work/completing.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "base/alloc.h"
#include "libvirt/state.h"
#include "libvirt/uri.h"
#include "pure/settings.h"
#include "pure/usage.h"
#include "work/asking.h"
#include "work/dispatch.h"

struct work {
	char *dir; /* where commands live */
	struct vmm_usage usage;
	struct vmm_args typed; /* what the line says so far */
	const struct vmm_config *config;
	const char *kind; /* of what is being added */
	struct vmm_completion *made;
};

static void add(struct work *work, const char *text, const char *help)
{
	vmm_candidates_add(&work->made->found, text, help);
}

/* --- kinds --- */

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
		add(work, names.v[i], uris.v[i]);
	if (ours)
		add(work, ours, "core.uri");
	add(work, "qemu:///system", NULL);
	add(work, "qemu:///session", NULL);
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
	work->made->files = true;
}

static void add_of_host(struct work *work)
{
	vmm_ask_host(work->dir, &work->typed, work->kind, &work->made->found);
}

static const struct kind {
	const char *name;
	void (*add)(struct work *work);
} kinds[] = {
    {"COL", add_columns},
    {"COMMAND", add_commands},
    {"DIR", add_files},
    {"FILE", add_files},
    {"FOLDER", add_of_host},
    {"KEY", add_settings},
    {"LABEL", add_of_host},
    {"PICKER", add_pickers},
    {"POOL", add_of_host},
    {"SNAPSHOT", add_of_host},
    {"STATE", add_states},
    {"URI", add_hosts},
    {"VM", add_of_host},
};

/* A list with commas: what stands before the last one stays. */
static void keep_list(struct work *work)
{
	const char *comma = strrchr(work->made->word, ',');
	AUTOFREE char *kept = NULL;

	if (!comma)
		return;
	kept = vmm_sprintf("%s%.*s", work->made->kept,
	    (int)(comma + 1 - work->made->word), work->made->word);
	memmove(work->made->word, comma + 1, strlen(comma + 1) + 1);
	free(work->made->kept);
	work->made->kept = TAKE_PTR(kept);
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
		    strncmp(kinds[i].name, name, length) == 0) {
			work->kind = kinds[i].name;
			kinds[i].add(work);
		}
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

/* Whatever is not ours takes VMs, we suppose, and is not asked. */
static void read_usage(struct work *work, const char *command)
{
	AUTOFREE char *path = vmm_dispatch_program(work->dir, command);

	vmm_usage_release(&work->usage);
	if (path)
		vmm_ask_usage(path, &work->usage);
	else
		work->usage.operands = vmm_strdup("[FOLDER|VM]...");
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
	work->made->kept = vmm_strndup(word, kept);
	work->made->word = vmm_strdup(word + kept);
	work->made->found.begin = work->made->word;
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
    struct vmm_completion *completion)
{
	struct work work = {.config = &args->config, .made = completion};

	if (words->n < 2)
		return;
	/* there is nobody who could be asked, and nobody wants to be */
	unsetenv("VMM_ASKPASS");
	unsetenv("SSH_ASKPASS");
	/* ssh has one of its own, which it starts where a desktop is */
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	work.typed.uri = vmm_strdup_null(args->uri);
	work.dir = vmm_dispatch_here();
	complete(&work, words);
	completion->files = completion->files && !completion->found.n;
	free(work.dir);
	vmm_usage_release(&work.usage);
	vmm_opt_release(&work.typed);
}

void vmm_completion_release(struct vmm_completion *completion)
{
	vmm_candidates_release(&completion->found);
	free(completion->kept);
	free(completion->word);
}
