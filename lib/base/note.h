/*
 * note: what was begun, kept in files of ours until it is done, so that after a
 * sudden death it can be found and undone.
 *
 * A note is a file $XDG_STATE_HOME/vmm/KIND/NAME. It is locked as long as its
 * writer lives.
 */
#ifndef VMM_BASE_NOTE_H
#define VMM_BASE_NOTE_H

#include "base/buf.h"
#include "base/err.h"

/* $XDG_STATE_HOME/vmm/KIND, to be freed; NULL without a home. */
char *vmm_state_folder(const char *kind);
/* Makes the folders above PATH (mode 0700); -1 with errno set. */
int vmm_make_folders(const char *path) MUST_CHECK;

/* Begins the note NAME; what there was in it is gone. A descriptor to hold and
 * to close; -1 with the error, whose status is VMM_REFUSED where somebody else
 * is writing it just now. */
int vmm_note_begin(
    const char *kind, const char *name, struct vmm_err *err) MUST_CHECK;
/* Adds TEXT, all of it, or fails. */
int vmm_note_add(int note, const char *text, struct vmm_err *err) MUST_CHECK;
/* Has TEXT for all that is in it. */
int vmm_note_replace(int note, const char *text) MUST_CHECK;
/* It is done: there is no note any more. */
void vmm_note_forget(const char *kind, const char *name);
/* The names of all notes of that kind which begin with PREFIX and whose writer
 * is dead. */
void vmm_notes_list(
    const char *kind, const char *prefix, struct vmm_strv *names);
/* Takes the note of somebody who is dead, locked, and its text, to be freed. A
 * descriptor to close; -1 where there is none, or it is being written. */
int vmm_note_take(const char *kind, const char *name, char **text) MUST_CHECK;
/* The texts of all notes of that kind whose writer lives. */
void vmm_notes_live(const char *kind, struct vmm_strv *texts);

#endif
