/* spawn: hides posix_spawn(3), and what of ours a program must not inherit. */
#include "work/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/interrupt.h"

static int cannot_run(const char *program, const char *package,
    const char *setting, int code, struct vmm_err *err)
{
	vmm_err_set(err, VMM_FAILED, "cannot run '%s': %s", program,
	    code == ENOENT ? "there is no such program" : strerror(code));
	if (code == ENOENT && package) {
		AUTOFREE char *text =
		    vmm_sprintf("; it is in the package '%s'", package);

		vmm_err_append(err, text);
	}
	if (code == ENOENT && setting) {
		AUTOFREE char *text =
		    vmm_sprintf("; %s in vmm-config(5) names another", setting);

		vmm_err_append(err, text);
	}
	return -1;
}

pid_t vmm_spawn(const struct vmm_strv *argv, int log, const char *package,
    const char *setting, struct vmm_err *err)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, broken_pipe;
	pid_t process = -1;
	int code;

	sigemptyset(&none); /* base/interrupt blocks, and ignores, some */
	sigemptyset(&broken_pipe);
	sigaddset(&broken_pipe, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
	if (log >= 0) {
		flags |= POSIX_SPAWN_SETSID;
		posix_spawn_file_actions_addopen(
		    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
	}
	if (log == VMM_SPAWN_TALK)
		posix_spawn_file_actions_adddup2(
		    &actions, STDERR_FILENO, STDOUT_FILENO);
	posix_spawnattr_setflags(&attributes, flags);
	code = posix_spawnp(
	    &process, argv->v[0], &actions, &attributes, argv->v, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (code)
		return cannot_run(argv->v[0], package, setting, code, err);
	return process;
}

/* From the thread that gets our signals. */
static void hand_on(void *data)
{
	const pid_t *process = data;

	if (vmm_interrupted() != SIGINT)
		kill(*process, vmm_interrupted());
}

bool vmm_spawn_wait(pid_t process, int milliseconds, int *status)
{
	int fd = (int)syscall(SYS_pidfd_open, process, 0);
	struct pollfd end = {.fd = fd, .events = POLLIN};
	bool for_ever = milliseconds < 0;
	int ready = 1;

	if (for_ever)
		vmm_interrupt_wake(hand_on, &process);
	if (fd >= 0)
		while (
		    (ready = poll(&end, 1, milliseconds)) < 0 && errno == EINTR)
			;
	if (ready)
		while (waitpid(process, status, 0) < 0 && errno == EINTR)
			;
	if (for_ever)
		vmm_interrupt_forget(&process);
	if (fd >= 0)
		close(fd);
	return ready;
}

char *vmm_spawn_failure(int status)
{
	if (WIFSIGNALED(status))
		return vmm_sprintf("died of signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	if (WIFEXITED(status) && WEXITSTATUS(status))
		return vmm_sprintf("ended with status %d", WEXITSTATUS(status));
	return NULL;
}
