/*
 * spawn: other programs, run for the user.
 *
 * In the foreground one has our terminal, and is sent the signals that we get.
 * A detached one outlives us and the terminal: a session of its own, nothing to
 * read, and its output goes to a file, for who could read a pipe later?
 */
#ifndef VMM_WORK_SPAWN_H
#define VMM_WORK_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* For LOG: in the foreground. */
#define VMM_SPAWN_FRONT (-1)
/* The same, and what it writes to standard output is talk, and goes to standard
 * error. */
#define VMM_SPAWN_TALK (-2)

/* Runs ARGV, found by PATH; LOG is where a detached one's output goes, or one
 * of those above. The process, or -1 with the error, which for a program that
 * is not there names PACKAGE (NULL: none known) and SETTING (the same), which
 * chooses it. */
pid_t vmm_spawn(const struct vmm_strv *argv, int log, const char *package,
    const char *setting, struct vmm_err *err) MUST_CHECK;
/* Waits until it ended, with *STATUS as of waitpid(2); false if it did not in
 * MILLISECONDS, -1: for ever. A signal that comes while we wait for ever is
 * handed on to it, but SIGINT, which the terminal sends to both. */
bool vmm_spawn_wait(pid_t process, int milliseconds, int *status);
/* How it ended, as "ended with status 3", to be freed; NULL: well. */
char *vmm_spawn_failure(int status);

#endif
