/* config: hides both syntaxes. */
#include "pure/config.h"

#include <ini.h>
#include <string.h>

#include "base/alloc.h"

/* A value as git writes it: in quotes, or up to a comment. To be freed. */
static char *plain_value(const char *value)
{
	size_t length = strlen(value);

	if (length > 1 && value[0] == '"' && value[length - 1] == '"')
		return vmm_strndup(value + 1, length - 2);
	for (size_t i = 0; i < length; i++)
		if (value[i] == '#' && i && strchr(" \t", value[i - 1]))
			length = i;
	while (length && strchr(" \t", value[length - 1]))
		length--;
	return vmm_strndup(value, length);
}

static int add_setting(
    void *data, const char *section, const char *name, const char *value)
{
	struct vmm_config *config = data;

	if (!*section)
		return 0;
	vmm_strv_take(&config->keys, vmm_sprintf("%s.%s", section, name));
	vmm_strv_take(&config->values, plain_value(value));
	return 1;
}

int vmm_config_read(struct vmm_config *config, const char *text)
{
	AUTOBUF flat = VMM_BUF_INIT;

	/* inih would take an indented line, as git writes them all, for the
	 * continuation of the one above */
	while (*text) {
		size_t length;

		text += strspn(text, " \t");
		length = strcspn(text, "\n");
		length += text[length] == '\n';
		vmm_buf_add(&flat, text, length);
		text += length;
	}
	return ini_parse_string(vmm_buf_text(&flat), add_setting, config);
}

const char *vmm_config_get(const struct vmm_config *config, const char *key)
{
	for (size_t i = 0; i < config->keys.n; i++)
		if (strcmp(config->keys.v[i], key) == 0)
			return config->values.v[i];
	return NULL;
}

void vmm_config_release(struct vmm_config *config)
{
	vmm_strv_release(&config->keys);
	vmm_strv_release(&config->values);
}

/* Over blanks, newlines and comments. */
static const char *skip(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p != '#')
			return p;
		p += strcspn(p, "\n");
	}
}

/* A quoted string at *P ("x", 'x'), to be freed; NULL where there is none. */
static char *quoted(const char **p)
{
	char quote = **p;
	const char *end;
	char *text;

	if (quote != '"' && quote != '\'')
		return NULL;
	end = strchr(*p + 1, quote);
	if (!end)
		return NULL;
	text = vmm_strndup(*p + 1, (size_t)(end - *p) - 1);
	*p = end + 1;
	return text;
}

static const char *read_list(const char *p, struct vmm_strv *list)
{
	if (*p != '[')
		return p;
	p++;
	for (;;) {
		char *item;

		p = skip(p);
		item = quoted(&p);
		if (!item)
			return p;
		vmm_strv_take(list, item);
		p = skip(p);
		p += *p == ',';
	}
}

char *vmm_config_read_libvirt(const char *text, struct vmm_strv *aliases)
{
	char *uri = NULL;

	for (const char *p = skip(text); *p; p = skip(p)) {
		const char *key = p;
		size_t length = strcspn(p, " \t=\r\n");

		p += length;
		p += strspn(p, " \t");
		if (*p == '=') {
			p++;
			p += strspn(p, " \t");
			if (length == strlen("uri_default") && !uri &&
			    strncmp(key, "uri_default", length) == 0)
				uri = quoted(&p);
			else if (length == strlen("uri_aliases") &&
				 strncmp(key, "uri_aliases", length) == 0)
				p = read_list(p, aliases);
		}
		p += strcspn(p, "\n");
	}
	return uri;
}
