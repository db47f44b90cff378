/* interrupt: hides signals; all threads block them, one waits for them. */
#include "base/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/alloc.h"

static sigset_t caught;
static int signal_seen;
static bool held, lent;
static void (*before_death)(void);
static pthread_mutex_t waker_lock = PTHREAD_MUTEX_INITIALIZER;
static struct waker {
	void (*wake)(void *arg);
	void *arg;
} * waker;
static size_t wakers;

static void die_of(int number)
{
	sigset_t one;
	void (*last)(void) = __atomic_load_n(&before_death, __ATOMIC_SEQ_CST);

	if (last)
		last();
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	raise(number);
}

static void *wait_for_signals(void *unused)
{
	for (;;) {
		int number;

		if (sigwait(&caught, &number) != 0)
			continue;
		if (number == SIGINT &&
		    __atomic_load_n(&lent, __ATOMIC_SEQ_CST))
			continue;
		if (!__atomic_load_n(&held, __ATOMIC_SEQ_CST))
			die_of(number);
		if (__atomic_exchange_n(&signal_seen, number, __ATOMIC_SEQ_CST))
			die_of(number);
		pthread_mutex_lock(&waker_lock);
		for (size_t i = 0; i < wakers; i++)
			waker[i].wake(waker[i].arg);
		pthread_mutex_unlock(&waker_lock);
	}
	return unused;
}

void vmm_interrupt_catch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction old;
	pthread_t thread;

	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaddset(&caught, numbers[i]);
	pthread_sigmask(SIG_BLOCK, &caught, NULL);
	if (pthread_create(&thread, NULL, wait_for_signals, NULL) == 0)
		pthread_detach(thread);
	else /* no thread to be had: the signals kill, as everywhere */
		pthread_sigmask(SIG_UNBLOCK, &caught, NULL);
}

void vmm_interrupt_hold(bool hold)
{
	__atomic_store_n(&held, hold, __ATOMIC_SEQ_CST);
}

void vmm_interrupt_lend(bool to_other)
{
	__atomic_store_n(&lent, to_other, __ATOMIC_SEQ_CST);
}

void vmm_interrupt_before_death(void (*fn)(void))
{
	__atomic_store_n(&before_death, fn, __ATOMIC_SEQ_CST);
}

int vmm_interrupted(void)
{
	return __atomic_load_n(&signal_seen, __ATOMIC_SEQ_CST);
}

void vmm_interrupt_wake(void (*wake)(void *arg), void *arg)
{
	pthread_mutex_lock(&waker_lock);
	VMM_GROW(waker, wakers);
	waker[wakers++] = (struct waker){wake, arg};
	if (vmm_interrupted())
		wake(arg);
	pthread_mutex_unlock(&waker_lock);
}

void vmm_interrupt_forget(void *arg)
{
	size_t kept = 0;

	pthread_mutex_lock(&waker_lock);
	for (size_t i = 0; i < wakers; i++)
		if (waker[i].arg != arg)
			waker[kept++] = waker[i];
	wakers = kept;
	if (!wakers) {
		free(waker);
		waker = NULL;
	}
	pthread_mutex_unlock(&waker_lock);
}

void vmm_interrupt_die(void)
{
	if (vmm_interrupted())
		die_of(vmm_interrupted());
}

static bool pipes_kill;

void vmm_interrupt_keep_pipes(void)
{
	pipes_kill = signal(SIGPIPE, SIG_IGN) != SIG_IGN;
}

void vmm_interrupt_broken_pipe(void)
{
	if (pipes_kill)
		die_of(SIGPIPE);
}

void vmm_interrupt_with_parent(void)
{
	pid_t parent = getppid();

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it was quicker than we are */
		raise(SIGTERM);
}
