/*
 * display: which VMs are still being worked on, on standard error, for people.
 *
 * A bar where a fraction is known, else the time that went by. It appears when
 * the work takes long, is redrawn a few times a second, and is gone afterwards.
 * Where standard error is no terminal there is none, unless VMM_PROGRESS_FD, 3
 * to 9, is a descriptor that is one; if that is a pipe, say, a program is told
 * how many percent are done, a line each time.
 */
#ifndef VMM_WORK_DISPLAY_H
#define VMM_WORK_DISPLAY_H

#include <stddef.h>

#include "base/progress.h"

struct vmm_display;

/* What is to be seen of one piece of work. */
struct vmm_shown {
	const char *name; /* borrowed; may be hostile */
	struct vmm_progress progress;
};
typedef void vmm_show_fn(size_t i, void *arg, struct vmm_shown *shown);

/* Begins to show N pieces of work, asking show(I, ARG) from a thread of its
 * own. NULL where nobody would see it; all below take that. */
struct vmm_display *vmm_display_start(size_t n, vmm_show_fn *show, void *arg);
/* Takes it off the screen, and keeps it off until vmm_display_show(). */
void vmm_display_hide(struct vmm_display *display);
void vmm_display_show(struct vmm_display *display);
void vmm_display_end(struct vmm_display *display);

#endif
