/*
 * offering: what a host has for a word that is being typed: VMs by name or by
 * path, folders, labels, pools, snapshots.
 *
 * Nothing is an error: what cannot be had is not offered.
 */
#ifndef VMM_WORK_OFFERING_H
#define VMM_WORK_OFFERING_H

#include "work/candidates.h"
#include "work/opt.h"

/* Adds what is of KIND ("VM", as in pure/usage.h) on ARGS's host; snapshots are
 * those of the VMs that ARGS names, if it names any. */
void vmm_offer(const struct vmm_args *args, const char *kind,
    struct vmm_candidates *candidates);

#endif
