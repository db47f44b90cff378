/* unfinished: hides our notes, and how libvirt is made to delete what it does
 * not know. */
#include "storage/unfinished.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/note.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"
#include "pure/snapxml.h"

/* Of notes. */
#define KIND "snapshots"

DEFINE_CLEANUP(virDomainSnapshotPtr, virDomainSnapshotFree)
#define AUTOSNAP CLEANUP(virDomainSnapshotFreep) virDomainSnapshotPtr

/* Beside the snapshot's name, which has no slash. */
static char *note_of(const struct vmm_vm *vm, const char *name)
{
	return vmm_sprintf("%s.%s", vm->uuid, name);
}

int vmm_unfinished_note(const struct vmm_vm *vm, const char *name,
    const char *xml, int *fd, struct vmm_err *err)
{
	AUTOFREE char *note = note_of(vm, name);

	*fd = vmm_note_begin(KIND, note, err);
	if (*fd >= 0 && vmm_note_add(*fd, xml, err) == 0)
		return 0;
	if (*fd >= 0)
		close(*fd);
	return -1;
}

void vmm_unfinished_forget(const struct vmm_vm *vm, const char *name)
{
	AUTOFREE char *note = note_of(vm, name);

	vmm_note_forget(KIND, note);
}

int vmm_unfinished_is_known(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	AUTOSNAP snapshot = virDomainSnapshotLookupByName(vm->domain, name, 0);

	if (snapshot)
		return 1;
	return vmm_fault_code() == VIR_ERR_NO_DOMAIN_SNAPSHOT
		   ? 0
		   : vmm_fault(err, vmm_conn_virt(vm->conn));
}

int vmm_unfinished_list(
    const struct vmm_vm *vm, struct vmm_strv *names, struct vmm_err *err)
{
	AUTOFREE char *prefix = note_of(vm, "");
	AUTOSTRV notes = VMM_STRV_INIT;

	vmm_notes_list(KIND, prefix, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		const char *name = notes.v[i] + strlen(prefix);
		int known = vmm_unfinished_is_known(vm, name, err);

		if (known < 0)
			return -1;
		if (known)
			vmm_unfinished_forget(vm, name);
		else
			vmm_strv_take(names, vmm_strdup(name));
	}
	return 0;
}

/* What libvirt is told of, to be told to delete it. */
struct doomed {
	char *xml;
	virDomainSnapshotPtr snapshot; /* releasing it forgets the error */
};

static void doomed_free(void *data)
{
	struct doomed *doomed = data;

	if (doomed->snapshot)
		virDomainSnapshotFree(doomed->snapshot);
	free(doomed->xml);
	free(doomed);
}

static int redefine_and_delete(virDomainPtr domain, void *data)
{
	struct doomed *doomed = data;

	doomed->snapshot = virDomainSnapshotCreateXML(
	    domain, doomed->xml, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE);
	if (!doomed->snapshot)
		return -1;
	if (virDomainSnapshotDelete(doomed->snapshot, 0) == 0)
		return 0;
	/* perhaps QEMU has none */
	return virDomainSnapshotDelete(
	    doomed->snapshot, VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY);
}

int vmm_unfinished_clear(
    const struct vmm_vm *vm, const char *xml, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	AUTOFREE char *domain = NULL;
	struct doomed *doomed;
	struct vmm_call *call;
	char *whole;

	domain = virDomainGetXMLDesc(vm->domain, VIR_DOMAIN_XML_SECURE);
	if (!domain)
		return vmm_fault(err, virt);
	whole = vmm_snapxml_with_domain(xml, domain, err);
	if (!whole)
		return -1;
	doomed = vmm_calloc(1, sizeof *doomed);
	doomed->xml = whole;
	call = vmm_call_ask(
	    vm, VMM_LONG, redefine_and_delete, doomed, doomed_free, err);
	/* to the end: halfway libvirt knows a snapshot that nobody has */
	return call && vmm_call_wait(call, NULL, false)
		   ? vmm_call_end(call, err)
		   : -1;
}

int vmm_unfinished_undo(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	AUTOFREE char *note = note_of(vm, name);
	AUTOFREE char *noted = NULL;
	AUTOERR unread = VMM_ERR_INIT;
	AUTOSNAPXML *snapshot = NULL;
	int fd = vmm_note_take(KIND, note, &noted), known = 1, result = 0;

	if (fd < 0)
		return 0;
	/* half a note was never followed by a snapshot */
	snapshot = vmm_snapxml_read(noted, &unread);
	if (snapshot)
		known = vmm_unfinished_is_known(vm, name, err);
	if (known <= 0)
		result = known < 0 ? -1 : vmm_unfinished_clear(vm, noted, err);
	if (result == 0)
		vmm_unfinished_forget(vm, name);
	close(fd);
	return result;
}
