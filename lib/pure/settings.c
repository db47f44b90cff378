/* settings: hides their table, and what an empty one means. */
#include "pure/settings.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define YES_NO "yes|no"

const struct vmm_setting vmm_settings[] = {
    {"core.uri", NULL, NULL, "the libvirt host to work on"},
    {"core.jobs", NULL, NULL, "how many VMs are worked on at once"},
    {"core.editor", NULL, NULL, "the editor, a command line"},
    {"menu.picker", "auto", NULL,
	"what chooses: auto, fzf, wofi, rofi, or a dmenu-like command line"},
    {"menu.terminal", NULL, NULL,
	"the command line that runs another in a new terminal"},
    {"menu.icons", "plain", "plain|nerd|none", "icons before the VMs"},
    {"menu.stay", "auto", "auto|" YES_NO,
	"go on after an action; auto: on a terminal"},
    {"menu.confirm", "yes", YES_NO, "ask before what cannot be undone"},
    {"menu.key-NAME", NULL, NULL, "the key of an action, as fzf names keys"},
    {"viewer.command", "virt-viewer %a --connect %u --uuid %i", NULL,
	"the viewer, a command line"},
    {NULL, NULL, NULL, NULL}};

/* How much of a setting's own name all that it stands for begin with; 0: it
 * stands for itself. */
static size_t family(const char *name)
{
	const char *end = strchr(name, '-');

	return end && end[1] >= 'A' && end[1] <= 'Z' ? (size_t)(end - name) + 1
						     : 0;
}

const struct vmm_setting *vmm_setting_find(const char *name)
{
	for (const struct vmm_setting *s = vmm_settings; s->name; s++) {
		size_t n = family(s->name);

		if (n ? strncmp(s->name, name, n) == 0 && name[n]
		      : strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

const char *vmm_setting_value(const struct vmm_config *config, const char *name)
{
	const struct vmm_setting *setting = vmm_setting_find(name);
	const char *value = vmm_config_get(config, name);

	if (value && (*value || !setting || family(setting->name)))
		return value;
	return setting ? setting->fallback : NULL;
}

/* Whether WORD is one of CHOICES. */
static bool is_among(const char *choices, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = choices; *p;) {
		size_t n = strcspn(p, "|");

		if (n == length && strncmp(p, word, n) == 0)
			return true;
		p += n + (p[n] == '|');
	}
	return false;
}

/* "plain, nerd or none" of "plain|nerd|none". */
static char *enumerate(const char *choices)
{
	AUTOBUF out = VMM_BUF_INIT;
	const char *last = strrchr(choices, '|');

	for (const char *p = choices; *p; p++) {
		if (*p != '|')
			vmm_buf_addc(&out, *p);
		else
			vmm_buf_adds(&out, p == last ? " or " : ", ");
	}
	return vmm_buf_take(&out);
}

/* The same digits that -j takes. */
static bool is_jobs(const char *value)
{
	size_t n = strlen(value);

	return n && n <= 6 && strspn(value, "0123456789") == n &&
	       strspn(value, "0") < n;
}

int vmm_setting_check(const char *name, const char *value, struct vmm_err *err)
{
	const struct vmm_setting *setting = vmm_setting_find(name);
	AUTOFREE char *choices = NULL;

	if (setting && strcmp(name, "core.jobs") == 0 && !is_jobs(value))
		return vmm_err_set(err, VMM_USAGE,
		    "%s takes a number from 1 to 999999, not '%s'", name,
		    value);
	if (!setting || !setting->choices || is_among(setting->choices, value))
		return 0;
	choices = enumerate(setting->choices);
	return vmm_err_set(
	    err, VMM_USAGE, "%s takes %s, not '%s'", name, choices, value);
}
