/*
 * err: what went wrong, passed up to whoever decides.
 *
 * A function that can fail takes a `struct vmm_err *` last and returns -1 (or
 * NULL) with the error recorded in it. An error is one line without a final
 * full stop; its text may hold hostile bytes, which `report` escapes.
 */
#ifndef VMM_BASE_ERR_H
#define VMM_BASE_ERR_H

#include <stdbool.h>

#include "base/cleanup.h"

/* Exit statuses: what scripts rely on (vmm(1), EXIT STATUS). */
enum vmm_status {
	VMM_OK = 0,
	VMM_FAILED = 1,  /* a VM failed, or an operand matched nothing */
	VMM_USAGE = 2,   /* the command line is wrong */
	VMM_NOCONN = 3,  /* no connection, or it was lost */
	VMM_REFUSED = 4, /* refused, to protect data */
	VMM_TIMEOUT = 5, /* a wait ran out of time */
	VMM_NOCMD = 127, /* no such command */
};

struct vmm_err {
	enum vmm_status status; /* VMM_OK: no error */
	char *text;             /* owned; NULL without an error */
	/* What was asked for has been done: it is what came after that failed,
	 * which the text says. */
	bool done;
};

#define VMM_ERR_INIT                                                           \
	{                                                                      \
		.status = VMM_OK                                               \
	}

/* Records an error, instead of an earlier one; returns -1 always. */
int vmm_err_set(struct vmm_err *err, enum vmm_status status, const char *format,
    ...) PRINTF_LIKE(3, 4);
/* Puts text in front of a recorded error; returns -1 always. */
int vmm_err_prefix(struct vmm_err *err, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The same for one that is of what came after what was asked for had been done;
 * FORMAT goes on from "it was done, but ". */
int vmm_err_after(struct vmm_err *err, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Puts in front that one cannot VERB WHAT, or that it was done all the same. */
int vmm_err_name(struct vmm_err *err, const char *verb, const char *what);
/* Puts TEXT behind a recorded error; returns -1 always. */
int vmm_err_append(struct vmm_err *err, const char *text);
/* Moves an error; TO's own is released, FROM has none afterwards. */
void vmm_err_move(struct vmm_err *to, struct vmm_err *from);
void vmm_err_release(struct vmm_err *err);

#define AUTOERR CLEANUP(vmm_err_release) struct vmm_err

#endif
