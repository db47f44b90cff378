/* screen: hides which lines a screen has, and what it asks libvirt for them. */
#include "work/screen.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/index.h"
#include "libvirt/fault.h"
#include "libvirt/uri.h"
#include "pure/uuid.h"
#include "pure/vpath.h"
#include "storage/chain.h"
#include "storage/snapshot.h"
#include "work/line.h"
#include "work/tree.h"

#define TEXT VMM_VERB_TEXT
#define CONFIRM VMM_VERB_CONFIRM
#define LONG VMM_VERB_LONG
#define MANY VMM_VERB_MANY

/* A screen on its way to its lines. */
struct work {
	const struct vmm_screen *screen;
	struct vmm_lines lines;
	struct vmm_set set;
};

static void add(const struct work *work, const char *key, const char *verb,
    unsigned flags, const char *label)
{
	vmm_line_add(&work->lines, key, verb, flags, label);
}

static const char *operand(const struct work *work, size_t i)
{
	return work->screen->operands->v[i];
}

/* --- all VMs --- */

static int compare_paths(const void *a, const void *b)
{
	const struct vmm_vm *vm_a = *(struct vmm_vm *const *)a;
	const struct vmm_vm *vm_b = *(struct vmm_vm *const *)b;

	return vmm_vpath_cmp(
	    vm_a->meta.folder, vm_a->name, vm_b->meta.folder, vm_b->name);
}

/* All VMs in the order of a listing; those that vanish meanwhile, or cannot be
 * read, are left out: a menu is no place to hear of them. */
static int load_all(struct work *work, unsigned facts, struct vmm_err *err)
{
	struct vmm_set *set = &work->set;
	size_t kept = 0;

	facts |= VMM_FACT_META;
	if (vmm_set_load(set, work->screen->conn, facts, err) < 0 ||
	    vmm_set_fetch(set->vm, set->n, facts, err) < 0)
		return -1;
	for (size_t i = 0; i < set->n; i++) {
		struct vmm_vm *vm = set->vm[i];

		if (vm->gone || (vm->facts & facts) != facts)
			continue;
		set->vm[i] = set->vm[kept];
		set->vm[kept++] = vm;
	}
	if (kept > 1)
		qsort(set->vm, kept, sizeof(struct vmm_vm *), compare_paths);
	/* the others stay behind those that are listed, to be released */
	return (int)kept;
}

/* The number of VMs under each name, in the order in which they came. */
struct tally {
	struct vmm_index seen;
	struct counted {
		char *name;
		size_t count;
	} * *counted;
	size_t n;
};

static void count(struct tally *tally, const char *name)
{
	struct counted *counted = vmm_index_find(&tally->seen, name);

	if (!counted) {
		counted = vmm_calloc(1, sizeof *counted);
		counted->name = vmm_strdup(name);
		vmm_index_add(&tally->seen, counted->name, counted);
		VMM_GROW(tally->counted, tally->n);
		tally->counted[tally->n++] = counted;
	}
	counted->count++;
}

static int compare_names(const void *a, const void *b)
{
	return vmm_natural_cmp((*(struct counted *const *)a)->name,
	    (*(struct counted *const *)b)->name);
}

static void tally_sort(struct tally *tally)
{
	if (tally->n)
		qsort(tally->counted, tally->n, sizeof *tally->counted,
		    compare_names);
}

static void tally_release(struct tally *tally)
{
	vmm_index_release(&tally->seen);
	for (size_t i = 0; i < tally->n; i++) {
		free(tally->counted[i]->name);
		free(tally->counted[i]);
	}
	free(tally->counted);
}

#define AUTOTALLY CLEANUP(tally_release) struct tally

/* Counts the VM in its folder and all above it, the root too. */
static void count_folders(struct tally *tally, const char *folder)
{
	AUTOFREE char *part = vmm_strdup(folder);
	char *slash;

	while (part[1]) {
		count(tally, part);
		slash = strrchr(part, '/');
		slash[slash == part] = '\0';
	}
	count(tally, "/");
}

/* --- lists --- */

static int write_main(struct work *work, struct vmm_err *err)
{
	int n = load_all(work, VMM_SCREEN_FACTS, err);
	AUTOFREE char *uri = NULL;
	AUTOFREE char *all = NULL;
	AUTOFREE char *host = NULL;

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++)
		if (vmm_state_is_active(work->set.vm[i]->state))
			vmm_line_vm(&work->lines, work->set.vm[i],
			    work->set.vm[i]->path);
	all = vmm_sprintf("Browse all (%d)", n);
	uri = vmm_uri_resolve(work->screen->args->uri);
	host = vmm_sprintf("Connection: %s", uri);
	add(work, NULL, "screen all", 0, all);
	add(work, NULL, "screen folders", 0, "Folders");
	add(work, NULL, "screen labels", 0, "Labels");
	add(work, NULL, "create", 0, "Create a VM");
	add(work, NULL, "screen connections", 0, host);
	return 0;
}

static int write_all(struct work *work, struct vmm_err *err)
{
	int n = load_all(work, VMM_SCREEN_FACTS, err);

	for (int i = 0; i < n; i++)
		vmm_line_vm(
		    &work->lines, work->set.vm[i], work->set.vm[i]->path);
	return n < 0 ? -1 : 0;
}

static int write_folder(struct work *work, struct vmm_err *err)
{
	AUTOFREE char *folder = vmm_vpath_normal(operand(work, 0));
	AUTOFREE char *key = vmm_sprintf("%s%s", folder, folder[1] ? "/" : "");
	AUTOTALLY steps = {0};
	int n = load_all(work, VMM_SCREEN_FACTS, err);

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		const char *in = work->set.vm[i]->meta.folder;
		AUTOFREE char *step = NULL;

		if (strcmp(in, folder) == 0 || !vmm_vpath_within(in, folder))
			continue;
		step = vmm_vpath_step(in, folder);
		count(&steps, step);
	}
	for (size_t i = 0; i < steps.n; i++)
		vmm_line_folder(&work->lines, steps.counted[i]->name,
		    "screen folder {}",
		    strrchr(steps.counted[i]->name, '/') + 1,
		    steps.counted[i]->count);
	for (int i = 0; i < n; i++)
		if (strcmp(work->set.vm[i]->meta.folder, folder) == 0)
			vmm_line_vm(&work->lines, work->set.vm[i],
			    work->set.vm[i]->name);
	add(work, key, "create --folder={}", 0, "Create a VM here");
	return 0;
}

static int write_folders(struct work *work, struct vmm_err *err)
{
	AUTOTALLY folders = {0};
	int n = load_all(work, 0, err);

	if (n < 0)
		return -1;
	count(&folders, "/");
	folders.counted[0]->count = 0;
	for (int i = 0; i < n; i++)
		count_folders(&folders, work->set.vm[i]->meta.folder);
	tally_sort(&folders);
	for (size_t i = 0; i < folders.n; i++)
		vmm_line_folder(&work->lines, folders.counted[i]->name,
		    "screen folder {}", folders.counted[i]->name,
		    folders.counted[i]->count);
	return 0;
}

static int write_label(struct work *work, struct vmm_err *err)
{
	int n = load_all(work, VMM_SCREEN_FACTS, err);

	for (int i = 0; i < n; i++)
		if (vmm_strv_has(
			&work->set.vm[i]->meta.labels, operand(work, 0)))
			vmm_line_vm(&work->lines, work->set.vm[i],
			    work->set.vm[i]->path);
	return n < 0 ? -1 : 0;
}

static void count_labels(
    struct tally *labels, struct vmm_vm *const *vm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < vm[i]->meta.labels.n; j++)
			count(labels, vm[i]->meta.labels.v[j]);
}

static int write_labels(struct work *work, struct vmm_err *err)
{
	AUTOTALLY labels = {0};
	int n = load_all(work, 0, err);

	if (n < 0)
		return -1;
	count_labels(&labels, work->set.vm, (size_t)n);
	tally_sort(&labels);
	for (size_t i = 0; i < labels.n; i++)
		vmm_line_label(&work->lines, labels.counted[i]->name,
		    "screen label {}", labels.counted[i]->count);
	return 0;
}

/* --- some VMs --- */

static virDomainPtr look_up(const struct work *work, const char *text)
{
	virConnectPtr virt = vmm_conn_virt(work->screen->conn);
	AUTOFREE char *uuid = vmm_uuid_normal(text);

	return uuid ? virDomainLookupByUUIDString(virt, uuid)
		    : virDomainLookupByName(virt, text);
}

/* The VMs that the operands name, each with FACTS and nothing left out. */
static int load_named(struct work *work, unsigned facts, struct vmm_err *err)
{
	struct vmm_set *set = &work->set;

	for (size_t i = 0; i < work->screen->operands->n; i++) {
		virDomainPtr domain = look_up(work, operand(work, i));

		if (!domain && vmm_fault_code() == VIR_ERR_NO_DOMAIN)
			return vmm_err_set(
			    err, VMM_FAILED, "no VM '%s'", operand(work, i));
		if (!domain)
			return vmm_fault(
			    err, vmm_conn_virt(work->screen->conn));
		vmm_set_add(set, work->screen->conn, domain);
	}
	if (vmm_set_fetch(set->vm, set->n, facts, err) < 0)
		return -1;
	for (size_t i = 0; i < set->n; i++) {
		if (set->vm[i]->gone)
			return vmm_err_set(
			    err, VMM_FAILED, "no VM '%s'", set->vm[i]->name);
		if ((set->vm[i]->facts & facts) != facts) {
			vmm_err_move(err, &set->vm[i]->err);
			return vmm_err_prefix(
			    err, "cannot read '%s': ", set->vm[i]->name);
		}
	}
	return 0;
}

/* Whether a disk that it writes to stands on another file. */
static bool stands_on_another(struct vmm_vm *vm)
{
	for (size_t i = 0; i < vm->xml->disks; i++) {
		struct vmm_disk *disk = &vm->xml->disk[i];

		if (disk->readonly || !disk->layers)
			continue;
		if (disk->layers < 2 && !disk->chain_known)
			free(vmm_chain_read(vmm_conn_virt(vm->conn), disk));
		if (disk->layers > 1)
			return true;
	}
	return false;
}

static struct vmm_situation situation_of(struct vmm_vm *vm)
{
	return (struct vmm_situation){.phase = vmm_phase_of(vm),
	    .snapshots = vm->snapshots,
	    .display = vm->xml->displays > 0,
	    .console = vm->xml->console && strcmp(vm->xml->console, "pty") == 0,
	    .overlay = stands_on_another(vm),
	    .autostart = vm->autostart,
	    .transient = !vm->persistent};
}

/* The verb takes all VMs of the screen. */
struct verbs {
	const struct work *work;
	const char *key;
};

static void add_verb(const struct vmm_verb *verb, void *arg)
{
	const struct verbs *verbs = arg;

	add(verbs->work, verbs->key, verb->verb, verb->flags, verb->label);
}

static int write_vm(struct work *work, struct vmm_err *err)
{
	AUTOFREE struct vmm_situation *situation = NULL;
	AUTOBUF key = VMM_BUF_INIT;
	struct verbs verbs = {work, NULL};

	if (load_named(work,
		VMM_SCREEN_FACTS | VMM_FACT_SNAPSHOTS | VMM_FACT_AUTOSTART |
		    VMM_FACT_PERSISTENT | VMM_FACT_XML,
		err) < 0)
		return -1;
	situation = vmm_calloc(work->set.n, sizeof *situation);
	for (size_t i = 0; i < work->set.n; i++) {
		situation[i] = situation_of(work->set.vm[i]);
		vmm_buf_addf(&key, "%s%s", i ? " " : "", work->set.vm[i]->uuid);
	}
	verbs.key = vmm_buf_text(&key);
	vmm_verbs_for(situation, work->set.n, add_verb, &verbs);
	return 0;
}

/* --- choosers --- */

static int write_snapshots_with(
    struct work *work, const char *verb, unsigned flags, struct vmm_err *err)
{
	CLEANUP(vmm_snapshots_release) struct vmm_snapshots snapshots = {0};
	AUTOFREE struct vmm_node *node = NULL;
	AUTOSTRV marks = VMM_STRV_INIT;
	AUTOBUF tree = VMM_BUF_INIT;

	if (load_named(work, VMM_SNAPSHOT_FACTS, err) < 0 ||
	    vmm_snapshot_list(work->set.vm[0], &snapshots, err) < 0)
		return -1;
	node = vmm_calloc(snapshots.n, sizeof *node);
	for (size_t i = 0; i < snapshots.n; i++) {
		const struct vmm_snapxml *snapshot = snapshots.snapshot[i];
		AUTOBUF mark = VMM_BUF_INIT;
		time_t created = (time_t)snapshot->created;
		char when[sizeof "2026-11-25 01:02"] = "";
		struct tm local;

		if (localtime_r(&created, &local))
			strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
		vmm_buf_addf(&mark, "  %s  ", when);
		if (snapshot->state)
			vmm_escapes(&mark, snapshot->state);
		if (snapshots.current &&
		    strcmp(snapshots.current, snapshot->name) == 0)
			vmm_buf_adds(&mark, "  * current");
		/* whose line it is: the tree has an order of its own */
		vmm_buf_addf(&mark, "\t%zu", i);
		vmm_strv_take(&marks, vmm_buf_take(&mark));
		node[i] = (struct vmm_node){.key = snapshot->name,
		    .parent = snapshot->parent,
		    .name = snapshot->name};
	}
	for (size_t i = 0; i < snapshots.n; i++)
		node[i].mark = marks.v[i];
	vmm_tree_draw(node, snapshots.n, VMM_TREE_FLUSH, &tree);
	for (char *line = tree.text, *tab, *next;
	     line && (tab = strchr(line, '\t')); line = next) {
		size_t i = strtoul(tab + 1, &next, 10);

		*tab = '\0';
		next = strchr(next, '\n') + 1;
		vmm_line_add_ready(&work->lines, snapshots.snapshot[i]->name,
		    verb, flags, line);
	}
	return 0;
}

static int write_snapshots(struct work *work, struct vmm_err *err)
{
	return write_snapshots_with(
	    work, "revert --to={} {vm}", CONFIRM | LONG, err);
}

static int write_snapshots_delete(struct work *work, struct vmm_err *err)
{
	return write_snapshots_with(
	    work, "snapshot --delete={} {vm}", CONFIRM | LONG, err);
}

/* All VMs, of which those that operands name are put into *NAMED, to be freed;
 * returns how many these are. */
static int load_all_and_named(
    struct work *work, struct vmm_vm ***named, size_t *all, struct vmm_err *err)
{
	const struct vmm_strv *operands = work->screen->operands;
	int n = load_all(work, 0, err);
	size_t found = 0;

	if (n < 0)
		return -1;
	*all = (size_t)n;
	*named = vmm_calloc(operands->n, sizeof **named);
	for (size_t i = 0; i < operands->n; i++) {
		AUTOFREE char *uuid = vmm_uuid_normal(operands->v[i]);
		struct vmm_vm *vm =
		    uuid ? vmm_set_by_uuid(&work->set, uuid)
			 : vmm_set_by_name(&work->set, operands->v[i]);

		if (!vm || !vm->meta.folder)
			return vmm_err_set(
			    err, VMM_FAILED, "no VM '%s'", operands->v[i]);
		(*named)[found++] = vm;
	}
	return (int)found;
}

static int write_destinations(struct work *work, struct vmm_err *err)
{
	AUTOTALLY folders = {0};
	AUTOFREE struct vmm_vm **named = NULL;
	size_t all = 0;
	int n = load_all_and_named(work, &named, &all, err);

	if (n < 0)
		return -1;
	for (size_t i = 0; i < all; i++)
		count_folders(&folders, work->set.vm[i]->meta.folder);
	tally_sort(&folders);
	for (size_t i = 0; i < folders.n; i++) {
		bool there = true;

		for (int j = 0; j < n; j++)
			there = there && strcmp(named[j]->meta.folder,
					     folders.counted[i]->name) == 0;
		if (!there)
			vmm_line_folder(&work->lines, folders.counted[i]->name,
			    "mv -- {vm} {}", folders.counted[i]->name,
			    folders.counted[i]->count);
	}
	add(work, NULL, "mv -- {vm} /{text}", TEXT, "Another folder ...");
	return 0;
}

static int write_labels_of(struct work *work, struct vmm_err *err)
{
	AUTOTALLY theirs = {0};
	AUTOTALLY labels = {0};
	AUTOFREE struct vmm_vm **named = NULL;
	size_t all = 0;
	int n = load_all_and_named(work, &named, &all, err);

	if (n < 0)
		return -1;
	count_labels(&theirs, named, (size_t)n);
	count_labels(&labels, work->set.vm, all);
	tally_sort(&theirs);
	tally_sort(&labels);
	for (size_t i = 0; i < theirs.n; i++) {
		AUTOFREE char *label =
		    vmm_sprintf("- delete %s", theirs.counted[i]->name);

		add(work, theirs.counted[i]->name, "label --delete={} -- {vm}",
		    0, label);
	}
	for (size_t i = 0; i < labels.n; i++) {
		const char *name = labels.counted[i]->name;
		const struct counted *has = vmm_index_find(&theirs.seen, name);
		AUTOFREE char *label = vmm_sprintf("+ add %s", name);

		if (!has || has->count < (size_t)n)
			add(work, name, "label --add={} -- {vm}", 0, label);
	}
	add(work, NULL, "label --add={text} -- {vm}", TEXT, "A new label ...");
	return 0;
}

/* A name that no VM has. */
static char *free_name(const struct vmm_set *set, const char *name)
{
	AUTOFREE char *clone = vmm_sprintf("%s-clone", name);

	for (unsigned i = 2; vmm_set_by_name(set, clone); i++) {
		free(clone);
		clone = vmm_sprintf("%s-clone%u", name, i);
	}
	return TAKE_PTR(clone);
}

static int write_clone_with(struct work *work, const char *verb,
    const char *verb_text, struct vmm_err *err)
{
	AUTOFREE struct vmm_vm **named = NULL;
	AUTOFREE char *name = NULL;
	size_t all = 0;

	if (load_all_and_named(work, &named, &all, err) < 0)
		return -1;
	name = free_name(&work->set, named[0]->name);
	add(work, name, verb, LONG, name);
	add(work, NULL, verb_text, TEXT | LONG, "Another name ...");
	return 0;
}

static int write_clone(struct work *work, struct vmm_err *err)
{
	return write_clone_with(
	    work, "clone -- {vm} {}", "clone -- {vm} {text}", err);
}

static int write_clone_linked(struct work *work, struct vmm_err *err)
{
	return write_clone_with(work, "clone --linked -- {vm} {}",
	    "clone --linked -- {vm} {text}", err);
}

static void add_host(const struct work *work, struct vmm_index *seen,
    const char *name, const char *uri, const char *current)
{
	AUTOFREE char *label = vmm_sprintf("%s%s%s%s", name ? name : "",
	    name ? "  " : "", uri, strcmp(uri, current) == 0 ? "  *" : "");

	if (!vmm_index_find(seen, uri))
		add(work, uri, "use {}", 0, label);
	vmm_index_add(seen, uri, seen);
}

static int write_connections(struct work *work, struct vmm_err *err)
{
	struct vmm_index seen = VMM_INDEX_INIT;
	AUTOSTRV aliases = VMM_STRV_INIT;
	AUTOSTRV names = VMM_STRV_INIT;
	const struct vmm_args *args = work->screen->args;
	AUTOFREE char *current = vmm_uri_resolve(args->uri);
	const char *configured = vmm_config_get(&args->config, "core.uri");
	AUTOFREE char *ours =
	    vmm_uri_resolve(configured && *configured ? configured : NULL);

	(void)err;
	vmm_uri_aliases(&names, &aliases);
	for (size_t i = 0; i < names.n; i++)
		add_host(work, &seen, names.v[i], aliases.v[i], current);
	add_host(work, &seen, NULL, ours, current);
	add_host(work, &seen, NULL, "qemu:///system", current);
	add_host(work, &seen, NULL, "qemu:///session", current);
	add_host(work, &seen, NULL, current, current);
	add(work, NULL, "use {text}", TEXT, "Another one ...");
	vmm_index_release(&seen);
	return 0;
}

/* --- screens --- */

static const struct vmm_screen_kind {
	const char *name;
	const char *operand; /* NULL: none */
	bool many;           /* operands */
	bool hostless;
	int (*write)(struct work *work, struct vmm_err *err);
} kinds[] = {
    {"main", NULL, false, false, write_main},
    {"all", NULL, false, false, write_all},
    {"folder", "FOLDER", false, false, write_folder},
    {"folders", NULL, false, false, write_folders},
    {"label", "LABEL", false, false, write_label},
    {"labels", NULL, false, false, write_labels},
    {"vm", "VM", true, false, write_vm},
    {"snapshots", "VM", false, false, write_snapshots},
    {"snapshots-delete", "VM", false, false, write_snapshots_delete},
    {"destinations", "VM", true, false, write_destinations},
    {"labels-of", "VM", true, false, write_labels_of},
    {"clone", "VM", false, false, write_clone},
    {"clone-linked", "VM", false, false, write_clone_linked},
    {"connections", NULL, false, true, write_connections},
    {"at", "FOLDER|VM", true, false, NULL},
};

static const struct vmm_screen_kind *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

void vmm_screen_take(struct vmm_screen *screen,
    const struct vmm_command *command, struct vmm_args *args)
{
	struct vmm_strv *operands = &args->operands;
	const struct vmm_screen_kind *kind =
	    operands->n ? find(operands->v[0]) : NULL;
	AUTOBUF known = VMM_BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		vmm_buf_addf(&known, "%s%s", i ? ", " : "", kinds[i].name);
	if (!operands->n)
		vmm_opt_usage(command, "which screen? known are %s",
		    vmm_buf_text(&known));
	if (!kind)
		vmm_opt_usage(command, "unknown screen '%s'; known are %s",
		    operands->v[0], vmm_buf_text(&known));
	free(operands->v[0]);
	memmove(operands->v, operands->v + 1, operands->n-- * sizeof(char *));
	if (!kind->operand && operands->n)
		vmm_opt_usage(
		    command, "the screen %s takes no operand", kind->name);
	if (kind->operand && (!operands->n || (operands->n > 1 && !kind->many)))
		vmm_opt_usage(command, "the screen %s takes %s %s", kind->name,
		    kind->many ? "at least one" : "one", kind->operand);
	screen->kind = kind;
	screen->operands = operands;
	screen->args = args;
}

char *vmm_screen_takes(void)
{
	AUTOBUF out = VMM_BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		vmm_buf_addf(&out, "%s%s%s%s%s", i ? " | " : "", kinds[i].name,
		    kinds[i].operand ? " " : "",
		    kinds[i].operand ? kinds[i].operand : "",
		    kinds[i].many ? "..." : "");
	return vmm_buf_take(&out);
}

bool vmm_screen_needs_host(const struct vmm_screen *screen)
{
	return !screen->kind->hostless;
}

bool vmm_screen_selects(const struct vmm_screen *screen)
{
	return !screen->kind->write;
}

void vmm_screen_at(const struct vmm_screen *screen,
    const struct vmm_selection *selection, struct vmm_buf *out)
{
	const struct vmm_lines lines = {
	    out, screen->icons, screen->args->color};

	for (size_t i = 0; i < selection->groups; i++) {
		const struct vmm_group *group = &selection->group[i];

		if (group->folder)
			vmm_line_folder(&lines, group->folder,
			    "screen folder {}", group->folder, group->n);
		for (size_t j = 0; !group->folder && j < group->n; j++)
			vmm_line_vm(&lines, group->vm[j], group->vm[j]->path);
	}
}

int vmm_screen_write(
    const struct vmm_screen *screen, struct vmm_buf *out, struct vmm_err *err)
{
	struct work work = {
	    screen, {out, screen->icons, screen->args->color}, VMM_SET_INIT};
	int result = screen->kind->write(&work, err);

	vmm_set_release(&work.set);
	return result;
}
