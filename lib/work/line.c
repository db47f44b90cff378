/* line: hides how the lines of screens look. */
#include "work/line.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "work/vmcols.h"

struct vmm_icons {
	const char *name, *state[VMM_PHASE_SAVED + 1], *folder, *label;
};

static const struct vmm_icons sets[] = {
    {"plain",
	{
	    [VMM_PHASE_RUNNING] = "\342\227\217 ", /* U+25CF */
	    [VMM_PHASE_PAUSED] = "\342\227\220 ",  /* U+25D0 */
	    [VMM_PHASE_ASLEEP] = "\342\227\221 ",  /* U+25D1 */
	    [VMM_PHASE_ENDING] = "\342\227\221 ",
	    [VMM_PHASE_CRASHED] = "\342\234\227 ", /* U+2717 */
	    [VMM_PHASE_OFF] = "\342\227\213 ",     /* U+25CB */
	    [VMM_PHASE_SAVED] = "\342\227\216 ",   /* U+25CE */
	},
	"\342\226\270 ", /* U+25B8 */
	"# "},
    {"nerd",
	{
	    [VMM_PHASE_RUNNING] = "\357\201\213 ", /* U+F04B */
	    [VMM_PHASE_PAUSED] = "\357\201\214 ",  /* U+F04C */
	    [VMM_PHASE_ASLEEP] = "\357\206\206 ",  /* U+F186 */
	    [VMM_PHASE_ENDING] = "\357\200\221 ",  /* U+F011 */
	    [VMM_PHASE_CRASHED] = "\357\200\215 ", /* U+F00D */
	    [VMM_PHASE_OFF] = "\357\201\215 ",     /* U+F04D */
	    [VMM_PHASE_SAVED] = "\357\203\207 ",   /* U+F0C7 */
	},
	"\357\201\273 ",  /* U+F07B */
	"\357\200\253 "}, /* U+F02B */
    {"none", {"", "", "", "", "", "", ""}, "", ""}};

const struct vmm_icons *vmm_icons_choose(const char *name)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		name = "none";
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	return &sets[0];
}

void vmm_line_add_ready(const struct vmm_lines *lines, const char *key,
    const char *verb, unsigned flags, const char *label)
{
	char words[VMM_VERB_FLAGS_MAX];

	if (key)
		vmm_escapes(lines->out, key);
	else
		vmm_buf_addc(lines->out, '-');
	vmm_buf_addf(
	    lines->out, "\t%s\t%s\t", verb, vmm_verb_flags(flags, words));
	vmm_buf_adds(lines->out, label);
	vmm_buf_addc(lines->out, '\n');
}

void vmm_line_add(const struct vmm_lines *lines, const char *key,
    const char *verb, unsigned flags, const char *label)
{
	AUTOFREE char *escaped = vmm_escaped(label);

	vmm_line_add_ready(lines, key, verb, flags, escaped);
}

static void begin(
    const struct vmm_lines *lines, struct vmm_buf *label, const char *code)
{
	if (lines->color && code)
		vmm_buf_addf(label, "\033[%sm", code);
}

static void end(
    const struct vmm_lines *lines, struct vmm_buf *label, const char *code)
{
	if (lines->color && code)
		vmm_buf_adds(label, "\033[0m");
}

enum vmm_phase vmm_phase_of(const struct vmm_vm *vm)
{
	switch (vm->state) {
	case VIR_DOMAIN_PAUSED:
		return VMM_PHASE_PAUSED;
	case VIR_DOMAIN_PMSUSPENDED:
		return VMM_PHASE_ASLEEP;
	case VIR_DOMAIN_SHUTDOWN:
		return VMM_PHASE_ENDING;
	case VIR_DOMAIN_CRASHED:
		return VMM_PHASE_CRASHED;
	case VIR_DOMAIN_SHUTOFF:
		return vm->saved ? VMM_PHASE_SAVED : VMM_PHASE_OFF;
	default:
		return VMM_PHASE_RUNNING;
	}
}

void vmm_line_vm(
    const struct vmm_lines *lines, const struct vmm_vm *vm, const char *name)
{
	AUTOBUF label = VMM_BUF_INIT;
	enum vmm_phase phase = vmm_phase_of(vm);
	const char *code = vmm_state_color(vm->state);

	begin(lines, &label, code);
	/* as wide as the longest, pmsuspended */
	vmm_buf_addf(&label, "%s%-11s", lines->icons->state[phase],
	    phase == VMM_PHASE_SAVED ? "saved" : vmm_state_name(vm->state));
	end(lines, &label, code);
	vmm_buf_adds(&label, "  ");
	vmm_escapes(&label, name);
	begin(lines, &label, vm->meta.labels.n ? "2" : NULL);
	for (size_t i = 0; i < vm->meta.labels.n; i++) {
		vmm_buf_adds(&label, i ? " #" : "  #");
		vmm_escapes(&label, vm->meta.labels.v[i]);
	}
	end(lines, &label, vm->meta.labels.n ? "2" : NULL);
	vmm_line_add_ready(lines, vm->uuid, "screen vm {}", VMM_VERB_MANY,
	    vmm_buf_text(&label));
}

static void add_count(
    const struct vmm_lines *lines, struct vmm_buf *label, size_t count)
{
	vmm_buf_adds(label, "  ");
	begin(lines, label, "2");
	vmm_buf_addf(label, "(%zu)", count);
	end(lines, label, "2");
}

void vmm_line_folder(const struct vmm_lines *lines, const char *folder,
    const char *verb, const char *name, size_t count)
{
	AUTOFREE char *key = vmm_sprintf("%s%s", folder, folder[1] ? "/" : "");
	AUTOBUF label = VMM_BUF_INIT;

	begin(lines, &label, "1;34");
	vmm_buf_adds(&label, lines->icons->folder);
	vmm_escapes(&label, name);
	if (folder[1])
		vmm_buf_addc(&label, '/');
	end(lines, &label, "1;34");
	add_count(lines, &label, count);
	vmm_line_add_ready(lines, key, verb, 0, vmm_buf_text(&label));
}

void vmm_line_label(const struct vmm_lines *lines, const char *label,
    const char *verb, size_t count)
{
	AUTOBUF text = VMM_BUF_INIT;

	vmm_buf_adds(&text, lines->icons->label);
	vmm_escapes(&text, label);
	add_count(lines, &text, count);
	vmm_line_add_ready(lines, label, verb, 0, vmm_buf_text(&text));
}
