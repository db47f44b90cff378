/* trace: hides that the lines come from libvirt's own log, through a pipe. */
#include "libvirt/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/escape.h"

/* What libvirt reads its log's settings from, when it is initialized. */
static const char *const settings[] = {
    "LIBVIRT_DEBUG", "LIBVIRT_LOG_FILTERS", "LIBVIRT_LOG_OUTPUTS"};

/* libvirt's descriptor is the lowest that is free when it is initialized. */
#define NEAR 64

/* Bytes that libvirt can be ahead of who reads our standard error. */
#define ROOM (1 << 20)

static struct {
	int read, write;
	pthread_t thread;
	char *before[ARRAY_SIZE(settings)]; /* the user's own; NULL: not set */
	bool on, told, ending;
} trace;

/* What libvirt does by itself to get ready. */
static bool is_internal(const char *call)
{
	static const char *const begins[] = {
	    "virGlobalInit:", "virRegister", "virConnectOpenInternal:"};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (strncmp(call, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* Whether LINE begins as those of the log do, with DATE TIME+ZONE: THREAD, and
 * is not what a definition has behind a line's end, which libvirt logs as it is
 * (and which can only be told apart as long as nobody imitates it). */
static const char *call_of(const char *line)
{
	int end = 0;

	sscanf(line, "%*4d-%*2d-%*2d %*2d:%*2d:%*2d.%*3d+%*4d: %*d: debug : %n",
	    &end);
	return end && strncmp(line + end, "vir", 3) == 0 ? line + end : NULL;
}

/* The LINE `DATE TIME+ZONE: THREAD: debug : FUNCTION:NUMBER : ARGUMENTS`, of
 * those that enter a function of libvirt's API. */
static void tell(const char *line)
{
	AUTOBUF out = VMM_BUF_INIT;
	const char *call = call_of(line);
	const char *number = call ? strchr(call, ':') : NULL;
	const char *arguments = number ? strstr(number, " : ") : NULL;
	const char *time = strchr(line, ' ');

	if (!arguments || !time || is_internal(call))
		return;
	time++;
	vmm_buf_addf(&out, "%s: ", program_invocation_short_name);
	vmm_escape(&out, time, strcspn(time, "+"));
	vmm_buf_addc(&out, ' ');
	vmm_escape(&out, call, (size_t)(number - call));
	vmm_buf_addc(&out, ' ');
	vmm_escapes(&out, arguments + 3);
	vmm_buf_addc(&out, '\n');
	/* at once, so that lines of threads and programs stay whole */
	if (write(STDERR_FILENO, out.text, out.length) < 0)
		return;
}

/* The last line, and no line of libvirt's: what it logs has no NUL. */
static const char last_line[] = {'\0', '\n'};

static void *follow(void *data)
{
	FILE *log = fdopen(trace.read, "r");
	AUTOFREE char *line = NULL;
	size_t room = 0;
	ssize_t length;

	(void)data;
	while (log && (length = getline(&line, &room, log)) > 0) {
		if (length == sizeof last_line &&
		    memcmp(line, last_line, sizeof last_line) == 0)
			break;
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		tell(line);
	}
	/* LOG stays open: libvirt may still write, and must not fail */
	return NULL;
}

void vmm_trace_end(void)
{
	if (!trace.on ||
	    __atomic_exchange_n(&trace.ending, true, __ATOMIC_ACQ_REL))
		return;
	if (write(trace.write, last_line, sizeof last_line) == sizeof last_line)
		pthread_join(trace.thread, NULL);
}

void vmm_trace_begin(void)
{
	const char *wanted = getenv("VMM_DEBUG");
	AUTOFREE char *output = NULL;
	int end[2];

	if (trace.on || !wanted || strcmp(wanted, "1") != 0 ||
	    pipe2(end, O_CLOEXEC) < 0)
		return;
	trace.read = end[0];
	trace.write = end[1];
	if (pthread_create(&trace.thread, NULL, follow, NULL) != 0)
		return;
	trace.on = true;
	atexit(vmm_trace_end);
	/* libvirt waits, all of it, for a log that is full */
	fcntl(trace.write, F_SETPIPE_SZ, ROOM);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		trace.before[i] = vmm_strdup_null(getenv(settings[i]));
	output = vmm_sprintf("1:file:/proc/self/fd/%d", trace.write);
	unsetenv("LIBVIRT_DEBUG");
	setenv("LIBVIRT_LOG_FILTERS", "1:libvirt", 1);
	setenv("LIBVIRT_LOG_OUTPUTS", output, 1);
}

/* libvirt has opened its end itself, and so that children have it, too. */
static void close_in_children(void)
{
	struct stat ours, its;

	if (fstat(trace.write, &ours) < 0)
		return;
	for (int fd = trace.write + 1; fd < trace.write + NEAR; fd++)
		if (fstat(fd, &its) == 0 && its.st_dev == ours.st_dev &&
		    its.st_ino == ours.st_ino)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void vmm_trace_begun(void)
{
	if (!trace.on || trace.told)
		return;
	trace.told = true;
	close_in_children();
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (trace.before[i])
			setenv(settings[i], trace.before[i], 1);
		else
			unsetenv(settings[i]);
		free(trace.before[i]);
	}
}
