/* words: command lines as people write them. */
#include "pure/words.h"

#include "base/alloc.h"
#include "unit.h"

/* The words of TEXT, joined by '|'; or the error in brackets. */
static void splits(const char *text, const char *expected)
{
	AUTOSTRV words = VMM_STRV_INIT;
	AUTOBUF joined = VMM_BUF_INIT;
	AUTOERR err = VMM_ERR_INIT;

	if (vmm_words_split(text, &words, &err) < 0)
		vmm_buf_addf(&joined, "[%s]", err.text);
	for (size_t i = 0; i < words.n && !err.status; i++)
		vmm_buf_addf(&joined, "%s%s", i ? "|" : "", words.v[i]);
	is(vmm_buf_text(&joined), expected, "split: %s", text);
}

static void test_split(void)
{
	splits("vi", "vi");
	splits("  emacsclient\t-c ", "emacsclient|-c");
	splits("a 'b c' \"d e\"", "a|b c|d e");
	splits("a'b'\"c\"d", "abcd");
	splits("a '' \"\"", "a||");
	splits("a\\ b \\' \\\"", "a b|'|\"");
	splits("'a\\b' \"a\\b\" \"a\\\"b\" \"a\\\\b\"", "a\\b|a\\b|a\"b|a\\b");
	splits("\"it's\" '\"'", "it's|\"");
	splits("a\\", "a\\");
	splits("$(x) `y` ; | & > <", "$(x)|`y`|;|||&|>|<");
	splits("", "[a command without a word]");
	splits(" \t", "[a command without a word]");
	splits("a 'b", "[a quote that does not end]");
	splits("a \"b\\\"", "[a quote that does not end]");
}

static int letter(char c, void *arg, const char **value, struct vmm_err *err)
{
	if (c == 'x')
		*value = arg;
	else if (c != 'n')
		return vmm_err_set(err, VMM_USAGE, "no %c", c);
	return 0;
}

static void expands(const char *text, const char *expected)
{
	static char hostile[] = "a b;%x'";
	AUTOSTRV words = VMM_STRV_INIT;
	AUTOBUF joined = VMM_BUF_INIT;
	AUTOERR err = VMM_ERR_INIT;

	if (vmm_words_split(text, &words, &err) < 0 ||
	    vmm_words_expand(&words, letter, hostile, &err) < 0)
		vmm_buf_addf(&joined, "[%s]", err.text);
	for (size_t i = 0; i < words.n && !err.status; i++)
		vmm_buf_addf(&joined, "%s%s", i ? "|" : "", words.v[i]);
	is(vmm_buf_text(&joined), expected, "expand: %s", text);
}

static void test_expand(void)
{
	expands("v %x", "v|a b;%x'");
	expands("v --a=%x.", "v|--a=a b;%x'.");
	expands("v %n w", "v|w");
	expands("v a%n w", "v|a|w");
	expands("v %n%x", "v|a b;%x'");
	expands("v %% 100%%", "v|%|100%");
	expands("v '' w", "v||w");
	expands("v %q", "[no q]");
	expands("v %", "[a '%' at an end stands for nothing; '%%' is one]");
}

int main(void)
{
	test_split();
	test_expand();
	return unit_done();
}
