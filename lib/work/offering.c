/* offering: hides what is asked of a host for which kind of word. */
#include "work/offering.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/parallel.h"
#include "storage/snapshot.h"
#include "storage/volume.h"
#include "work/select.h"

struct offer {
	const struct vmm_args *args;
	struct vmm_report report; /* unheard */
	struct vmm_conn *conn;
	struct vmm_set set;
	unsigned loaded; /* facts of all VMs in the set, and LOADED */
	struct vmm_candidates *found;
};

#define LOADED (1U << 31)

static void add(struct offer *offer, const char *text, const char *help)
{
	vmm_candidates_add(offer->found, text, help);
}

/* --- VMs --- */

static bool connect(struct offer *offer)
{
	AUTOERR ignored = VMM_ERR_INIT;

	if (offer->conn)
		return true;
	offer->conn = vmm_conn_open(offer->args->uri, VMM_PEEK, &ignored);
	return offer->conn;
}

static bool load(struct offer *offer, unsigned facts)
{
	unsigned listed = facts & VMM_FACT_STATE;
	AUTOERR ignored = VMM_ERR_INIT;

	if (!connect(offer))
		return false;
	if (!offer->loaded) {
		if (vmm_set_load(&offer->set, offer->conn, listed, &ignored) <
		    0)
			return false;
		offer->loaded = LOADED | listed;
	}
	if ((facts & ~offer->loaded) &&
	    vmm_set_fetch(offer->set.vm, offer->set.n, facts, &ignored) < 0)
		return false;
	offer->loaded |= facts;
	return true;
}

static void add_names(struct offer *offer)
{
	for (size_t i = 0; i < offer->set.n; i++) {
		const struct vmm_vm *vm = offer->set.vm[i];
		AUTOFREE char *name = vmm_escaped(vm->name);

		if (*name != '-') /* an option: it has a path, too */
			add(offer, name,
			    vm->facts & VMM_FACT_STATE
				? vmm_state_name(vm->state)
				: NULL);
	}
}

/* What is directly in the folder that PATH, which is escaped and absolute, is
 * in: those that begin as it does. */
static void add_in_folder(
    struct offer *offer, const char *path, bool vms, bool relative)
{
	size_t in = (size_t)(strrchr(path, '/') + 1 - path);

	if (!load(offer, VMM_FACT_STATE | VMM_FACT_META))
		return;
	for (size_t i = 0; i < offer->set.n; i++) {
		const struct vmm_vm *vm = offer->set.vm[i];
		AUTOFREE char *its =
		    vm->facts & VMM_FACT_META ? vmm_escaped(vm->path) : NULL;
		char *slash;

		if (!its || strncmp(its, path, strlen(path)) != 0)
			continue;
		slash = strchr(its + in, '/');
		if (slash)
			slash[1] = '\0';
		if (slash || vms)
			add(offer, its + relative,
			    slash ? "folder"
			    : vm->facts & VMM_FACT_STATE
				? vmm_state_name(vm->state)
				: NULL);
	}
}

/* As files are completed, a folder at a time. A first slash may be left out.
 * Where all that is left is one folder, what is in it is offered, too. */
static void add_paths(struct offer *offer, bool vms)
{
	const char *begin = offer->found->begin;
	bool relative = *begin && *begin != '/';
	AUTOFREE char *path =
	    vmm_sprintf("%s%s", *begin == '/' ? "" : "/", begin);

	if (!path[1]) {
		if (!vms)
			add(offer, "/", "folder");
		add_in_folder(offer, "/", vms, false);
		return;
	}
	add_in_folder(offer, path, vms && strchr(begin, '/'), relative);
	if (offer->found->n == 1 && offer->found->v[0].folder) {
		AUTOFREE char *below = vmm_sprintf(
		    "%s%s", relative ? "/" : "", offer->found->v[0].word);

		add_in_folder(offer, below, vms, relative);
	}
}

/* To know the folders takes a call for each VM, longer than all else: where
 * names suit they are enough, and to nothing at all "/" is the way there. */
static void add_vms(struct offer *offer)
{
	const char *begin = offer->found->begin;

	if (!load(offer, VMM_FACT_STATE))
		return;
	if (!strchr(begin, '/'))
		add_names(offer);
	if (!*begin && offer->set.n)
		add(offer, "/", "folder");
	if (!offer->found->n)
		add_paths(offer, true);
	vmm_candidates_sort(offer->found);
}

static void add_folders(struct offer *offer)
{
	add_paths(offer, false);
	vmm_candidates_sort(offer->found);
}

static void add_labels(struct offer *offer)
{
	if (!load(offer, VMM_FACT_META))
		return;
	for (size_t i = 0; i < offer->set.n; i++) {
		const struct vmm_strv *labels = &offer->set.vm[i]->meta.labels;

		for (size_t j = 0; j < labels->n; j++)
			add(offer, labels->v[j], NULL);
	}
	vmm_candidates_sort(offer->found);
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
static void add_snapshots_of(struct offer *offer, struct vmm_vm **vm, size_t n)
{
	AUTOFREE struct vmm_snapshots *snapshots =
	    vmm_calloc(n, sizeof *snapshots);
	struct asked asked = {vm, snapshots};

	if (n)
		vmm_parallel(
		    n, vmm_conn_threads(offer->conn), ask, NULL, &asked);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < snapshots[i].n; j++) {
			const struct vmm_snapxml *one =
			    snapshots[i].snapshot[j];

			add(offer, one->name,
			    n == 1 && one->description ? one->description
						       : one->state);
		}
		vmm_snapshots_release(&snapshots[i]);
	}
}

/* Of the VMs that the line names; else of all. */
static void add_snapshots(struct offer *offer)
{
	struct vmm_selection selection = {0};
	AUTOFREE struct vmm_vm **vm = NULL;
	size_t n = 0;

	if (offer->args->operands.n) {
		if (connect(offer) &&
		    vmm_select(offer->conn, offer->args, VMM_SELECT_VMS,
			VMM_SNAPSHOT_FACTS, &selection, &offer->report) == 0)
			add_snapshots_of(offer, selection.vm, selection.n);
		vmm_selection_release(&selection);
		return;
	}
	if (!load(offer, VMM_FACT_SNAPSHOTS))
		return;
	vm = vmm_calloc(offer->set.n, sizeof *vm);
	for (size_t i = 0; i < offer->set.n; i++)
		if (offer->set.vm[i]->snapshots)
			vm[n++] = offer->set.vm[i];
	add_snapshots_of(offer, vm, n);
	vmm_candidates_sort(offer->found);
}

/* --- storage --- */

static void add_pools(struct offer *offer)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOSTRV names = VMM_STRV_INIT;

	if (connect(offer) &&
	    vmm_pool_names(vmm_conn_virt(offer->conn), &names, &ignored) == 0)
		for (size_t i = 0; i < names.n; i++)
			add(offer, names.v[i], NULL);
	vmm_candidates_sort(offer->found);
}

/* --- all together --- */

static const struct {
	const char *name;
	void (*add)(struct offer *offer);
} kinds[] = {
    {"FOLDER", add_folders},
    {"LABEL", add_labels},
    {"POOL", add_pools},
    {"SNAPSHOT", add_snapshots},
    {"VM", add_vms},
};

void vmm_offer(const struct vmm_args *args, const char *kind,
    struct vmm_candidates *candidates)
{
	struct offer offer = {.args = args,
	    .report = {.program = args->program},
	    .set = VMM_SET_INIT,
	    .found = candidates};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			kinds[i].add(&offer);
	vmm_set_release(&offer.set);
	vmm_conn_close(offer.conn);
}
