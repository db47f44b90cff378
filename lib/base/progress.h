/*
 * progress: how far a piece of work is, told by the one who does it and read by
 * whoever shows it.
 *
 * Any thread may read while one writes. Where nobody is watching, what costs
 * something to find out need not be asked for.
 */
#ifndef VMM_BASE_PROGRESS_H
#define VMM_BASE_PROGRESS_H

#include <stdbool.h>

enum vmm_stage {
	VMM_STAGE_WAITING, /* not begun */
	VMM_STAGE_WORKING,
	VMM_STAGE_ENDED,
};

struct vmm_progress {
	bool watched; /* set before the work begins */
	enum vmm_stage stage;
	long long since;                /* ms of CLOCK_MONOTONIC: begun */
	unsigned long long done, total; /* bytes; total 0: not known */
};

void vmm_progress_begin(struct vmm_progress *progress);
void vmm_progress_set(struct vmm_progress *progress, unsigned long long done,
    unsigned long long total);
void vmm_progress_end(struct vmm_progress *progress);
/* What it is just now. */
struct vmm_progress vmm_progress_get(const struct vmm_progress *progress);
/* Milliseconds of CLOCK_MONOTONIC. */
long long vmm_progress_now(void);

#endif
