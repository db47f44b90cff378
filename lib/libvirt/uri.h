/*
 * uri: which host is meant.
 *
 * What the user says comes first (work/opt has -c, the environment and vmm's
 * own configuration); here is what libvirt's own configuration adds.
 */
#ifndef VMM_LIBVIRT_URI_H
#define VMM_LIBVIRT_URI_H

#include <stdbool.h>

#include "base/buf.h"

/* The URI to open, to be freed, for URI, which may be one of libvirt's aliases;
 * for NULL libvirt's own `uri_default`, else qemu:///system. */
char *vmm_uri_resolve(const char *uri);
/* Whether NAME is one of libvirt's URI aliases. */
bool vmm_uri_is_alias(const char *name);
/* Adds libvirt's URI aliases, as NAMES and URIS. */
void vmm_uri_aliases(struct vmm_strv *names, struct vmm_strv *uris);

#endif
