/* asking: hides how programs are asked, and which answers are kept. */
#include "work/asking.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cache.h"
#include "base/deadline.h"
#include "config.h"

/* Milliseconds. Who has pressed a key waits no longer; a far host takes more,
 * and who has one may say so. */
static int patience(void)
{
	const char *text = getenv("VMM_COMPLETION_TIMEOUT");
	long said = text ? strtol(text, NULL, 10) : 0;

	return said > 0 && said <= 60000 ? (int)said : 1000;
}

/* --- what a command has --- */

static bool is_script(const char *path)
{
	FILE *file = fopen(path, "re");
	bool script = file && fgetc(file) == '#' && fgetc(file) == '!';

	if (file)
		fclose(file);
	return script;
}

/* What is the same as long as PATH is, to be freed; NULL: not known. A program
 * that is replaced may keep its size, and the time its package says: then it is
 * another file, or its inode has changed. */
static char *identity(const char *path)
{
	struct stat is;

	if (stat(path, &is) < 0)
		return NULL;
	return vmm_sprintf("%s %ju %jd %jd.%09ld %jd.%09ld %s", PACKAGE_VERSION,
	    (uintmax_t)is.st_ino, (intmax_t)is.st_size,
	    (intmax_t)is.st_mtim.tv_sec, is.st_mtim.tv_nsec,
	    (intmax_t)is.st_ctim.tv_sec, is.st_ctim.tv_nsec, path);
}

/* What PATH prints when it gets OPTION, to be freed; NULL if it fails. */
static char *say(const char *path, const char *option)
{
	AUTOSTRV argv = VMM_STRV_INIT;
	AUTOBUF text = VMM_BUF_INIT;

	vmm_strv_take(&argv, vmm_strdup(path));
	vmm_strv_take(&argv, vmm_strdup(option));
	return vmm_deadline_run(patience(), &argv, &text) ? vmm_buf_take(&text)
							  : NULL;
}

/* By the name of its program: another of that name takes its place. */
static char *ask(const char *path, const char *option)
{
	const char *name = strrchr(path, '/');
	AUTOFREE char *entry =
	    vmm_sprintf("options/%s", name ? name + 1 : path);
	AUTOFREE char *key = identity(path);
	char *text = key ? vmm_cache_get(entry, key) : NULL;

	if (text)
		return text;
	text = say(path, option);
	if (text && key)
		vmm_cache_put(entry, key, text);
	return text;
}

void vmm_ask_usage(const char *path, struct vmm_usage *usage)
{
	bool script = is_script(path);
	AUTOFREE char *text = ask(path, script ? "--help" : "--dump-options");

	if (text && script)
		vmm_usage_read_help(usage, text);
	else if (text)
		vmm_usage_read_dump(usage, text);
}

/* --- what a host has --- */

static void add_words(struct vmm_strv *argv, const char *dir,
    const struct vmm_args *args, const char *kind, const char *begin)
{
	vmm_strv_take(argv, vmm_sprintf("%s/host-words", dir));
	if (args->uri)
		vmm_strv_take(argv, vmm_sprintf("--connect=%s", args->uri));
	if (args->recursive)
		vmm_strv_take(argv, vmm_strdup("--recursive"));
	vmm_strv_take(argv, vmm_strdup("--"));
	vmm_strv_take(argv, vmm_strdup(kind));
	vmm_strv_take(argv, vmm_strdup(begin));
	for (size_t i = 0; i < args->operands.n; i++)
		vmm_strv_take(argv, vmm_strdup(args->operands.v[i]));
}

void vmm_ask_host(const char *dir, const struct vmm_args *args,
    const char *kind, struct vmm_candidates *candidates)
{
	AUTOSTRV argv = VMM_STRV_INIT;
	AUTOBUF answer = VMM_BUF_INIT;
	const char *p, *end;

	add_words(&argv, dir, args, kind, candidates->begin);
	if (!vmm_deadline_run(patience(), &argv, &answer))
		return;
	p = vmm_buf_text(&answer); /* a NUL stands behind it all */
	for (end = p + answer.length; p < end;) {
		const char *word = p, *help = p + strlen(p) + 1;

		if (help >= end)
			break;
		vmm_candidates_add(candidates, word, help);
		p = help + strlen(help) + 1;
	}
}
