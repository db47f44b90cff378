/* verbs: every state has what suits it, and nothing that harms comes first. */
#include "pure/verbs.h"

#include <string.h>

#include "base/buf.h"
#include "unit.h"

#define PHASES (VMM_PHASE_SAVED + 1)

struct seen {
	struct vmm_buf verbs;
	const struct vmm_verb *first;
	bool harm, disorder, bare, misflagged, single;
};

static void take(const struct vmm_verb *verb, void *arg)
{
	struct seen *seen = arg;
	bool harms = verb->flags & VMM_VERB_CONFIRM;
	bool typed = verb->flags & VMM_VERB_TEXT;

	if (!seen->first)
		seen->first = verb;
	seen->disorder = seen->disorder || (seen->harm && !harms);
	seen->harm = seen->harm || harms;
	seen->bare = seen->bare || !strstr(verb->verb, "{}");
	seen->misflagged =
	    seen->misflagged || typed != (strstr(verb->verb, "{text}") != NULL);
	seen->single = seen->single || !(verb->flags & VMM_VERB_MANY);
	vmm_buf_addf(&seen->verbs, "%s\n", verb->verb);
}

static void has(
    const struct vmm_situation *vm, const char *expected, const char *name)
{
	struct seen seen = {0};

	vmm_verbs_for(vm, 1, take, &seen);
	is(vmm_buf_text(&seen.verbs), expected, "%s", name);
	vmm_buf_release(&seen.verbs);
}

static struct vmm_situation situation(unsigned bits)
{
	return (struct vmm_situation){.phase = bits % PHASES,
	    .snapshots = bits / PHASES & 1,
	    .display = bits / PHASES & 2,
	    .overlay = bits / PHASES & 4,
	    .autostart = bits / PHASES & 8,
	    .transient = bits / PHASES & 16,
	    .console = bits / PHASES & 32};
}

#define COMMON                                                                 \
	"screen destinations {}\n"                                             \
	"screen labels-of {}\n"

static void test_states(void)
{
	struct vmm_situation vm = {.phase = VMM_PHASE_OFF};

	has(&vm,
	    "start {}\nsnapshot {}\nsnapshot --name={text} {}\n"
	    "screen clone-linked {}\nscreen clone {}\n" COMMON
	    "edit {}\nrename -- {} {text}\nstart --paused {}\nautostart {}\n"
	    "rm {}\nrm --disks {}\n",
	    "off");
	vm.snapshots = vm.display = vm.console = vm.autostart = vm.overlay =
	    true;
	has(&vm,
	    "start {}\nsnapshot {}\nsnapshot --name={text} {}\n"
	    "screen snapshots {}\nscreen clone {}\n" COMMON
	    "edit {}\nstart --paused {}\nautostart --off {}\n"
	    "screen snapshots-delete {}\n"
	    "rm --force {}\nrm --force --disks {}\n",
	    "off, with snapshots");
	vm = (struct vmm_situation){.phase = VMM_PHASE_SAVED};
	has(&vm,
	    "start {}\n" COMMON "edit {}\nautostart {}\n"
	    "start --fresh {}\nsave --discard {}\n"
	    "rm --force {}\nrm --force --disks {}\n",
	    "saved");
	vm = (struct vmm_situation){.phase = VMM_PHASE_RUNNING,
	    .display = true,
	    .console = true,
	    .overlay = true};
	has(&vm,
	    "view {}\nconsole {}\nip {}\nstop {}\npause {}\nsave {}\n"
	    "snapshot {}\nsnapshot --name={text} {}\nreboot {}\n"
	    "screen clone-linked {}\n" COMMON
	    "edit {}\nautostart {}\nflatten {}\n"
	    "reset {}\nstop --now {}\n",
	    "running, with a display, on a base");
	vm = (struct vmm_situation){
	    .phase = VMM_PHASE_RUNNING, .transient = true};
	has(&vm,
	    "ip {}\nstop {}\npause {}\n"
	    "snapshot {}\nsnapshot --name={text} {}\nreboot {}\n"
	    "screen clone-linked {}\n" COMMON "reset {}\nstop --now {}\n",
	    "running, transient");
	vm = (struct vmm_situation){.phase = VMM_PHASE_PAUSED, .console = true};
	has(&vm,
	    "resume {}\nconsole {}\nsave {}\n"
	    "snapshot {}\nsnapshot --name={text} {}\n"
	    "screen clone-linked {}\n" COMMON
	    "edit {}\nautostart {}\nstop --now {}\n",
	    "paused");
	vm.phase = VMM_PHASE_ASLEEP;
	has(&vm,
	    "resume {}\nconsole {}\nscreen clone-linked {}\n" COMMON
	    "edit {}\nautostart {}\nstop --now {}\n",
	    "asleep");
	vm.phase = VMM_PHASE_CRASHED;
	has(&vm,
	    "console {}\nscreen clone-linked {}\n" COMMON
	    "edit {}\nautostart {}\nstop --now {}\n",
	    "crashed");
}

/* Nothing that ends what a guest does. */
static bool is_harmless(const struct vmm_verb *verb)
{
	static const char *const names[] = {
	    "start ", "resume ", "view ", "console ", "ip ", "screen "};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(verb->verb, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* What holds for all states there can be. */
static void test_all(void)
{
	bool harmless = true, ordered = true, whole = true, flagged = true;

	for (unsigned i = 0; i < PHASES * 64; i++) {
		struct vmm_situation vm = situation(i);
		struct seen seen = {0};

		vmm_verbs_for(&vm, 1, take, &seen);
		harmless = harmless && seen.first && is_harmless(seen.first);
		ordered = ordered && !seen.disorder;
		whole = whole && !seen.bare;
		flagged = flagged && !seen.misflagged;
		vmm_buf_release(&seen.verbs);
	}
	ok(harmless, "the first verb never harms");
	ok(ordered, "what harms stands behind all that does not");
	ok(whole, "every verb says of which VM");
	ok(flagged, "what has {text} is flagged, and nothing else");
}

static void test_several(void)
{
	const struct vmm_situation vm[] = {
	    {.phase = VMM_PHASE_RUNNING}, {.phase = VMM_PHASE_SAVED}};
	struct seen seen = {0};

	vmm_verbs_for(vm, 2, take, &seen);
	is(vmm_buf_text(&seen.verbs),
	    "start {}\nip {}\nstop {}\npause {}\nsave {}\nsnapshot {}\n"
	    "snapshot --name={text} {}\nreboot {}\n" COMMON "autostart {}\n"
	    "start --fresh {}\nsave --discard {}\nreset {}\nstop --now {}\n",
	    "several VMs are offered what suits any of them");
	ok(!seen.single, "and takes several");
	vmm_buf_release(&seen.verbs);
	seen = (struct seen){0};
	vmm_verbs_for(vm + 1, 1, take, &seen);
	ok(strstr(vmm_buf_text(&seen.verbs), "rm --force {}") != NULL,
	    "but what would power off those that run only where none does");
	vmm_buf_release(&seen.verbs);
}

static void test_flags(void)
{
	char words[VMM_VERB_FLAGS_MAX];

	is(vmm_verb_flags(0, words), "-", "no flags");
	is(vmm_verb_flags(VMM_VERB_LONG, words), "long", "one flag");
	is(vmm_verb_flags(0x1f, words), "confirm,long,tty,text,many",
	    "all flags");
}

int main(void)
{
	test_states();
	test_all();
	test_several();
	test_flags();
	return unit_done();
}
