/* set: hides which libvirt call gives which fact at the least cost. */
#include "libvirt/set.h"

#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "pure/uuid.h"
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

/* virDomainGetUUIDString() has each byte formatted by itself, and that was a
 * thirtieth of a listing. */
static int spell_uuid(virDomainPtr domain, char text[VIR_UUID_STRING_BUFLEN])
{
	unsigned char raw[VIR_UUID_BUFLEN];

	if (virDomainGetUUID(domain, raw) < 0)
		return -1;
	vmm_uuid_spell(raw, text);
	return 0;
}

static void index_vm(struct vmm_set *set, struct vmm_vm *vm)
{
	vmm_index_add(&set->names, vm->name, vm);
	vmm_index_add(&set->uuids, vm->uuid, vm);
}

/* Adds a VM that is not in the set. */
static struct vmm_vm *append(
    struct vmm_set *set, struct vmm_conn *conn, virDomainPtr domain)
{
	struct vmm_vm *vm = vmm_calloc(1, sizeof *vm);
	unsigned id = virDomainGetID(domain);

	vm->conn = conn;
	vm->domain = domain;
	vm->name = virDomainGetName(domain);
	spell_uuid(domain, vm->uuid);
	vm->id = id == (unsigned)-1 ? -1 : (int)id;
	VMM_GROW(set->vm, set->n);
	set->vm[set->n++] = vm;
	if (set->indexed)
		index_vm(set, vm);
	return vm;
}

/* Adds one of a listing, which names each VM once. */
static struct vmm_vm *add_listed(struct vmm_set *set, bool others,
    struct vmm_conn *conn, virDomainPtr domain)
{
	return others ? vmm_set_add(set, conn, domain)
		      : append(set, conn, domain);
}

struct vmm_vm *vmm_set_add(
    struct vmm_set *set, struct vmm_conn *conn, virDomainPtr domain)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	struct vmm_vm *vm;

	spell_uuid(domain, uuid);
	vm = vmm_set_by_uuid(set, uuid);
	if (!vm)
		return append(set, conn, domain);
	virDomainFree(domain);
	return vm;
}

/* Which VMs there are stays as it is. */
static void index_all(const struct vmm_set *vms)
{
	struct vmm_set *set = (struct vmm_set *)vms;

	for (size_t i = 0; i < set->n && !set->indexed; i++)
		index_vm(set, set->vm[i]);
	set->indexed = true;
}

struct vmm_vm *vmm_set_by_name(const struct vmm_set *set, const char *name)
{
	index_all(set);
	return vmm_index_find(&set->names, name);
}

struct vmm_vm *vmm_set_by_uuid(const struct vmm_set *set, const char *uuid)
{
	index_all(set);
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
	const bool others = set->n > 0;
	int n = virConnectListAllDomains(vmm_conn_virt(conn), &list, 0);

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(conn));
	for (int i = 0; i < n; i++)
		add_listed(set, others, conn, list[i]);
	free(list);
	return 0;
}

/* What is wanted of a virDomainStatsRecord, which is large. */
struct told {
	virDomainPtr domain;
	bool known;
	int state, reason;
};

static struct told *take_states(virDomainStatsRecordPtr *records, int n)
{
	struct told *told = vmm_calloc((size_t)n, sizeof *told);

	for (int i = 0; i < n; i++) {
		virTypedParameterPtr params = records[i]->params;
		int count = records[i]->nparams;

		told[i].domain = records[i]->dom;
		virDomainRef(told[i].domain);
		told[i].known = virTypedParamsGetInt(params, count,
				    "state.state", &told[i].state) == 1;
		virTypedParamsGetInt(
		    params, count, "state.reason", &told[i].reason);
	}
	return told;
}

int vmm_set_load(struct vmm_set *set, struct vmm_conn *conn, unsigned facts,
    struct vmm_err *err)
{
	virDomainStatsRecordPtr *records = NULL;
	AUTOFREE struct told *told = NULL;
	const bool others = set->n > 0;
	int n;

	if (!(facts & VMM_FACT_STATE))
		return load_plain(set, conn, err);
	n = virConnectGetAllDomainStats(
	    vmm_conn_virt(conn), VIR_DOMAIN_STATS_STATE, &records, 0);
	if (n < 0 && vmm_fault_code() == VIR_ERR_NO_SUPPORT)
		return load_plain(set, conn, err); /* not every driver can */
	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(conn));
	/* the records go before the VMs come, for they need as much room */
	told = take_states(records, n);
	virDomainStatsRecordListFree(records);
	for (int i = 0; i < n; i++) {
		struct vmm_vm *vm =
		    add_listed(set, others, conn, told[i].domain);

		if (!told[i].known)
			continue;
		vm->state = told[i].state;
		vm->reason = told[i].reason;
		vm->facts |= VMM_FACT_STATE;
	}
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

/* What one of them said. */
struct listing {
	size_t which; /* in listings */
	virDomainPtr *list;
	int n;
	struct vmm_err err;
};

static void fetch_listing(struct listing *listing, virConnectPtr virt)
{
	listing->n = virConnectListAllDomains(
	    virt, &listing->list, listings[listing->which].filter);
	if (listing->n < 0)
		vmm_fault(&listing->err, virt);
}

/* Tells the N VMs at VM. */
static void take_listing(
    const struct listing *listing, struct vmm_vm **vm, size_t n)
{
	size_t member = listings[listing->which].member;
	bool listed = listings[listing->which].listed;
	struct vmm_index mine = VMM_INDEX_INIT;
	char uuid[VIR_UUID_STRING_BUFLEN];

	for (size_t i = 0; i < n; i++) {
		if (listing->n)
			vmm_index_add(&mine, vm[i]->uuid, vm[i]);
		*flag_of(vm[i], member) = !listed;
		vm[i]->facts |= listings[listing->which].fact;
	}
	for (int i = 0; i < listing->n; i++) {
		struct vmm_vm *found = NULL;

		if (spell_uuid(listing->list[i], uuid) == 0)
			found = vmm_index_find(&mine, uuid);
		if (found)
			*flag_of(found, member) = listed;
	}
	vmm_index_release(&mine);
}

static void listing_release(struct listing *listing)
{
	for (int i = 0; i < listing->n; i++)
		virDomainFree(listing->list[i]);
	free(listing->list);
	vmm_err_release(&listing->err);
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
	answer = vmm_fault_none(answer);
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

/* What is fetched, some of it by LISTINGS of all VMs, the other FACTS one VM
 * after the other. */
struct fetch {
	struct vmm_vm **vm;
	unsigned facts;
	struct listing listing[ARRAY_SIZE(listings)];
	size_t listings;
};

/* An item is a listing, or a VM behind them. The VMs are not told what the
 * listings say before all is there, for several threads work at them. */
static void fetch_one(size_t item, void *arg)
{
	struct fetch *fetch = arg;
	struct vmm_vm *vm;
	unsigned facts;

	if (item < fetch->listings) {
		fetch_listing(
		    &fetch->listing[item], vmm_conn_virt(fetch->vm[0]->conn));
		return;
	}
	vm = fetch->vm[item - fetch->listings];
	facts = fetch->facts & ~vm->facts;
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

/* Takes what a listing gives at less cost out of the facts that are fetched VM
 * by VM. */
static void plan_listings(struct fetch *fetch, size_t n)
{
	for (size_t which = 0; which < ARRAY_SIZE(listings); which++) {
		enum vmm_fact fact = listings[which].fact;
		size_t lacking = 0;

		for (size_t i = 0; i < n; i++)
			lacking += !(fetch->vm[i]->facts & fact);
		if (!(fetch->facts & fact) || lacking <= FEW)
			continue;
		fetch->facts &= ~(unsigned)fact;
		fetch->listing[fetch->listings++].which = which;
	}
}

static void fetch_all(struct fetch *fetch, size_t n)
{
	unsigned threads = vmm_conn_threads(fetch->vm[0]->conn);

	n += fetch->listings;
	if (fetch->facts & VMM_FACT_XML) /* reading it is work */
		vmm_parallel(n, threads, fetch_one, NULL, fetch);
	else
		vmm_parallel_near(n, threads, fetch_one, fetch);
}

int vmm_set_fetch(
    struct vmm_vm **vm, size_t n, unsigned facts, struct vmm_err *err)
{
	struct fetch fetch = {.vm = vm, .facts = facts};
	int result = 0;

	if (!facts || !n)
		return 0;
	/* it says which metadata there is */
	if ((facts & VMM_FACT_META) && (facts & VMM_FACT_PERSISTENT) &&
	    vmm_set_fetch(vm, n, VMM_FACT_PERSISTENT, err) < 0)
		return -1;
	plan_listings(&fetch, n);
	fetch_all(&fetch, n);
	for (size_t i = 0; i < fetch.listings; i++) {
		struct listing *listing = &fetch.listing[i];

		if (listing->n >= 0) {
			take_listing(listing, vm, n);
		} else if (result == 0) {
			vmm_err_move(err, &listing->err);
			result = -1;
		}
		listing_release(listing);
	}
	for (size_t i = 0; i < n && result == 0; i++)
		if (vm[i]->err.status == VMM_NOCONN)
			result =
			    vmm_err_set(err, VMM_NOCONN, "%s", vm[i]->err.text);
	return result;
}
