/*
 * config: settings read from text.
 *
 * Two kinds of text: vmm's own configuration (git-config-like INI) and
 * libvirt's libvirt.conf, of which two settings matter to us.
 */
#ifndef VMM_PURE_CONFIG_H
#define VMM_PURE_CONFIG_H

#include <stddef.h>

#include "base/buf.h"

/* Keys ("core.uri") and values. Where a key stands twice the first counts, so
 * the user's file is read before the system's. */
struct vmm_config {
	struct vmm_strv keys, values;
};

#define VMM_CONFIG_INIT                                                        \
	{                                                                      \
		VMM_STRV_INIT, VMM_STRV_INIT                                   \
	}

/* Adds what TEXT holds. Returns 0, or the number of its first bad line. */
int vmm_config_read(struct vmm_config *config, const char *text);
/* The value of KEY, or NULL; valid while CONFIG is. */
const char *vmm_config_get(const struct vmm_config *config, const char *key);
void vmm_config_release(struct vmm_config *config);

/* `uri_default` and `uri_aliases` of a libvirt.conf. The latter is added to
 * ALIASES as "NAME=URI". What is malformed is passed over: libvirt itself
 * complains of it when connecting. Returns the default, to be freed, or
 * NULL. */
char *vmm_config_read_libvirt(const char *text, struct vmm_strv *aliases);

#endif
