/*
 * kept: what brings a removed VM back, in files of ours.
 *
 * A folder a removal, $XDG_STATE_HOME/vmm/removed/TIME-NAME-UUID, which nobody
 * else may read, for definitions hold passwords: domain.xml, snapshot-N.xml
 * with parents before their children, and restore.sh where that takes more than
 * one command.
 */
#ifndef VMM_STORAGE_KEPT_H
#define VMM_STORAGE_KEPT_H

#include "base/buf.h"
#include "base/err.h"

/* What is to be kept. */
struct vmm_keep {
	const char *uri; /* of its host */
	const char *name, *uuid, *xml;
	const struct vmm_strv *snapshots; /* their XML, parents first */
	size_t current;                   /* which of them, from 1; 0: none */
	bool autostart;                   /* which the XML does not say */
};

struct vmm_kept { /* starts as {0} */
	char *folder;
	struct vmm_strv files;
	char *definition; /* the command that defines it, for a shell */
	char *all;        /* the one that brings back all that was kept */
};

/* Writes it, so that it is there after a power failure; nothing of it is where
 * that fails. */
int vmm_kept_write(const struct vmm_keep *keep, struct vmm_kept *kept,
    struct vmm_err *err) MUST_CHECK;
/* It is not needed after all. */
void vmm_kept_discard(struct vmm_kept *kept);
void vmm_kept_release(struct vmm_kept *kept);

#endif
