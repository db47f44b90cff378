/*
 * leftover: volumes that a command made, or no longer needs, and that nobody
 * would know of after its sudden death.
 *
 * They are noted (base/note) before they are made, a line a volume; once they
 * are made, with what tells them from another of that name.
 */
#ifndef VMM_STORAGE_LEFTOVER_H
#define VMM_STORAGE_LEFTOVER_H

#include <pthread.h>

#include "storage/guard.h"

/* The note of one command. */
struct vmm_leftovers {
	const struct vmm_conn *conn;
	int note;
	char *name;
	pthread_mutex_t lock;
};

/* Of what is done on CONN; NULL with the error. */
struct vmm_leftovers *vmm_leftovers_begin(
    const struct vmm_conn *conn, struct vmm_err *err);
/* PATH is about to be made: an overlay on BASE, or (NULL) whatever it is. What
 * a dead command noted of that path is void. From any thread. */
int vmm_leftovers_add(struct vmm_leftovers *left, const char *path,
    const char *base, struct vmm_err *err) MUST_CHECK;
/* It is made: what is there now is what was noted. Where libvirt cannot tell
 * what that is, fsck will not delete it; no error. From any thread. */
int vmm_leftovers_mark(struct vmm_leftovers *left, const char *path,
    struct vmm_err *err) MUST_CHECK;
/* PATH is there, and is about to be needed no more. */
int vmm_leftovers_add_old(struct vmm_leftovers *left, const char *path,
    const char *base, struct vmm_err *err) MUST_CHECK;
/* Ends it: with DONE nothing is left, else the note stays for fsck. */
void vmm_leftovers_end(struct vmm_leftovers *left, bool done);

/* One that is still there, and nobody needs. */
struct vmm_leftover {
	char *note, *path;
	bool sure; /* it is what was noted, as it was then */
};
struct vmm_leftover_list { /* starts as {0} */
	struct vmm_leftover *left;
	size_t n;
};

/* Those of all commands on this host that are dead. With FORGET what somebody
 * needs, and what is gone for certain, is forgotten. */
int vmm_leftovers_list(struct vmm_guard *guard, struct vmm_conn *conn,
    bool forget, struct vmm_leftover_list *list,
    struct vmm_err *err) MUST_CHECK;
void vmm_leftover_list_release(struct vmm_leftover_list *list);
/* Adds the volumes that commands which live work on. */
void vmm_leftovers_live(struct vmm_strv *paths);
/* Deletes PATH of the note NOTE, after one more look whether it is still the
 * same, and nobody's: 1 if it did, 0 if it is not, -1 with the error. */
int vmm_leftover_free(struct vmm_guard *guard, struct vmm_conn *conn,
    const char *note, const char *path, struct vmm_err *err) MUST_CHECK;

#endif
