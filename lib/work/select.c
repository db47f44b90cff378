/* select: hides how operands become VMs, and in which calls. */
#include "work/select.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "pure/pattern.h"
#include "pure/uuid.h"
#include "pure/vpath.h"
#include "work/operand.h"

/* An wanted, and what it turned out to name. */
struct wanted {
	const struct vmm_operand *in;
	/* handles that were looked up, until the set takes them */
	virDomainPtr by_name, by_uuid, by_unescaped;
	const struct vmm_vm *elsewhere; /* of that name, in another folder */
	struct vmm_group group;
	bool matched;       /* before the filters */
	bool exact;         /* it is one VM, as it was named */
	bool vanished;      /* it was one, and went while we looked */
	struct vmm_err err; /* why it is not taken */
};

struct select {
	struct vmm_conn *conn;
	const struct vmm_args *args;
	enum vmm_select_mode mode;
	unsigned facts;
	struct vmm_selection *out;
	struct vmm_report *report;
	struct wanted *wanted;
	size_t n;
	bool all_filed; /* the folders of all VMs of the host were read */
	char **unknown; /* takes a UUID that no VM has; else NULL */
};

/* --- the set: everything, or one by one --- */

static bool passes_state(const struct vmm_vm *vm, const struct vmm_args *args)
{
	if (!args->states && !args->saved)
		return true;
	return (args->states & 1U << vm->state) || (args->saved && vm->saved);
}

static unsigned state_facts(const struct vmm_args *args)
{
	return (args->states ? (unsigned)VMM_FACT_STATE : 0U) |
	       (args->saved ? (unsigned)VMM_FACT_SAVED : 0U);
}

static int fetch_meta_where(
    struct select *select, bool passing, struct vmm_err *err)
{
	struct vmm_set *set = &select->out->set;
	AUTOFREE struct vmm_vm **wanted = vmm_calloc(set->n, sizeof *wanted);
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		if (passes_state(set->vm[i], select->args) == passing)
			wanted[n++] = set->vm[i];
	if (vmm_set_fetch(wanted, n, VMM_FACT_META, err) < 0)
		return -1;
	select->all_filed = !passing || n == set->n;
	return 0;
}

/* Lists all VMs, and reads the folders of those that can pass. */
static int list_all(struct select *select, struct vmm_err *err)
{
	unsigned facts = state_facts(select->args);
	struct vmm_set *set = &select->out->set;

	if (select->out->whole)
		return 0;
	if (vmm_set_load(set, select->conn, facts | select->facts, err) < 0 ||
	    vmm_set_fetch(set->vm, set->n, facts, err) < 0 ||
	    fetch_meta_where(select, true, err) < 0)
		return -1;
	select->out->whole = true;
	return 0;
}

/* Looks NAME up by LOOKUP; *FOUND stays NULL where there is no such VM. */
static int look_up(virConnectPtr virt, const char *name,
    virDomainPtr (*lookup)(virConnectPtr virt, const char *name),
    virDomainPtr *found, struct vmm_err *err)
{
	if (!name || !*name)
		return 0;
	*found = lookup(virt, name);
	if (*found || vmm_fault_code() == VIR_ERR_NO_DOMAIN)
		return 0;
	vmm_fault(err, virt);
	if (err->status == VMM_NOCONN)
		return -1;
	/* whoever pipes in megabytes knows what they were */
	return vmm_err_prefix(err, "cannot look up '%.200s': ", name);
}

/* In a worker. */
static void look_up_wanted(size_t i, void *arg)
{
	const struct select *select = arg;
	struct wanted *wanted = &select->wanted[i];
	const struct vmm_reading *plain = &wanted->in->plain;
	virConnectPtr virt = vmm_conn_virt(select->conn);
	AUTOFREE char *uuid =
	    plain->folder || !plain->name ? NULL : vmm_uuid_normal(plain->name);

	if (wanted->err.status || wanted->in->is_folder ||
	    look_up(virt, plain->name, virDomainLookupByName, &wanted->by_name,
		&wanted->err) < 0 ||
	    look_up(virt, wanted->in->unescaped.name, virDomainLookupByName,
		&wanted->by_unescaped, &wanted->err) < 0)
		return;
	if (uuid)
		(void)!look_up(virt, uuid, virDomainLookupByUUIDString,
		    &wanted->by_uuid, &wanted->err);
}

static void intern(struct select *select, virDomainPtr *domain)
{
	if (*domain)
		vmm_set_add(&select->out->set, select->conn, TAKE_PTR(*domain));
}

/* Looks the operands up one by one, and reads the folders of what there is. */
static int look_up_all(struct select *select, struct vmm_err *err)
{
	struct vmm_set *set = &select->out->set;

	vmm_parallel(select->n, vmm_conn_threads(select->conn), look_up_wanted,
	    NULL, select);
	for (size_t i = 0; i < select->n; i++) {
		struct wanted *wanted = &select->wanted[i];

		if (wanted->err.status == VMM_NOCONN)
			return vmm_err_set(
			    err, VMM_NOCONN, "%s", wanted->err.text);
		intern(select, &wanted->by_name);
		intern(select, &wanted->by_uuid);
		intern(select, &wanted->by_unescaped);
	}
	return vmm_set_fetch(set->vm, set->n, VMM_FACT_META, err);
}

/* --- from operands to VMs, in what the set holds --- */

static void group_add(struct vmm_group *group, struct vmm_vm *vm)
{
	VMM_GROW(group->vm, group->n);
	group->vm[group->n++] = vm;
}

static int compare_vms(const void *a, const void *b)
{
	const struct vmm_vm *x = *(struct vmm_vm *const *)a;
	const struct vmm_vm *y = *(struct vmm_vm *const *)b;

	return vmm_vpath_cmp(x->meta.folder, x->name, y->meta.folder, y->name);
}

static bool has_path(const struct vmm_vm *vm)
{
	return !vm->gone && (vm->facts & VMM_FACT_META);
}

/* The VM that READING means. One of that name in another folder is noted, and
 * so is one that has just gone. */
static struct vmm_vm *vm_of(struct select *select, struct wanted *wanted,
    const struct vmm_reading *reading)
{
	struct vmm_vm *vm;
	AUTOERR ignored = VMM_ERR_INIT;

	if (!reading->name || !*reading->name)
		return NULL;
	vm = vmm_set_by_name(&select->out->set, reading->name);
	/* its state may have kept it from having a folder so far */
	if (!vm || vmm_set_fetch(&vm, 1, VMM_FACT_META, &ignored) < 0)
		return NULL;
	if (vm->gone) {
		wanted->vanished = true;
		return NULL;
	}
	if (reading->folder && !has_path(vm)) {
		vmm_err_move(&wanted->err, &vm->err);
		vmm_err_prefix(
		    &wanted->err, "cannot read '%s': ", wanted->in->text);
		return NULL;
	}
	if (!reading->folder || strcmp(reading->folder, vm->meta.folder) == 0)
		return vm;
	wanted->elsewhere = vm;
	return NULL;
}

static struct vmm_vm *vm_of_uuid(
    struct select *select, const struct vmm_reading *reading)
{
	AUTOFREE char *uuid = reading->name && !reading->folder
				  ? vmm_uuid_normal(reading->name)
				  : NULL;

	return uuid ? vmm_set_by_uuid(&select->out->set, uuid) : NULL;
}

/* How a message names VM; to be freed. */
static char *path_of(const struct vmm_vm *vm)
{
	return vmm_escaped(vm->path ? vm->path : vm->name);
}

static void refuse_vanished(struct wanted *wanted)
{
	vmm_err_set(&wanted->err, VMM_FAILED,
	    "no VM '%s': it vanished just now", wanted->in->text);
}

static void refuse_two(struct wanted *wanted, const struct vmm_vm *one,
    const struct vmm_vm *other, const char *way)
{
	AUTOFREE char *path = path_of(one);
	AUTOFREE char *other_path = path_of(other);

	vmm_err_set(&wanted->err, VMM_FAILED,
	    "'%s' can mean '%s' (%s) and '%s' (%s); name one by its %s",
	    wanted->in->text, path, one->uuid, other_path, other->uuid, way);
}

/* Resolves an operand that is exactly one VM. Where two are meant neither is
 * taken: acting on the wrong one cannot be undone. */
static void resolve_exact(struct select *select, struct wanted *wanted)
{
	enum {
		by_name,
		by_uuid,
		by_unescaped
	};
	struct vmm_vm *meant[] = {
	    [by_name] = vm_of(select, wanted, &wanted->in->plain),
	    [by_uuid] = vm_of_uuid(select, &wanted->in->plain),
	    [by_unescaped] = vm_of(select, wanted, &wanted->in->unescaped),
	};
	struct vmm_vm *vm = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(meant); i++) {
		if (!meant[i] || meant[i] == vm)
			continue;
		if (vm) {
			refuse_two(wanted, vm, meant[i],
			    i == by_uuid ? "path" : "UUID");
			return;
		}
		vm = meant[i];
	}
	if (vm) {
		wanted->matched = wanted->exact = true;
		group_add(&wanted->group, vm);
	} else if (wanted->vanished) {
		/* never to be taken for a folder or a pattern now */
		refuse_vanished(wanted);
	}
}

static bool folder_exists(const struct select *select, const char *folder)
{
	const struct vmm_set *set = &select->out->set;

	if (strcmp(folder, "/") == 0)
		return true;
	for (size_t i = 0; i < set->n; i++)
		if (has_path(set->vm[i]) &&
		    vmm_vpath_within(set->vm[i]->meta.folder, folder))
			return true;
	return false;
}

static void take_folder(
    struct select *select, struct wanted *wanted, const char *folder)
{
	const struct vmm_set *set = &select->out->set;

	wanted->matched = true;
	wanted->group.folder = vmm_strdup(folder);
	for (size_t i = 0; i < set->n; i++)
		if (has_path(set->vm[i]) &&
		    vmm_vpath_within(set->vm[i]->meta.folder, folder))
			group_add(&wanted->group, set->vm[i]);
}

/* The folder that SPELLING (or NULL) means, if there is one; to be freed. Only
 * what has a slash can be the root: what is nothing must not be everything. */
static char *folder_of(const struct select *select, const char *spelling)
{
	AUTOFREE char *folder = spelling && strchr(spelling, '/')
				    ? vmm_vpath_normal(spelling)
				: spelling ? vmm_vpath_join("/", spelling)
					   : NULL;

	if (!folder || !folder_exists(select, folder))
		return NULL;
	return TAKE_PTR(folder);
}

/* A folder as it was typed, or with its escapes undone. Returns whether it was
 * either, or both, which is refused; or whether that is not known, for the
 * folders of VMs that the state filter keeps out were not read yet. */
static bool try_folder(struct select *select, struct wanted *wanted)
{
	const char *text = wanted->in->text;
	AUTOFREE char *undone = wanted->in->raw ? NULL : vmm_unescape(text);
	AUTOFREE char *plain = folder_of(select, text);
	AUTOFREE char *unescaped = folder_of(select, undone);

	if (plain && unescaped)
		vmm_err_set(&wanted->err, VMM_FAILED,
		    "'%s' can mean two folders, with its backslashes as they "
		    "are and undone; give the right one to - with -0",
		    text);
	else if (plain || unescaped)
		take_folder(select, wanted, plain ? plain : unescaped);
	return plain || unescaped || !select->all_filed;
}

/* Whether PATTERN matches FOLDER or a folder that it is in. */
static bool matches_folder(const char *pattern, const char *folder)
{
	AUTOFREE char *part = vmm_strdup(folder);
	char *slash;

	do {
		if (vmm_pattern_match(pattern, part))
			return true;
		slash = strrchr(part, '/');
		*slash = '\0';
	} while (slash != part);
	return false;
}

/* The pattern with single slashes, the first one included; white space stays,
 * names may have it. To be freed. */
static char *path_pattern(const struct vmm_operand *operand)
{
	AUTOBUF out = VMM_BUF_INIT;

	vmm_buf_addc(&out, '/');
	for (const char *p = operand->text; *p; p++)
		if (*p != '/' || out.text[out.length - 1] != '/')
			vmm_buf_addc(&out, *p);
	if (operand->is_folder && out.length > 1)
		out.text[--out.length] = '\0';
	return vmm_buf_take(&out);
}

static void try_pattern(struct select *select, struct wanted *wanted)
{
	const struct vmm_set *set = &select->out->set;
	AUTOFREE char *path = path_pattern(wanted->in);
	bool by_path = strchr(wanted->in->text, '/') != NULL;

	for (size_t i = 0; i < set->n; i++) {
		struct vmm_vm *vm = set->vm[i];
		bool matches;

		if (!has_path(vm))
			continue;
		if (wanted->in->is_folder)
			matches = matches_folder(path, vm->meta.folder);
		else if (by_path)
			matches = vmm_pattern_match(path, vm->path);
		else
			matches = vmm_pattern_match(wanted->in->text, vm->name);
		if (matches)
			group_add(&wanted->group, vm);
	}
	wanted->matched = wanted->group.n > 0;
}

/* Whether the operand may be a folder although nothing marks it as one. */
static bool may_be_folder(
    const struct select *select, const struct wanted *wanted)
{
	return strchr(wanted->in->text, '/') &&
	       (select->mode == VMM_SELECT_TREE || select->args->recursive);
}

static bool wants_listing(
    const struct select *select, const struct wanted *wanted)
{
	return wanted->in->is_folder || may_be_folder(select, wanted);
}

static void refuse_folder(const struct select *select, struct wanted *wanted)
{
	size_t length = strlen(wanted->in->text);

	if (select->unknown) {
		vmm_err_set(&wanted->err, VMM_FAILED,
		    "'%s' is a folder, and has no clones", wanted->in->text);
		return;
	}
	if (select->mode == VMM_SELECT_FOLDERS) {
		vmm_err_set(&wanted->err, VMM_FAILED,
		    "'%s' is a folder; it is written '%s/'", wanted->in->text,
		    wanted->in->text);
		return;
	}

	while (length && wanted->in->text[length - 1] == '/')
		length--;
	vmm_err_set(&wanted->err, VMM_FAILED,
	    "'%s' is a folder; -r takes every VM below it, '%.*s/*' those "
	    "directly in it",
	    wanted->in->text, (int)length, wanted->in->text);
}

/* Understands one operand with what the set holds now. */
static void resolve(struct select *select, struct wanted *wanted)
{
	if (wanted->err.status || wanted->matched)
		return;
	if (select->mode == VMM_SELECT_TREE && wants_listing(select, wanted) &&
	    try_folder(select, wanted))
		return;
	if (wanted->in->is_folder) {
		if (!try_folder(select, wanted) && !wanted->in->literal &&
		    select->mode != VMM_SELECT_FOLDERS &&
		    vmm_pattern_is(wanted->in->text))
			try_pattern(select, wanted);
		if (wanted->matched && select->mode == VMM_SELECT_VMS &&
		    !select->args->recursive)
			refuse_folder(select, wanted);
		return;
	}
	resolve_exact(select, wanted);
	if (wanted->matched || wanted->err.status || !select->out->whole)
		return;
	if ((may_be_folder(select, wanted) || select->args->recursive ||
		select->mode == VMM_SELECT_TREE) &&
	    try_folder(select, wanted))
		return;
	if (!wanted->in->literal && vmm_pattern_is(wanted->in->text))
		try_pattern(select, wanted);
}

static bool unresolved(const struct wanted *wanted)
{
	return !wanted->err.status && !wanted->matched;
}

static void refuse_elsewhere(
    struct wanted *wanted, const struct vmm_vm *elsewhere)
{
	AUTOFREE char *name = vmm_escaped(elsewhere->name);
	AUTOFREE char *path = path_of(elsewhere);

	vmm_err_set(&wanted->err, VMM_FAILED, "no VM '%s'; '%s' is at '%s'",
	    wanted->in->text, name, path);
}

/* Says why the operand is nothing. */
static void explain(struct select *select, struct wanted *wanted)
{
	const struct vmm_vm *elsewhere = wanted->elsewhere;
	AUTOFREE char *folder = vmm_vpath_normal(wanted->in->text);

	if (wanted->in->is_folder)
		vmm_err_set(&wanted->err, VMM_FAILED, "no folder '%s'",
		    wanted->in->text);
	else if (elsewhere)
		refuse_elsewhere(wanted, elsewhere);
	else if (select->mode != VMM_SELECT_TREE &&
		 folder_exists(select, folder))
		refuse_folder(select, wanted);
	else if (!wanted->in->literal && vmm_pattern_is(wanted->in->text))
		vmm_err_set(&wanted->err, VMM_FAILED, "no VM matches '%s'",
		    wanted->in->text);
	else
		vmm_err_set(&wanted->err, VMM_FAILED, "no %s '%s'",
		    select->mode == VMM_SELECT_TREE ? "VM or folder" : "VM",
		    wanted->in->text);
}

/* Understands all operands with what the set holds now; returns whether some
 * are still missing. */
static bool resolve_with_set(struct select *select)
{
	bool missing = false;

	for (size_t i = 0; i < select->n; i++) {
		resolve(select, &select->wanted[i]);
		missing = missing || unresolved(&select->wanted[i]);
	}
	return missing;
}

/* Whether all that is missing is a UUID, and that is welcome. */
static bool take_unknown(struct select *select)
{
	struct wanted *wanted = select->wanted;

	if (!select->unknown || select->n != 1 || !unresolved(wanted))
		return false;
	*select->unknown = vmm_uuid_normal(wanted->in->text);
	wanted->matched = *select->unknown != NULL;
	return wanted->matched;
}

static int resolve_all(struct select *select, struct vmm_err *err)
{
	bool listing = false;

	for (size_t i = 0; i < select->n; i++)
		listing =
		    listing || (!select->wanted[i].err.status &&
				   wants_listing(select, &select->wanted[i]));
	if ((listing ? list_all(select, err) : look_up_all(select, err)) < 0)
		return -1;
	if (!resolve_with_set(select) || take_unknown(select))
		return 0;
	/* patterns, and folders without a slash: these need all VMs */
	if (list_all(select, err) < 0)
		return -1;
	if (!resolve_with_set(select))
		return 0;
	/* what the state filter keeps out still counts as matched */
	if (fetch_meta_where(select, false, err) < 0)
		return -1;
	resolve_with_set(select);
	for (size_t i = 0; i < select->n; i++)
		if (unresolved(&select->wanted[i]))
			explain(select, &select->wanted[i]);
	return 0;
}

/* --- filters, and the result --- */

static bool passes(const struct vmm_vm *vm, const struct vmm_args *args)
{
	if (!has_path(vm) || !passes_state(vm, args))
		return false;
	if (args->origin &&
	    (!vm->meta.origin || strcmp(vm->meta.origin, args->origin) != 0))
		return false;
	for (size_t i = 0; i < args->labels.n; i++)
		if (!vmm_strv_has(&vm->meta.labels, args->labels.v[i]))
			return false;
	for (size_t i = 0; i < args->no_labels.n; i++)
		if (vmm_strv_has(&vm->meta.labels, args->no_labels.v[i]))
			return false;
	return true;
}

static void filter(struct vmm_group *group, const struct vmm_args *args)
{
	size_t kept = 0;

	for (size_t i = 0; i < group->n; i++)
		if (passes(group->vm[i], args))
			group->vm[kept++] = group->vm[i];
	group->n = kept;
}

static void drop_incomplete(struct vmm_group *group, unsigned facts)
{
	size_t kept = 0;

	for (size_t i = 0; i < group->n; i++)
		if (!group->vm[i]->gone &&
		    (group->vm[i]->facts & facts) == facts)
			group->vm[kept++] = group->vm[i];
	group->n = kept;
}

static void collect(
    struct vmm_selection *out, struct vmm_index *taken, struct vmm_vm *vm)
{
	if (vmm_index_find(taken, vm->uuid))
		return;
	vmm_index_add(taken, vm->uuid, vm);
	VMM_GROW(out->vm, out->n);
	out->vm[out->n++] = vm;
}

/* Fetches what the filters need for all that was named, filters, and fetches
 * the rest for what is left. */
static int finish(struct select *select, struct vmm_err *err)
{
	struct vmm_selection *out = select->out;
	struct vmm_index taken = VMM_INDEX_INIT;
	unsigned facts = select->facts | VMM_FACT_META;

	for (size_t i = 0; i < select->n; i++) {
		struct wanted *wanted = &select->wanted[i];
		struct vmm_group *group = &wanted->group;

		if (vmm_set_fetch(group->vm, group->n,
			state_facts(select->args) | VMM_FACT_META, err) < 0)
			return -1;
		if (wanted->exact && group->n && group->vm[0]->gone)
			refuse_vanished(wanted);
		filter(group, select->args);
		if (group->n > 1)
			qsort(group->vm, group->n, sizeof(struct vmm_vm *),
			    compare_vms);
		for (size_t j = 0; j < group->n; j++)
			collect(out, &taken, group->vm[j]);
	}
	vmm_index_release(&taken);
	if (vmm_set_fetch(out->vm, out->n, facts, err) < 0)
		return -1;
	out->n = 0;
	for (size_t i = 0; i < select->n; i++) {
		struct wanted *wanted = &select->wanted[i];

		if (wanted->exact && wanted->group.n &&
		    wanted->group.vm[0]->gone)
			refuse_vanished(wanted);
		if (wanted->err.status) {
			vmm_report_err(select->report, &wanted->err);
			continue;
		}
		drop_incomplete(&wanted->group, facts);
		for (size_t j = 0; j < wanted->group.n; j++)
			collect(out, &taken, wanted->group.vm[j]);
		if (!wanted->group.n && !wanted->group.folder)
			continue;
		VMM_GROW(out->group, out->groups);
		out->group[out->groups++] = wanted->group;
		wanted->group = (struct vmm_group){0};
	}
	vmm_index_release(&taken);
	return 0;
}

static void report_unread(struct vmm_report *report, const struct vmm_vm *vm)
{
	AUTOFREE char *path = path_of(vm);

	vmm_report_failure(
	    report, vm->err.status, "cannot read '%s': %s", path, vm->err.text);
}

/* Facts that could not be had, and metadata that is not as it should be. */
static void report_troubles(struct select *select)
{
	const struct vmm_set *set = &select->out->set;
	const struct vmm_vm *odd = NULL;
	bool many = false;

	for (size_t i = 0; i < set->n; i++) {
		const struct vmm_vm *vm = set->vm[i];

		if (vm->err.status && !vm->gone)
			report_unread(select->report, vm);
		if (!vm->meta.trouble)
			continue;
		many = odd != NULL;
		if (!odd || strcmp(vm->name, odd->name) < 0)
			odd = vm;
	}
	if (odd) {
		AUTOFREE char *name = vmm_escaped(odd->name);

		vmm_report_warning(select->report,
		    "the vmm metadata of '%s'%s is malformed (%s); "
		    "'vmm fsck --repair' mends it",
		    name, many ? " and of others" : "", odd->meta.trouble);
	}
}

static void wanted_release(struct wanted *wanted)
{
	if (wanted->by_name)
		virDomainFree(wanted->by_name);
	if (wanted->by_uuid)
		virDomainFree(wanted->by_uuid);
	if (wanted->by_unescaped)
		virDomainFree(wanted->by_unescaped);
	free(wanted->group.folder);
	free(wanted->group.vm);
	vmm_err_release(&wanted->err);
}

static int select_wanted(struct select *select, struct vmm_err *err)
{
	if (!select->n)
		return 0;
	if (resolve_all(select, err) < 0 || finish(select, err) < 0)
		return -1;
	report_troubles(select);
	return 0;
}

static int select_all(struct select *select)
{
	AUTOOPERANDS operands = {0};
	AUTOERR err = VMM_ERR_INIT;
	int result = vmm_operands_take(
	    &operands, select->args, select->mode == VMM_SELECT_TREE, &err);

	select->n = operands.n;
	select->wanted = vmm_calloc(operands.n, sizeof *select->wanted);
	for (size_t i = 0; i < operands.n; i++) {
		select->wanted[i].in = &operands.operand[i];
		vmm_err_move(&select->wanted[i].err, &operands.operand[i].err);
	}
	if (result == 0)
		result = select_wanted(select, &err);
	if (result < 0)
		vmm_report_err(select->report, &err);
	for (size_t i = 0; i < select->n; i++)
		wanted_release(&select->wanted[i]);
	free(select->wanted);
	return result;
}

int vmm_select(struct vmm_conn *conn, const struct vmm_args *args,
    enum vmm_select_mode mode, unsigned facts, struct vmm_selection *selection,
    struct vmm_report *report)
{
	struct select select = {.conn = conn,
	    .args = args,
	    .mode = mode,
	    .facts = facts,
	    .out = selection,
	    .report = report};

	return select_all(&select);
}

char *vmm_select_uuid(struct vmm_conn *conn, const char *text,
    const char *option, struct vmm_report *report)
{
	struct vmm_args args = {0};
	struct vmm_selection selection = {0};
	char *uuid = NULL;
	struct select select = {.conn = conn,
	    .args = &args,
	    .mode = VMM_SELECT_VMS,
	    .out = &selection,
	    .report = report,
	    .unknown = &uuid};

	vmm_strv_take(&args.operands, vmm_strdup(text));
	if (select_all(&select) == 0 && !uuid) {
		if (selection.n == 1)
			uuid = vmm_strdup(selection.vm[0]->uuid);
		else if (!vmm_report_failed(report))
			vmm_report_failure(report, VMM_FAILED,
			    "'%s' is %zu VMs; %s takes one", text, selection.n,
			    option);
	}
	vmm_strv_release(&args.operands);
	vmm_selection_release(&selection);
	return uuid;
}

void vmm_selection_release(struct vmm_selection *selection)
{
	for (size_t i = 0; i < selection->groups; i++) {
		free(selection->group[i].folder);
		free(selection->group[i].vm);
	}
	free(selection->group);
	free(selection->vm);
	vmm_set_release(&selection->set);
	*selection = (struct vmm_selection){0};
}
