/*
 * A virsh that is there already, for the tests: they ask it thousands of
 * times, and most of what that takes is the linking of forty libraries.
 *
 * As LD_PRELOAD of virsh it takes the place of main(): the process, linked and
 * with nothing done yet, becomes a server, and each request is a fork of it
 * that goes on in virsh's own main(). So a request is a virsh of its own, with
 * a connection of its own, and nothing is held in between.
 *
 *   LD_PRELOAD=virsh.so virsh DIR
 *
 * returns when DIR, which it makes, has what helpers.bash's virsh() needs:
 *   turn     a FIFO with one byte in it, which belongs to whoever asks
 *   ask      a FIFO: a line is a word that names the request in DIR/request
 *   answer   a FIFO: that word, the exit status, and how many bytes there are
 *            in DIR/out and DIR/err
 *   request  the asking process, its directory, the variables of VARIABLES
 *            (NAME=VALUE, or nothing), virsh's arguments; a NUL behind each
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLES 5
#define MAX_ARGS 1000

static const char *const variables[VARIABLES] = {"LIBVIRT_DEFAULT_URI", "HOME",
    "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"};

typedef int main_fn(int, char **, char **);
static main_fn *virsh_main;

static int die(const char *what)
{
	perror(what);
	return 1;
}

/* What `path` has, with a NUL behind it. */
static char *read_all(const char *path, size_t *size)
{
	static char text[1 << 20];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	*size = 0;
	while ((n = read(fd, text + *size, sizeof(text) - 1 - *size)) > 0)
		*size += (size_t)n;
	close(fd);
	text[*size] = '\0';
	return text;
}

/* A pipe, or a file from its beginning: what the asking process reads. */
static int open_stdin(const char *pid, int needed)
{
	char path[64] = "/dev/null";
	int fd;

	if (needed)
		snprintf(path, sizeof(path), "/proc/%.20s/fd/0", pid);
	/* of a FIFO nobody need have the other end */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

/* In the fork: becomes the virsh that is asked for. */
static int request(int out, int err)
{
	static char *argv[MAX_ARGS + 2];
	const char *pid, *dir;
	char *at, *end;
	size_t size;
	int argc = 0, in, needs_stdin = 0;

	if (!(at = read_all("request", &size)))
		return die("request");
	end = at + size;
	pid = at;
	at += strlen(at) + 1;
	dir = at;
	at += strlen(at) + 1;
	for (int i = 0; i < VARIABLES && at < end; i++) {
		unsetenv(variables[i]);
		if (*at)
			putenv(at);
		at += strlen(at) + 1;
	}
	argv[argc++] = (char *)"virsh";
	for (; at < end && argc <= MAX_ARGS; at += strlen(at) + 1) {
		argv[argc++] = at;
		needs_stdin |= strstr(at, "/dev/stdin") != NULL;
	}
	if ((in = open_stdin(pid, needs_stdin)) < 0)
		return die("standard input");
	if (chdir(dir) < 0)
		return die(dir);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	return virsh_main(argc, argv, environ);
}

/* Does what is asked for; the status is a shell's. */
static int serve(int out, int err)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		exit(request(out, err));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 126;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int open_fifo(const char *name)
{
	if (mkfifo(name, 0600) < 0)
		return -1;
	/* for writing too, so that it never ends */
	return open(name, O_RDWR | O_CLOEXEC);
}

static int open_output(const char *name)
{
	return open(
	    name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
}

static int run_server(int ask, int answer)
{
	char id[64], line[128];

	for (;;) {
		struct stat out_stat, err_stat;
		ssize_t n = read(ask, id, sizeof(id) - 1);
		int out, err, status;

		if (n <= 0)
			return 1;
		id[n] = '\0';
		id[strcspn(id, "\n")] = '\0';
		out = open_output("out");
		err = open_output("err");
		if (out < 0 || err < 0)
			return 1;
		status = serve(out, err);
		if (fstat(out, &out_stat) < 0 || fstat(err, &err_stat) < 0)
			return 1;
		close(out);
		close(err);
		n = snprintf(line, sizeof(line), "%s %d %lld %lld\n", id,
		    status, (long long)out_stat.st_size,
		    (long long)err_stat.st_size);
		if (write(answer, line, (size_t)n) != n)
			return 1;
	}
}

/* In virsh's place: the server, in the background. */
static int begin(int argc, char **argv, char **envp)
{
	int ask, answer, turn, null;

	(void)envp;
	if (argc != 2 || mkdir(argv[1], 0700) < 0 || chdir(argv[1]) < 0)
		return die(argc == 2 ? argv[1] : "usage");
	unsetenv("LD_PRELOAD");
	unsetenv("LD_BIND_NOW");
	if ((ask = open_fifo("ask")) < 0 ||
	    (answer = open_fifo("answer")) < 0 ||
	    (turn = open_fifo("turn")) < 0)
		return die("mkfifo");
	if ((null = open("/dev/null", O_RDWR)) < 0)
		return die("/dev/null");
	if (write(turn, "t", 1) != 1)
		return die("turn");
	switch (fork()) {
	case -1:
		return die("fork");
	case 0:
		setsid();
		for (int fd = 0; fd <= 2; fd++)
			dup2(null, fd);
		/* bats waits until nobody has its descriptors */
		for (int fd = 3; fd < 1024; fd++)
			if (fd != ask && fd != answer && fd != turn)
				close(fd);
		return run_server(ask, answer);
	default:
		return 0;
	}
}

int __libc_start_main(main_fn *real_main, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end)
{
	typedef int start_fn(main_fn *, int, char **, void (*)(void),
	    void (*)(void), void (*)(void), void *);
	start_fn *start = (start_fn *)dlsym(RTLD_NEXT, "__libc_start_main");

	virsh_main = real_main;
	return start(begin, argc, argv, init, fini, rtld_fini, stack_end);
}
