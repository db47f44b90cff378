/* report: hides standard output and standard error. */
#include "work/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"

static void note_lost(struct vmm_report *report, bool failed)
{
	if (failed && !report->lost)
		report->lost = errno ? errno : EIO;
}

void vmm_report_flush(struct vmm_report *report)
{
	vmm_display_hide(report->display);
	note_lost(report, fflush(stdout) != 0);
	vmm_display_show(report->display);
}

/* One line, in one write: lines of several processes do not mix. */
static void print_line(
    struct vmm_report *report, const char *kind, const char *text)
{
	AUTOBUF line = VMM_BUF_INIT;

	vmm_buf_addf(&line, "%s: %s", report->program, kind);
	vmm_escape_message(&line, text);
	vmm_buf_addc(&line, '\n');
	/* what was done before stands before */
	vmm_report_flush(report);
	vmm_display_hide(report->display);
	fwrite(line.text, 1, line.length, stderr);
	vmm_display_show(report->display);
}

void vmm_report_err(struct vmm_report *report, const struct vmm_err *err)
{
	report->count[err->status]++;
	print_line(report, "", err->text ? err->text : "failed");
}

void vmm_report_count(struct vmm_report *report, enum vmm_status status)
{
	report->count[status]++;
}

void vmm_report_failure(
    struct vmm_report *report, enum vmm_status status, const char *format, ...)
{
	AUTOERR err = {.status = status};
	va_list args;

	va_start(args, format);
	err.text = vmm_vsprintf(format, args);
	va_end(args);
	vmm_report_err(report, &err);
}

void vmm_report_warning(struct vmm_report *report, const char *format, ...)
{
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = vmm_vsprintf(format, args);
	va_end(args);
	print_line(report, "warning: ", text);
}

void vmm_report_note(struct vmm_report *report, const char *format, ...)
{
	AUTOFREE char *text = NULL;
	va_list args;

	va_start(args, format);
	text = vmm_vsprintf(format, args);
	va_end(args);
	print_line(report, "", text);
}

void vmm_report_out(struct vmm_report *report, struct vmm_buf *out)
{
	if (out->length) {
		vmm_display_hide(report->display);
		note_lost(report,
		    fwrite(out->text, 1, out->length, stdout) < out->length);
		if (report->display) /* it may be the same terminal */
			note_lost(report, fflush(stdout) != 0);
		vmm_display_show(report->display);
	}
	vmm_buf_release(out);
}

static enum vmm_status status_of(const struct vmm_report *report)
{
	unsigned all = 0;

	if (report->count[VMM_NOCONN])
		return VMM_NOCONN;
	if (report->count[VMM_USAGE])
		return VMM_USAGE;
	for (size_t i = 0; i < ARRAY_SIZE(report->count); i++)
		all += report->count[i];
	if (!all)
		return VMM_OK;
	if (all == report->count[VMM_REFUSED])
		return VMM_REFUSED;
	if (all == report->count[VMM_TIMEOUT])
		return VMM_TIMEOUT;
	return VMM_FAILED;
}

bool vmm_report_failed(const struct vmm_report *report)
{
	return status_of(report) != VMM_OK;
}

int vmm_report_finish(struct vmm_report *report)
{
	vmm_report_flush(report);
	note_lost(report, close(STDOUT_FILENO) != 0);
	if (report->lost == EPIPE)
		vmm_interrupt_broken_pipe();
	if (report->lost)
		vmm_report_failure(report, VMM_FAILED,
		    "cannot write standard output: %s", strerror(report->lost));
	return (int)status_of(report);
}
