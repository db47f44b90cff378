/*
 * deadline: programs whose answer is worth nothing when it is late.
 *
 * What is asked may never answer (a stopped daemon, ssh that wants a password),
 * so it is asked by a process that can be killed: with a session of its own,
 * nothing to read, no terminal to ask on and nothing to say on standard error.
 * It ends with the one that waits for it.
 */
#ifndef VMM_BASE_DEADLINE_H
#define VMM_BASE_DEADLINE_H

#include <stdbool.h>

#include "base/buf.h"

/* Runs ARGV, whose first is a path and not looked for, and adds all that it
 * wrote to OUT. False, with nothing added: it did not end within MILLISECONDS,
 * and was killed, or not with status 0. */
bool vmm_deadline_run(
    int milliseconds, const struct vmm_strv *argv, struct vmm_buf *out);

#endif
