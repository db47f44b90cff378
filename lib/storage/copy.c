/* copy: hides that libvirt copies in one long call, and tells of its progress
 * only by the size of what it makes. */
#include "storage/copy.h"

#include <string.h>

#include "base/alloc.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"
#include "storage/volume.h"

/* Milliseconds between two looks at how far it is. */
#define LOOK 500

/* What the connection of a long call needs to be told. */
struct copying {
	char *from, *xml;
	char *pool;
	bool raw;
	/* taken before the handles are freed, which erases libvirt's */
	struct vmm_err err;
};

static void copying_free(void *data)
{
	struct copying *copying = data;

	free(copying->from);
	free(copying->xml);
	free(copying->pool);
	vmm_err_release(&copying->err);
	free(copying);
}

static int build(virConnectPtr virt, struct copying *copying)
{
	AUTOPOOL pool = virStoragePoolLookupByName(virt, copying->pool);
	AUTOVOL from =
	    pool ? virStorageVolLookupByPath(virt, copying->from) : NULL;
	AUTOVOL made = NULL;

	/* Sharing blocks takes no time, where the file system can; libvirt can
	 * for raw volumes only, and says at once where it cannot. */
	if (from && copying->raw)
		made = virStorageVolCreateXMLFrom(
		    pool, copying->xml, from, VIR_STORAGE_VOL_CREATE_REFLINK);
	if (from && !made)
		made = virStorageVolCreateXMLFrom(pool, copying->xml, from, 0);
	return made ? 0 : vmm_fault(&copying->err, virt);
}

static int make(virDomainPtr domain, void *data)
{
	return build(virDomainGetConnect(domain), data);
}

/* The volume grows in its pool while it is copied. */
static void look(const struct vmm_copy *copy)
{
	AUTOVOL growing = virStorageVolLookupByName(copy->pool, copy->name);
	virStorageVolInfo info;

	if (growing && virStorageVolGetInfo(growing, &info) == 0)
		copy->tell(info.allocation, copy->arg);
}

static int end(struct vmm_call *call, struct vmm_err *err)
{
	struct copying *copying = vmm_call_answer(call);
	AUTOERR why = VMM_ERR_INIT;
	int result;

	vmm_err_move(&why, &copying->err);
	result = vmm_call_end(call, err);
	if (result < 0 && why.status)
		vmm_err_move(err, &why);
	return result;
}

int vmm_copy_make(
    const struct vmm_vm *vm, const struct vmm_copy *copy, struct vmm_err *err)
{
	struct copying *copying = vmm_calloc(1, sizeof *copying);
	struct vmm_call *call;

	copying->from = vmm_strdup(copy->from);
	copying->pool = vmm_strdup(virStoragePoolGetName(copy->pool));
	copying->raw = strcmp(copy->format, "raw") == 0;
	copying->xml =
	    vmm_volxml_build(copy->name, copy->format, copy->like, NULL);
	call = vmm_call_ask(vm, VMM_LONG, make, copying, copying_free, err);
	if (!call)
		return -1;
	for (;;) {
		struct timespec next = vmm_call_deadline(LOOK);

		if (vmm_call_wait(call, copy->tell ? &next : NULL, false))
			return end(call, err);
		look(copy);
	}
}
