/* kept: hides where it is kept, under which names, and how a shell reads
 * them. */
#include "storage/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/note.h"

/* Bytes of a VM's name in the folder's: with the rest it must stay below the
 * 255 of a file's. */
#define LONGEST_NAME 80
/* Removals of one VM in one second. */
#define TRIES 100

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZ0123456789_-.";

/* --- names --- */

/* TIME-NAME-UUID, of what no shell and no terminal takes for anything else. */
static char *name_of(const struct vmm_keep *keep)
{
	AUTOFREE char *name = vmm_strndup(keep->name, LONGEST_NAME);
	time_t now = time(NULL);
	char when[sizeof "20261125-235959"] = "";
	struct tm tm;

	for (char *p = name; *p; p++)
		if (!strchr(plain, *p))
			*p = '_';
	if (localtime_r(&now, &tm))
		strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm);
	return vmm_sprintf("%s-%s-%s", when, name, keep->uuid);
}

/* As one word of a shell, to be freed: with backslashes, for the message that
 * it stands in has quotes of its own. What is not ASCII a shell takes as it
 * is. */
static char *word(const char *text)
{
	AUTOBUF quoted = VMM_BUF_INIT;

	for (; *text; text++) {
		bool special = (unsigned char)*text < 0x80 &&
			       !strchr(plain, *text) && !strchr("/:@+,", *text);

		if (special)
			vmm_buf_addc(&quoted, '\\');
		vmm_buf_addc(&quoted, *text);
	}
	return vmm_buf_take(&quoted);
}

/* --- writing --- */

static int cannot_write(const char *path, struct vmm_err *err)
{
	return vmm_err_set(err, VMM_REFUSED,
	    "its definition cannot be kept: cannot write '%s': %s", path,
	    strerror(errno));
}

/* What is there, or is no more, in the folder PATH outlasts a power failure. */
static int sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = folder < 0 ? -1 : fsync(folder);

	if (folder >= 0)
		close(folder);
	return result;
}

static int make_folder(
    const struct vmm_keep *keep, struct vmm_kept *kept, struct vmm_err *err)
{
	AUTOFREE char *above = vmm_state_folder("removed");
	AUTOFREE char *name = name_of(keep);
	AUTOFREE char *path = NULL;

	if (!above)
		return vmm_err_set(err, VMM_REFUSED,
		    "there is no place to keep its definition: neither HOME "
		    "nor XDG_STATE_HOME is set");
	for (int i = 1; i <= TRIES; i++) {
		free(path);
		path = i == 1 ? vmm_sprintf("%s/%s", above, name)
			      : vmm_sprintf("%s/%s.%d", above, name, i);
		if (vmm_make_folders(path) < 0)
			break;
		if (mkdir(path, 0700) == 0) {
			kept->folder = TAKE_PTR(path);
			return sync_folder(above) < 0 ? cannot_write(above, err)
						      : 0;
		}
		if (errno != EEXIST)
			break;
	}
	return cannot_write(path, err);
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		left -= (size_t)n;
	}
	return fsync(fd);
}

static int write_file(
    struct vmm_kept *kept, char *path, const char *text, struct vmm_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int result = 0;

	if (fd < 0) {
		cannot_write(path, err);
		free(path);
		return -1;
	}
	vmm_strv_take(&kept->files, path);
	if (write_all(fd, text) < 0)
		result = cannot_write(path, err);
	close(fd);
	return result;
}

/* --- the way back --- */

/* Its numbers have leading zeros: a shell sorts them as text. */
static char *snapshot_name(const struct vmm_keep *keep, size_t number)
{
	int digits = snprintf(NULL, 0, "%zu", keep->snapshots->n);

	return vmm_sprintf("snapshot-%0*zu.xml", digits, number);
}

static char *script_of(const struct vmm_keep *keep, const char *uri)
{
	AUTOBUF text = VMM_BUF_INIT;

	vmm_buf_addf(&text,
	    "#!/bin/sh\n"
	    "# Brings a VM back that vmm-rm(1) removed.\n"
	    "set -e\n"
	    "cd \"$(dirname \"$0\")\"\n"
	    "virsh -c %s define domain.xml\n",
	    uri);
	for (size_t i = 1; i <= keep->snapshots->n; i++) {
		AUTOFREE char *name = snapshot_name(keep, i);

		vmm_buf_addf(&text,
		    "virsh -c %s snapshot-create %s %s --redefine%s\n", uri,
		    keep->uuid, name, i == keep->current ? " --current" : "");
	}
	if (keep->autostart)
		vmm_buf_addf(
		    &text, "virsh -c %s autostart %s\n", uri, keep->uuid);
	return vmm_buf_take(&text);
}

static int write_script(
    const struct vmm_keep *keep, struct vmm_kept *kept, struct vmm_err *err)
{
	AUTOFREE char *path = vmm_sprintf("%s/restore.sh", kept->folder);
	AUTOFREE char *quoted = word(path);
	AUTOFREE char *uri = word(keep->uri);
	AUTOFREE char *text = script_of(keep, uri);

	kept->all = vmm_sprintf("sh %s", quoted);
	return write_file(kept, TAKE_PTR(path), text, err);
}

static int write_all_of_it(
    const struct vmm_keep *keep, struct vmm_kept *kept, struct vmm_err *err)
{
	AUTOFREE char *domain = vmm_sprintf("%s/domain.xml", kept->folder);
	AUTOFREE char *quoted = word(domain);
	AUTOFREE char *uri = word(keep->uri);

	kept->definition = vmm_sprintf("virsh -c %s define %s", uri, quoted);
	if (write_file(kept, TAKE_PTR(domain), keep->xml, err) < 0)
		return -1;
	for (size_t i = 0; i < keep->snapshots->n; i++) {
		AUTOFREE char *name = snapshot_name(keep, i + 1);

		if (write_file(kept, vmm_sprintf("%s/%s", kept->folder, name),
			keep->snapshots->v[i], err) < 0)
			return -1;
	}
	if (keep->snapshots->n || keep->autostart) {
		if (write_script(keep, kept, err) < 0)
			return -1;
	} else {
		kept->all = vmm_strdup(kept->definition);
	}
	return sync_folder(kept->folder) < 0 ? cannot_write(kept->folder, err)
					     : 0;
}

int vmm_kept_write(
    const struct vmm_keep *keep, struct vmm_kept *kept, struct vmm_err *err)
{
	if (make_folder(keep, kept, err) == 0 &&
	    write_all_of_it(keep, kept, err) == 0)
		return 0;
	vmm_kept_discard(kept);
	return -1;
}

void vmm_kept_discard(struct vmm_kept *kept)
{
	for (size_t i = 0; i < kept->files.n; i++)
		unlink(kept->files.v[i]);
	if (kept->folder)
		rmdir(kept->folder);
	vmm_kept_release(kept);
}

void vmm_kept_release(struct vmm_kept *kept)
{
	free(kept->folder);
	free(kept->definition);
	free(kept->all);
	vmm_strv_release(&kept->files);
	*kept = (struct vmm_kept){0};
}
