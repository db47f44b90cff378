/*
 * live: a screen that is printed when it has changed, for pickers that can load
 * their list again.
 */
#ifndef VMM_WORK_LIVE_H
#define VMM_WORK_LIVE_H

#include "work/screen.h"

/*
 * Prints the screen once it is other than what the file PATH holds, and puts
 * it there: looks, and then waits for events. So nothing that happens between
 * one run and the next is missed. Nothing is printed while the file HOLD, which
 * may be NULL, holds something. What goes wrong is the screen's only line,
 * with the verb "back". The connection is opened here, again and again where
 * there is none: SCREEN's own is ignored.
 */
void vmm_live_run(struct vmm_screen *screen, const char *path, const char *hold,
    struct vmm_report *report);

#endif
