/* unfinished: hides our files, and how libvirt is made to delete what it does
 * not know. */
#include "storage/unfinished.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
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

static int write_note(int fd, const char *text)
{
	size_t length = strlen(text);

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || ftruncate(fd, 0) < 0)
		return -1;
	errno = ENOSPC; /* what a short write means */
	return write(fd, text, length) == (ssize_t)length ? 0 : -1;
}

int vmm_unfinished_note(const struct vmm_vm *vm, const char *name,
    const char *xml, int *fd, struct vmm_err *err)
{
	AUTOFREE char *path = file_of(vm, name);

	*fd = -1;
	if (!path)
		return vmm_err_set(err, VMM_FAILED,
		    "there is no place to note it: neither HOME nor "
		    "XDG_STATE_HOME is set");
	if (make_folders(path) == 0)
		*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd >= 0 && write_note(*fd, xml) == 0)
		return 0;
	if (*fd >= 0 && errno == EWOULDBLOCK)
		vmm_err_set(err, VMM_FAILED,
		    "a snapshot of that name is being taken just now");
	else
		vmm_err_set(err, VMM_FAILED, "cannot write '%s': %s", path,
		    strerror(errno));
	if (*fd >= 0)
		close(*fd);
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

/* The note, locked; -1 where there is none, or its snapshot is being taken. */
static int lock_note(const struct vmm_vm *vm, const char *name)
{
	AUTOFREE char *path = file_of(vm, name);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

void vmm_unfinished_list(const struct vmm_vm *vm, struct vmm_strv *names)
{
	AUTOFREE char *base = folder();
	DIR *dir = base ? opendir(base) : NULL;
	size_t length = strlen(vm->uuid);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name + length + 1;
		int fd;

		if (strncmp(entry->d_name, vm->uuid, length) != 0 ||
		    entry->d_name[length] != '.')
			continue;
		fd = lock_note(vm, name);
		if (fd < 0)
			continue;
		if (is_known(vm, name))
			vmm_unfinished_forget(vm, name);
		else
			vmm_strv_take(names, vmm_strdup(name));
		close(fd);
	}
	if (dir)
		closedir(dir);
}

/* libvirt is told of the snapshot, to be told to delete it. */
int vmm_unfinished_clear(
    const struct vmm_vm *vm, const char *xml, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	AUTOFREE char *domain = NULL;
	AUTOFREE char *whole = NULL;
	AUTOSNAP snapshot = NULL;

	domain = virDomainGetXMLDesc(vm->domain, VIR_DOMAIN_XML_SECURE);
	if (!domain)
		return vmm_fault(err, virt);
	whole = vmm_snapxml_with_domain(xml, domain, err);
	if (!whole)
		return -1;
	snapshot = virDomainSnapshotCreateXML(
	    vm->domain, whole, VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE);
	if (!snapshot)
		return vmm_fault(err, virt);
	if (virDomainSnapshotDelete(snapshot, 0) == 0)
		return 0;
	vmm_fault(err, virt);
	if (err->status == VMM_NOCONN)
		return -1;
	/* perhaps QEMU has none */
	if (virDomainSnapshotDelete(
		snapshot, VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY) < 0)
		return -1;
	vmm_err_release(err);
	return 0;
}

int vmm_unfinished_undo(
    const struct vmm_vm *vm, const char *name, struct vmm_err *err)
{
	AUTOFREE char *path = file_of(vm, name);
	AUTOFREE char *noted = NULL;
	AUTOERR unread = VMM_ERR_INIT;
	AUTOSNAPXML *snapshot = NULL;
	int fd = lock_note(vm, name), result = 0;

	if (fd < 0)
		return 0;
	noted = vmm_file_read(path);
	/* half a note was never followed by a snapshot */
	snapshot = noted ? vmm_snapxml_read(noted, &unread) : NULL;
	if (snapshot && !is_known(vm, name))
		result = vmm_unfinished_clear(vm, noted, err);
	if (result == 0)
		vmm_unfinished_forget(vm, name);
	close(fd);
	return result;
}
