/* deadline: hides fork(2) and exec(3), and the pipe between the two. */
#include "base/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Whether FD came to its end in time. */
static bool read_until(int fd, long long end, struct vmm_buf *out)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	for (;;) {
		long long left = end - now();
		char piece[4096];
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(&readable, 1, (int)left) <= 0)
			continue;
		n = read(fd, piece, sizeof piece);
		if (n > 0)
			vmm_buf_add(out, piece, (size_t)n);
		else if (n == 0 || errno != EINTR)
			return n == 0;
	}
}

static void become(const struct vmm_strv *argv, int output)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	vmm_interrupt_with_parent();
	setsid();
	dup2(output, STDOUT_FILENO);
	if (nothing >= 0) {
		dup2(nothing, STDIN_FILENO);
		dup2(nothing, STDERR_FILENO);
	}
	execv(argv->v[0], argv->v);
	raise(SIGKILL); /* who waits then knows that it is not to be had */
}

static void stop(pid_t worker)
{
	/* it leads a group of its own, with whatever it started */
	if (kill(-worker, SIGKILL) < 0)
		kill(worker, SIGKILL);
}

/* The status of WORKER, who has said all; killed where it then stays. */
static int end_of(pid_t worker, long long end)
{
	const struct timespec nap = {0, 200 * 1000};
	int status = -1;
	pid_t ended;

	while ((ended = waitpid(worker, &status, WNOHANG)) == 0 && now() < end)
		nanosleep(&nap, NULL);
	if (ended)
		return status;
	stop(worker);
	while (waitpid(worker, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

bool vmm_deadline_run(
    int milliseconds, const struct vmm_strv *argv, struct vmm_buf *out)
{
	long long end = now() + milliseconds;
	AUTOBUF read = VMM_BUF_INIT;
	int ends[2], status = -1;
	pid_t worker;
	bool whole;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	worker = fork();
	if (worker == 0)
		become(argv, ends[1]);
	close(ends[1]);
	whole = worker > 0 && read_until(ends[0], end, &read);
	close(ends[0]);
	if (worker > 0 && !whole)
		stop(worker);
	if (worker > 0)
		status = end_of(worker, end);
	if (!whole || status)
		return false;
	vmm_buf_add(out, vmm_buf_text(&read), read.length);
	return true;
}
