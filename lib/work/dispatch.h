/*
 * dispatch: finds the program of a command and becomes it.
 *
 * Needs no libvirt, so that the dispatcher starts without loading it.
 */
#ifndef VMM_WORK_DISPATCH_H
#define VMM_WORK_DISPATCH_H

#include "base/buf.h"

/* All of vmm's main(). EXEC_DIR is the compiled-in directory of the commands.
 * Returns only with the status of a failure, or after --help and the like. */
int vmm_dispatch(int argc, char **argv, const char *exec_dir);

/* vmm's --help. */
extern const char vmm_dispatch_usage[];
/* The directory of the running program, to be freed; NULL: not known. */
char *vmm_dispatch_here(void);
/* The program of the command NAME in DIR and nowhere else, to be freed, or
 * NULL. */
char *vmm_dispatch_program(const char *dir, const char *name);
/* Appends the names of all commands that vmm would find, sorted. EXEC_DIR is
 * where those of ours are. */
void vmm_dispatch_commands(const char *exec_dir, struct vmm_strv *names);

#endif
