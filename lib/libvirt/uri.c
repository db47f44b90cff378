/* uri: hides libvirt.conf. */
#include "libvirt/uri.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "pure/config.h"

#define DEFAULT_URI "qemu:///system"

/* libvirt reads the same file (virConfLoadConfig() in its source). */
static char *libvirt_conf(void)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	AUTOFREE char *path = NULL;

	if (geteuid() == 0)
		path = vmm_strdup("/etc/libvirt/libvirt.conf");
	else if (base && *base)
		path = vmm_sprintf("%s/libvirt/libvirt.conf", base);
	else
		path = vmm_sprintf(
		    "%s/.config/libvirt/libvirt.conf", home ? home : "");
	return vmm_file_read(path);
}

/* The URI of the alias NAME, to be freed, or NULL. */
static char *alias_uri(const struct vmm_strv *aliases, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < aliases->n; i++)
		if (strncmp(aliases->v[i], name, length) == 0 &&
		    aliases->v[i][length] == '=')
			return vmm_strdup(aliases->v[i] + length + 1);
	return NULL;
}

char *vmm_uri_resolve(const char *uri)
{
	AUTOSTRV aliases = VMM_STRV_INIT;
	AUTOFREE char *text = libvirt_conf();
	AUTOFREE char *uri_default =
	    text ? vmm_config_read_libvirt(text, &aliases) : NULL;
	char *found;

	if (!uri)
		uri = uri_default ? uri_default : DEFAULT_URI;
	found = alias_uri(&aliases, uri);
	return found ? found : vmm_strdup(uri);
}

bool vmm_uri_is_alias(const char *name)
{
	AUTOSTRV aliases = VMM_STRV_INIT;
	AUTOFREE char *text = libvirt_conf();
	AUTOFREE char *uri_default = NULL;
	AUTOFREE char *found = NULL;

	if (!text)
		return false;
	uri_default = vmm_config_read_libvirt(text, &aliases);
	found = alias_uri(&aliases, name);
	return found != NULL;
}

void vmm_uri_aliases(struct vmm_strv *names, struct vmm_strv *uris)
{
	AUTOSTRV aliases = VMM_STRV_INIT;
	AUTOFREE char *text = libvirt_conf();

	if (text)
		free(vmm_config_read_libvirt(text, &aliases)); /* its default */
	for (size_t i = 0; i < aliases.n; i++) {
		const char *equals = strchr(aliases.v[i], '=');

		if (!equals) /* libvirt knows no such alias, either */
			continue;
		vmm_strv_take(names,
		    vmm_strndup(aliases.v[i], (size_t)(equals - aliases.v[i])));
		vmm_strv_take(uris, vmm_strdup(equals + 1));
	}
}
