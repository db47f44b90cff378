/*
 * pattern: shell patterns over the paths of VMs.
 *
 *   *     any characters but a slash, also none
 *   **    the same, slashes too; a whole component of the pattern that is
 *         this stands for any number of folders, also none
 *   ?     one character (a UTF-8 one, or a byte that is none), not a slash
 *   [a-z] one of these characters; [!a-z] or [^a-z] any other, not a slash
 *   \c    the character c itself
 *
 * What is not a complete [...] stands for itself.
 */
#ifndef VMM_PURE_PATTERN_H
#define VMM_PURE_PATTERN_H

#include <stdbool.h>

/* Whether TEXT has a character that makes it a pattern. */
bool vmm_pattern_is(const char *text);
/* Whether the whole of TEXT matches. Takes time proportional to the product
 * of both lengths at worst. */
bool vmm_pattern_match(const char *pattern, const char *text);

#endif
