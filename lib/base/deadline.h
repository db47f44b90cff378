/*
 * deadline: work that is worth nothing when it is late.
 *
 *	if (!vmm_deadline_fork(1000, &out))
 *		... OUT is all that was written, or nothing ...
 *	else
 *		... do it, and write it to standard output ...
 *
 * What is asked may never answer (a stopped daemon, ssh that wants a password),
 * so it is asked by a process of its own, which can be killed: with a session
 * of its own, nothing to read, no terminal to ask on and nothing to say on
 * standard error. It ends with the one that waits for it.
 */
#ifndef VMM_BASE_DEADLINE_H
#define VMM_BASE_DEADLINE_H

#include <stdbool.h>

#include "base/buf.h"

/* True in the process that is to do it. In the one that called, false when the
 * other has ended, or MILLISECONDS are over and it was killed; what it wrote is
 * added to OUT in the first case only. To be called before there are threads.
 */
bool vmm_deadline_fork(int milliseconds, struct vmm_buf *out);

#endif
