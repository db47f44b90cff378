/* trace: hides that the lines come from libvirt's own log, through a pipe. */
#include "libvirt/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/escape.h"

/* What libvirt reads its log's settings from, when it is initialized. */
static const char *const settings[] = {
    "LIBVIRT_DEBUG", "LIBVIRT_LOG_FILTERS", "LIBVIRT_LOG_OUTPUTS"};

/* The line that ends the thread; no line of libvirt's is empty. */
#define END "\n"

static struct {
	int read, write;
	pthread_t thread;
	char *before[ARRAY_SIZE(settings)]; /* the user's own; NULL: not set */
	bool on, told;
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

/* The LINE `DATE TIME+ZONE: THREAD: debug : FUNCTION:NUMBER : ARGUMENTS`, of
 * those that enter a function of libvirt's API. */
static void tell(const char *line)
{
	AUTOBUF out = VMM_BUF_INIT;
	const char *time = strchr(line, ' ');
	const char *call = strstr(line, ": debug : vir");
	const char *number, *arguments;

	if (!time || !call || time > call)
		return;
	call += strlen(": debug : ");
	number = strchr(call, ':');
	arguments = number ? strstr(number, " : ") : NULL;
	if (!arguments || is_internal(call))
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

static void *follow(void *data)
{
	FILE *log = fdopen(trace.read, "r");
	AUTOFREE char *line = NULL;
	size_t room = 0;
	ssize_t length;

	(void)data;
	while (log && (length = getline(&line, &room, log)) > 1) {
		line[length - 1] = '\0';
		tell(line);
	}
	if (log)
		fclose(log);
	return NULL;
}

/* What was logged before is told before the program ends. */
static void finish(void)
{
	if (write(trace.write, END, strlen(END)) == (ssize_t)strlen(END))
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
	atexit(finish);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		trace.before[i] = vmm_strdup_null(getenv(settings[i]));
	output = vmm_sprintf("1:file:/proc/self/fd/%d", trace.write);
	unsetenv("LIBVIRT_DEBUG");
	setenv("LIBVIRT_LOG_FILTERS", "1:libvirt", 1);
	setenv("LIBVIRT_LOG_OUTPUTS", output, 1);
}

void vmm_trace_begun(void)
{
	if (!trace.on || trace.told)
		return;
	trace.told = true;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (trace.before[i])
			setenv(settings[i], trace.before[i], 1);
		else
			unsetenv(settings[i]);
		free(trace.before[i]);
	}
}
