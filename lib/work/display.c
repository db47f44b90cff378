/* display: hides the terminal. */
#include "work/display.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/human.h"
#include "base/interrupt.h"

/* Milliseconds before it appears, and between two pictures. */
#define PATIENCE 400
#define PAUSE 200
/* Lines at most, the last one for the rest; the terminal may have fewer. */
#define LINES 10
/* Columns of the bar. */
#define BAR 20
/* Columns of " 1023.9 MiB/s 12:34:56". */
#define SPEED 22

struct vmm_display {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news; /* it ends */
	bool ends;
	size_t n;
	vmm_show_fn *show;
	void *arg;
	size_t drawn; /* lines that are on the screen, the cursor below them */
};

/* The terminal: standard error, or what VMM_PROGRESS_FD says (vmm(1)), for who
 * reads what standard error says and leaves the picture to people. */
static int terminal = STDERR_FILENO;
/* That is none, but was given to us: a program reads there. */
static bool for_program;

/* Before anything is opened: where the caller has a descriptor no longer, one
 * of ours would take its place, be it libvirt's socket. */
__attribute__((constructor)) static void find_terminal(void)
{
	const char *fd = getenv("VMM_PROGRESS_FD");

	if (!fd || *fd < '3' || *fd > '9' || fd[1] ||
	    fcntl(*fd - '0', F_GETFD) < 0)
		return;
	terminal = *fd - '0';
	for_program = !isatty(terminal);
}

/* The one on the screen, for a signal to take off. */
static struct vmm_display *on_screen;

static void put(const struct vmm_buf *text)
{
	/* a terminal that is gone is no reason to stop working */
	(void)!write(terminal, text->text, text->length);
}

static void erase(struct vmm_display *display, struct vmm_buf *out)
{
	if (display->drawn)
		vmm_buf_addf(out, "\033[%zuA\r\033[J", display->drawn);
	display->drawn = 0;
}

/* The program dies: the last picture should not stay. No lock is taken, for
 * whoever has it may never give it back. */
static void erase_at_death(void)
{
	AUTOBUF out = VMM_BUF_INIT;

	erase(on_screen, &out);
	if (out.length)
		put(&out);
}

/* --- one line --- */

static void add_name(struct vmm_buf *out, const char *name, size_t width)
{
	AUTOFREE char *path = vmm_escaped(name);
	size_t all = vmm_text_width(path);

	if (all <= width) {
		vmm_buf_addf(out, "%s%*s", path, (int)(width - all), "");
	} else { /* the end of a path says more than its beginning */
		const char *tail = vmm_text_end(path, width - 1);

		vmm_buf_addf(out, "<%s%*s", tail,
		    (int)(width - 1 - vmm_text_width(tail)), "");
	}
}

static void add_bar(struct vmm_buf *out, double share)
{
	int full = (int)(share * BAR);

	vmm_buf_addc(out, '[');
	for (int i = 0; i < BAR; i++)
		vmm_buf_addc(out, i < full ? '#' : '-');
	vmm_buf_addf(out, "]%4.0f%%", share * 100);
}

/* How fast it is, and how long it will take at that. */
static void add_speed(
    struct vmm_buf *out, const struct vmm_progress *progress, long long ms)
{
	double rate = ms ? (double)progress->done * 1000 / (double)ms : 0;
	AUTOFREE char *bytes = vmm_human_bytes((unsigned long long)rate);
	AUTOFREE char *left = NULL;
	AUTOFREE char *text = NULL;

	if (rate >= 1 && progress->done < progress->total)
		left = vmm_human_seconds(
		    (long long)((double)(progress->total - progress->done) /
				rate));
	text = vmm_sprintf("%s/s %s", bytes, left ? left : "");
	vmm_buf_addf(out, " %*s", SPEED - 1, rate >= 1 ? text : "");
}

static void add_line(
    struct vmm_buf *out, const struct vmm_shown *shown, size_t columns)
{
	const struct vmm_progress *progress = &shown->progress;
	long long ms = vmm_progress_now() - progress->since;
	/* two blanks, the bar in brackets, a blank and "100%" */
	bool bar = progress->total && columns > BAR + 20;
	bool speed = bar && columns > BAR + SPEED + 20;
	size_t beside = !bar ? 10 : speed ? BAR + 9 + SPEED : BAR + 9;
	AUTOFREE char *since = vmm_human_seconds(ms / 1000);

	add_name(out, shown->name, columns > beside ? columns - beside : 1);
	vmm_buf_adds(out, "  ");
	if (bar) {
		double share = (double)progress->done / (double)progress->total;

		add_bar(out, share > 1 ? 1 : share);
		if (speed)
			add_speed(out, progress, ms);
	} else {
		vmm_buf_adds(out, since);
	}
	vmm_buf_addc(out, '\n');
}

/* --- the picture --- */

static void draw(struct vmm_display *display)
{
	AUTOBUF out = VMM_BUF_INIT;
	struct winsize size = {0};
	size_t working = 0, ended = 0, lines = LINES, columns = 80;

	if (ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col &&
	    size.ws_row) {
		columns = size.ws_col;
		if (size.ws_row <= LINES)
			lines = size.ws_row > 2 ? size.ws_row - 1 : 1;
	}
	if (columns > 100)
		columns = 100; /* a bar far from its name is hard to read */
	erase(display, &out);
	/* a character that is wider than we think must not make two lines */
	vmm_buf_adds(&out, "\033[?7l");
	for (size_t i = 0; i < display->n; i++) {
		struct vmm_shown shown;

		display->show(i, display->arg, &shown);
		ended += shown.progress.stage == VMM_STAGE_ENDED;
		if (shown.progress.stage != VMM_STAGE_WORKING)
			continue;
		if (working++ < lines - 1) {
			add_line(&out, &shown, columns - 1);
			display->drawn++;
		}
	}
	if (display->n > 1) {
		AUTOFREE char *sum = vmm_sprintf(
		    "%zu of %zu done, %zu at work", ended, display->n, working);

		vmm_buf_addf(&out, "%.*s\n", (int)columns - 1, sum);
		display->drawn++;
	}
	vmm_buf_adds(&out, "\033[?7h");
	put(&out);
}

/* A line for a program: how many percent of all there is to do are done. */
static void tell(struct vmm_display *display)
{
	AUTOBUF out = VMM_BUF_INIT;
	double sum = 0;
	bool known = false;

	for (size_t i = 0; i < display->n; i++) {
		struct vmm_shown shown;
		const struct vmm_progress *progress = &shown.progress;

		display->show(i, display->arg, &shown);
		if (progress->stage == VMM_STAGE_ENDED) {
			sum += 1;
		} else if (progress->total) {
			double share =
			    (double)progress->done / (double)progress->total;

			sum += share > 1 ? 1 : share;
			known = true;
		}
	}
	if (known || sum > 0)
		vmm_buf_addf(
		    &out, "%d\n", (int)(sum * 100 / (double)display->n));
	else
		vmm_buf_adds(&out, "-\n");
	put(&out);
}

static void *run(void *data)
{
	struct vmm_display *display = data;
	int wait = PATIENCE;
	sigset_t pipe;

	sigemptyset(&pipe); /* who read may be gone */
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	pthread_mutex_lock(&display->lock);
	while (!display->ends) {
		struct timespec until;
		int late;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += wait * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		wait = PAUSE;
		do
			late = pthread_cond_clockwait(&display->news,
			    &display->lock, CLOCK_MONOTONIC, &until);
		while (!late && !display->ends);
		if (display->ends)
			break;
		if (for_program)
			tell(display);
		else
			draw(display);
	}
	pthread_mutex_unlock(&display->lock);
	return NULL;
}

struct vmm_display *vmm_display_start(size_t n, vmm_show_fn *show, void *arg)
{
	const char *term = getenv("TERM");
	struct vmm_display *display;

	if (!n)
		return NULL;
	if (!for_program &&
	    (!isatty(terminal) || !term || !*term || strcmp(term, "dumb") == 0))
		return NULL;
	display = vmm_calloc(1, sizeof *display);
	pthread_mutex_init(&display->lock, NULL);
	pthread_cond_init(&display->news, NULL);
	display->n = n;
	display->show = show;
	display->arg = arg;
	if (pthread_create(&display->thread, NULL, run, display) == 0) {
		on_screen = display;
		vmm_interrupt_before_death(erase_at_death);
		return display;
	}
	free(display);
	return NULL;
}

void vmm_display_hide(struct vmm_display *display)
{
	AUTOBUF out = VMM_BUF_INIT;

	if (!display)
		return;
	pthread_mutex_lock(&display->lock);
	if (display->drawn) {
		erase(display, &out);
		put(&out);
	}
}

/* The next picture comes when it is due. */
void vmm_display_show(struct vmm_display *display)
{
	if (display)
		pthread_mutex_unlock(&display->lock);
}

void vmm_display_end(struct vmm_display *display)
{
	if (!display)
		return;
	vmm_interrupt_before_death(NULL);
	vmm_display_hide(display);
	display->ends = true;
	pthread_cond_signal(&display->news);
	vmm_display_show(display);
	pthread_join(display->thread, NULL);
	free(display);
}
