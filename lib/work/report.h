/*
 * report: the only printer of errors, and the keeper of the exit status.
 *
 * One line a failure, on standard error, `vmm-start: TEXT`, with whatever
 * a VM's owner chose made harmless. Only the main thread reports.
 */
#ifndef VMM_WORK_REPORT_H
#define VMM_WORK_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "work/display.h"

struct vmm_report {
	const char *program;             /* "vmm-start" */
	unsigned count[VMM_TIMEOUT + 1]; /* failures, by their status */
	int lost; /* errno of the first write to standard output that failed */
	struct vmm_display *display; /* gives way while we print; or NULL */
};

/* Reports ERR and counts it. */
void vmm_report_err(struct vmm_report *report, const struct vmm_err *err);
/* Reports a failure that has no struct. */
void vmm_report_failure(struct vmm_report *report, enum vmm_status status,
    const char *format, ...) PRINTF_LIKE(3, 4);
/* Counts a failure that was told otherwise. */
void vmm_report_count(struct vmm_report *report, enum vmm_status status);
/* Whether anything was reported so far. */
bool vmm_report_failed(const struct vmm_report *report);
/* Prints a warning; the exit status does not change. */
void vmm_report_warning(struct vmm_report *report, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Prints what is neither: that something went otherwise than expected. */
void vmm_report_note(struct vmm_report *report, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Writes OUT to standard output, all of it, and empties it. Failing is
 * noticed in vmm_report_finish(). */
void vmm_report_out(struct vmm_report *report, struct vmm_buf *out);
/* Sends what was written on its way, where the next may take long. */
void vmm_report_flush(struct vmm_report *report);
/* Closes standard output, reports if anything written was lost, and returns
 * the exit status. */
int vmm_report_finish(struct vmm_report *report);

#endif
