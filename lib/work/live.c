/* live: hides how long a screen stays as it is. */
#include "work/live.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/file.h"
#include "work/line.h"

/* Milliseconds in which what belongs together has happened: a VM that starts
 * is several events. */
#define SETTLING 20
/* Seconds until a lost connection is tried once more. */
#define RETRY 1

/* What a screen is that cannot be had. */
static void write_trouble(const struct vmm_screen *screen,
    const struct vmm_err *trouble, struct vmm_buf *out)
{
	const struct vmm_lines lines = {
	    out, screen->icons, screen->args->color};
	AUTOBUF text = VMM_BUF_INIT;

	out->length = 0;
	vmm_escape_message(&text, trouble->text);
	vmm_line_add_ready(&lines, NULL, "back", 0, vmm_buf_text(&text));
}

static bool is_news(const struct vmm_buf *out, const char *before)
{
	return !before || strcmp(vmm_buf_text(out), before) != 0;
}

/* Waits for an event, and until it is quiet again. */
static int wait_for_event(struct vmm_listener *listener, struct vmm_err *err)
{
	AUTOEVENT event = {0};
	int got = vmm_listener_next(listener, NULL, &event, err);

	while (got == 1) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += SETTLING * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		got = vmm_listener_next(listener, &until, &event, err);
	}
	return got;
}

/* Writes the screen into OUT until that is other than BEFORE, and HOLD empty;
 * -1 where the connection cannot be had, or is lost. */
static int watch(struct vmm_screen *screen, const char *before,
    const char *hold, struct vmm_buf *out, struct vmm_err *err)
{
	AUTOLISTENER *listener = NULL;

	if (vmm_screen_needs_host(screen)) {
		screen->conn = vmm_conn_open(screen->args->uri, VMM_LOOK, err);
		if (!screen->conn)
			return -1;
		listener = vmm_conn_listen(screen->conn, NULL,
		    VMM_EVENT_LIFECYCLE | VMM_EVENT_METADATA, err);
		if (!listener)
			return -1;
	}
	for (;;) {
		AUTOERR trouble = VMM_ERR_INIT;

		out->length = 0;
		if (vmm_screen_write(screen, out, &trouble) < 0) {
			if (trouble.status == VMM_NOCONN) {
				vmm_err_move(err, &trouble);
				return -1;
			}
			write_trouble(screen, &trouble, out);
		}
		if (is_news(out, before)) {
			if (!hold || !vmm_file_wait_empty(hold))
				return 0;
			continue; /* it may have changed meanwhile */
		}
		if (!listener)
			pause(); /* nothing can happen to it */
		else if (wait_for_event(listener, err) < 0)
			return -1;
	}
}

void vmm_live_run(struct vmm_screen *screen, const char *path, const char *hold,
    struct vmm_report *report)
{
	AUTOFREE char *before = vmm_file_read(path);
	AUTOBUF out = VMM_BUF_INIT;

	for (;;) {
		AUTOERR err = VMM_ERR_INIT;
		int result = watch(screen, before, hold, &out, &err);

		vmm_conn_close(screen->conn);
		screen->conn = NULL;
		if (result < 0)
			write_trouble(screen, &err, &out);
		if (is_news(&out, before))
			break;
		sleep(RETRY);
	}
	if (vmm_file_write(path, vmm_buf_text(&out), out.length) < 0)
		vmm_report_failure(report, VMM_FAILED, "cannot write '%s': %s",
		    path, strerror(errno));
	vmm_report_out(report, &out);
}
