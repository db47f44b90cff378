/*
 * settings: which settings there are, and what each is where nobody says.
 *
 * One table of them is all that knows: commands ask here, vmm-config(1) prints
 * it, and a test holds vmm-config(5) against it.
 */
#ifndef VMM_PURE_SETTINGS_H
#define VMM_PURE_SETTINGS_H

#include "base/err.h"
#include "pure/config.h"

struct vmm_setting {
	/* "core.uri"; one that ends in capitals, as menu.key-NAME, stands for
	 * all that begin as it does */
	const char *name;
	const char *fallback; /* its value without one, or NULL: none */
	const char *choices;  /* "yes|no": all that it can be; NULL: a text */
	const char *help;
};

/* All of them; the last has no name. */
extern const struct vmm_setting vmm_settings[];

/* The setting NAME, or NULL where there is none such. */
const struct vmm_setting *vmm_setting_find(const char *name);
/*
 * The value of the setting NAME: CONFIG's, unless that is empty (but an empty
 * menu.key-NAME is no key), else the one built in, else NULL. Valid while
 * CONFIG is.
 */
const char *vmm_setting_value(
    const struct vmm_config *config, const char *name);
/* Whether the setting NAME can have the value VALUE. The status of the error
 * is VMM_USAGE. */
int vmm_setting_check(
    const char *name, const char *value, struct vmm_err *err) MUST_CHECK;

#endif
