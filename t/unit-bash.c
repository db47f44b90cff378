/* bash: a line that is being typed, and answers for it. */
#include "pure/bash.h"

#include "base/alloc.h"
#include "unit.h"

#define BREAKS " \t\n\"'@><=;|&(:"

/* The words of LINE, joined by '|', the quote that is open, and what of the
 * last word is not replaced. */
static void reads(const char *line, const char *expected)
{
	struct vmm_bash_line got = {0};
	AUTOBUF text = VMM_BUF_INIT;

	vmm_bash_read(&got, line, BREAKS);
	for (size_t i = 0; i < got.words.n; i++)
		vmm_buf_addf(&text, "%s%s", i ? "|" : "", got.words.v[i]);
	vmm_buf_addf(&text, " <%s> %zu",
	    got.quote == '"'    ? "\""
	    : got.quote == '\'' ? "'"
				: "",
	    got.stays);
	is(vmm_buf_text(&text), expected, "read: %s", line);
	vmm_bash_release(&got);
}

static void test_read(void)
{
	reads("vmm st", "vmm|st <> 0");
	reads("vmm start ", "vmm|start| <> 0");
	reads("vmm  start\ta\\ b/c", "vmm|start|a b/c <> 0");
	reads("vmm start 'a b", "vmm|start|a b <'> 0");
	reads("vmm start 'a b' c", "vmm|start|a b|c <> 0");
	reads("vmm start 'a b'", "vmm|start|a b <> 0");
	reads("vmm start 'a\\", "vmm|start|a\\ <'> 0");
	reads("vmm start \"a\\$b\\c\\\"", "vmm|start|a$b\\c\" <\"> 0");
	reads("vmm start x'it'\\''s", "vmm|start|xit's <'> 4");
	reads("vmm start 'it'\\'' s", "vmm|start|it' s <'> 3");
	reads("vmm ls --label=we", "vmm|ls|--label=we <> 8");
	reads("vmm ls --label='we", "vmm|ls|--label=we <'> 8");
	reads("vmm ls --label='a=b", "vmm|ls|--label=a=b <'> 8");
	reads("vmm -c qemu:///s", "vmm|-c|qemu:///s <> 5");
	reads("vmm start a\\:b", "vmm|start|a:b <> 0");
	reads("vmm start a\\", "vmm|start|a <> 0");
	reads("vmm start \"a\\", "vmm|start|a <\"> 0");
	reads("vmm start \"\" x", "vmm|start||x <> 0");
	reads("vmm $(x y) `z", "vmm|$(x|y)|`z <> 0");
	reads("", " <> 0");
}

static void quotes(const char *text, char quote, const char *expected)
{
	AUTOBUF out = VMM_BUF_INIT;

	vmm_bash_quote(&out, text, quote);
	is(vmm_buf_text(&out), expected, "quote: %s", text);
}

static void test_quote(void)
{
	quotes("/lab/web-1_a.b", 0, "/lab/web-1_a.b");
	quotes("a b", 0, "a\\ b");
	quotes("a b", '\'', "a b");
	quotes("a b", '"', "a b");
	quotes("it's", 0, "it\\'s");
	quotes("it's", '\'', "it'\\''s");
	quotes("it's", '"', "it's");
	quotes("$(x)`y`\"\\", 0, "\\$\\(x\\)\\`y\\`\\\"\\\\");
	quotes("$(x)`y`\"\\", '"', "\\$(x)\\`y\\`\\\"\\\\");
	quotes("$(x)`y`\"\\", '\'', "$(x)`y`\"\\");
	quotes("wow!1", 0, "wow\\!1");
	quotes("wow!1", '"', "wow\"\\!\"1");
	quotes("it's '", '\'', "it'\\''s '\\'");
	quotes("say \"so\"", '"', "say \\\"so\"\\\"");
	quotes("!!", '"', "\"\\!\"\"\\!\"\"");
	quotes("~*?[{;&|<>#^", 0, "\\~\\*\\?\\[\\{\\;\\&\\|\\<\\>\\#\\^");
	quotes("gr\xc3\xbcn", 0, "gr\xc3\xbcn");
}

/* What is quoted is read as what it was. */
static void comes_back(const char *text, char quote)
{
	AUTOBUF line = VMM_BUF_INIT;
	struct vmm_bash_line got = {0};
	size_t n;

	vmm_buf_adds(&line, "vmm ");
	if (quote)
		vmm_buf_addc(&line, quote);
	vmm_bash_quote(&line, text, quote);
	if (quote && line.text[line.length - 1] != quote)
		vmm_buf_addc(&line, quote); /* as readline does */
	vmm_buf_adds(&line, " x");
	vmm_bash_read(&got, vmm_buf_text(&line), BREAKS);
	n = got.words.n;
	if (n != 3 || strcmp(got.words.v[1], text) != 0 || got.quote)
		is(n > 1 ? got.words.v[1] : NULL, text, "comes back: %s",
		    vmm_buf_text(&line));
	vmm_bash_release(&got);
}

static void test_round(void)
{
	static const char letters[] = "a '\"\\$`!=:/\xc3\xbc";
	unsigned seed = 1;

	for (int i = 0; i < 20000; i++) {
		char text[9] = "";

		for (int j = 0; j < 1 + i % 8; j++) {
			seed = seed * 1103515245 + 12345;
			text[j] = letters[(seed >> 16) % (sizeof letters - 1)];
		}
		comes_back(text, "\0'\""[i % 3]);
	}
	ok(true, "20000 words came back");
}

int main(void)
{
	test_read();
	test_quote();
	test_round();
	return unit_done();
}
