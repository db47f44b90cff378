/* unfinished: hides our files, and how libvirt is made to delete what it does
 * not know. */
#include "storage/unfinished.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "libvirt/fault.h"
#include "pure/snapxml.h"

DEFINE_CLEANUP(virDomainSnapshotPtr, virDomainSnapshotFree)
#define AUTOSNAP CLEANUP(virDomainSnapshotFreep) virDomainSnapshotPtr

/* NULL without a home. */
static char *folder(void)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && *state)
		return vmm_sprintf("%s/vmm/snapshots", state);
	return home && *home
		   ? vmm_sprintf("%s/.local/state/vmm/snapshots", home)
		   : NULL;
}

static char *file_of(const struct vmm_vm *vm, const char *name)
{
	AUTOFREE char *base = folder();

	return base ? vmm_sprintf("%s/%s.%s", base, vm->uuid, name) : NULL;
}

/* mkdir -p */
static int make_folders(const char *path)
{
	AUTOFREE char *copy = vmm_strdup(path);

	for (char *p = copy + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			if (mkdir(copy, 0700) < 0 && errno != EEXIST)
				return -1;
			*p = '/';
		}
	return 0;
}

static int write_file(const char *path, const char *text)
{
	size_t length = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool written;

	if (fd < 0)
		return -1;
	written = write(fd, text, length) == (ssize_t)length;
	return close(fd) == 0 && written ? 0 : -1;
}

int vmm_unfinished_note(const struct vmm_vm *vm, const char *name,
    const char *xml, struct vmm_err *err)
{
	AUTOFREE char *path = file_of(vm, name);

	if (!path)
		return vmm_err_set(err, VMM_FAILED,
		    "there is no place to note it: neither HOME nor "
		    "XDG_STATE_HOME is set");
	if (make_folders(path) == 0 && write_file(path, xml) == 0)
		return 0;
	vmm_err_set(
	    err, VMM_FAILED, "cannot write '%s': %s", path, strerror(errno));
	unlink(path);
	return -1;
}

void vmm_unfinished_forget(const struct vmm_vm *vm, const char *name)
{
	AUTOFREE char *path = file_of(vm, name);

	if (path)
		unlink(path);
}

static bool is_known(const struct vmm_vm *vm, const char *name)
{
	AUTOSNAP snapshot = virDomainSnapshotLookupByName(vm->domain, name, 0);

	return snapshot != NULL;
}

void vmm_unfinished_list(const struct vmm_vm *vm, struct vmm_strv *names)
{
	AUTOFREE char *base = folder();
	DIR *dir = base ? opendir(base) : NULL;
	size_t length = strlen(vm->uuid);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name + length + 1;

		if (strncmp(entry->d_name, vm->uuid, length) != 0 ||
		    entry->d_name[length] != '.')
			continue;
		if (is_known(vm, name))
			vmm_unfinished_forget(vm, name);
		else
			vmm_strv_take(names, vmm_strdup(name));
	}
	if (dir)
		closedir(dir);
}

int vmm_unfinished_undo(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	AUTOFREE char *path = file_of(vm, name);
	AUTOFREE char *noted = path ? vmm_file_read(path) : NULL;
	AUTOFREE char *domain = NULL;
	AUTOFREE char *xml = NULL;
	AUTOSNAP snapshot = NULL;

	if (!noted)
		return vmm_err_set(err, VMM_FAILED, "cannot read '%s': %s",
		    path ? path : name, strerror(errno));
	domain = virDomainGetXMLDesc(vm->domain, VIR_DOMAIN_XML_SECURE);
	if (!domain)
		return vmm_fault(err, virt);
	/* libvirt is told of it, to be told to delete it */
	xml = vmm_snapxml_with_domain(noted, domain, err);
	if (!xml)
		return -1;
	snapshot = virDomainSnapshotCreateXML(
	    vm->domain, xml, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE);
	if (!snapshot)
		return vmm_fault(err, virt);
	if (virDomainSnapshotDelete(snapshot, 0) < 0) {
		vmm_fault(err, virt);
		if (err->status == VMM_NOCONN)
			return -1;
		/* perhaps it was cut short before QEMU had written anything */
		if (virDomainSnapshotDelete(
			snapshot, VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY) < 0)
			return -1;
		vmm_err_release(err);
	}
	vmm_unfinished_forget(vm, name);
	return 0;
}
