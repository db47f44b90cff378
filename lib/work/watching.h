/*
 * watching: what vmm watch prints, an event a line.
 */
#ifndef VMM_WORK_WATCHING_H
#define VMM_WORK_WATCHING_H

#include "work/select.h"

struct vmm_watching {
	bool json;
	bool all; /* also VMs that are not in the selection, and new ones */
};

/*
 * Prints what LISTENER hears, until the connection is gone, which is reported,
 * or nobody reads any more. SELECTION, which was made after the listening
 * began, says how the VMs are called; one that is gone is called as it last
 * was.
 */
void vmm_watching_run(const struct vmm_watching *watching,
    struct vmm_conn *conn, struct vmm_listener *listener,
    const struct vmm_selection *selection, const struct vmm_args *args,
    struct vmm_report *report);

#endif
