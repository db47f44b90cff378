/*
 * line: the lines of screens: four fields, icons, colours.
 */
#ifndef VMM_WORK_LINE_H
#define VMM_WORK_LINE_H

#include "base/buf.h"
#include "libvirt/set.h"
#include "pure/verbs.h"

struct vmm_icons;

/* As menu.icons has it: "plain", "nerd" or "none". Where the locale is not
 * UTF-8 there are none. */
const struct vmm_icons *vmm_icons_choose(const char *name);

/* Of a VM that has state and saved. */
enum vmm_phase vmm_phase_of(const struct vmm_vm *vm);

struct vmm_lines {
	struct vmm_buf *out;
	const struct vmm_icons *icons;
	bool color;
};

/* Appends a line. KEY and LABEL are escaped here; KEY NULL is "-". */
void vmm_line_add(const struct vmm_lines *lines, const char *key,
    const char *verb, unsigned flags, const char *label);
/* The same, and LABEL is escaped already, and may have colour. */
void vmm_line_add_ready(const struct vmm_lines *lines, const char *key,
    const char *verb, unsigned flags, const char *label);
/* A VM that has state, saved and meta: its state, its NAME, its labels. */
void vmm_line_vm(
    const struct vmm_lines *lines, const struct vmm_vm *vm, const char *name);
/* A folder with COUNT VMs in and below it, called NAME. */
void vmm_line_folder(const struct vmm_lines *lines, const char *folder,
    const char *verb, const char *name, size_t count);
/* A label that COUNT VMs carry. */
void vmm_line_label(const struct vmm_lines *lines, const char *label,
    const char *verb, size_t count);

#endif
