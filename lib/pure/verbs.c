/* verbs: hides which verbs suit which state, and in which order. */
#include "pure/verbs.h"

#include <string.h>

#include "base/cleanup.h"

#define RUNNING (1U << VMM_PHASE_RUNNING)
#define PAUSED (1U << VMM_PHASE_PAUSED)
#define ASLEEP (1U << VMM_PHASE_ASLEEP)
#define ENDING (1U << VMM_PHASE_ENDING)
#define CRASHED (1U << VMM_PHASE_CRASHED)
#define OFF (1U << VMM_PHASE_OFF)
#define SAVED (1U << VMM_PHASE_SAVED)
#define ACTIVE (RUNNING | PAUSED | ASLEEP | ENDING | CRASHED)
#define ANY (ACTIVE | OFF | SAVED)

/* What else it must have, or must not. */
enum needs {
	SNAPSHOTS = 1 << 0,
	NO_SNAPSHOTS = 1 << 1,
	DISPLAY = 1 << 2,
	OVERLAY = 1 << 3,
	AUTOSTART = 1 << 4,
	NO_AUTOSTART = 1 << 5,
	CONFIGURED = 1 << 6,
	CONSOLE = 1 << 7,
	EACH = 1 << 8, /* of several VMs each must suit, for it spares none */
};

#define CONFIRM VMM_VERB_CONFIRM
#define LONG VMM_VERB_LONG
#define TTY VMM_VERB_TTY
#define TEXT VMM_VERB_TEXT
#define MANY VMM_VERB_MANY

/* One order for all states: of those that suit one, the likely stand first and
 * the destructive last. */
static const struct entry {
	unsigned phases, needs;
	struct vmm_verb verb;
} entries[] = {
    {OFF, 0, {"start {}", LONG | MANY, "Start"}},
    {SAVED, 0, {"start {}", LONG | MANY, "Restore the saved state"}},
    {PAUSED, 0, {"resume {}", MANY, "Resume"}},
    {ASLEEP, 0, {"resume {}", MANY, "Wake up"}},
    {ACTIVE, DISPLAY, {"view {}", MANY, "Open the display"}},
    {ACTIVE, CONSOLE, {"console {}", TTY, "Open the console"}},
    {RUNNING, 0, {"ip {}", MANY, "Show the addresses"}},
    {RUNNING, 0, {"stop {}", LONG | MANY, "Shut down"}},
    {RUNNING, 0, {"pause {}", MANY, "Pause"}},
    {RUNNING | PAUSED, CONFIGURED,
	{"save {}", LONG | MANY, "Save the state and power off"}},
    {RUNNING | PAUSED | OFF, 0,
	{"snapshot {}", LONG | MANY, "Take a snapshot"}},
    {RUNNING | PAUSED | OFF, 0,
	{"snapshot --name={text} {}", LONG | MANY | TEXT,
	    "Take a snapshot with a name"}},
    {ANY, SNAPSHOTS, {"screen snapshots {}", 0, "Revert to a snapshot"}},
    {RUNNING, 0, {"reboot {}", LONG | MANY, "Reboot"}},
    {ACTIVE | OFF, NO_SNAPSHOTS,
	{"screen clone-linked {}", 0, "Clone, linked"}},
    {OFF, 0, {"screen clone {}", 0, "Clone, in full"}},
    {ANY, 0, {"screen destinations {}", MANY, "Move to a folder"}},
    {ANY, 0, {"screen labels-of {}", MANY, "Labels"}},
    {ANY, CONFIGURED, {"edit {}", TTY, "Edit the definition"}},
    {OFF, NO_SNAPSHOTS, {"rename -- {} {text}", TEXT, "Rename"}},
    {OFF, 0, {"start --paused {}", MANY, "Start paused"}},
    {ANY, CONFIGURED | NO_AUTOSTART,
	{"autostart {}", MANY, "Start with the host"}},
    {ANY, AUTOSTART,
	{"autostart --off {}", MANY, "Do not start with the host"}},
    {RUNNING | OFF, OVERLAY | NO_SNAPSHOTS,
	{"flatten {}", LONG | MANY, "Make independent of its base"}},
    {ANY, SNAPSHOTS, {"screen snapshots-delete {}", 0, "Delete a snapshot"}},
    {SAVED, 0,
	{"start --fresh {}", LONG | MANY | CONFIRM,
	    "Boot, and discard the saved state"}},
    {SAVED, 0,
	{"save --discard {}", MANY | CONFIRM, "Discard the saved state"}},
    {RUNNING, 0, {"reset {}", MANY | CONFIRM, "Reset"}},
    {ACTIVE, 0, {"stop --now {}", MANY | CONFIRM, "Force off"}},
    {OFF, NO_SNAPSHOTS,
	{"rm {}", MANY | CONFIRM, "Remove, and keep the disks"}},
    {OFF, NO_SNAPSHOTS,
	{"rm --disks {}", LONG | MANY | CONFIRM, "Remove with its disks"}},
    /* what is saved or in snapshots goes, too; and what runs is powered off */
    {OFF, SNAPSHOTS | EACH,
	{"rm --force {}", MANY | CONFIRM,
	    "Remove with its snapshots, and keep the disks"}},
    {OFF, SNAPSHOTS | EACH,
	{"rm --force --disks {}", LONG | MANY | CONFIRM,
	    "Remove with its snapshots and disks"}},
    {SAVED, EACH,
	{"rm --force {}", MANY | CONFIRM,
	    "Remove with its saved state, and keep the disks"}},
    {SAVED, EACH,
	{"rm --force --disks {}", LONG | MANY | CONFIRM,
	    "Remove with its saved state and disks"}},
};

static bool suits(const struct entry *entry, const struct vmm_situation *vm)
{
	unsigned has = vm->snapshots ? SNAPSHOTS : NO_SNAPSHOTS;

	has |= vm->display ? (unsigned)DISPLAY : 0;
	has |= vm->console ? (unsigned)CONSOLE : 0;
	has |= vm->overlay ? (unsigned)OVERLAY : 0;
	has |= vm->autostart ? AUTOSTART : NO_AUTOSTART;
	has |= vm->transient ? 0 : (unsigned)CONFIGURED;
	has |= EACH;
	return (entry->phases & 1U << vm->phase) &&
	       (entry->needs & has) == entry->needs;
}

void vmm_verbs_for(const struct vmm_situation *vm, size_t n,
    void (*fn)(const struct vmm_verb *verb, void *arg), void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		const struct entry *entry = &entries[i];
		size_t suited = 0;

		for (size_t j = 0; j < n; j++)
			suited += suits(entry, &vm[j]);
		if (suited < (entry->needs & EACH ? n : 1) ||
		    (n > 1 && !(entry->verb.flags & MANY)))
			continue;
		fn(&entry->verb, arg);
	}
}

const char *vmm_verb_flags(unsigned flags, char *buffer)
{
	static const char *const names[] = {
	    "confirm", "long", "tty", "text", "many"};
	char *end = buffer;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);

		if (!(flags & 1U << i))
			continue;
		if (end != buffer)
			*end++ = ',';
		memcpy(end, names[i], length);
		end += length;
	}
	if (end == buffer)
		*end++ = '-';
	*end = '\0';
	return buffer;
}
