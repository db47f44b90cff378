/* file: whole small files, and the descriptors that every program needs. */
#ifndef VMM_BASE_FILE_H
#define VMM_BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"

/* Appends all that can still be read from STREAM; -1 with errno set. */
int vmm_file_read_all(FILE *stream, struct vmm_buf *out) MUST_CHECK;
/* The text of the file PATH, to be freed; NULL with errno set. */
char *vmm_file_read(const char *path);
/* Makes TEXT, of LENGTH bytes, all that the file PATH holds; -1 with errno set.
 */
int vmm_file_write(
    const char *path, const char *text, size_t length) MUST_CHECK;
/* Waits while the file PATH is there and holds something; false if there was
 * nothing to wait for, or it cannot be told. */
bool vmm_file_wait_empty(const char *path);
/*
 * Makes sure that descriptors 0 to 2 are open, so that no socket becomes one
 * of them: libvirt's would be fd 1 where standard output was closed, and what
 * we print would go into its protocol. Standard output is then read-only, so
 * that writing to it is still an error.
 */
void vmm_file_fill_standard(void);

#endif
