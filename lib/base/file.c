/* file: hides read loops and closed standard descriptors. */
#include "base/file.h"

#include <fcntl.h>
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

void vmm_file_fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(1);
}
