/*
 * interrupt: Ctrl-C as something to look at, instead of sudden death.
 *
 * A program calls vmm_interrupt_catch() before it makes any thread. Up to
 * vmm_interrupt_hold() a SIGINT, SIGTERM or SIGHUP still kills. From then on
 * the first is only noted, so that the command can finish or undo what it began
 * and say what it left, before vmm_interrupt_die() lets the process die of the
 * signal; a second one kills at once. vmm_interrupt_hold(false) ends that: look
 * whether one came meanwhile. A signal that was ignored when the
 * program started stays ignored. SIGPIPE is below.
 */
#ifndef VMM_BASE_INTERRUPT_H
#define VMM_BASE_INTERRUPT_H

#include <stdbool.h>

void vmm_interrupt_catch(void);
void vmm_interrupt_hold(bool hold);
/* Has FN called before a signal kills (to restore a terminal); NULL: none. */
void vmm_interrupt_before_death(void (*fn)(void));
/* Whether Ctrl-C belongs to a program that we run in the foreground (an
 * editor): then SIGINT, which reaches us too, is passed over. */
void vmm_interrupt_lend(bool lent);
/* The signal that came, or 0. */
int vmm_interrupted(void);
/* Has wake(ARG) called, from a thread, when the signal comes; at once if it
 * has come already. */
void vmm_interrupt_wake(void (*wake)(void *arg), void *arg);
/* Takes back all wakers of ARG. */
void vmm_interrupt_forget(void *arg);
/* Dies of the signal if one came; else returns. */
void vmm_interrupt_die(void);

/* Has the process die when the one that started it does, however that comes
 * about. */
void vmm_interrupt_with_parent(void);

/*
 * Makes a broken pipe an error to look at: a daemon that dies must not take us
 * along through its socket, and a reader of our output that has seen enough
 * must not stop us halfway.
 */
void vmm_interrupt_keep_pipes(void);
/* Dies as a broken pipe kills a program, unless it was ignored before. */
void vmm_interrupt_broken_pipe(void);

#endif
