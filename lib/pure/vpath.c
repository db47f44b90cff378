/* vpath: hides how a path is taken apart. */
#include "pure/vpath.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/escape.h"

static const char white[] = " \t\n\v\f\r";

char *vmm_vpath_normal(const char *raw)
{
	AUTOBUF out = VMM_BUF_INIT;

	while (*raw) {
		size_t length;

		raw += strspn(raw, "/");
		length = strcspn(raw, "/");
		/* so that every folder on the way is normal as it stands */
		while (length && strchr(white, *raw)) {
			raw++;
			length--;
		}
		for (size_t end = length; end; end--) {
			if (strchr(white, raw[end - 1]))
				continue;
			vmm_buf_addc(&out, '/');
			vmm_buf_add(&out, raw, end);
			break;
		}
		raw += length;
	}
	if (!out.length)
		vmm_buf_addc(&out, '/');
	return vmm_buf_take(&out);
}

bool vmm_text_is_storable(const char *text)
{
	size_t length = strlen(text);

	while (length) {
		uint32_t rune;
		size_t n = vmm_utf8_decode(text, length, &rune);

		/* U+FFFE and U+FFFF are no XML either */
		if (!n || rune < 0x20 || (rune >= 0x7f && rune < 0xa0) ||
		    rune == 0xfffe || rune == 0xffff)
			return false;
		text += n;
		length -= n;
	}
	return true;
}

size_t vmm_vpath_depth(const char *folder)
{
	size_t n = 0;

	while ((folder = strchr(folder, '/'))) {
		folder++;
		n++;
	}
	return n;
}

char *vmm_vpath_strict(const char *raw, struct vmm_err *err)
{
	AUTOFREE char *folder = vmm_vpath_normal(raw);

	if (!vmm_text_is_storable(folder)) {
		vmm_err_set(err, VMM_USAGE,
		    "a folder's name is UTF-8 without control characters, not "
		    "'%s'",
		    raw);
		return NULL;
	}
	if (vmm_vpath_depth(folder) > VMM_VPATH_DEEPEST) {
		vmm_err_set(err, VMM_USAGE,
		    "a folder is at most %d deep, not '%.60s...'",
		    VMM_VPATH_DEEPEST, folder);
		return NULL;
	}
	for (const char *p = folder; *p; p += strcspn(p, "/")) {
		size_t length = strcspn(++p, "/");

		if ((length == 1 && *p == '.') ||
		    (length == 2 && p[0] == '.' && p[1] == '.')) {
			vmm_err_set(err, VMM_USAGE,
			    "'%s': no folder is called '.' or '..'", raw);
			return NULL;
		}
	}
	return TAKE_PTR(folder);
}

static bool is_root(const char *folder)
{
	return strcmp(folder, "/") == 0;
}

char *vmm_vpath_join(const char *folder, const char *name)
{
	return vmm_sprintf("%s/%s", is_root(folder) ? "" : folder, name);
}

bool vmm_vpath_within(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (is_root(folder))
		return true;
	return strncmp(path, folder, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

char *vmm_vpath_step(const char *path, const char *folder)
{
	const char *rest = path + (is_root(folder) ? 0 : strlen(folder)) + 1;

	return vmm_strndup(path, (size_t)(rest - path) + strcspn(rest, "/"));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares the texts of LENGTH_A and LENGTH_B bytes in natural order. */
static int natural_cmp(
    const char *a, size_t length_a, const char *b, size_t length_b)
{
	size_t i = 0, j = 0;
	int tie = 0; /* equal by value so far, different by leading zeros */

	while (i < length_a && j < length_b) {
		size_t zeros_a, zeros_b, n = 0, m = 0;
		int order;

		if (!is_digit(a[i]) || !is_digit(b[j])) {
			if (a[i] != b[j])
				return (unsigned char)a[i] < (unsigned char)b[j]
					   ? -1
					   : 1;
			i++;
			j++;
			continue;
		}
		zeros_a = i;
		zeros_b = j;
		while (i < length_a && a[i] == '0')
			i++;
		while (j < length_b && b[j] == '0')
			j++;
		zeros_a = i - zeros_a;
		zeros_b = j - zeros_b;
		while (i + n < length_a && is_digit(a[i + n]))
			n++;
		while (j + m < length_b && is_digit(b[j + m]))
			m++;
		if (n != m)
			return n < m ? -1 : 1;
		order = memcmp(a + i, b + j, n);
		if (order)
			return order < 0 ? -1 : 1;
		if (!tie && zeros_a != zeros_b)
			tie = zeros_a < zeros_b ? -1 : 1;
		i += n;
		j += m;
	}
	if (i < length_a || j < length_b)
		return i < length_a ? 1 : -1;
	return tie;
}

int vmm_natural_cmp(const char *a, const char *b)
{
	return natural_cmp(a, strlen(a), b, strlen(b));
}

int vmm_vpath_cmp(const char *folder_a, const char *name_a,
    const char *folder_b, const char *name_b)
{
	const char *a = folder_a, *b = folder_b;

	/* folder by folder from the root, as long as both go on */
	while (a[0] == '/' && a[1] && b[0] == '/' && b[1]) {
		size_t n = strcspn(a + 1, "/"), m = strcspn(b + 1, "/");
		int order = natural_cmp(a + 1, n, b + 1, m);

		if (order)
			return order;
		a += n + 1;
		b += m + 1;
	}
	if ((a[0] && a[1]) != (b[0] && b[1]))
		return a[0] && a[1] ? -1 : 1;
	return vmm_natural_cmp(name_a, name_b);
}
