/*
 * pattern: hides a set of places in the pattern, moved on by each character.
 *
 * All the ways to match go side by side, so that no pattern makes them many.
 */
#include "pure/pattern.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"

bool vmm_pattern_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* The character at TEXT, which is not at its end, and its length; a byte that
 * is no UTF-8 is a character of its own, beyond all others. */
static size_t rune_at(const char *text, uint32_t *rune)
{
	size_t n = vmm_utf8_decode(text, strnlen(text, 4), rune);

	if (n)
		return n;
	*rune = 0x110000U + (unsigned char)*text;
	return 1;
}

/* Takes one character of a set; a backslash stands before what is itself. */
static uint32_t take_member(const char **p)
{
	uint32_t rune;

	if (**p == '\\' && (*p)[1])
		(*p)++;
	*p += rune_at(*p, &rune);
	return rune;
}

/* Matches the set at PATTERN, which starts with '[', against RUNE. Returns the
 * set's length in the pattern, or 0 if it is no complete set. */
static size_t match_set(const char *pattern, uint32_t rune, bool *matches)
{
	const char *p = pattern + 1;
	bool inverted = *p == '!' || *p == '^';
	bool found = false;
	const char *first;

	p += inverted;
	for (first = p; *p && (*p != ']' || p == first);) {
		uint32_t low = take_member(&p), high = low;

		if (*p == '-' && p[1] && p[1] != ']') {
			p++;
			high = take_member(&p);
		}
		if (rune >= low && rune <= high)
			found = true;
	}
	if (*p != ']')
		return 0;
	*matches = found != inverted;
	return (size_t)(p - pattern) + 1;
}

enum kind {
	ONE,     /* this character */
	ANY,     /* any but a slash */
	SET,     /* one of a set */
	STAR,    /* any number of ANY */
	STARS,   /* any number of any */
	FOLDERS, /* no folder; or on to the next, which is ... */
	INSIDE,  /* ... any number of any, ended by a slash */
	END,
};

struct place {
	enum kind kind;
	uint32_t rune;   /* of ONE */
	const char *set; /* of SET */
};

/* Takes the pattern apart; *COUNT places, the last is END. To be freed. */
static struct place *compile(const char *pattern, size_t *count)
{
	/* a "**" and a slash are two places, all others at most one a byte */
	struct place *place = vmm_calloc(strlen(pattern) + 1, sizeof *place);
	const char *p = pattern;
	size_t n = 0;

	while (*p) {
		bool whole = p == pattern || p[-1] == '/';
		size_t stars = strspn(p, "*");
		bool ignored;
		size_t set = *p == '[' ? match_set(p, 0, &ignored) : 0;

		if (stars > 1 && whole && p[stars] == '/') {
			place[n++].kind = FOLDERS;
			place[n++].kind = INSIDE;
			p += stars + 1;
		} else if (stars) {
			place[n++].kind = stars > 1 ? STARS : STAR;
			p += stars;
		} else if (*p == '?') {
			place[n++].kind = ANY;
			p++;
		} else if (set) {
			place[n].kind = SET;
			place[n++].set = p;
			p += set;
		} else {
			place[n++].rune = take_member(&p);
		}
	}
	place[n++].kind = END;
	*count = n;
	return place;
}

/* Adds the place AT, and those that are reached from it by nothing. */
static void reach(const struct place *place, bool *at_place, size_t at)
{
	/* where one is, those behind it are already: no work is done twice */
	while (!at_place[at]) {
		at_place[at] = true;
		if (place[at].kind == STAR || place[at].kind == STARS) {
			at++;
		} else if (place[at].kind == FOLDERS) {
			at_place[at + 1] = true;
			at += 2;
		}
	}
}

/* From one place, over RUNE, to the places that are reached in NEXT. */
static void move(
    const struct place *place, size_t at, uint32_t rune, bool *next)
{
	bool matches;

	switch (place[at].kind) {
	case ONE:
		if (rune == place[at].rune)
			reach(place, next, at + 1);
		break;
	case ANY:
		if (rune != '/')
			reach(place, next, at + 1);
		break;
	case SET:
		match_set(place[at].set, rune, &matches);
		if (matches && rune != '/')
			reach(place, next, at + 1);
		break;
	case STAR:
		if (rune != '/')
			reach(place, next, at);
		break;
	case STARS:
		reach(place, next, at);
		break;
	case INSIDE:
		next[at] = true;
		if (rune == '/')
			reach(place, next, at + 1);
		break;
	case FOLDERS:
	case END:
		break;
	}
}

bool vmm_pattern_match(const char *pattern, const char *text)
{
	size_t count = 0;
	AUTOFREE struct place *place = compile(pattern, &count);
	AUTOFREE bool *here = vmm_calloc(count, sizeof *here);
	AUTOFREE bool *next = vmm_calloc(count, sizeof *next);

	reach(place, here, 0);
	while (*text) {
		uint32_t rune;
		bool *swap = here;

		text += rune_at(text, &rune);
		memset(next, 0, count * sizeof *next);
		for (size_t at = 0; at < count; at++)
			if (here[at])
				move(place, at, rune, next);
		here = next;
		next = swap;
	}
	return here[count - 1];
}
