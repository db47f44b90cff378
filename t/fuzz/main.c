/*
 * main: runs a target without libFuzzer.
 *
 * With arguments each names a file, whose bytes are an input. Without, there
 * are the files of the folder NAME in $VMM_CORPUS, and those in $VMM_DOMAINS,
 * if these are set, and then a few thousand inputs made of the target's words,
 * always the same. One line of TAP says how it went. --words prints the words
 * as a dictionary of libFuzzer's.
 */
#include <dirent.h>
#include <signal.h>

#include "base/file.h"
#include "fuzz.h"

#define INPUTS 5000

static const unsigned char *current;
static size_t current_size;

/* Says which input it was. abort() came from the target, so stdio is free. */
static void say_input(int number)
{
	printf("not ok 1 - fuzz %s\n# input: ", fuzz_name);
	for (size_t i = 0; i < current_size; i++)
		printf("\\x%02x", current[i]);
	printf("\n1..1\n");
	fflush(stdout);
	signal(number, SIG_DFL);
	raise(number);
}

static void run(const char *data, size_t size)
{
	/* exactly as large, so that reading beyond the end is seen */
	char *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	current = (const unsigned char *)copy;
	current_size = size;
	LLVMFuzzerTestOneInput((const uint8_t *)copy, size);
	current_size = 0;
	free(copy);
}

/* Runs the file PATH; folders are passed over. */
static void run_file(const char *path)
{
	AUTOBUF out = VMM_BUF_INIT;
	DIR *folder = opendir(path);
	FILE *stream;

	if (folder) {
		closedir(folder);
		return;
	}
	stream = fopen(path, "re");
	if (!stream || vmm_file_read_all(stream, &out) < 0) {
		printf("Bail out! cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	fclose(stream);
	run(vmm_buf_text(&out), out.length);
}

/* Runs the files in the folder NAME in that which VARIABLE names, if it does;
 * returns how many there are. */
static size_t run_folder(const char *variable, const char *name)
{
	const char *parent = getenv(variable);
	AUTOFREE char *path = NULL;
	struct dirent *entry;
	size_t n = 0;
	DIR *folder;

	if (!parent || !*parent)
		return 0;
	path = vmm_sprintf("%s/%s", parent, name);
	folder = opendir(path);
	if (!folder) {
		printf("Bail out! cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	while ((entry = readdir(folder))) {
		AUTOFREE char *file = NULL;

		if (entry->d_name[0] == '.')
			continue;
		file = vmm_sprintf("%s/%s", path, entry->d_name);
		run_file(file);
		n++;
	}
	closedir(folder);
	return n;
}

/* xorshift64: the same numbers on every machine. */
static uint64_t below(uint64_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15U;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % limit;
}

static void run_made_up(void)
{
	size_t words = 0;

	while (fuzz_words[words])
		words++;
	for (size_t i = 0; i < INPUTS; i++) {
		AUTOBUF input = VMM_BUF_INIT;
		uint64_t length = below(1 + i % 40);

		while (length--) {
			const char *word = fuzz_words[below(words)];

			if (below(50) == 0)
				vmm_buf_addc(&input, (char)below(256));
			else if (*word)
				vmm_buf_adds(&input, word);
			else
				vmm_buf_addc(&input, '\0');
		}
		run(vmm_buf_text(&input), input.length);
	}
}

static void print_words(void)
{
	for (size_t i = 0; fuzz_words[i]; i++) {
		if (!*fuzz_words[i])
			continue; /* a dictionary has no empty words */
		putchar('"');
		for (const char *p = fuzz_words[i]; *p; p++)
			printf("\\x%02x", (unsigned char)*p);
		printf("\"\n");
	}
}

int main(int argc, char **argv)
{
	size_t files = (size_t)(argc - 1), made_up = 0;

	if (argc == 2 && strcmp(argv[1], "--words") == 0) {
		print_words();
		return EXIT_SUCCESS;
	}
	signal(SIGABRT, say_input);
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	if (argc < 2) {
		files = run_folder("VMM_CORPUS", fuzz_name);
		files += run_folder("VMM_DOMAINS", ".");
		run_made_up();
		made_up = INPUTS;
	}
	printf("ok 1 - fuzz %s: %zu files, %zu inputs made up\n1..1\n",
	    fuzz_name, files, made_up);
	return EXIT_SUCCESS;
}
