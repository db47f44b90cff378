/*
 * cache: texts that can be had again, kept so that they need not be.
 *
 * A text is a file $XDG_CACHE_HOME/vmm/NAME, and holds as long as its KEY is
 * the same; the next one takes its place, so that there are no more files than
 * names. Nothing is an error: what is broken, or somebody else's, is not there,
 * and what cannot be written is not kept.
 */
#ifndef VMM_BASE_CACHE_H
#define VMM_BASE_CACHE_H

/* The text that was put there under KEY, to be freed, or NULL. */
char *vmm_cache_get(const char *name, const char *key);
void vmm_cache_put(const char *name, const char *key, const char *text);

#endif
