/*
 * interrupt: Ctrl-C as something to look at, instead of sudden death.
 *
 * A command that changes VMs calls vmm_interrupt_catch() before it makes any
 * thread. The first SIGINT, SIGTERM or SIGHUP is then only noted, so that the
 * command can finish or undo what it began and say what it left, before
 * vmm_interrupt_die() lets the process die of the signal. A second one kills
 * at once. A signal that was ignored when the program started stays ignored.
 */
#ifndef VMM_BASE_INTERRUPT_H
#define VMM_BASE_INTERRUPT_H

void vmm_interrupt_catch(void);
/* The signal that came, or 0. */
int vmm_interrupted(void);
/* Has wake(ARG) called, from a thread, when the signal comes; at once if it
 * has come already. */
void vmm_interrupt_wake(void (*wake)(void *arg), void *arg);
/* Takes back all wakers of ARG. */
void vmm_interrupt_forget(void *arg);
/* Dies of the signal if one came; else returns. */
void vmm_interrupt_die(void);

/*
 * Makes a broken pipe an error to look at: a daemon that dies must not take us
 * along through its socket, and a reader of our output that has seen enough
 * must not stop us halfway.
 */
void vmm_interrupt_keep_pipes(void);
/* Dies as a broken pipe kills a program, unless it was ignored before. */
void vmm_interrupt_broken_pipe(void);

#endif
