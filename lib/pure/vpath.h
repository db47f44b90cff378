/*
 * vpath: paths in the virtual tree, and the order in which they are listed.
 *
 * A folder is a normal path: absolute, single slashes, no slash at the end but
 * the root's own. A VM's path is its folder, a slash and its name, which holds
 * no slash (libvirt refuses one).
 */
#ifndef VMM_PURE_VPATH_H
#define VMM_PURE_VPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The folder that RAW means, to be freed: white space around it and around its
 * slashes, a missing first slash, doubled and trailing slashes are forgiven;
 * nothing is "/". */
char *vmm_vpath_normal(const char *raw);
/* Folders in folders that are still a path: a drawing of a tree grows with
 * their square. */
#define VMM_VPATH_DEEPEST 256
size_t vmm_vpath_depth(const char *folder);
/* The same for a folder that is to be stored: "." and "..", control characters,
 * what XML cannot hold and what is too deep are refused. NULL with the error.
 */
char *vmm_vpath_strict(const char *raw, struct vmm_err *err) MUST_CHECK;
/* Whether TEXT can be stored at all: UTF-8 without control characters. */
bool vmm_text_is_storable(const char *text);
/* FOLDER and NAME as one path, to be freed. */
char *vmm_vpath_join(const char *folder, const char *name);
/* Whether PATH is FOLDER or below it; both normal. */
bool vmm_vpath_within(const char *path, const char *folder);
/* The folder directly in FOLDER on the way to PATH, which is below it: to be
 * freed. */
char *vmm_vpath_step(const char *path, const char *folder);

/* Natural order: numbers by value (web2 before web10), all else by bytes.
 * Like strcmp(); 0 only for equal strings. */
int vmm_natural_cmp(const char *a, const char *b);
/* The order of a listing: of what is in one folder, folders come before VMs,
 * each in natural order. */
int vmm_vpath_cmp(const char *folder_a, const char *name_a,
    const char *folder_b, const char *name_b);

#endif
