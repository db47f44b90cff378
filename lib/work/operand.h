/*
 * operand: what the user named, before any VM is looked for.
 *
 * Operands come from the command line and, for "-", from standard input.
 */
#ifndef VMM_WORK_OPERAND_H
#define VMM_WORK_OPERAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "work/opt.h"

/* An operand read as one VM. */
struct vmm_reading {
	char *name;   /* or UUID; NULL: there is no such reading */
	char *folder; /* normal form; NULL: in any folder */
};

struct vmm_operand {
	char *text;
	bool literal;                 /* never a pattern */
	bool raw;                     /* has no escapes either */
	bool is_folder;               /* a trailing slash says so */
	struct vmm_reading plain;     /* as it stands */
	struct vmm_reading unescaped; /* with its escapes undone */
	struct vmm_err err;           /* why it names nothing, if so */
};

struct vmm_operands { /* starts as {0} */
	struct vmm_operand *operand;
	size_t n;
};

/* Whether TEXT is "ALIAS:/...", which is kept for VMs of several hosts; then
 * the error says so. */
bool vmm_operand_is_reserved(const char *text, struct vmm_err *err);
/* Takes args->operands, or ROOT_BY_DEFAULT the folder "/" where there are
 * none. -1 with the error where standard input cannot be read. */
int vmm_operands_take(struct vmm_operands *operands,
    const struct vmm_args *args, bool root_by_default,
    struct vmm_err *err) MUST_CHECK;
void vmm_operands_release(struct vmm_operands *operands);

#define AUTOOPERANDS CLEANUP(vmm_operands_release) struct vmm_operands

#endif
