/*
 * pattern: hides how a star goes back.
 *
 * Each kind of star needs only its latest occurrence to go back to: an earlier
 * one has already found its first match, and whatever it could take in later
 * the later star can take in as well.
 */
#include "pure/pattern.h"

#include <stddef.h>
#include <string.h>

#include "base/escape.h"

bool vmm_pattern_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static size_t rune_length(const char *text)
{
	uint32_t rune;
	size_t n = vmm_utf8_decode(text, strlen(text), &rune);

	return n ? n : 1;
}

/* Matches the set at PATTERN, which starts with '[', against the byte C.
 * Returns the set's length in the pattern, or 0 if it is no complete set. */
static size_t match_set(const char *pattern, unsigned char c, bool *matches)
{
	const char *p = pattern + 1;
	bool inverted = *p == '!' || *p == '^';
	bool found = false;
	const char *first;

	p += inverted;
	for (first = p; *p && (*p != ']' || p == first); p++) {
		unsigned char low, high;

		if (*p == '\\' && p[1])
			p++;
		low = high = (unsigned char)*p;
		if (p[1] == '-' && p[2] && p[2] != ']') {
			p += 2;
			if (*p == '\\' && p[1])
				p++;
			high = (unsigned char)*p;
		}
		if (c >= low && c <= high)
			found = true;
	}
	if (*p != ']')
		return 0;
	*matches = found != inverted;
	return (size_t)(p - pattern) + 1;
}

/* Matches one element, not a star, of the pattern against the start of TEXT.
 * Returns whether it does, and how far both move on. */
static bool match_one(
    const char *pattern, const char *text, size_t *in_pattern, size_t *in_text)
{
	bool matches;

	*in_pattern = *in_text = 1;
	if (!*text)
		return false;
	if (*pattern == '?') {
		*in_text = rune_length(text);
		return *text != '/';
	}
	if (*pattern == '[') {
		size_t n = match_set(pattern, (unsigned char)*text, &matches);

		if (n) {
			*in_pattern = n;
			return matches && *text != '/';
		}
	}
	if (*pattern == '\\' && pattern[1]) {
		*in_pattern = 2;
		pattern++;
	}
	return *pattern == *text;
}

/* Somewhere to go back to: try `pattern` again with the text after `text`. */
struct star {
	const char *pattern, *text;
};

bool vmm_pattern_match(const char *pattern, const char *text)
{
	const char *start = pattern;
	struct star one = {NULL, NULL}, two = {NULL, NULL};
	bool folders = false; /* `two` is a whole component */

	for (;;) {
		size_t in_pattern, in_text;

		if (pattern[0] == '*' && pattern[1] == '*') {
			bool whole = pattern == start || pattern[-1] == '/';

			while (*pattern == '*')
				pattern++;
			folders = whole && *pattern == '/';
			pattern += folders;
			one.pattern = NULL;
			two = (struct star){pattern, text};
			continue;
		}
		if (pattern[0] == '*') {
			one = (struct star){++pattern, text};
			continue;
		}
		if (!*pattern && !*text)
			return true;
		if (*pattern &&
		    match_one(pattern, text, &in_pattern, &in_text)) {
			pattern += in_pattern;
			text += in_text;
			continue;
		}
		if (one.pattern && *one.text && *one.text != '/') {
			one.text += rune_length(one.text);
			pattern = one.pattern;
			text = one.text;
			continue;
		}
		if (!two.pattern || !*two.text)
			return false;
		if (folders) {
			two.text = strchr(two.text, '/');
			if (!two.text)
				return false;
			two.text++;
		} else {
			two.text += rune_length(two.text);
		}
		one.pattern = NULL;
		pattern = two.pattern;
		text = two.text;
	}
}
