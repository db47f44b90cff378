/*
 * asking: other programs of ours, for what completion wants to know.
 *
 * A program says which options it has, and what it said is kept for the next
 * time (base/cache.h). What a host has says host-words, a program of its own:
 * to load libvirt takes longer than all that can be said without it.
 */
#ifndef VMM_WORK_ASKING_H
#define VMM_WORK_ASKING_H

#include "pure/usage.h"
#include "work/candidates.h"
#include "work/opt.h"

/* Reads what the program PATH says of itself; nothing, if it does not. */
void vmm_ask_usage(const char *path, struct vmm_usage *usage);
/* Adds what is of KIND on ARGS's host, as vmm_offer() does. DIR is where our
 * programs are. */
void vmm_ask_host(const char *dir, const struct vmm_args *args,
    const char *kind, struct vmm_candidates *candidates);

#endif
