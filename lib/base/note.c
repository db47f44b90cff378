/* note: hides where notes are kept, and how their writers' deaths show. */
#include "base/note.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

char *vmm_state_folder(const char *kind)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && *state == '/')
		return vmm_sprintf("%s/vmm/%s", state, kind);
	return home && *home ? vmm_sprintf("%s/.local/state/vmm/%s", home, kind)
			     : NULL;
}

static char *file_of(const char *kind, const char *name)
{
	AUTOFREE char *folder = vmm_state_folder(kind);

	return folder ? vmm_sprintf("%s/%s", folder, name) : NULL;
}

int vmm_make_folders(const char *path)
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

int vmm_note_begin(const char *kind, const char *name, struct vmm_err *err)
{
	AUTOFREE char *path = file_of(kind, name);
	int note = -1;

	if (!path)
		return vmm_err_set(err, VMM_FAILED,
		    "there is no place to note what is begun: neither HOME nor "
		    "XDG_STATE_HOME is set");
	if (vmm_make_folders(path) == 0)
		note = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (note >= 0 && flock(note, LOCK_EX | LOCK_NB) == 0 &&
	    ftruncate(note, 0) == 0)
		return note;
	if (note >= 0 && errno == EWOULDBLOCK)
		vmm_err_set(err, VMM_REFUSED,
		    "somebody else is doing the same just now");
	else
		vmm_err_set(err, VMM_FAILED, "cannot write '%s': %s", path,
		    strerror(errno));
	if (note >= 0)
		close(note);
	return -1;
}

int vmm_note_add(int note, const char *text, struct vmm_err *err)
{
	size_t length = strlen(text);

	errno = ENOSPC; /* what a short write means */
	if (write(note, text, length) == (ssize_t)length)
		return 0;
	return vmm_err_set(
	    err, VMM_FAILED, "cannot note what is begun: %s", strerror(errno));
}

int vmm_note_replace(int note, const char *text)
{
	size_t length = strlen(text);

	/* first it is written over, for fear of a sudden death between */
	return pwrite(note, text, length, 0) == (ssize_t)length
		   ? ftruncate(note, (off_t)length)
		   : -1;
}

void vmm_note_forget(const char *kind, const char *name)
{
	AUTOFREE char *path = file_of(kind, name);

	if (path)
		unlink(path);
}

/* Locked; -1 where there is none, or its writer lives. */
static int lock_note(const char *path)
{
	int note = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (note >= 0 && flock(note, LOCK_EX | LOCK_NB) == 0)
		return note;
	if (note >= 0)
		close(note);
	return -1;
}

void vmm_notes_list(
    const char *kind, const char *prefix, struct vmm_strv *names)
{
	AUTOFREE char *folder = vmm_state_folder(kind);
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		AUTOFREE char *path = file_of(kind, entry->d_name);
		int note;

		if (*entry->d_name == '.' ||
		    strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		note = lock_note(path);
		if (note < 0)
			continue;
		vmm_strv_take(names, vmm_strdup(entry->d_name));
		close(note);
	}
	if (dir)
		closedir(dir);
}

void vmm_notes_live(const char *kind, struct vmm_strv *texts)
{
	AUTOFREE char *folder = vmm_state_folder(kind);
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		AUTOFREE char *path = file_of(kind, entry->d_name);
		int note = *entry->d_name == '.' ? -1 : lock_note(path);
		char *text = NULL;

		if (note >= 0)
			close(note);
		else if (*entry->d_name != '.')
			text = vmm_file_read(path);
		if (text)
			vmm_strv_take(texts, text);
	}
	if (dir)
		closedir(dir);
}

int vmm_note_take(const char *kind, const char *name, char **text)
{
	AUTOFREE char *path = file_of(kind, name);
	int note = lock_note(path);

	*text = NULL;
	if (note < 0)
		return -1;
	*text = vmm_file_read(path);
	if (!*text)
		*text = vmm_strdup("");
	return note;
}
