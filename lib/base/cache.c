/* cache: hides where texts are kept, and how it shows that one is whole. */
#include "base/cache.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/index.h"
#include "base/note.h"

/* Bytes: what is longer is none of ours. */
#define LONGEST (1024L * 1024)

/* Not another's, who could put a link there, and would find folders in it that
 * he may not enter: as with sudo, HOME may be. */
static bool is_ours(const char *folder)
{
	struct stat status;

	return stat(folder, &status) < 0 || status.st_uid == geteuid();
}

static char *file_of(const char *name)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (cache && *cache == '/')
		return is_ours(cache) ? vmm_sprintf("%s/vmm/%s", cache, name)
				      : NULL;
	return home && *home && is_ours(home)
		   ? vmm_sprintf("%s/.cache/vmm/%s", home, name)
		   : NULL;
}

/* What stands before TEXT in its file: the checksum tells half a file, or one
 * that lost its content with the power, from a whole one. */
static char *head_of(const char *key, const char *text)
{
	return vmm_sprintf("%016zx %s\n", vmm_index_hash(text), key);
}

/* Without waiting for anybody, should it be a pipe. */
static FILE *open_ours(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_uid == geteuid() && status.st_size <= LONGEST)
		file = fdopen(fd, "r");
	if (!file)
		close(fd);
	return file;
}

char *vmm_cache_get(const char *name, const char *key)
{
	AUTOFREE char *path = file_of(name);
	FILE *file = path ? open_ours(path) : NULL;
	/* a key may hold anything, but its length is known */
	size_t before = strlen("0123456789abcdef ") + strlen(key) + 1;
	AUTOBUF all = VMM_BUF_INIT;
	AUTOFREE char *head = NULL;
	const char *text;
	int failed;

	if (!file)
		return NULL;
	failed = vmm_file_read_all(file, &all);
	fclose(file);
	if (failed || all.length < before)
		return NULL;
	text = vmm_buf_text(&all) + before;
	head = head_of(key, text);
	return memcmp(all.text, head, before) == 0 ? vmm_strdup(text) : NULL;
}

/* Whoever reads meanwhile has the old file or the new one. The name is always
 * the same, so that what a sudden death leaves does not add up; two who write
 * at once may spoil it, and then it is not there. */
void vmm_cache_put(const char *name, const char *key, const char *text)
{
	AUTOFREE char *path = file_of(name);
	AUTOFREE char *made = path ? vmm_sprintf("%s.new", path) : NULL;
	AUTOFREE char *head = head_of(key, text);
	AUTOFREE char *all = vmm_sprintf("%s%s", head, text);
	FILE *file;
	bool whole;
	int fd;

	if (!path || vmm_make_folders(path) < 0)
		return;
	unlink(made);
	fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	whole = fwrite(all, 1, strlen(all), file) == strlen(all);
	if (fclose(file) != 0 || !whole || rename(made, path) < 0)
		unlink(made);
}
