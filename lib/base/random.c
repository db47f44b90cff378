/* random: hides where chance comes from. */
#include "base/random.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"

/* Never short for so few bytes once the kernel has booted (getrandom(2)). */
static void fill(unsigned char *bytes, size_t n)
{
	while (getrandom(bytes, n, 0) != (ssize_t)n)
		;
}

void vmm_random_uuid(unsigned char uuid[16])
{
	fill(uuid, 16);
	uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40); /* version 4 */
	uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80); /* RFC 4122's */
}

char *vmm_random_hex(size_t bytes)
{
	AUTOFREE unsigned char *b = vmm_calloc(bytes, 1);
	char *text = vmm_calloc(2 * bytes + 1, 1);

	fill(b, bytes);
	for (size_t i = 0; i < bytes; i++) {
		text[2 * i] = "0123456789abcdef"[b[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[b[i] & 0xf];
	}
	return text;
}

char *vmm_random_mac(const char *like)
{
	unsigned vendor[3];
	unsigned char b[3];

	if (sscanf(like, "%2x:%2x:%2x:", &vendor[0], &vendor[1], &vendor[2]) !=
	    3)
		return NULL;
	fill(b, sizeof b);
	return vmm_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", vendor[0],
	    vendor[1], vendor[2], b[0], b[1], b[2]);
}
