/*
 * call: one libvirt call for one VM, which may take long or never come back.
 *
 * QEMU or a guest's agent may be stuck, and whoever asked must still get to
 * hear a Ctrl-C or to pull the plug. So the call is made in a thread of its
 * own. It takes one of the connection's places for such calls (conn.h says
 * why), and a handle of the VM on the connection that has the place.
 */
#ifndef VMM_LIBVIRT_CALL_H
#define VMM_LIBVIRT_CALL_H

#include <stdbool.h>
#include <time.h>

#include "libvirt/set.h"

/* What libvirt's own functions are like: virDomainShutdownFlags() etc. */
typedef int vmm_call_fn(virDomainPtr domain, unsigned flags);
/* The same with something to write the answer to. */
typedef int vmm_ask_fn(virDomainPtr domain, void *answer);

struct vmm_call;

/* Begins fn(the VM, FLAGS). NULL with the error. */
struct vmm_call *vmm_call_begin(const struct vmm_vm *vm, enum vmm_span span,
    vmm_call_fn *fn, unsigned flags, struct vmm_err *err);
/* Begins fn(the VM, ANSWER). The call owns ANSWER from here on, even where it
 * could not begin, and releases it by RELEASE; it is to be read between a
 * successful vmm_call_wait() and vmm_call_end(). */
struct vmm_call *vmm_call_ask(const struct vmm_vm *vm, enum vmm_span span,
    vmm_ask_fn *fn, void *answer, void (*release)(void *answer),
    struct vmm_err *err);
/* The answer that was given to vmm_call_ask(). */
void *vmm_call_answer(struct vmm_call *call);
/* Waits for it to come back; false if it does not before DEADLINE
 * (CLOCK_MONOTONIC; NULL: never), or, if HEED, before an interrupt. */
bool vmm_call_wait(
    struct vmm_call *call, const struct timespec *deadline, bool heed);
/* Waits until it has its place, and libvirt is asked; false if an interrupt
 * comes before, or no long call came or went for PATIENCE milliseconds. */
bool vmm_call_wait_made(struct vmm_call *call, long long patience);
/* Whether it got its place, and libvirt was asked. */
bool vmm_call_is_made(struct vmm_call *call);
/* After it came back: what it returned, with its error, and releases it. */
int vmm_call_end(struct vmm_call *call, struct vmm_err *err);
/* It has taken too long: it holds up no other from here on (conn.h). */
void vmm_call_forgo(struct vmm_call *call);
/* Leaves it alone. It may still come back; one that waits for its place is
 * never made. */
void vmm_call_abandon(struct vmm_call *call);
/*
 * Waits for it, and ends it. An interrupt keeps one that waits for its place
 * from being made. One that was made still has a few seconds to come back, for
 * it can hardly be undone; then it is abandoned, and the error says that
 * libvirt may still do it.
 */
int vmm_call_finish(struct vmm_call *call, struct vmm_err *err) MUST_CHECK;
/* Begins and finishes one. */
int vmm_call(const struct vmm_vm *vm, enum vmm_span span, vmm_call_fn *fn,
    unsigned flags, struct vmm_err *err) MUST_CHECK;

/* CLOCK_MONOTONIC in MILLISECONDS from now. */
struct timespec vmm_call_deadline(long long milliseconds);
/* Whether A comes after B. */
bool vmm_call_is_later(const struct timespec *a, const struct timespec *b);

#endif
