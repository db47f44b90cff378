/* configuration: hides in which order settings are listed, and which of them
 * are told to be wrong. */
#include "work/configuration.h"

#include <string.h>

#include "base/escape.h"
#include "pure/settings.h"

static void add_text(
    struct vmm_buf *out, const struct vmm_args *args, const char *text)
{
	if (args->null)
		vmm_buf_adds(out, text);
	else
		vmm_escapes(out, text);
}

static void end_line(struct vmm_buf *out, const struct vmm_args *args)
{
	vmm_buf_addc(out, args->null ? '\0' : '\n');
}

/* Whether VALUE is one; else that is reported. */
static bool is_good(
    const char *key, const char *value, struct vmm_report *report)
{
	AUTOERR err = VMM_ERR_INIT;

	if (vmm_setting_check(key, value, &err) == 0)
		return true;
	vmm_report_err(report, &err);
	return false;
}

void vmm_configuration_get(
    const struct vmm_args *args, const char *key, struct vmm_report *report)
{
	const char *value = vmm_setting_value(&args->config, key);
	AUTOBUF out = VMM_BUF_INIT;

	if (!value) {
		vmm_report_count(report, VMM_FAILED);
	} else if (is_good(key, value, report)) {
		/* raw always: a script is to have what the user wrote */
		vmm_buf_adds(&out, value);
		end_line(&out, args);
		vmm_report_out(report, &out);
	}
}

static void add_setting(struct vmm_buf *out, const struct vmm_args *args,
    const char *key, struct vmm_report *report)
{
	const char *value = vmm_setting_value(&args->config, key);

	if (!value || !is_good(key, value, report))
		return;
	add_text(out, args, key);
	vmm_buf_addc(out, '=');
	add_text(out, args, value);
	end_line(out, args);
}

/* Whether KEY stands in a section of ours, where it can only be a slip. */
static bool is_slip(const char *key)
{
	size_t length = strcspn(key, ".") + 1;

	for (const struct vmm_setting *s = vmm_settings; s->name; s++)
		if (strncmp(s->name, key, length) == 0)
			return !vmm_setting_find(key);
	return false;
}

void vmm_configuration_list(
    const struct vmm_args *args, struct vmm_report *report)
{
	const struct vmm_strv *keys = &args->config.keys;
	AUTOBUF out = VMM_BUF_INIT;

	for (const struct vmm_setting *s = vmm_settings; s->name; s++)
		add_setting(&out, args, s->name, report);
	/* what only the files name, each once */
	for (size_t i = 0; i < keys->n; i++) {
		const char *key = keys->v[i];
		const struct vmm_setting *setting = vmm_setting_find(key);
		bool before = setting && strcmp(setting->name, key) == 0;

		for (size_t j = 0; j < i && !before; j++)
			before = strcmp(keys->v[j], key) == 0;
		if (before)
			continue;
		add_setting(&out, args, key, report);
		if (is_slip(key))
			vmm_report_warning(report,
			    "no command knows the setting '%s'; 'vmm config "
			    "list --known' lists them",
			    key);
	}
	vmm_report_out(report, &out);
}

void vmm_configuration_known(
    const struct vmm_args *args, struct vmm_report *report)
{
	AUTOBUF out = VMM_BUF_INIT;

	for (const struct vmm_setting *s = vmm_settings; s->name; s++) {
		vmm_buf_addf(&out, "%s\t%s\t%s", s->name,
		    s->fallback ? s->fallback : "-", s->help);
		end_line(&out, args);
	}
	vmm_report_out(report, &out);
}
