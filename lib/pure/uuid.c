/* uuid: hides which spellings are forgiven. */
#include "pure/uuid.h"

#include <string.h>

#include "base/alloc.h"

char *vmm_uuid_normal(const char *text)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	char uuid[] = "01234567-0123-0123-0123-0123456789ab";
	size_t n = 0;

	for (; *text; text++) {
		const char *digit = strchr(hex, *text);

		if (*text == '-')
			continue;
		if (!digit || n == sizeof uuid - 1)
			return NULL;
		uuid[n] = hex[(digit - hex) % 16];
		n += uuid[n + 1] == '-' ? 2 : 1;
	}
	return n == sizeof uuid - 1 ? vmm_strdup(uuid) : NULL;
}

void vmm_uuid_spell(
    const unsigned char raw[VMM_UUID_BYTES], char text[VMM_UUID_SIZE])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < VMM_UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = hex[raw[i] >> 4];
		*text++ = hex[raw[i] & 15];
	}
	*text = '\0';
}
