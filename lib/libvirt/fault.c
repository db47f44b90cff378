/* fault: hides libvirt's error store and the shapes of its messages. */
#include "libvirt/fault.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

int vmm_fault_code(void)
{
	const virError *last = virGetLastError();

	return last ? last->code : VIR_ERR_OK;
}

bool vmm_fault_is_no_file(void)
{
	const virError *last = virGetLastError();

	return last && (last->code == VIR_ERR_NO_STORAGE_VOL ||
			   (last->code == VIR_ERR_SYSTEM_ERROR &&
			       last->int1 == ENOENT));
}

char *vmm_fault_text(const char *message)
{
	AUTOBUF line = VMM_BUF_INIT;

	/* QEMU's own lines come through with their line ends */
	while (*message) {
		size_t n = strcspn(message, "\r\n");

		if (n && line.length)
			vmm_buf_adds(&line, "; ");
		vmm_buf_add(&line, message, n);
		message += n;
		message += strspn(message, "\r\n");
	}
	return vmm_buf_take(&line);
}

/* Whether it is a function that the driver lacks, by whose name the message
 * ends. A pool that cannot do something has the same code, and a sentence. */
static bool lacks_function(const char *text)
{
	const char *last = strrchr(text, ' ');

	return vmm_fault_code() == VIR_ERR_NO_SUPPORT && last &&
	       strncmp(last + 1, "vir", 3) == 0;
}

/* Who cannot do it: which release has what is in libvirt's own table, at
 * libvirt.org/hvsupport.html. */
static int unsupported(
    struct vmm_err *err, virConnectPtr virt, const char *text)
{
	const char *driver = virConnectGetType(virt);
	unsigned long version = 0;

	if (!driver || virConnectGetLibVersion(virt, &version) < 0)
		return vmm_err_set(err, VMM_FAILED, "%s", text);
	return vmm_err_set(err, VMM_FAILED,
	    "%s (libvirt %lu.%lu.%lu there has no such thing for %s)", text,
	    version / 1000000, version / 1000 % 1000, version % 1000, driver);
}

int vmm_fault(struct vmm_err *err, virConnectPtr virt)
{
	AUTOFREE char *text = vmm_fault_text(virGetLastErrorMessage());
	bool is_unsupported = lacks_function(text);

	if (virt && virConnectIsAlive(virt) == 0)
		return vmm_err_set(
		    err, VMM_NOCONN, "the connection was lost: %s", text);
	if (virt && is_unsupported)
		return unsupported(err, virt, text);
	return vmm_err_set(err, VMM_FAILED, "%s", text);
}
