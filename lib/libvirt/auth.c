/* auth: hides where a question is asked. */
#include "libvirt/auth.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/interrupt.h"

static int kinds[] = {VIR_CRED_AUTHNAME, VIR_CRED_ECHOPROMPT,
    VIR_CRED_PASSPHRASE, VIR_CRED_NOECHOPROMPT};

/* The terminal as it was; one question is asked at a time. */
static struct {
	int fd;
	struct termios before;
} hushed;

static void restore_echo(void)
{
	tcsetattr(hushed.fd, TCSAFLUSH, &hushed.before);
}

/* Switches the echo off, also for whoever kills us while it is. */
static bool switch_echo_off(int fd)
{
	struct termios silent;

	if (tcgetattr(fd, &hushed.before) < 0)
		return false;
	hushed.fd = fd;
	silent = hushed.before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	vmm_interrupt_before_death(restore_echo);
	return tcsetattr(fd, TCSAFLUSH, &silent) == 0;
}

/* Asks on the terminal: returns the answer, to be freed, or NULL. */
static char *ask_terminal(const char *question, bool echo)
{
	FILE *terminal = fopen("/dev/tty", "r+e");
	char *answer = NULL;
	size_t room = 0;
	bool silent;

	if (!terminal)
		return NULL;
	silent = !echo && switch_echo_off(fileno(terminal));
	fprintf(terminal, "%s: ", question);
	fflush(terminal);
	if (getline(&answer, &room, terminal) < 0) {
		free(answer);
		answer = NULL;
	}
	if (silent) {
		restore_echo();
		fputc('\n', terminal);
	}
	vmm_interrupt_before_death(NULL);
	fclose(terminal);
	return answer;
}

/* Asks through the program ASKPASS: the answer, to be freed, or NULL. */
static char *ask_program(const char *askpass, const char *question)
{
	char *const argv[] = {(char *)askpass, (char *)question, NULL};
	AUTOBUF answer = VMM_BUF_INIT;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all;
	int ends[2], status = -1, failed;
	FILE *stream;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawnattr_init(&attributes); /* our signals are not its own */
	sigfillset(&all);
	posix_spawnattr_setsigdefault(&attributes, &all);
	sigemptyset(&all);
	posix_spawnattr_setsigmask(&attributes, &all);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	failed =
	    posix_spawnp(&child, askpass, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	stream = fdopen(ends[0], "r");
	if (!failed) {
		if (vmm_file_read_all(stream, &answer) < 0)
			failed = -1;
		waitpid(child, &status, 0);
	}
	fclose(stream);
	return failed || status ? NULL : vmm_buf_take(&answer);
}

static char *ask(const char *question, bool echo)
{
	static const char *const programs[] = {"VMM_ASKPASS", "SSH_ASKPASS"};
	AUTOBUF safe = VMM_BUF_INIT;
	char *answer;

	vmm_escape_message(&safe, question); /* the server chose it */
	answer = ask_terminal(vmm_buf_text(&safe), echo);
	for (size_t i = 0; !answer && i < ARRAY_SIZE(programs); i++) {
		const char *program = getenv(programs[i]);

		if (program && *program)
			answer = ask_program(program, vmm_buf_text(&safe));
	}
	if (answer)
		answer[strcspn(answer, "\r\n")] = '\0';
	return answer;
}

/* The question that CRED puts, to be freed. */
static char *question_of(const virConnectCredential *cred)
{
	const char *text = cred->prompt ? cred->prompt : "Password";
	size_t length = strlen(text);

	while (length && strchr(": ", text[length - 1]))
		length--;
	return vmm_strndup(text, length);
}

static const char *known_answer(
    const struct vmm_auth *auth, const char *question)
{
	for (size_t i = 0; i < auth->asked.n; i++)
		if (strcmp(auth->asked.v[i], question) == 0)
			return auth->answers.v[i];
	return NULL;
}

static int answer_all(
    virConnectCredentialPtr cred, unsigned int count, void *data)
{
	struct vmm_auth *auth = data;
	int failed = 0;

	__atomic_store_n(&auth->asking, 1, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < count && !failed; i++) {
		bool echo = cred[i].type == VIR_CRED_AUTHNAME ||
			    cred[i].type == VIR_CRED_ECHOPROMPT;
		char *question = question_of(&cred[i]);
		const char *known = known_answer(auth, question);

		if (!known) {
			char *answer =
			    auth->refused ? NULL : ask(question, echo);

			if (!answer) {
				auth->refused = true;
				free(question);
				failed = -1;
				break;
			}
			if (!*answer && cred[i].defresult) {
				free(answer);
				answer = vmm_strdup(cred[i].defresult);
			}
			vmm_strv_take(&auth->asked, question);
			vmm_strv_take(&auth->answers, answer);
			known = answer;
		} else {
			free(question);
		}
		cred[i].result = vmm_strdup(known);
		cred[i].resultlen = (unsigned)strlen(known);
	}
	__atomic_store_n(&auth->asking, 0, __ATOMIC_SEQ_CST);
	return failed;
}

void vmm_auth_init(struct vmm_auth *auth)
{
	*auth = (struct vmm_auth){.virt = {.credtype = kinds,
				      .ncredtype = ARRAY_SIZE(kinds),
				      .cb = answer_all,
				      .cbdata = auth}};
}

void vmm_auth_release(struct vmm_auth *auth)
{
	for (size_t i = 0; i < auth->answers.n; i++)
		explicit_bzero(auth->answers.v[i], strlen(auth->answers.v[i]));
	vmm_strv_release(&auth->asked);
	vmm_strv_release(&auth->answers);
}

bool vmm_auth_is_asking(const struct vmm_auth *auth)
{
	return __atomic_load_n(&auth->asking, __ATOMIC_SEQ_CST) != 0;
}
