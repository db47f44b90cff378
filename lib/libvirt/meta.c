/* meta: hides LIVE and CONFIG, saved states, and other writers. */
#include "libvirt/meta.h"

#include <string.h>

#include "base/alloc.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"
#include "pure/vpath.h"

/* What is there, to be freed; NULL without an element, or with the error. */
static char *get(const struct vmm_vm *vm, unsigned where, struct vmm_err *err)
{
	char *xml = virDomainGetMetadata(
	    vm->domain, VIR_DOMAIN_METADATA_ELEMENT, VMM_META_URI, where);

	if (!xml && vmm_fault_code() != VIR_ERR_NO_DOMAIN_METADATA)
		vmm_fault(err, vmm_conn_virt(vm->conn));
	return xml;
}

static int set(const struct vmm_vm *vm, const char *xml, unsigned where,
    struct vmm_err *err)
{
	if (virDomainSetMetadata(vm->domain, VIR_DOMAIN_METADATA_ELEMENT, xml,
		"vmm", VMM_META_URI, where) == 0)
		return 0;
	return vmm_fault_act(err, vmm_conn_virt(vm->conn));
}

/* Reads, edits and writes in one place. AGAIN: it was written. *DONE: nothing
 * was left to change. */
static int change_once(const struct vmm_vm *vm, unsigned where,
    const struct vmm_meta_change *change, bool again, bool *done,
    struct vmm_err *err)
{
	AUTOFREE char *old = get(vm, where, err);
	AUTOFREE char *new = NULL, *there = NULL;
	AUTOERR ignored = VMM_ERR_INIT;
	bool changed = false;

	if (err->status && again)
		return vmm_err_after(
		    err, "what was written could not be read back: ");
	if (err->status)
		return -1;
	new = vmm_meta_edit(old, change, &changed, err);
	if (!new)
		return -1;
	*done = !changed;
	if (!changed || set(vm, new, where, err) == 0)
		return 0;
	/* What libvirt could not store it may still show: back to what is
	 * stored, or the next try would find nothing to do. What another client
	 * wrote meanwhile stays. */
	there = get(vm, where, &ignored);
	if (there && vmm_meta_same(there, new))
		set(vm, old, where, &ignored);
	return -1;
}

/* The second look is the reading back: it must find nothing to change. */
static int change_in(const struct vmm_vm *vm, unsigned where,
    const struct vmm_meta_change *change, struct vmm_err *err)
{
	bool done = false;

	for (int tries = 0; tries < 3 && !done; tries++)
		if (change_once(vm, where, change, tries > 0, &done, err) < 0)
			return -1;
	return done ? 0
		    : vmm_err_set(err, VMM_FAILED,
			  "somebody else keeps changing its metadata");
}

/* A saved state has its own copy of the live definition. */
static int change_saved(const struct vmm_vm *vm,
    const struct vmm_meta_change *change, struct vmm_err *err)
{
	AUTOFREE char *image = virDomainManagedSaveGetXMLDesc(
	    vm->domain, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE);
	AUTOFREE char *there = image ? vmm_meta_extract(image) : NULL;
	AUTOFREE char *old = NULL;
	AUTOFREE char *element = NULL;
	AUTOFREE char *new = NULL;
	bool changed;

	if (!image)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	old = get(vm, VIR_DOMAIN_AFFECT_CONFIG, err);
	if (err->status)
		return -1;
	element = vmm_meta_edit(old, change, &changed, err);
	if (!element)
		return -1;
	if (vmm_meta_same(there, element))
		return 0;
	new = vmm_meta_graft(image, element, err);
	if (!new)
		return -1;
	if (virDomainManagedSaveDefineXML(vm->domain, new, 0) == 0)
		return 0;
	return vmm_fault(err, vmm_conn_virt(vm->conn));
}

/* Under the lock things may be other than when the VM was selected. */
static int look_again(struct vmm_vm *vm, struct vmm_err *err)
{
	bool was_active = vmm_state_is_active(vm->state);
	int saved;

	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	if (vmm_state_is_active(vm->state) == was_active)
		return 0;
	saved = virDomainHasManagedSaveImage(vm->domain, 0);
	if (saved < 0)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	vm->saved = saved > 0;
	return 0;
}

/* The configuration is last: it is what everybody reads, so that a change that
 * was interrupted is still to be done when it is asked for again. */
static int change_everywhere(const struct vmm_vm *vm,
    const struct vmm_meta_change *change, struct vmm_err *err)
{
	/* beside a VM that runs a saved state is nothing but stale */
	if (vm->saved && !vmm_state_is_active(vm->state) &&
	    change_saved(vm, change, err) < 0)
		return vmm_err_prefix(err, "its saved state: ");
	if (vmm_state_is_active(vm->state) &&
	    change_in(vm, VIR_DOMAIN_AFFECT_LIVE, change, err) < 0) {
		if (vm->persistent)
			err->done = false;
		return -1;
	}
	return vm->persistent
		   ? change_in(vm, VIR_DOMAIN_AFFECT_CONFIG, change, err)
		   : 0;
}

int vmm_meta_change(struct vmm_vm *vm, const struct vmm_meta_change *change,
    struct vmm_err *err)
{
	AUTOLOCK lock = VMM_LOCK_INIT;
	AUTOERR again = VMM_ERR_INIT;
	int was;

	if (vmm_lock_take(&lock, vm->uuid, err) < 0 || look_again(vm, err) < 0)
		return -1;
	was = vm->state;
	if (change_everywhere(vm, change, err) == 0)
		return 0;
	/* it may have been started or stopped meanwhile */
	if (look_again(vm, &again) < 0 || vm->state == was)
		return -1;
	vmm_err_release(err);
	return change_everywhere(vm, change, err);
}

int vmm_meta_move(struct vmm_vm *vm, const char *folder, struct vmm_err *err)
{
	const struct vmm_meta_change change = {.folder = folder};

	if (vmm_meta_change(vm, &change, err) < 0)
		return -1;
	free(vm->path);
	vm->path = vmm_vpath_join(folder, vm->name);
	return 0;
}

char *vmm_meta_element(const struct vmm_vm *vm, struct vmm_err *err)
{
	return get(vm,
	    vm->persistent ? VIR_DOMAIN_AFFECT_CONFIG : VIR_DOMAIN_AFFECT_LIVE,
	    err);
}

static int put_back(const struct vmm_vm *vm, const char *element,
    unsigned where, struct vmm_err *err)
{
	AUTOFREE char *there = get(vm, where, err);

	if (err->status)
		return -1;
	return vmm_meta_same(there, element) ? 0 : set(vm, element, where, err);
}

int vmm_meta_put_back(
    struct vmm_vm *vm, const char *element, struct vmm_err *err)
{
	if (look_again(vm, err) < 0)
		return -1;
	if (vmm_state_is_active(vm->state) &&
	    put_back(vm, element, VIR_DOMAIN_AFFECT_LIVE, err) < 0)
		return -1;
	return vm->persistent
		   ? put_back(vm, element, VIR_DOMAIN_AFFECT_CONFIG, err)
		   : 0;
}

int vmm_meta_problems(
    const struct vmm_vm *vm, struct vmm_strv *problems, struct vmm_err *err)
{
	AUTOFREE char *xml = vmm_meta_element(vm, err);

	if (err->status)
		return -1;
	vmm_meta_check(xml, problems);
	return 0;
}
