/*
 * verbs: what can be done to a VM as it is now. Decided here and nowhere else,
 * so that all menus offer the same.
 */
#ifndef VMM_PURE_VERBS_H
#define VMM_PURE_VERBS_H

#include <stdbool.h>
#include <stddef.h>

/* What a VM is doing, as far as it matters here. */
enum vmm_phase {
	VMM_PHASE_RUNNING,
	VMM_PHASE_PAUSED,
	VMM_PHASE_ASLEEP, /* suspended by its guest */
	VMM_PHASE_ENDING, /* shutting down */
	VMM_PHASE_CRASHED,
	VMM_PHASE_OFF,
	VMM_PHASE_SAVED, /* off, and it has a managed save */
};

struct vmm_situation {
	enum vmm_phase phase;
	bool snapshots; /* it has some */
	bool display;   /* it has graphics */
	bool console;   /* it has a serial port that can be opened */
	bool overlay;   /* a disk of it stands on another file */
	bool autostart;
	bool transient; /* without a configuration: gone once it is off */
};

/* What whoever runs a verb has to know of it. */
enum vmm_verb_flag {
	VMM_VERB_CONFIRM = 1 << 0, /* destroys: ask first, by name */
	VMM_VERB_LONG = 1 << 1,    /* takes long enough to show progress */
	VMM_VERB_TTY = 1 << 2,     /* needs a terminal */
	VMM_VERB_TEXT = 1 << 3,    /* needs something typed, {text} */
	VMM_VERB_MANY = 1 << 4,    /* takes several VMs at once */
};

/* "confirm,long", or "-": to be used before the next call. The buffer, of
 * VMM_VERB_FLAGS_MAX bytes, is the caller's. */
#define VMM_VERB_FLAGS_MAX sizeof "confirm,long,tty,text,many"
const char *vmm_verb_flags(unsigned flags, char *buffer);

struct vmm_verb {
	/* the arguments of vmm; {} stands for the VM, {text} for what is typed
	 */
	const char *verb;
	unsigned flags;
	const char *label;
};

/*
 * Calls FN for what suits the N VMs, in the order in which it is likely to be
 * wanted; the first never harms. Several VMs are offered what suits any of
 * them, if it takes several: the others are not changed by it, or say why. What
 * would spare none is offered where it suits each.
 */
void vmm_verbs_for(const struct vmm_situation *vm, size_t n,
    void (*fn)(const struct vmm_verb *verb, void *arg), void *arg);

#endif
