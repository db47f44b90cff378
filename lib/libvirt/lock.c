/* lock: hides where lock files are and which one is a VM's. */
#include "libvirt/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* Enough that many threads rarely meet at one that is not theirs. */
#define FILES 64

static char *directory(void)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	const char *home = getenv("HOME");

	if (!base || !*base)
		base = getenv("XDG_CACHE_HOME");
	if (base && *base)
		return vmm_sprintf("%s/vmm", base);
	return vmm_sprintf("%s/.cache/vmm", home ? home : "");
}

/* mkdir -p */
static int make_directory(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int result;

		*p = '\0';
		result = mkdir(path, 0700);
		*p = '/';
		if (result < 0 && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

/* FNV-1a over both strings */
static unsigned file_of(const char *uri, const char *uuid)
{
	uint32_t hash = 0x811c9dc5U;

	for (; *uri; uri++)
		hash = (hash ^ (unsigned char)*uri) * 0x01000193U;
	for (; *uuid; uuid++)
		hash = (hash ^ (unsigned char)*uuid) * 0x01000193U;
	return (hash ^ hash >> 16) % FILES;
}

int vmm_lock_take(
    int *lock, const char *uri, const char *uuid, struct vmm_err *err)
{
	AUTOFREE char *dir = directory();
	AUTOFREE char *path =
	    vmm_sprintf("%s/lock-%02u", dir, file_of(uri, uuid));
	int result;

	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*lock < 0 && errno == ENOENT && make_directory(dir) == 0)
		*lock =
		    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*lock < 0)
		return vmm_err_set(err, VMM_FAILED,
		    "cannot make the lock '%s': %s", path, strerror(errno));
	do {
		result = flock(*lock, LOCK_EX);
	} while (result < 0 && errno == EINTR);
	if (result < 0)
		return vmm_err_set(err, VMM_FAILED,
		    "cannot take the lock '%s': %s", path, strerror(errno));
	return 0;
}

void vmm_lock_release(int *lock)
{
	if (*lock >= 0)
		close(*lock);
	*lock = VMM_LOCK_INIT;
}
