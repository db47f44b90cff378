/* parallel: hides threads, and who takes which item when. */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "base/alloc.h"

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t worked;
	size_t count, next;
	bool *done; /* an item each; NULL where nobody retires them */
	vmm_item_fn *work;
	void *arg;
};

static void *work_items(void *data)
{
	struct crew *crew = data;

	for (;;) {
		size_t item =
		    __atomic_fetch_add(&crew->next, 1, __ATOMIC_RELAXED);

		if (item >= crew->count)
			return NULL;
		crew->work(item, crew->arg);
		if (!crew->done)
			continue;
		pthread_mutex_lock(&crew->lock);
		crew->done[item] = true;
		pthread_cond_signal(&crew->worked);
		pthread_mutex_unlock(&crew->lock);
	}
}

static void wait_for(struct crew *crew, size_t item)
{
	pthread_mutex_lock(&crew->lock);
	while (!crew->done[item])
		pthread_cond_wait(&crew->worked, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
}

void vmm_parallel(size_t count, unsigned threads, vmm_item_fn *work,
    vmm_item_fn *retire, void *arg)
{
	struct crew crew = {.lock = PTHREAD_MUTEX_INITIALIZER,
	    .worked = PTHREAD_COND_INITIALIZER,
	    .count = count,
	    .work = work,
	    .arg = arg};
	AUTOFREE pthread_t *thread = NULL;
	unsigned started = 0;

	if (threads > count)
		threads = (unsigned)count;
	if (threads > 1) {
		thread = vmm_calloc(threads, sizeof *thread);
		if (retire)
			crew.done = vmm_calloc(count, sizeof *crew.done);
		while (started < threads && pthread_create(&thread[started],
						NULL, work_items, &crew) == 0)
			started++;
	}
	for (size_t i = 0; retire && i < count; i++) {
		if (started)
			wait_for(&crew, i);
		else
			work(i, arg);
		retire(i, arg);
	}
	if (!retire && !started)
		work_items(&crew);
	for (unsigned i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	free(crew.done);
}

void vmm_parallel_near(
    size_t count, unsigned threads, vmm_item_fn *work, void *arg)
{
	int here = sched_getcpu();
	cpu_set_t before, one;
	bool moved = false;

	if (threads > 1 && count > 1 && here >= 0 && here < CPU_SETSIZE &&
	    sched_getaffinity(0, sizeof before, &before) == 0) {
		CPU_ZERO(&one);
		CPU_SET((size_t)here, &one);
		moved = sched_setaffinity(0, sizeof one, &one) == 0;
	}
	vmm_parallel(count, threads, work, NULL, arg);
	if (moved)
		sched_setaffinity(0, sizeof before, &before);
}
