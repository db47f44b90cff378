/*
 * pattern: the same answer as the plainest of matchers. Two lines: a pattern
 * and a text.
 */
#include "fuzz.h"

#include "base/escape.h"
#include "pure/pattern.h"

const char fuzz_name[] = "pattern";
const char *const fuzz_words[] = {"\n", "\n", "\n", "*", "*", "**", "/**/", "?",
    "/", "/", "a", "a", "b", "[", "[", "]", "]", "!", "^", "-", "\\", "[a-b]",
    "[!a]", "[^", "\xc3\xa9", "\xc3\xa8", "\xc3", "\xa9", "\xff", NULL};

/* Long enough for every rule; the matcher below may take its time. */
#define LONGEST 40

/* A text as characters. A byte that is none is one beyond Unicode. */
struct text {
	uint32_t c[LONGEST + 1]; /* ends with 0 */
	size_t n;
};

static void decode(const char *bytes, struct text *text)
{
	size_t length = strlen(bytes);

	text->n = 0;
	while (length && text->n < LONGEST) {
		uint32_t rune = 0;
		size_t n = vmm_utf8_decode(bytes, length, &rune);

		text->c[text->n++] =
		    n ? rune : 0x110000U + (unsigned char)*bytes;
		bytes += n ? n : 1;
		length -= n ? n : 1;
	}
	text->c[text->n] = 0;
}

/* The end of the set at P, which is behind its bracket; NULL if unfinished. */
static const uint32_t *set_end(const uint32_t *p)
{
	const uint32_t *first;

	p += *p == '!' || *p == '^';
	for (first = p; *p && (*p != ']' || p == first); p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p : NULL;
}

static bool in_set(const uint32_t *p, const uint32_t *end, uint32_t c)
{
	bool negated = *p == '!' || *p == '^';

	for (p += negated; p < end; p++) {
		uint32_t low, high;

		p += *p == '\\';
		low = high = *p;
		if (p + 2 < end && p[1] == '-') {
			p += 2;
			p += *p == '\\';
			high = *p;
		}
		if (low <= c && c <= high)
			return !negated;
	}
	return negated;
}

struct oracle {
	struct text pattern, text;
	/* what is known of each pair of rests: 0, or 1 and the answer */
	signed char known[LONGEST + 1][LONGEST + 1];
};

static bool rest_matches(struct oracle *oracle, size_t i, size_t j);

static bool find_rest(struct oracle *oracle, size_t i, size_t j)
{
	const uint32_t *p = oracle->pattern.c + i;
	const uint32_t *t = oracle->text.c + j;
	const uint32_t *end;

	if (!*p)
		return !*t;
	if (p[0] == '*' && p[1] == '*') {
		if ((i == 0 || p[-1] == '/') && p[2] == '/') {
			if (rest_matches(oracle, i + 3, j))
				return true;
			for (; *t; t++, j++)
				if (*t == '/' &&
				    rest_matches(oracle, i + 3, j + 1))
					return true;
			return false;
		}
		return rest_matches(oracle, i + 2, j) ||
		       (*t && rest_matches(oracle, i, j + 1));
	}
	if (*p == '*')
		return rest_matches(oracle, i + 1, j) ||
		       (*t && *t != '/' && rest_matches(oracle, i, j + 1));
	if (!*t)
		return false;
	if (*p == '?')
		return *t != '/' && rest_matches(oracle, i + 1, j + 1);
	if (*p == '[' && (end = set_end(p + 1)))
		return *t != '/' && in_set(p + 1, end, *t) &&
		       rest_matches(oracle,
			   (size_t)(end + 1 - oracle->pattern.c), j + 1);
	if (*p == '\\' && p[1])
		return p[1] == *t && rest_matches(oracle, i + 2, j + 1);
	return *p == *t && rest_matches(oracle, i + 1, j + 1);
}

static bool rest_matches(struct oracle *oracle, size_t i, size_t j)
{
	signed char *known = &oracle->known[i][j];

	if (!*known)
		*known = find_rest(oracle, i, j) ? 1 : -1;
	return *known > 0;
}

static void check_against_oracle(const char *pattern, const char *text)
{
	struct oracle oracle = {0};

	/* nothing is promised of three stars in a row */
	if (strlen(pattern) > LONGEST || strlen(text) > LONGEST ||
	    strstr(pattern, "***"))
		return;
	decode(pattern, &oracle.pattern);
	decode(text, &oracle.text);
	HOLDS(vmm_pattern_match(pattern, text) == rest_matches(&oracle, 0, 0));
}

/* TEXT as a pattern that means it, with TAIL; to be freed. */
static char *quoted(const char *text, const char *tail)
{
	AUTOBUF out = VMM_BUF_INIT;

	for (; *text; text++) {
		if (strchr("*?[\\", *text))
			vmm_buf_addc(&out, '\\');
		vmm_buf_addc(&out, *text);
	}
	vmm_buf_adds(&out, tail);
	return vmm_buf_take(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTOFREE char *pattern = fuzz_line(&data, &size);
	AUTOFREE char *text = fuzz_line(&data, &size);
	AUTOFREE char *same = quoted(text, "");
	AUTOFREE char *more = quoted(text, "**");
	AUTOFREE char *longer = vmm_sprintf("%sx", text);

	check_against_oracle(pattern, text);
	HOLDS(vmm_pattern_match("**", text));
	HOLDS(vmm_pattern_match("*", text) == !strchr(text, '/'));
	HOLDS(vmm_pattern_match(same, text));
	HOLDS(!vmm_pattern_match(same, longer));
	HOLDS(vmm_pattern_match(more, text));
	HOLDS(vmm_pattern_match(more, longer));
	HOLDS(vmm_pattern_is(pattern) == (strpbrk(pattern, "*?[") != NULL));
	if (!vmm_pattern_is(pattern) && !strchr(pattern, '\\'))
		HOLDS(vmm_pattern_match(pattern, text) ==
		      (strcmp(pattern, text) == 0));
	return 0;
}
