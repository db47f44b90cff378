/* candidates: hides which words suit, and their order. */
#include "work/candidates.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "pure/vpath.h"

static bool is_plain(const char *text)
{
	AUTOBUF shown = VMM_BUF_INIT;

	vmm_escape_message(&shown, text);
	return strcmp(vmm_buf_text(&shown), text) == 0;
}

void vmm_candidates_add(
    struct vmm_candidates *candidates, const char *word, const char *help)
{
	size_t length = strlen(word);
	struct vmm_candidate *added;

	if (strncmp(word, candidates->begin, strlen(candidates->begin)) != 0 ||
	    vmm_index_find(&candidates->seen, word) || !is_plain(word))
		return;
	VMM_GROW(candidates->v, candidates->n);
	added = &candidates->v[candidates->n++];
	*added = (struct vmm_candidate){.word = vmm_strdup(word),
	    .help = vmm_strdup(help ? help : ""),
	    .folder = length && word[length - 1] == '/'};
	vmm_index_add(&candidates->seen, added->word, candidates);
}

static int compare(const void *a, const void *b)
{
	const struct vmm_candidate *one = a, *other = b;

	if (one->folder != other->folder)
		return one->folder ? -1 : 1;
	return vmm_natural_cmp(one->word, other->word);
}

void vmm_candidates_sort(struct vmm_candidates *candidates)
{
	if (candidates->n)
		qsort(candidates->v, candidates->n, sizeof *candidates->v,
		    compare);
}

void vmm_candidates_release(struct vmm_candidates *candidates)
{
	vmm_index_release(&candidates->seen);
	for (size_t i = 0; i < candidates->n; i++) {
		free(candidates->v[i].word);
		free(candidates->v[i].help);
	}
	free(candidates->v);
	*candidates = (struct vmm_candidates){0};
}
