/*
 * dispatch: finds the program of a command and becomes it.
 *
 * Needs no libvirt, so that the dispatcher starts without loading it.
 */
#ifndef VMM_WORK_DISPATCH_H
#define VMM_WORK_DISPATCH_H

/* All of vmm's main(). EXEC_DIR is the compiled-in directory of the commands.
 * Returns only with the status of a failure, or after --help and the like. */
int vmm_dispatch(int argc, char **argv, const char *exec_dir);

#endif
