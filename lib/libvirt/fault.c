/* fault: hides libvirt's error store and the shapes of its messages. */
#include "libvirt/fault.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "libvirt/hint.h"

int vmm_fault_code(void)
{
	const virError *last = virGetLastError();

	return last ? last->code : VIR_ERR_OK;
}

int vmm_fault_none(int answer)
{
	return answer < 0 && vmm_fault_code() == VIR_ERR_NO_SUPPORT ? 0
								    : answer;
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

/* Whether it is something that the driver lacks: a function, by whose name the
 * message ends, or flags of one. A pool that cannot do something has the first
 * code too, and a sentence. */
static bool is_unsupported(const char *text)
{
	const char *last = strrchr(text, ' ');

	switch (vmm_fault_code()) {
	case VIR_ERR_NO_SUPPORT:
		return last && strncmp(last + 1, "vir", 3) == 0;
	case VIR_ERR_INVALID_ARG:
		return strstr(text, "unsupported flags (") != NULL;
	default:
		return false;
	}
}

/* Who cannot do it, and who can. */
static int unsupported(
    struct vmm_err *err, virConnectPtr virt, const char *text)
{
	const char *driver = virConnectGetType(virt);
	const char *since = vmm_hint_since(text);
	unsigned long version = 0;
	unsigned major, minor, micro;

	if (!driver || virConnectGetLibVersion(virt, &version) < 0)
		return vmm_err_set(err, VMM_FAILED, "%s", text);
	/* QEMU's own driver may lack it for another reason */
	if (since && strcmp(driver, "QEMU") == 0 &&
	    sscanf(since, "%u.%u.%u", &major, &minor, &micro) == 3 &&
	    version >= major * 1000000UL + minor * 1000UL + micro)
		since = NULL;
	return vmm_err_set(err, VMM_FAILED,
	    "%s (libvirt %lu.%lu.%lu there has no such thing for %s%s%s)", text,
	    version / 1000000, version / 1000 % 1000, version % 1000, driver,
	    since ? "; for QEMU it has since " : "", since ? since : "");
}

int vmm_fault(struct vmm_err *err, virConnectPtr virt)
{
	AUTOFREE char *text = vmm_fault_text(virGetLastErrorMessage());
	bool lacks = is_unsupported(text);

	if (virt && virConnectIsAlive(virt) == 0)
		return vmm_err_set(
		    err, VMM_NOCONN, "the connection was lost: %s", text);
	if (virt && lacks)
		return unsupported(err, virt, text);
	return vmm_err_set(err, VMM_FAILED, "%s", text);
}

int vmm_fault_act(struct vmm_err *err, virConnectPtr virt)
{
	vmm_fault(err, virt);
	if (err->status == VMM_NOCONN)
		vmm_err_append(err, "; it may have been done all the same");
	return -1;
}
