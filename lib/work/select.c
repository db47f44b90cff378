/* select: hides how an operand is understood. */
#include "work/select.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "pure/pattern.h"
#include "pure/vpath.h"

/* One way to read an operand as a VM. */
struct reading {
	char *name;   /* or UUID */
	char *folder; /* NULL: in any */
	/* handles that were looked up, until the set takes them */
	virDomainPtr by_name, by_uuid;
};

struct operand {
	char *text;
	bool literal;   /* read from standard input: never a pattern */
	bool raw;       /* NUL-terminated: no escapes either */
	bool is_folder; /* a trailing slash says so */
	struct reading plain, unescaped; /* the latter's name may be NULL */
	struct vmm_group group;
	bool matched; /* before the filters */
	struct vmm_err err;
};

struct select {
	struct vmm_conn *conn;
	const struct vmm_args *args;
	enum vmm_select_mode mode;
	unsigned facts;
	struct vmm_selection *out;
	struct vmm_report *report;
	struct operand *operand;
	size_t operands;
	bool listed; /* the set holds all VMs */
};

/* --- operands --- */

static void reading_init(struct reading *reading, const char *text)
{
	const char *slash = strrchr(text, '/');

	reading->name = vmm_strdup(slash ? slash + 1 : text);
	if (slash) {
		AUTOFREE char *folder =
		    vmm_strndup(text, (size_t)(slash - text));

		reading->folder = vmm_vpath_normal(folder);
	}
}

static void reading_release(struct reading *reading)
{
	free(reading->name);
	free(reading->folder);
	if (reading->by_name)
		virDomainFree(reading->by_name);
	if (reading->by_uuid)
		virDomainFree(reading->by_uuid);
}

static void add_operand(
    struct select *select, const char *text, bool literal, bool raw)
{
	struct operand *operand;
	size_t length = strlen(text);
	AUTOFREE char *unescaped = raw ? NULL : vmm_unescape(text);

	VMM_GROW(select->operand, select->operands);
	operand = &select->operand[select->operands++];
	*operand = (struct operand){.text = vmm_strdup(text),
	    .literal = literal,
	    .raw = raw,
	    .is_folder = length && text[length - 1] == '/'};
	reading_init(&operand->plain, text);
	if (unescaped)
		reading_init(&operand->unescaped, unescaped);
}

/* Reads operands from standard input, one a line or NUL-separated. */
static int read_operands(struct select *select)
{
	bool raw = select->args->null;
	AUTOFREE char *record = NULL;
	size_t room = 0;
	ssize_t length;

	errno = 0;
	while ((length = getdelim(&record, &room, raw ? '\0' : '\n', stdin)) >=
	       0) {
		if (length && record[length - 1] == (raw ? '\0' : '\n'))
			record[--length] = '\0';
		if (strlen(record) < (size_t)length)
			vmm_report_failure(select->report, VMM_FAILED,
			    "'%s' goes on after a NUL byte; read NUL-separated "
			    "operands with -0",
			    record);
		else if (length)
			add_operand(select, record, true, raw);
	}
	if (ferror(stdin)) {
		vmm_report_failure(select->report, VMM_FAILED,
		    "cannot read standard input: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/* "ALIAS:/..." is kept for VMs of several hosts. */
static bool is_reserved(const char *text)
{
	const char *colon = strstr(text, ":/");
	AUTOFREE char *name = NULL;

	if (!colon || colon == text)
		return false;
	name = vmm_strndup(text, (size_t)(colon - text));
	return !strchr(name, '/') && vmm_conn_is_alias(name);
}

static int take_operands(struct select *select)
{
	const struct vmm_strv *given = &select->args->operands;

	for (size_t i = 0; i < given->n; i++) {
		if (strcmp(given->v[i], "-") == 0) {
			if (read_operands(select) < 0)
				return -1;
		} else {
			add_operand(select, given->v[i], false, false);
		}
	}
	if (!given->n && select->mode == VMM_SELECT_TREE)
		add_operand(select, "/", true, true);
	for (size_t i = 0; i < select->operands; i++) {
		struct operand *operand = &select->operand[i];

		if (is_reserved(operand->text))
			vmm_err_set(&operand->err, VMM_FAILED,
			    "'%s': VMs of several hosts in one command do not "
			    "work yet; give the host with -c",
			    operand->text);
		else if (!*operand->text)
			vmm_err_set(&operand->err, VMM_FAILED,
			    "an empty operand names no VM");
	}
	return 0;
}

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
	return vmm_set_fetch(wanted, n, VMM_FACT_META, err);
}

/* Lists all VMs, and reads the folders of those that can pass. */
static int list_all(struct select *select, struct vmm_err *err)
{
	unsigned facts = state_facts(select->args);
	struct vmm_set *set = &select->out->set;

	if (select->listed)
		return 0;
	if (vmm_set_load(set, select->conn, facts | select->facts, err) < 0 ||
	    vmm_set_fetch(set->vm, set->n, facts, err) < 0 ||
	    fetch_meta_where(select, true, err) < 0)
		return -1;
	select->listed = true;
	return 0;
}

static bool is_uuid(const char *text)
{
	unsigned digits = 0;

	for (; *text; text++) {
		if (strchr("0123456789abcdefABCDEF", *text))
			digits++;
		else if (*text != '-')
			return false;
	}
	return digits == 32;
}

/* In a worker: two calls at most. */
static int look_up(
    struct vmm_conn *conn, struct reading *reading, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(conn);

	if (!reading->name || !*reading->name)
		return 0;
	reading->by_name = virDomainLookupByName(virt, reading->name);
	if (!reading->by_name && vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		return vmm_fault(err, virt);
	if (reading->folder || !is_uuid(reading->name))
		return 0;
	reading->by_uuid = virDomainLookupByUUIDString(virt, reading->name);
	if (!reading->by_uuid && vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		return vmm_fault(err, virt);
	return 0;
}

static void look_up_operand(size_t i, void *arg)
{
	struct select *select = arg;
	struct operand *operand = &select->operand[i];

	if (operand->err.status || operand->is_folder)
		return;
	if (look_up(select->conn, &operand->plain, &operand->err) == 0)
		look_up(select->conn, &operand->unescaped, &operand->err);
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

	vmm_parallel(select->operands, vmm_conn_threads(select->conn),
	    look_up_operand, NULL, select);
	for (size_t i = 0; i < select->operands; i++) {
		struct operand *operand = &select->operand[i];

		if (operand->err.status == VMM_NOCONN)
			return vmm_err_set(
			    err, VMM_NOCONN, "%s", operand->err.text);
		intern(select, &operand->plain.by_name);
		intern(select, &operand->plain.by_uuid);
		intern(select, &operand->unescaped.by_name);
		intern(select, &operand->unescaped.by_uuid);
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

/* The VM that READING means; *ELSEWHERE is one of that name in another
 * folder. */
static struct vmm_vm *vm_of(struct select *select,
    const struct reading *reading, const struct vmm_vm **elsewhere)
{
	struct vmm_vm *vm;
	AUTOERR ignored = VMM_ERR_INIT;

	if (!reading->name || !*reading->name)
		return NULL;
	vm = vmm_set_by_name(&select->out->set, reading->name);
	/* its state may have kept it from having a folder so far */
	if (!vm || vmm_set_fetch(&vm, 1, VMM_FACT_META, &ignored) < 0 ||
	    vm->gone)
		return NULL;
	if (!reading->folder || !has_path(vm) ||
	    strcmp(reading->folder, vm->meta.folder) == 0)
		return vm;
	*elsewhere = vm;
	return NULL;
}

static struct vmm_vm *vm_of_uuid(
    struct select *select, const struct reading *reading)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	size_t n = 0;

	if (!reading->name || reading->folder || !is_uuid(reading->name))
		return NULL;
	/* to libvirt's own spelling: lower case, 8-4-4-4-12 */
	for (const char *p = reading->name; *p; p++) {
		if (*p == '-')
			continue;
		if (n == 8 || n == 13 || n == 18 || n == 23)
			uuid[n++] = '-';
		uuid[n++] = (char)(*p >= 'A' && *p <= 'F' ? *p + 32 : *p);
	}
	return vmm_set_by_uuid(&select->out->set, uuid);
}

static const char *path_of(const struct vmm_vm *vm)
{
	return vm->path ? vm->path : vm->name;
}

/* Resolves an operand that is exactly one VM. Where two are meant neither is
 * taken: acting on the wrong one cannot be undone. */
static void resolve_exact(struct select *select, struct operand *operand,
    const struct vmm_vm **elsewhere)
{
	enum {
		by_name,
		by_uuid,
		by_unescaped
	};
	struct vmm_vm *meant[] = {
	    [by_name] = vm_of(select, &operand->plain, elsewhere),
	    [by_uuid] = vm_of_uuid(select, &operand->plain),
	    [by_unescaped] = vm_of(select, &operand->unescaped, elsewhere),
	};
	struct vmm_vm *vm = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(meant); i++) {
		if (!meant[i] || meant[i] == vm)
			continue;
		if (vm) {
			vmm_err_set(&operand->err, VMM_FAILED,
			    "'%s' can mean '%s' (%s) and '%s' (%s); name one "
			    "by its %s",
			    operand->text, path_of(vm), vm->uuid,
			    path_of(meant[i]), meant[i]->uuid,
			    i == by_uuid ? "path" : "UUID");
			return;
		}
		vm = meant[i];
	}
	if (!vm)
		return;
	operand->matched = true;
	group_add(&operand->group, vm);
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
    struct select *select, struct operand *operand, const char *folder)
{
	const struct vmm_set *set = &select->out->set;

	operand->matched = true;
	operand->group.folder = vmm_strdup(folder);
	for (size_t i = 0; i < set->n; i++)
		if (has_path(set->vm[i]) &&
		    vmm_vpath_within(set->vm[i]->meta.folder, folder))
			group_add(&operand->group, set->vm[i]);
}

/* A folder as it was typed, or with its escapes undone. */
static bool try_folder(struct select *select, struct operand *operand)
{
	AUTOFREE char *unescaped =
	    operand->raw ? NULL : vmm_unescape(operand->text);
	const char *spelling[] = {operand->text, unescaped};

	for (size_t i = 0; i < ARRAY_SIZE(spelling); i++) {
		AUTOFREE char *folder =
		    spelling[i] ? vmm_vpath_normal(spelling[i]) : NULL;

		if (folder && folder_exists(select, folder)) {
			take_folder(select, operand, folder);
			return true;
		}
	}
	return false;
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

static void try_pattern(struct select *select, struct operand *operand)
{
	const struct vmm_set *set = &select->out->set;
	AUTOFREE char *path = vmm_vpath_normal(operand->text);
	bool by_path = strchr(operand->text, '/') != NULL;

	for (size_t i = 0; i < set->n; i++) {
		struct vmm_vm *vm = set->vm[i];
		bool matches;

		if (!has_path(vm))
			continue;
		if (operand->is_folder)
			matches = matches_folder(path, vm->meta.folder);
		else if (by_path)
			matches = vmm_pattern_match(path, vm->path);
		else
			matches = vmm_pattern_match(operand->text, vm->name);
		if (matches)
			group_add(&operand->group, vm);
	}
	operand->matched = operand->group.n > 0;
}

/* Whether the operand may be a folder although nothing marks it as one. */
static bool may_be_folder(
    const struct select *select, const struct operand *operand)
{
	return strchr(operand->text, '/') &&
	       (select->mode == VMM_SELECT_TREE || select->args->recursive);
}

static bool wants_listing(
    const struct select *select, const struct operand *operand)
{
	return operand->is_folder || may_be_folder(select, operand);
}

static void refuse_folder(struct operand *operand)
{
	size_t length = strlen(operand->text);

	while (length && operand->text[length - 1] == '/')
		length--;
	vmm_err_set(&operand->err, VMM_FAILED,
	    "'%s' is a folder; -r takes every VM below it, '%.*s/*' those "
	    "directly in it",
	    operand->text, (int)length, operand->text);
}

/* Understands one operand with what the set holds now. */
static void resolve(struct select *select, struct operand *operand,
    const struct vmm_vm **elsewhere)
{
	if (operand->err.status || operand->matched)
		return;
	if (select->mode == VMM_SELECT_TREE && wants_listing(select, operand) &&
	    try_folder(select, operand))
		return;
	if (operand->is_folder) {
		if (!try_folder(select, operand) && !operand->literal &&
		    vmm_pattern_is(operand->text))
			try_pattern(select, operand);
		if (operand->matched && select->mode == VMM_SELECT_VMS &&
		    !select->args->recursive)
			refuse_folder(operand);
		return;
	}
	resolve_exact(select, operand, elsewhere);
	if (operand->matched || operand->err.status || !select->listed)
		return;
	if ((may_be_folder(select, operand) || select->args->recursive ||
		select->mode == VMM_SELECT_TREE) &&
	    try_folder(select, operand))
		return;
	if (!operand->literal && vmm_pattern_is(operand->text))
		try_pattern(select, operand);
}

static bool unresolved(const struct operand *operand)
{
	return !operand->err.status && !operand->matched;
}

/* Says why OPERAND is nothing. */
static void explain(struct select *select, struct operand *operand,
    const struct vmm_vm *elsewhere)
{
	AUTOFREE char *folder = vmm_vpath_normal(operand->text);

	if (operand->is_folder)
		vmm_err_set(
		    &operand->err, VMM_FAILED, "no folder '%s'", operand->text);
	else if (elsewhere)
		vmm_err_set(&operand->err, VMM_FAILED,
		    "no VM '%s'; '%s' is at '%s'", operand->text,
		    elsewhere->name, elsewhere->path);
	else if (select->mode == VMM_SELECT_VMS &&
		 folder_exists(select, folder))
		refuse_folder(operand);
	else if (!operand->literal && vmm_pattern_is(operand->text))
		vmm_err_set(&operand->err, VMM_FAILED, "no VM matches '%s'",
		    operand->text);
	else
		vmm_err_set(&operand->err, VMM_FAILED, "no %s '%s'",
		    select->mode == VMM_SELECT_TREE ? "VM or folder" : "VM",
		    operand->text);
}

static int resolve_all(struct select *select, struct vmm_err *err)
{
	AUTOFREE const struct vmm_vm **elsewhere =
	    vmm_calloc(select->operands, sizeof *elsewhere);
	bool missing = false;

	for (size_t i = 0; i < select->operands; i++)
		if (!select->operand[i].err.status &&
		    wants_listing(select, &select->operand[i])) {
			if (list_all(select, err) < 0)
				return -1;
			break;
		}
	if (!select->listed && look_up_all(select, err) < 0)
		return -1;
	for (size_t i = 0; i < select->operands; i++) {
		resolve(select, &select->operand[i], &elsewhere[i]);
		missing = missing || unresolved(&select->operand[i]);
	}
	if (!missing)
		return 0;
	/* patterns, and folders without a slash: these need all VMs */
	if (list_all(select, err) < 0)
		return -1;
	missing = false;
	for (size_t i = 0; i < select->operands; i++) {
		resolve(select, &select->operand[i], &elsewhere[i]);
		missing = missing || unresolved(&select->operand[i]);
	}
	if (!missing)
		return 0;
	/* what the state filter keeps out still counts as matched */
	if (fetch_meta_where(select, false, err) < 0)
		return -1;
	for (size_t i = 0; i < select->operands; i++) {
		resolve(select, &select->operand[i], &elsewhere[i]);
		if (unresolved(&select->operand[i]))
			explain(select, &select->operand[i], elsewhere[i]);
	}
	return 0;
}

/* --- filters, and the result --- */

static bool passes(const struct vmm_vm *vm, const struct vmm_args *args)
{
	if (!has_path(vm) || !passes_state(vm, args))
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

	for (size_t i = 0; i < select->operands; i++) {
		struct vmm_group *group = &select->operand[i].group;

		if (vmm_set_fetch(group->vm, group->n,
			state_facts(select->args) | VMM_FACT_META, err) < 0)
			return -1;
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
	for (size_t i = 0; i < select->operands; i++) {
		struct operand *operand = &select->operand[i];

		if (operand->err.status) {
			vmm_report_err(select->report, &operand->err);
			continue;
		}
		drop_incomplete(&operand->group, facts);
		for (size_t j = 0; j < operand->group.n; j++)
			collect(out, &taken, operand->group.vm[j]);
		if (!operand->group.n && !operand->group.folder)
			continue;
		VMM_GROW(out->group, out->groups);
		out->group[out->groups++] = operand->group;
		operand->group = (struct vmm_group){0};
	}
	vmm_index_release(&taken);
	return 0;
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
			vmm_report_failure(select->report, vm->err.status,
			    "cannot read '%s': %s", path_of(vm), vm->err.text);
		if (!vm->meta.trouble)
			continue;
		many = odd != NULL;
		if (!odd || strcmp(vm->name, odd->name) < 0)
			odd = vm;
	}
	if (odd)
		vmm_report_warning(select->report,
		    "the vmm metadata of '%s'%s is malformed (%s): see "
		    "vmm-metadata(7)",
		    odd->name, many ? " and of others" : "", odd->meta.trouble);
}

static void operand_release(struct operand *operand)
{
	free(operand->text);
	reading_release(&operand->plain);
	reading_release(&operand->unescaped);
	free(operand->group.folder);
	free(operand->group.vm);
	vmm_err_release(&operand->err);
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
	AUTOERR err = VMM_ERR_INIT;
	int result = take_operands(&select);

	if (result == 0 && select.operands) {
		if (resolve_all(&select, &err) < 0 ||
		    finish(&select, &err) < 0) {
			vmm_report_err(report, &err);
			result = -1;
		} else {
			report_troubles(&select);
		}
	}
	for (size_t i = 0; i < select.operands; i++)
		operand_release(&select.operand[i]);
	free(select.operand);
	return result;
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
