/*
 * screen: what a menu shows, as lines for whoever shows it.
 *
 *	KEY<TAB>VERB<TAB>FLAGS<TAB>LABEL
 *
 * vmm-screen(1) says what they mean. Which verbs suit a VM is pure/verbs.
 */
#ifndef VMM_WORK_SCREEN_H
#define VMM_WORK_SCREEN_H

#include "base/buf.h"
#include "libvirt/conn.h"
#include "work/opt.h"
#include "work/select.h"

/* Which screen, and how. */
struct vmm_screen {
	const struct vmm_screen_kind *kind;
	const struct vmm_strv *operands;
	const struct vmm_args *args; /* host, configuration, colour */
	const struct vmm_icons *icons;
	struct vmm_conn *conn; /* NULL where it needs none */
};

/* Takes the first operand as the screen's name, the others as its operands;
 * ends the program where there is no such screen, or those are too few. */
void vmm_screen_take(struct vmm_screen *screen,
    const struct vmm_command *command, struct vmm_args *args);
/* Which screens there are, and their operands, as struct vmm_command has them
 * for completion; to be freed. */
char *vmm_screen_takes(void);
bool vmm_screen_needs_host(const struct vmm_screen *screen);
/* Appends its lines. */
int vmm_screen_write(const struct vmm_screen *screen, struct vmm_buf *out,
    struct vmm_err *err) MUST_CHECK;

/* What the rows of VMs show. */
#define VMM_SCREEN_FACTS (VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_META)
/* Whether its operands are those of vmm ls; vmm_screen_at() appends the lines
 * of what they selected then, with VMM_SCREEN_FACTS. */
bool vmm_screen_selects(const struct vmm_screen *screen);
void vmm_screen_at(const struct vmm_screen *screen,
    const struct vmm_selection *selection, struct vmm_buf *out);

#endif
