/* lock: hides where lock files are and which one is a VM's. */
#include "libvirt/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/interrupt.h"

/* Enough that many threads rarely meet at one that is not theirs. */
#define FILES 256
/* Seconds that a lock is waited for. */
#define PATIENCE 60

/* Where all processes of this user meet: with a session or without (cron).
 * NULL: nowhere that is the user's alone. */
static char *directory(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	AUTOFREE char *usual = vmm_sprintf("/run/user/%u", (unsigned)getuid());
	const struct passwd *user;

	if (run && *run == '/')
		return vmm_sprintf("%s/vmm", run);
	if (access(usual, W_OK) == 0)
		return vmm_sprintf("%s/vmm", usual);
	user = getpwuid(getuid());
	return user ? vmm_sprintf("%s/.cache/vmm", user->pw_dir) : NULL;
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

/* FNV-1a */
static unsigned file_of(const char *uuid)
{
	uint32_t hash = 0x811c9dc5U;

	for (; *uuid; uuid++)
		hash = (hash ^ (unsigned char)*uuid) * 0x01000193U;
	return (hash ^ hash >> 16) % FILES;
}

/* Waits, in steps that grow, for flock() cannot be woken by another thread. */
static int wait_for(int lock, int how)
{
	const long longest = 20 * 1000 * 1000;
	struct timespec step = {0, 100 * 1000};

	for (long waited = 0; waited < PATIENCE * 1000;
	     waited += step.tv_nsec / 1000000) {
		if (flock(lock, how | LOCK_NB) == 0)
			return 0;
		if ((errno != EWOULDBLOCK && errno != EINTR) ||
		    vmm_interrupted())
			return -1;
		nanosleep(&step, NULL);
		step.tv_nsec =
		    step.tv_nsec * 2 < longest ? step.tv_nsec * 2 : longest;
	}
	return -1;
}

static int take(int *lock, const char *name, int how, struct vmm_err *err)
{
	AUTOFREE char *dir = directory();
	AUTOFREE char *path = dir ? vmm_sprintf("%s/%s", dir, name) : NULL;

	if (!path)
		return vmm_err_set(err, VMM_FAILED,
		    "there is no place for a lock: you have no home, and "
		    "XDG_RUNTIME_DIR names none");
	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*lock < 0 && errno == ENOENT && make_directory(dir) == 0)
		*lock =
		    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*lock < 0)
		return vmm_err_set(err, VMM_FAILED,
		    "cannot make the lock '%s': %s", path, strerror(errno));
	if (wait_for(*lock, how) == 0)
		return 0;
	/* it is another's, whose record is not to be touched */
	close(*lock);
	*lock = VMM_LOCK_INIT;
	if (vmm_interrupted())
		return vmm_err_set(
		    err, VMM_FAILED, "interrupted before it began");
	return vmm_err_set(err, VMM_FAILED,
	    "another vmm holds the lock '%s' and does not let go", path);
}

/* What a lock's file holds: who had it last, and until when. One who died with
 * it has it still. */
struct record {
	struct timespec until;
	pid_t pid;
	bool held;
};

static bool is_after(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec >= b->tv_nsec;
}

static bool had_after(const struct record *record, const struct timespec *since)
{
	struct timespec now;

	if (record->held || record->pid == getpid())
		return record->pid != getpid();
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* what is still to come was before the host was started anew */
	return is_after(&record->until, since) &&
	       is_after(&now, &record->until);
}

int vmm_lock_take_since(int *lock, const char *uuid,
    const struct timespec *since, bool *changed, struct vmm_err *err)
{
	AUTOFREE char *name = vmm_sprintf("lock-%03u", file_of(uuid));
	struct record mine = {.pid = getpid(), .held = true}, before = {0};

	if (take(lock, name, LOCK_EX, err) < 0)
		return -1;
	*changed = pread(*lock, &before, sizeof before, 0) == sizeof before &&
		   had_after(&before, since);
	errno = ENOSPC; /* of a write that was cut short */
	if (pwrite(*lock, &mine, sizeof mine, 0) == sizeof mine)
		return 0;
	vmm_err_set(err, VMM_FAILED, "cannot write the lock '%s': %s", name,
	    strerror(errno));
	vmm_lock_release(lock);
	return -1;
}

int vmm_lock_take(int *lock, const char *uuid, struct vmm_err *err)
{
	const struct timespec never = {0};
	bool ignored;

	return vmm_lock_take_since(lock, uuid, &never, &ignored, err);
}

int vmm_lock_share(int *lock, const char *name, struct vmm_err *err)
{
	return take(lock, name, LOCK_SH, err);
}

bool vmm_lock_is_last(int lock)
{
	return flock(lock, LOCK_EX | LOCK_NB) == 0;
}

void vmm_lock_release(int *lock)
{
	struct record record;

	if (*lock < 0)
		return;
	if (pread(*lock, &record, sizeof record, 0) == sizeof record &&
	    record.held) {
		record.held = false;
		clock_gettime(CLOCK_MONOTONIC, &record.until);
		/* where that fails it is as if we had died with it */
		if (pwrite(*lock, &record, sizeof record, 0) < 0)
			record.held = true;
	}
	close(*lock);
	*lock = VMM_LOCK_INIT;
}
