/* file: hides read loops and closed standard descriptors. */
#include "base/file.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

int vmm_file_read_all(FILE *stream, struct vmm_buf *out)
{
	char part[4096];
	size_t n;

	while ((n = fread(part, 1, sizeof part, stream)) > 0)
		vmm_buf_add(out, part, n);
	return ferror(stream) ? -1 : 0;
}

char *vmm_file_read(const char *path)
{
	AUTOBUF text = VMM_BUF_INIT;
	FILE *stream = fopen(path, "re");
	int failed;

	if (!stream)
		return NULL;
	failed = vmm_file_read_all(stream, &text);
	fclose(stream);
	return failed ? NULL : vmm_buf_take(&text);
}

int vmm_file_write(const char *path, const char *text, size_t length)
{
	FILE *stream = fopen(path, "we");
	size_t written;

	if (!stream)
		return -1;
	written = fwrite(text, 1, length, stream);
	return fclose(stream) == 0 && written == length ? 0 : -1;
}

static bool holds_something(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 && file.st_size > 0;
}

bool vmm_file_wait_empty(const char *path)
{
	const unsigned changes =
	    IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
	bool waited = false;
	char events[4096];
	int fd;

	if (!holds_something(path))
		return false;
	fd = inotify_init1(IN_CLOEXEC);
	if (fd < 0)
		return false;
	if (inotify_add_watch(fd, path, changes) >= 0)
		while (holds_something(path) &&
		       read(fd, events, sizeof events) > 0)
			waited = true; /* for what, does not matter */
	close(fd);
	return waited;
}

void vmm_file_fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(1);
}
