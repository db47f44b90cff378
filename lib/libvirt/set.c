/* set: hides which libvirt call gives which fact at the least cost. */
#include "libvirt/set.h"

#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "pure/vpath.h"

/* A listing of all costs about as much as this many calls for single VMs. */
#define FEW 4

static void vm_free(struct vmm_vm *vm)
{
	virDomainFree(vm->domain);
	vmm_meta_release(&vm->meta);
	vmm_domxml_free(vm->xml);
	vmm_err_release(&vm->err);
	free(vm->path);
	free(vm);
}

struct vmm_vm *vmm_set_add(
    struct vmm_set *set, struct vmm_conn *conn, virDomainPtr domain)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	struct vmm_vm *vm;
	unsigned id;

	virDomainGetUUIDString(domain, uuid);
	vm = vmm_set_by_uuid(set, uuid);
	if (vm) {
		virDomainFree(domain);
		return vm;
	}
	vm = vmm_calloc(1, sizeof *vm);
	id = virDomainGetID(domain);
	vm->conn = conn;
	vm->domain = domain;
	vm->name = virDomainGetName(domain);
	memcpy(vm->uuid, uuid, sizeof uuid);
	vm->id = id == (unsigned)-1 ? -1 : (int)id;
	VMM_GROW(set->vm, set->n);
	set->vm[set->n++] = vm;
	vmm_index_add(&set->names, vm->name, vm);
	vmm_index_add(&set->uuids, vm->uuid, vm);
	return vm;
}

struct vmm_vm *vmm_set_by_name(const struct vmm_set *set, const char *name)
{
	return vmm_index_find(&set->names, name);
}

struct vmm_vm *vmm_set_by_uuid(const struct vmm_set *set, const char *uuid)
{
	return vmm_index_find(&set->uuids, uuid);
}

void vmm_set_release(struct vmm_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		vm_free(set->vm[i]);
	free(set->vm);
	vmm_index_release(&set->names);
	vmm_index_release(&set->uuids);
	*set = (struct vmm_set)VMM_SET_INIT;
}

/* --- all at once --- */

static int load_plain(
    struct vmm_set *set, struct vmm_conn *conn, struct vmm_err *err)
{
	virDomainPtr *list = NULL;
	int n = virConnectListAllDomains(vmm_conn_virt(conn), &list, 0);

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(conn));
	for (int i = 0; i < n; i++)
		vmm_set_add(set, conn, list[i]);
	free(list);
	return 0;
}

static void take_state(struct vmm_vm *vm, virDomainStatsRecordPtr record)
{
	if (virTypedParamsGetInt(record->params, record->nparams, "state.state",
		&vm->state) != 1)
		return;
	virTypedParamsGetInt(
	    record->params, record->nparams, "state.reason", &vm->reason);
	vm->facts |= VMM_FACT_STATE;
}

int vmm_set_load(struct vmm_set *set, struct vmm_conn *conn, unsigned facts,
    struct vmm_err *err)
{
	virDomainStatsRecordPtr *records = NULL;
	int n;

	if (!(facts & VMM_FACT_STATE))
		return load_plain(set, conn, err);
	n = virConnectGetAllDomainStats(
	    vmm_conn_virt(conn), VIR_DOMAIN_STATS_STATE, &records, 0);
	if (n < 0 && vmm_fault_code() == VIR_ERR_NO_SUPPORT)
		return load_plain(set, conn, err); /* not every driver can */
	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(conn));
	for (int i = 0; i < n; i++) {
		virDomainRef(records[i]->dom);
		take_state(vmm_set_add(set, conn, records[i]->dom), records[i]);
	}
	virDomainStatsRecordListFree(records);
	return 0;
}

/* Facts that one listing with a filter gives for all VMs. */
static const struct {
	enum vmm_fact fact;
	unsigned filter; /* virConnectListAllDomainsFlags */
	size_t member;   /* where it stands in struct vmm_vm */
	bool listed; /* its value for the VMs that the filter lets through */
} listings[] = {
    {VMM_FACT_SAVED, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
	offsetof(struct vmm_vm, saved), true},
    {VMM_FACT_SNAPSHOTS, VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT,
	offsetof(struct vmm_vm, snapshots), true},
    {VMM_FACT_AUTOSTART, VIR_CONNECT_LIST_DOMAINS_AUTOSTART,
	offsetof(struct vmm_vm, autostart), true},
    {VMM_FACT_PERSISTENT, VIR_CONNECT_LIST_DOMAINS_TRANSIENT,
	offsetof(struct vmm_vm, persistent), false},
};

static bool *flag_of(struct vmm_vm *vm, size_t member)
{
	return (bool *)((char *)vm + member);
}

/* Fetches listings[WHICH] for those of the N VMs at VM that are CONN's. */
static int fetch_listing(struct vmm_vm **vm, size_t n, struct vmm_conn *conn,
    size_t which, struct vmm_err *err)
{
	struct vmm_index mine = VMM_INDEX_INIT;
	char uuid[VIR_UUID_STRING_BUFLEN];
	virDomainPtr *list = NULL;
	int listed = virConnectListAllDomains(
	    vmm_conn_virt(conn), &list, listings[which].filter);

	if (listed < 0)
		return vmm_fault(err, vmm_conn_virt(conn));
	for (size_t i = 0; i < n; i++) {
		if (vm[i]->conn != conn)
			continue;
		if (listed)
			vmm_index_add(&mine, vm[i]->uuid, vm[i]);
		*flag_of(vm[i], listings[which].member) =
		    !listings[which].listed;
		vm[i]->facts |= listings[which].fact;
	}
	for (int i = 0; i < listed; i++) {
		struct vmm_vm *found = NULL;

		if (virDomainGetUUIDString(list[i], uuid) == 0)
			found = vmm_index_find(&mine, uuid);
		if (found)
			*flag_of(found, listings[which].member) =
			    listings[which].listed;
		virDomainFree(list[i]);
	}
	free(list);
	vmm_index_release(&mine);
	return 0;
}

/* --- one VM --- */

/* What became of a call for one VM. */
static void vm_fault(struct vmm_vm *vm)
{
	if (vmm_fault_code() == VIR_ERR_NO_DOMAIN)
		vm->gone = true;
	else
		vmm_fault(&vm->err, vmm_conn_virt(vm->conn));
}

static void fetch_state(struct vmm_vm *vm)
{
	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) < 0)
		vm_fault(vm);
	else
		vm->facts |= VMM_FACT_STATE;
}

/* Takes the result of a call that answers 0 or 1, or more for many. A driver
 * that does not know the concept has none. */
static void take_flag(
    struct vmm_vm *vm, bool *flag, enum vmm_fact fact, int answer)
{
	if (answer < 0 && vmm_fault_code() == VIR_ERR_NO_SUPPORT)
		answer = 0;
	if (answer < 0) {
		vm_fault(vm);
		return;
	}
	*flag = answer > 0;
	vm->facts |= fact;
}

static void fetch_flags(struct vmm_vm *vm, unsigned facts)
{
	int value = 0;

	if (facts & VMM_FACT_SAVED)
		take_flag(vm, &vm->saved, VMM_FACT_SAVED,
		    virDomainHasManagedSaveImage(vm->domain, 0));
	if (facts & VMM_FACT_SNAPSHOTS)
		take_flag(vm, &vm->snapshots, VMM_FACT_SNAPSHOTS,
		    virDomainSnapshotNum(vm->domain, 0));
	if (facts & VMM_FACT_AUTOSTART)
		take_flag(vm, &vm->autostart, VMM_FACT_AUTOSTART,
		    virDomainGetAutostart(vm->domain, &value) < 0 ? -1 : value);
	if (facts & VMM_FACT_PERSISTENT)
		take_flag(vm, &vm->persistent, VMM_FACT_PERSISTENT,
		    virDomainIsPersistent(vm->domain));
}

/* The configuration's metadata is what counts; only a transient VM, which has
 * no configuration, has nothing but the live one. */
static char *get_metadata(struct vmm_vm *vm)
{
	unsigned flags = VIR_DOMAIN_AFFECT_CONFIG;
	char *xml;

	if ((vm->facts & VMM_FACT_PERSISTENT) && !vm->persistent)
		flags = VIR_DOMAIN_AFFECT_LIVE;
	xml = virDomainGetMetadata(
	    vm->domain, VIR_DOMAIN_METADATA_ELEMENT, VMM_META_URI, flags);
	if (!xml && flags == VIR_DOMAIN_AFFECT_CONFIG &&
	    vmm_fault_code() == VIR_ERR_OPERATION_INVALID)
		xml = virDomainGetMetadata(vm->domain,
		    VIR_DOMAIN_METADATA_ELEMENT, VMM_META_URI,
		    VIR_DOMAIN_AFFECT_LIVE);
	return xml;
}

static void fetch_meta(struct vmm_vm *vm)
{
	AUTOFREE char *xml = get_metadata(vm);

	if (!xml && vmm_fault_code() != VIR_ERR_NO_DOMAIN_METADATA &&
	    vmm_fault_code() != VIR_ERR_NO_SUPPORT) {
		vm_fault(vm);
		return;
	}
	vmm_meta_read(xml, &vm->meta);
	free(vm->path); /* where it is fetched anew */
	vm->path = vmm_vpath_join(vm->meta.folder, vm->name);
	vm->facts |= VMM_FACT_META;
}

static void fetch_xml(struct vmm_vm *vm)
{
	AUTOFREE char *xml = virDomainGetXMLDesc(vm->domain, 0);

	if (!xml) {
		vm_fault(vm);
		return;
	}
	vm->xml = vmm_domxml_read(xml, &vm->err);
	if (vm->xml)
		vm->facts |= VMM_FACT_XML;
}

struct fetch {
	struct vmm_vm **vm;
	unsigned facts;
};

static void fetch_one(size_t i, void *arg)
{
	const struct fetch *fetch = arg;
	struct vmm_vm *vm = fetch->vm[i];
	unsigned facts = fetch->facts & ~vm->facts;

	if (facts)
		vmm_err_release(&vm->err); /* of an earlier try */

	if (facts & VMM_FACT_STATE && !vm->gone)
		fetch_state(vm);
	if (!vm->gone)
		fetch_flags(vm, facts);
	if (facts & VMM_FACT_META && !vm->gone)
		fetch_meta(vm);
	if (facts & VMM_FACT_XML && !vm->gone)
		fetch_xml(vm);
}

static size_t count_lacking(
    struct vmm_vm **vm, size_t n, const struct vmm_conn *conn, unsigned fact)
{
	size_t lacking = 0;

	for (size_t i = 0; i < n; i++)
		lacking += vm[i]->conn == conn && !(vm[i]->facts & fact);
	return lacking;
}

static int fetch_listings(
    struct vmm_vm **vm, size_t n, unsigned facts, struct vmm_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct vmm_conn *conn = vm[i]->conn;

		for (size_t j = 0; j < ARRAY_SIZE(listings); j++)
			if ((facts & listings[j].fact) &&
			    !(vm[i]->facts & listings[j].fact) &&
			    count_lacking(vm, n, conn, listings[j].fact) >
				FEW &&
			    fetch_listing(vm, n, conn, j, err) < 0)
				return -1;
	}
	return 0;
}

int vmm_set_fetch(
    struct vmm_vm **vm, size_t n, unsigned facts, struct vmm_err *err)
{
	struct fetch fetch = {vm, facts};

	if (!facts || !n)
		return 0;
	if (fetch_listings(vm, n, facts, err) < 0)
		return -1;
	vmm_parallel(n, vmm_conn_threads(vm[0]->conn), fetch_one, NULL, &fetch);
	for (size_t i = 0; i < n; i++)
		if (vm[i]->err.status == VMM_NOCONN)
			return vmm_err_set(
			    err, VMM_NOCONN, "%s", vm[i]->err.text);
	return 0;
}

/* --- states --- */

static const char *const state_names[] = {
    [VIR_DOMAIN_NOSTATE] = "nostate",
    [VIR_DOMAIN_RUNNING] = "running",
    [VIR_DOMAIN_BLOCKED] = "blocked",
    [VIR_DOMAIN_PAUSED] = "paused",
    [VIR_DOMAIN_SHUTDOWN] = "shutdown",
    [VIR_DOMAIN_SHUTOFF] = "shutoff",
    [VIR_DOMAIN_CRASHED] = "crashed",
    [VIR_DOMAIN_PMSUSPENDED] = "pmsuspended",
};

const char *vmm_state_name(int state)
{
	return state >= 0 && (size_t)state < ARRAY_SIZE(state_names)
		   ? state_names[state]
		   : "nostate";
}

int vmm_state_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++)
		if (strcmp(name, state_names[i]) == 0)
			return (int)i;
	return -1;
}

bool vmm_state_is_active(int state)
{
	return state != VIR_DOMAIN_SHUTOFF;
}

/* In the order of libvirt's enums virDomainRunningReason and so on. */
static const char *const running_reasons[] = {"unknown", "booted", "migrated",
    "restored", "from-snapshot", "unpaused", "migration-canceled",
    "save-canceled", "wakeup", "crashed", "post-copy", "post-copy-failed"};
static const char *const paused_reasons[] = {"unknown", "user", "migration",
    "save", "dump", "io-error", "watchdog", "from-snapshot", "shutting-down",
    "snapshot", "crashed", "starting-up", "post-copy", "post-copy-failed",
    "api-error"};
static const char *const shutdown_reasons[] = {"unknown", "user"};
static const char *const shutoff_reasons[] = {"unknown", "shutdown",
    "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot",
    "daemon"};
static const char *const crashed_reasons[] = {"unknown", "panicked"};

#define REASONS(state, list) [state] = {list, ARRAY_SIZE(list)}

const char *vmm_state_reason(int state, int reason)
{
	static const struct {
		const char *const *name;
		size_t n;
	} reasons[] = {
	    REASONS(VIR_DOMAIN_RUNNING, running_reasons),
	    REASONS(VIR_DOMAIN_PAUSED, paused_reasons),
	    REASONS(VIR_DOMAIN_SHUTDOWN, shutdown_reasons),
	    REASONS(VIR_DOMAIN_SHUTOFF, shutoff_reasons),
	    REASONS(VIR_DOMAIN_CRASHED, crashed_reasons),
	};

	if (state < 0 || (size_t)state >= ARRAY_SIZE(reasons) || reason < 0 ||
	    (size_t)reason >= reasons[state].n)
		return "unknown";
	return reasons[state].name[reason];
}
