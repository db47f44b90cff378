/* disks: hides which of a VM's two definitions is read and written, and what
 * must be asked before its disks may be moved. */
#include "storage/disks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "libvirt/blockjob.h"
#include "libvirt/fault.h"
#include "storage/volume.h"

/* Bytes of a VM's name in the name of a file: with the rest it must stay below
 * the 255 of a file's. */
#define LONGEST_NAME 180
/* Random bytes in it. */
#define RANDOM 4

int vmm_disks_tie(struct vmm_vm *vm, enum vmm_tie *tie, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	int saved, snapshots, checkpoints;

	if (virDomainGetState(vm->domain, &vm->state, &vm->reason, 0) < 0)
		return vmm_fault(err, virt);
	if ((saved = vmm_fault_none(
		 virDomainHasManagedSaveImage(vm->domain, 0))) < 0 ||
	    (snapshots = vmm_fault_none(virDomainSnapshotNum(vm->domain, 0))) <
		0 ||
	    (checkpoints = vmm_fault_none(
		 virDomainListAllCheckpoints(vm->domain, NULL, 0))) < 0)
		return vmm_fault(err, virt);
	*tie = saved         ? VMM_TIE_SAVED
	       : snapshots   ? VMM_TIE_SNAPSHOTS
	       : checkpoints ? VMM_TIE_CHECKPOINTS
			     : VMM_TIE_NONE;
	return 0;
}

int vmm_disks_idle(struct vmm_vm *vm, const char *target, struct vmm_err *err)
{
	int jobs = vmm_state_is_active(vm->state)
		       ? vmm_blockjob_look(vm, target, err)
		       : 0;

	if (jobs == 1)
		return vmm_err_set(err, VMM_REFUSED,
		    "a block job is at work on its disk %s; try again when "
		    "that has ended",
		    target);
	return jobs;
}

struct vmm_domxml *vmm_disks_read(
    const struct vmm_vm *vm, unsigned flags, struct vmm_err *err)
{
	AUTOFREE char *xml = virDomainGetXMLDesc(vm->domain, flags);

	if (!xml) {
		vmm_fault(err, vmm_conn_virt(vm->conn));
		return NULL;
	}
	return vmm_domxml_read(xml, err);
}

struct vmm_disk *vmm_disk_of(
    const struct vmm_domxml *domain, const char *target)
{
	for (size_t i = 0; i < domain->disks; i++)
		if (domain->disk[i].target &&
		    strcmp(domain->disk[i].target, target) == 0)
			return &domain->disk[i];
	return NULL;
}

char *vmm_disk_top(const struct vmm_vm *vm, const struct vmm_domxml *domain,
    const char *target)
{
	const struct vmm_disk *disk = vmm_disk_of(domain, target);

	if (!disk || !disk->layers || !disk->layer[0].source)
		return NULL;
	return vmm_volume_path(vmm_conn_virt(vm->conn), disk->layer[0].source);
}

char *vmm_disk_new_name(
    const struct vmm_vm *vm, const char *target, const char *format)
{
	size_t length = strlen(vm->name);
	AUTOFREE char *name = NULL;
	AUTOFREE char *random = vmm_random_hex(RANDOM);

	if (length > LONGEST_NAME) {
		length = LONGEST_NAME;
		/* not in the middle of a character */
		while (length && (vm->name[length] & 0xc0) == 0x80)
			length--;
	}
	name = vmm_strndup(vm->name, length);
	for (char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == '\\' || *p == 0x7f)
			*p = '_';
	return vmm_sprintf("%s-%s-%s.%s", name, target, random, format);
}

bool vmm_disk_is_new_name(const char *path)
{
	const char *dash = strrchr(path, '-');
	size_t random = (size_t)RANDOM * 2;

	return dash && strspn(dash + 1, "0123456789abcdef") == random &&
	       dash[1 + random] == '.' && !strchr(dash + random + 2, '.');
}

int vmm_disks_define(struct vmm_vm *vm, const struct vmm_diskfile *file,
    size_t files, struct vmm_err *err)
{
	AUTOFREE char *xml = virDomainGetXMLDesc(
	    vm->domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	AUTOFREE char *changed = NULL;
	virDomainPtr defined;

	if (!xml)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	changed = vmm_domxml_with_files(xml, file, files, err);
	if (!changed)
		return -1;
	defined = virDomainDefineXML(vmm_conn_virt(vm->conn), changed);
	if (!defined)
		return vmm_fault(err, vmm_conn_virt(vm->conn));
	virDomainFree(defined);
	return 0;
}
