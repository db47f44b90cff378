/* consoling: hides a raw terminal, and the two ways between it and a stream.
 *
 * Not virsh console: that passes over SIGTERM and SIGHUP.
 *
 * Each way has a thread, for a call on a stream that blocks cannot be ended.
 * Both are left to the end of the process. */
#include "work/consoling.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/interrupt.h"
#include "libvirt/call.h"
#include "libvirt/event.h"
#include "libvirt/fault.h"
#include "libvirt/power.h"
#include "storage/disks.h"

#define ESCAPE 0x1d /* Ctrl-] */
/* Milliseconds in which libvirt sees that a VM went off. */
#define MOMENT 2000

/* --- opening --- */

int vmm_console_check(struct vmm_err *err)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "a console needs a terminal, as standard input and standard "
	    "output");
}

static int check(const struct vmm_vm *vm, const struct vmm_console *console,
    struct vmm_err *err)
{
	AUTODOMXML *xml = vmm_disks_read(vm, 0, err);

	if (!xml)
		return -1;
	if (!xml->console && !console->device)
		return vmm_err_set(err, VMM_FAILED,
		    "it has no serial console; 'vmm edit' can add <console "
		    "type='pty'/>, 'vmm view' shows its screen");
	if (!console->device && strcmp(xml->console, "pty") != 0)
		return vmm_err_set(err, VMM_FAILED,
		    "its serial console is of type '%s', and only 'pty' can "
		    "be opened; 'vmm edit' can change it",
		    xml->console);
	if (!vmm_state_is_active(vm->state) && !console->start)
		return vmm_err_set(err, VMM_FAILED,
		    "it is off; --start starts it, and so does 'vmm start'");
	return 0;
}

static int open_stream(
    const struct vmm_vm *vm, struct vmm_console *console, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);

	console->stream = virStreamNew(virt, 0);
	if (!console->stream)
		return vmm_fault(err, virt);
	if (virDomainOpenConsole(vm->domain, console->device, console->stream,
		console->force ? VIR_DOMAIN_CONSOLE_FORCE : 0) == 0)
		return 0;
	vmm_fault(err, virt);
	/* libvirt has no code of its own for it */
	if (!console->force && strstr(err->text, "ctive console session"))
		vmm_err_append(err, "; --force takes it over");
	virStreamFree(console->stream);
	console->stream = NULL;
	return -1;
}

/* What was started paused is not left so, or it is said. */
static int let_go(
    struct vmm_vm *vm, struct vmm_console *console, struct vmm_err *err)
{
	bool waits = console->waits;

	console->waits = false;
	if (!waits ||
	    (vmm_power_look(vm, err) == 0 && vmm_power_resume(vm, err) == 0))
		return 0;
	return vmm_err_append(
	    err, "; it was started, and 'vmm resume' lets it go on");
}

/* There is no console, for ERR; what was started for it goes on. */
static int give_up(
    struct vmm_vm *vm, struct vmm_console *console, struct vmm_err *err)
{
	AUTOERR ignored = VMM_ERR_INIT;
	bool started = console->waits;

	if (let_go(vm, console, &ignored) < 0)
		return vmm_err_append(
		    err, "; it was started, and 'vmm resume' lets it go on");
	return started ? vmm_err_append(err, "; it was started all the same")
		       : -1;
}

int vmm_console_open(
    struct vmm_vm *vm, struct vmm_console *console, struct vmm_err *err)
{
	const struct vmm_start paused = {.paused = true};

	if (check(vm, console, err) < 0)
		return -1;
	if (!vmm_state_is_active(vm->state)) {
		vmm_interrupt_hold(true);
		if (vmm_power_start(vm, &paused, err) < 0)
			return vmm_interrupted() || err->status == VMM_NOCONN
				   ? vmm_err_append(err,
					 "; should it come up, it is paused, "
					 "and 'vmm resume' lets it go on")
				   : -1;
		console->waits = true;
	}
	if (open_stream(vm, console, err) == 0)
		return 0;
	return give_up(vm, console, err);
}

/* --- the terminal --- */

static struct termios before;

static void write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno != EINTR)
			return;
		if (done > 0) {
			text += done;
			n -= (size_t)done;
		}
	}
}

static void restore(void)
{
	write_all(STDOUT_FILENO, "\r\n", 2); /* wherever the guest was */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static int make_raw(struct vmm_err *err)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return vmm_err_set(err, VMM_FAILED,
		    "cannot ask the terminal: %s", strerror(errno));
	raw = before;
	cfmakeraw(&raw);
	vmm_interrupt_before_death(restore);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return vmm_err_set(err, VMM_FAILED,
		    "cannot set the terminal: %s", strerror(errno));
	return 0;
}

/* --- the two ways --- */

struct ways {
	virStreamPtr stream;
	int typed[2]; /* a pipe to the thread that sends */
	int ended[2]; /* a pipe from the one that receives: its end */
	pthread_mutex_t lock;
	struct vmm_err err;
};

static void note_fault(struct ways *ways)
{
	AUTOFREE char *text = vmm_fault_text(virGetLastErrorMessage());

	pthread_mutex_lock(&ways->lock);
	if (!ways->err.status)
		vmm_err_set(&ways->err, VMM_FAILED, "%s", text);
	pthread_mutex_unlock(&ways->lock);
}

static void *receive(void *data)
{
	struct ways *ways = data;
	char text[4096];
	int n;

	while ((n = virStreamRecv(ways->stream, text, sizeof text)) > 0)
		write_all(STDOUT_FILENO, text, (size_t)n);
	if (n < 0)
		note_fault(ways);
	close(ways->ended[1]);
	return NULL;
}

static void *send_typed(void *data)
{
	struct ways *ways = data;
	char text[512];
	ssize_t n;

	while ((n = read(ways->typed[0], text, sizeof text)) > 0)
		for (ssize_t done = 0; done < n;) {
			int sent = virStreamSend(
			    ways->stream, text + done, (size_t)(n - done));

			if (sent < 0) /* receiving fails too, and tells */
				return NULL;
			done += sent;
		}
	return NULL;
}

/* Until the user leaves, or the other end does; true: it was the user. */
static bool type(const struct ways *ways)
{
	struct pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = ways->ended[0], .events = POLLIN}};
	char text[512];

	for (;;) {
		ssize_t n;
		const char *escape;

		if (poll(wait, 2, -1) < 0)
			continue;
		if (wait[1].revents)
			return false;
		n = read(STDIN_FILENO, text, sizeof text);
		if (n <= 0) {
			if (n < 0 && errno == EINTR)
				continue;
			return true; /* the terminal is gone */
		}
		escape = memchr(text, ESCAPE, (size_t)n);
		if (escape)
			n = escape - text;
		/* a guest that takes no more: as a terminal rings then */
		if (n && write(ways->typed[1], text, (size_t)n) < n)
			write_all(STDOUT_FILENO, "\a", 1);
		if (escape)
			return true;
	}
}

static int begin(struct ways *ways, struct vmm_err *err)
{
	pthread_t thread;

	if (pipe2(ways->typed, O_CLOEXEC) == 0 &&
	    pipe2(ways->ended, O_CLOEXEC) == 0 &&
	    fcntl(ways->typed[1], F_SETFL, O_NONBLOCK) == 0 &&
	    pthread_create(&thread, NULL, receive, ways) == 0 &&
	    pthread_create(&thread, NULL, send_typed, ways) == 0)
		return 0;
	return vmm_err_set(
	    err, VMM_FAILED, "cannot begin: %s", strerror(errno));
}

/* Whether the VM goes off, of which its console may know before libvirt. It is
 * not asked: after a stream was taken away libvirt has been seen to owe the
 * answer on that connection for ever, while events still come. */
static bool goes_off(struct vmm_listener *listener)
{
	struct timespec deadline = vmm_call_deadline(MOMENT);
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOEVENT event = {0};

	while (vmm_listener_next(listener, &deadline, &event, &ignored) > 0)
		if (event.event == VIR_DOMAIN_EVENT_STOPPED)
			return true;
	return false;
}

/* Why the console ended. */
static int tell_end(struct vmm_vm *vm, struct ways *ways,
    struct vmm_listener *listener, bool *off, struct vmm_err *err)
{
	AUTOERR fault = VMM_ERR_INIT;

	*off = goes_off(listener);
	if (*off)
		return 0;
	if (virConnectIsAlive(vmm_conn_virt(vm->conn)) != 1)
		return vmm_err_set(err, VMM_NOCONN, "the connection was lost");
	pthread_mutex_lock(&ways->lock);
	vmm_err_move(&fault, &ways->err);
	pthread_mutex_unlock(&ways->lock);
	return vmm_err_set(err, VMM_FAILED,
	    "it was closed, perhaps for somebody else who took it over%s%s",
	    fault.text ? ": " : "", fault.text ? fault.text : "");
}

int vmm_console_run(struct vmm_vm *vm, struct vmm_console *console, bool *off,
    struct vmm_err *err)
{
	/* the threads outlive this */
	struct ways *ways = vmm_calloc(1, sizeof *ways);
	AUTOLISTENER *listener =
	    vmm_conn_listen(vm->conn, vm->uuid, VMM_EVENT_LIFECYCLE, err);
	bool left = false;
	int result;

	ways->stream = console->stream;
	pthread_mutex_init(&ways->lock, NULL);
	if (listener)
		vmm_conn_abandon(vm->conn); /* they use it */
	if (!listener || begin(ways, err) < 0 || make_raw(err) < 0)
		return give_up(vm, console, err);
	result = let_go(vm, console, err);
	vmm_interrupt_hold(false);
	left = vmm_interrupted();
	if (result == 0 && !left)
		left = type(ways);
	restore();
	vmm_interrupt_before_death(NULL);
	if (result == 0 && !left)
		result = tell_end(vm, ways, listener, off, err);
	return result;
}
