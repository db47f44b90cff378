/* path: normal forms, and orders that are orders. Three lines: paths, names. */
#include "fuzz.h"

#include "pure/vpath.h"

const char fuzz_name[] = "path";
const char *const fuzz_words[] = {"/", "/", "/", "//", "\n", "\n", " ", "\t",
    "\v", "\r", "a", "b", "lab", "web", ".", "..", "0", "00", "1", "01", "2",
    "10", "-", "\xc3\xa9", "\xff", "", NULL};

static bool is_white(char c)
{
	return c && strchr(" \t\n\v\f\r", c);
}

/* Absolute, single slashes, none at the end. */
static bool is_normal(const char *path)
{
	size_t length = strlen(path);

	if (strcmp(path, "/") == 0)
		return true;
	return path[0] == '/' && path[length - 1] != '/' &&
	       !is_white(path[length - 1]) && !strstr(path, "//");
}

/* Nothing but slashes and white space may come or go. */
static bool same_rest(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '/' || is_white(*a))
			a++;
		while (*b == '/' || is_white(*b))
			b++;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

/* The folder that RAW means, checked; to be freed. */
static char *normal(const char *raw)
{
	char *path = vmm_vpath_normal(raw);
	AUTOFREE char *again = vmm_vpath_normal(path);
	AUTOFREE char *padded = vmm_sprintf(" \t%s\n\r ", raw);
	AUTOFREE char *from_padded = vmm_vpath_normal(padded);
	AUTOFREE char *slash = vmm_sprintf("//%s//", path);
	AUTOFREE char *from_slash = vmm_vpath_normal(slash);

	HOLDS(is_normal(path));
	HOLDS(strcmp(path, again) == 0);
	HOLDS(strcmp(path, from_padded) == 0);
	HOLDS(strcmp(path, from_slash) == 0);
	HOLDS(same_rest(path, raw));
	return path;
}

static void check_join(const char *folder, const char *name)
{
	AUTOFREE char *path = vmm_vpath_join(folder, name);
	AUTOFREE char *step = NULL;

	if (!*name || strchr(name, '/'))
		return;
	HOLDS(path[0] == '/' && !strstr(path, "//"));
	HOLDS(strcmp(strrchr(path, '/') + 1, name) == 0);
	HOLDS(vmm_vpath_within(path, folder));
	HOLDS(vmm_vpath_within(path, "/"));
	HOLDS(!vmm_vpath_within(folder, path));
	step = vmm_vpath_step(path, folder);
	HOLDS(strcmp(step, path) == 0);
}

/* Every folder on the way from FOLDER down to PATH. */
static void check_steps(const char *folder, const char *path)
{
	AUTOFREE char *at = vmm_strdup(folder);

	if (!vmm_vpath_within(path, folder))
		return;
	while (strcmp(at, path) != 0) {
		AUTOFREE char *step = vmm_vpath_step(path, at);
		AUTOFREE char *again = vmm_vpath_normal(step);

		HOLDS(is_normal(step));
		HOLDS(strcmp(step, again) == 0);
		HOLDS(strlen(step) > strlen(at));
		HOLDS(vmm_vpath_within(step, at));
		HOLDS(!vmm_vpath_within(at, step));
		HOLDS(vmm_vpath_within(path, step));
		free(at);
		at = TAKE_PTR(step);
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void check_order(char *const *folder, char *const *name)
{
	int natural[3][3], listing[3][3];

	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			natural[i][j] = sign(vmm_natural_cmp(name[i], name[j]));
			listing[i][j] = sign(vmm_vpath_cmp(
			    folder[i], name[i], folder[j], name[j]));
			HOLDS((natural[i][j] == 0) ==
			      (strcmp(name[i], name[j]) == 0));
			HOLDS((listing[i][j] == 0) ==
			      (strcmp(name[i], name[j]) == 0 &&
				  strcmp(folder[i], folder[j]) == 0));
			/* what is below comes before what is here */
			if (strcmp(folder[i], folder[j]) != 0 &&
			    vmm_vpath_within(folder[i], folder[j]))
				HOLDS(listing[i][j] < 0);
		}
	}
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			HOLDS(natural[i][j] == -natural[j][i]);
			HOLDS(listing[i][j] == -listing[j][i]);
			for (int k = 0; k < 3; k++) {
				if (natural[i][j] <= 0 && natural[j][k] <= 0)
					HOLDS(natural[i][k] <= 0);
				if (listing[i][j] <= 0 && listing[j][k] <= 0)
					HOLDS(listing[i][k] <= 0);
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOSTRV name = VMM_STRV_INIT;
	AUTOSTRV folder = VMM_STRV_INIT;

	for (int i = 0; i < 3; i++) {
		vmm_strv_take(&name, fuzz_line(&data, &size));
		vmm_strv_take(&folder, normal(name.v[i]));
	}
	for (int i = 0; i < 3; i++) {
		check_join(folder.v[0], name.v[i]);
		check_steps("/", folder.v[i]);
		check_steps(folder.v[0], folder.v[i]);
	}
	check_order(folder.v, name.v);
	return 0;
}
