/* progress: hides that two threads share it. */
#include "base/progress.h"

#include <time.h>

#define STORE(where, value) __atomic_store_n(&(where), value, __ATOMIC_RELAXED)
#define LOAD(where) __atomic_load_n(&(where), __ATOMIC_RELAXED)

long long vmm_progress_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void vmm_progress_begin(struct vmm_progress *progress)
{
	STORE(progress->since, vmm_progress_now());
	__atomic_store_n(&progress->stage, VMM_STAGE_WORKING, __ATOMIC_RELEASE);
}

void vmm_progress_set(struct vmm_progress *progress, unsigned long long done,
    unsigned long long total)
{
	STORE(progress->done, done);
	STORE(progress->total, total);
}

void vmm_progress_end(struct vmm_progress *progress)
{
	__atomic_store_n(&progress->stage, VMM_STAGE_ENDED, __ATOMIC_RELEASE);
}

struct vmm_progress vmm_progress_get(const struct vmm_progress *progress)
{
	return (struct vmm_progress){.watched = progress->watched,
	    .stage = __atomic_load_n(&progress->stage, __ATOMIC_ACQUIRE),
	    .since = LOAD(progress->since),
	    .done = LOAD(progress->done),
	    .total = LOAD(progress->total)};
}
