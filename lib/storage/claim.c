/* claim: hides in which definitions of a VM a file can stand. */
#include "storage/claim.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "libvirt/fault.h"
#include "pure/domxml.h"
#include "pure/metaxml.h"
#include "pure/snapxml.h"
#include "pure/vpath.h"
#include "storage/volume.h"

/* --- one VM --- */

/* FORMAT is what is said of its file, or NULL. */
static void add_claim(
    struct vmm_claimant *vm, const struct vmm_claim *new, const char *format)
{
	struct vmm_claim *claim = NULL;

	for (size_t i = 0; i < vm->claims && !claim; i++)
		if (strcmp(vm->claim[i].file, new->file) == 0)
			claim = &vm->claim[i];
	if (claim) {
		free(new->file);
		claim->shares &= new->shares;
	} else {
		VMM_GROW(vm->claim, vm->claims);
		claim = &vm->claim[vm->claims++];
		*claim = (struct vmm_claim){
		    .file = new->file, .shares = new->shares};
	}
	claim->when |= new->when;
	claim->writes |= new->writes;
	claim->written |= new->writes ? new->when : 0;
	claim->raw |= vmm_format_is_raw(format);
	claim->other |= format && !vmm_format_is_raw(format);
}

static void add_domain(virConnectPtr virt, struct vmm_claimant *vm,
    const struct vmm_domxml *domain, unsigned when)
{
	for (size_t i = 0; i < domain->disks; i++) {
		const struct vmm_disk *disk = &domain->disk[i];

		for (size_t j = 0; j < disk->layers; j++) {
			const struct vmm_layer *layer = &disk->layer[j];
			struct vmm_claim claim = {.when = when,
			    .writes = j == 0 && !disk->readonly,
			    .shares = disk->shareable};

			if (!layer->source)
				continue;
			claim.file = vmm_volume_path(virt, layer->source);
			add_claim(vm, &claim, layer->format);
		}
	}
	if (domain->nvram) {
		struct vmm_claim claim = {.when = when,
		    .writes = true,
		    .file = vmm_volume_path(virt, domain->nvram)};

		add_claim(vm, &claim, domain->nvram_format);
	}
}

static void add_xml(
    virConnectPtr virt, struct vmm_claimant *vm, const char *xml, unsigned when)
{
	AUTODOMXML *domain = vmm_domxml_read(xml, &vm->err);

	if (!domain)
		return;
	add_domain(virt, vm, domain, when);
	for (size_t i = 0; i < domain->nics; i++)
		if (domain->nic[i].mac)
			vmm_strv_take(
			    &vm->macs, vmm_strdup(domain->nic[i].mac));
}

static void add_name(
    struct vmm_claimant *vm, virDomainPtr handle, const char *xml)
{
	AUTOFREE char *element = vmm_meta_extract(xml);
	struct vmm_meta meta = VMM_META_INIT;

	vmm_meta_read(element, &meta);
	vm->path = vmm_vpath_join(meta.folder, virDomainGetName(handle));
	vmm_meta_release(&meta);
}

static void add_kept(struct vmm_claimant *vm, char *file)
{
	struct vmm_claim claim = {
	    .file = file, .when = VMM_CLAIM_KEPT, .writes = true};

	add_claim(vm, &claim, NULL);
}

static void add_all_kept(
    virConnectPtr virt, struct vmm_claimant *vm, const struct vmm_strv *files)
{
	for (size_t i = 0; i < files->n; i++)
		add_kept(vm, vmm_volume_path(virt, files->v[i]));
}

/* All that a snapshot has: what it stood on, and what it writes to. */
static void add_snapshot(
    virConnectPtr virt, struct vmm_claimant *vm, virDomainSnapshotPtr snapshot)
{
	AUTOFREE char *xml = virDomainSnapshotGetXMLDesc(snapshot, 0);
	AUTOSNAPXML *read = xml ? vmm_snapxml_read(xml, &vm->err) : NULL;

	if (!xml && vmm_fault_code() != VIR_ERR_NO_DOMAIN_SNAPSHOT)
		vmm_fault(&vm->err, virt);
	if (!read)
		return;
	add_all_kept(virt, vm, &read->disks);
	add_all_kept(virt, vm, &read->overlays);
	add_all_kept(virt, vm, &read->earlier);
	if (read->memory_file)
		add_kept(vm, vmm_strdup(read->memory_file));
}

/* What libvirt would not say. A driver that does not know of it has none, and
 * who has gone has nothing. */
static void note_failure(virConnectPtr virt, struct vmm_claimant *vm)
{
	if (vmm_fault_code() != VIR_ERR_NO_SUPPORT &&
	    vmm_fault_code() != VIR_ERR_NO_DOMAIN)
		vmm_fault(&vm->err, virt);
}

/* A state that is gone by the time that it is read needs nothing. */
static void read_saved(
    virConnectPtr virt, struct vmm_claimant *vm, virDomainPtr handle)
{
	AUTOFREE char *xml = NULL;
	AUTOERR why = VMM_ERR_INIT;
	int saved = virDomainHasManagedSaveImage(handle, 0);

	if (saved < 0)
		note_failure(virt, vm);
	if (saved != 1)
		return;
	xml = virDomainManagedSaveGetXMLDesc(handle, 0);
	if (xml) {
		add_xml(virt, vm, xml, VMM_CLAIM_KEPT);
		return;
	}
	if (vmm_fault_code() == VIR_ERR_NO_SUPPORT)
		return;
	vmm_fault(&why, virt);
	if (virDomainHasManagedSaveImage(handle, 0) != 0)
		vmm_err_move(&vm->err, &why);
}

static void read_kept(
    virConnectPtr virt, struct vmm_claimant *vm, virDomainPtr handle)
{
	virDomainSnapshotPtr *list = NULL;
	int n;

	if (!vm->active)
		read_saved(virt, vm, handle);
	n = virDomainListAllSnapshots(handle, &list, 0);
	if (n < 0)
		note_failure(virt, vm);
	for (int i = 0; i < n; i++) {
		add_snapshot(virt, vm, list[i]);
		virDomainSnapshotFree(list[i]);
	}
	free(list);
}

static void read_vm(virDomainPtr handle, bool kept, struct vmm_claimant *vm)
{
	virConnectPtr virt = virDomainGetConnect(handle);
	AUTOFREE char *next = NULL, *now = NULL;
	int active;

	virDomainGetUUIDString(handle, vm->uuid);
	next = virDomainGetXMLDesc(handle, VIR_DOMAIN_XML_INACTIVE);
	if (!next) {
		note_failure(virt, vm);
		vm->path = vmm_strdup(virDomainGetName(handle));
		return;
	}
	add_name(vm, handle, next);
	add_xml(virt, vm, next, VMM_CLAIM_NEXT);
	active = virDomainIsActive(handle);
	if (active < 0)
		note_failure(virt, vm);
	vm->active = active == 1;
	if (vm->active) {
		now = virDomainGetXMLDesc(handle, 0);
		if (!now)
			note_failure(virt, vm);
	}
	if (now)
		add_xml(virt, vm, now, VMM_CLAIM_NOW);
	if (kept)
		read_kept(virt, vm, handle);
}

static void claimant_release(struct vmm_claimant *vm)
{
	for (size_t i = 0; i < vm->claims; i++)
		free(vm->claim[i].file);
	free(vm->claim);
	free(vm->path);
	vmm_strv_release(&vm->macs);
	vmm_err_release(&vm->err);
}

/* --- all --- */

struct reading {
	virDomainPtr *list;
	bool kept;
	struct vmm_claims *claims;
};

static void read_one(size_t i, void *arg)
{
	const struct reading *reading = arg;

	read_vm(reading->list[i], reading->kept, &reading->claims->vm[i]);
}

int vmm_claims_read(struct vmm_conn *conn, bool kept, struct vmm_claims *claims,
    struct vmm_err *err)
{
	struct reading reading = {NULL, kept, claims};
	int n = virConnectListAllDomains(vmm_conn_virt(conn), &reading.list, 0);

	if (n < 0)
		return vmm_fault(err, vmm_conn_virt(conn));
	claims->vm = vmm_calloc((size_t)n, sizeof *claims->vm);
	claims->n = (size_t)n;
	vmm_parallel(
	    (size_t)n, vmm_conn_threads(conn), read_one, NULL, &reading);
	for (int i = 0; i < n; i++)
		virDomainFree(reading.list[i]);
	free(reading.list);
	for (size_t i = 0; i < claims->n; i++)
		if (claims->vm[i].err.status == VMM_NOCONN) {
			vmm_err_move(err, &claims->vm[i].err);
			return -1;
		}
	return 0;
}

void vmm_claims_release(struct vmm_claims *claims)
{
	for (size_t i = 0; i < claims->n; i++)
		claimant_release(&claims->vm[i]);
	free(claims->vm);
	*claims = (struct vmm_claims){0};
}

int vmm_claims_whole(struct vmm_claims *claims, struct vmm_err *err)
{
	for (size_t i = 0; i < claims->n; i++)
		if (claims->vm[i].err.status) {
			vmm_err_move(err, &claims->vm[i].err);
			return vmm_err_prefix(err,
			    "the VM '%s' cannot be read: ", claims->vm[i].path);
		}
	return 0;
}

const struct vmm_claim *vmm_claim_on(
    const struct vmm_claimant *vm, const char *file)
{
	for (size_t i = 0; !vm->gone && i < vm->claims; i++)
		if (strcmp(vm->claim[i].file, file) == 0)
			return &vm->claim[i];
	return NULL;
}

const struct vmm_claimant *vmm_claims_writer(
    const struct vmm_claims *claims, const char *file, const char *except)
{
	for (size_t i = 0; i < claims->n; i++) {
		const struct vmm_claimant *vm = &claims->vm[i];
		const struct vmm_claim *claim;

		if (except && strcmp(vm->uuid, except) == 0)
			continue;
		claim = vmm_claim_on(vm, file);
		if (claim && claim->writes)
			return vm;
	}
	return NULL;
}

bool vmm_claims_have_mac(const struct vmm_claims *claims, const char *mac)
{
	for (size_t i = 0; i < claims->n; i++)
		for (size_t j = 0; j < claims->vm[i].macs.n; j++)
			if (strcasecmp(claims->vm[i].macs.v[j], mac) == 0)
				return true;
	return false;
}
