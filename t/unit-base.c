/* base: text that grows, errors, an index, threads. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/index.h"
#include "base/note.h"
#include "base/parallel.h"
#include "base/random.h"
#include "unit.h"

static void test_buf(void)
{
	AUTOBUF buf = VMM_BUF_INIT;
	AUTOFREE char *taken = NULL;
	AUTOFREE char *nothing = NULL;

	is(vmm_buf_text(&buf), "", "buf: empty text is not NULL");
	ok(!buf.text, "buf: NULL while nothing was added");
	vmm_buf_adds(&buf, "one");
	vmm_buf_addc(&buf, ',');
	vmm_buf_addf(&buf, "%d-%s", 2, "three");
	vmm_buf_add(&buf, "four", 2);
	is(vmm_buf_text(&buf), "one,2-threefo", "buf: all that was added");
	is_int(buf.length, 13, "buf: its length");
	vmm_buf_add(&buf, "\0x", 3);
	ok(memcmp(vmm_buf_text(&buf) + 13, "\0x\0", 4) == 0,
	    "buf: NUL bytes, and one more at the end");
	is_int(buf.length, 16, "buf: NUL bytes count");
	taken = vmm_buf_take(&buf);
	is(taken, "one,2-threefo", "buf: taken");
	is(vmm_buf_text(&buf), "", "buf: empty once taken");
	is_int(buf.length, 0, "buf: without length once taken");
	nothing = vmm_buf_take(&buf);
	is(nothing, "", "buf: taken from an empty one is not NULL");
	vmm_buf_adds(&buf, "again");
	is(vmm_buf_text(&buf), "again", "buf: used once more");
	vmm_buf_release(&buf);
	is(vmm_buf_text(&buf), "", "buf: empty once released");
}

static void test_buf_grows(void)
{
	AUTOBUF buf = VMM_BUF_INIT;
	bool good = true;

	for (size_t i = 0; i < 100000; i++) {
		vmm_buf_addc(&buf, (char)('a' + i % 26));
		if (buf.length != i + 1 || buf.text[i + 1] != '\0')
			good = false;
	}
	for (size_t i = 0; i < buf.length; i++)
		if (buf.text[i] != (char)('a' + i % 26))
			good = false;
	ok(good, "buf: 100000 bytes, one by one, always ended by NUL");
	vmm_buf_release(&buf);
	good = true;
	for (size_t n = 0; n < 300; n++) {
		AUTOFREE char *part = vmm_calloc(n + 1, 1);
		AUTOBUF twice = VMM_BUF_INIT;

		memset(part, 'x', n);
		vmm_buf_adds(&twice, part);
		vmm_buf_adds(&twice, part);
		if (twice.length != 2 * n ||
		    strlen(vmm_buf_text(&twice)) != 2 * n)
			good = false;
	}
	ok(good, "buf: parts of every length");
}

static void test_strv(void)
{
	AUTOSTRV list = VMM_STRV_INIT;
	bool good = true;

	ok(!vmm_strv_has(&list, ""), "strv: an empty one has nothing");
	for (size_t i = 0; i < 1000; i++) {
		vmm_strv_take(&list, vmm_sprintf("%zu", i));
		if (list.n != i + 1 || list.v[list.n] != NULL)
			good = false;
	}
	ok(good, "strv: ended by NULL at every length");
	is(list.v[0], "0", "strv: the first");
	is(list.v[999], "999", "strv: the last");
	ok(vmm_strv_has(&list, "0"), "strv: has the first");
	ok(vmm_strv_has(&list, "999"), "strv: has the last");
	ok(!vmm_strv_has(&list, "1000"), "strv: has no other");
	ok(!vmm_strv_has(&list, "99x"), "strv: has none that begins like one");
	ok(!vmm_strv_has(&list, ""), "strv: has no empty one");
	vmm_strv_release(&list);
	is_int(list.n, 0, "strv: empty once released");
	vmm_strv_take(&list, vmm_strdup("a"));
	is(list.v[0], "a", "strv: used once more");
}

static void test_alloc(void)
{
	AUTOFREE char *text = vmm_sprintf("%s-%d", "a", 1);
	AUTOFREE char *none = vmm_calloc(0, 8);
	AUTOFREE char *shrunk = vmm_realloc(vmm_calloc(4, 4), 0, 4);
	AUTOFREE char *part = vmm_strndup("abc", 2);
	AUTOFREE char *whole = vmm_strndup("abc", 9);
	AUTOFREE char *no_text = vmm_strdup_null(NULL);
	AUTOFREE char *some_text = vmm_strdup_null("x");
	char *given = text;
	int *array = NULL;
	size_t n = 0;
	bool good = true;

	is(text, "a-1", "alloc: sprintf");
	ok(none && shrunk, "alloc: nothing is not NULL");
	is(part, "ab", "alloc: part of a string");
	is(whole, "abc", "alloc: no more than the string");
	is(no_text, NULL, "alloc: a copy of NULL");
	is(some_text, "x", "alloc: a copy of a string that may be NULL");
	for (int i = 0; i < 1000; i++) {
		VMM_GROW(array, n);
		array[n++] = i;
	}
	for (int i = 0; i < 1000; i++)
		good = good && array[i] == i;
	ok(good, "alloc: an array that grows keeps what it holds");
	free(array);
	ok(TAKE_PTR(text) == given && !text, "cleanup: a pointer given away");
	free(given);
}

static void test_err(void)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOERR other = VMM_ERR_INIT;

	is_int(vmm_err_set(&err, VMM_REFUSED, "no %s", "way"), -1,
	    "err: set returns -1");
	is(err.text, "no way", "err: its text");
	is_int(err.status, VMM_REFUSED, "err: its status");
	is_int(vmm_err_set(&err, VMM_FAILED, "%s, %s", err.text, "ever"), -1,
	    "err: set again returns -1");
	is(err.text, "no way, ever", "err: a new text may hold the old");
	is_int(err.status, VMM_FAILED, "err: a new status");
	is_int(vmm_err_prefix(&err, "'%s': ", "web1"), -1,
	    "err: prefix returns -1");
	is(err.text, "'web1': no way, ever", "err: text in front");
	is_int(err.status, VMM_FAILED, "err: a prefix leaves the status");
	vmm_err_append(&err, "; 100 %d");
	is(err.text, "'web1': no way, ever; 100 %d",
	    "err: text behind, as it is");
	is_int(err.status, VMM_FAILED, "err: more text leaves the status");
	vmm_err_set(&other, VMM_TIMEOUT, "late %%");
	vmm_err_move(&err, &other);
	is(err.text, "late %", "err: a moved error's text");
	is_int(err.status, VMM_TIMEOUT, "err: a moved error's status");
	vmm_err_name(&err, "wake", "web1");
	is(err.text, "cannot wake 'web1': late %", "err: what cannot be done");
	vmm_err_set(&err, VMM_FAILED, "none");
	vmm_err_after(&err, "what is %s is not known: ", "there");
	vmm_err_name(&err, "wake", "web1");
	is(err.text,
	    "'web1': it was done, but what is there is not known: none",
	    "err: what was done all the same");
	vmm_err_set(&err, VMM_TIMEOUT, "late");
	ok(!err.done, "err: a new error is of what was not done");
	ok(!other.text && other.status == VMM_OK,
	    "err: none where it was moved from");
	vmm_err_move(&err, &other);
	ok(!err.text && err.status == VMM_OK, "err: no error can be moved");
	vmm_err_set(&err, VMM_USAGE, "x");
	vmm_err_release(&err);
	ok(!err.text && err.status == VMM_OK, "err: none once released");
}

static void test_index(void)
{
	struct vmm_index index = VMM_INDEX_INIT;
	AUTOSTRV keys = VMM_STRV_INIT;
	char copy[] = "500";
	bool good = true;
	int value, other;

	ok(!vmm_index_find(&index, ""), "index: an empty one finds nothing");
	vmm_index_add(&index, "a", &value);
	vmm_index_add(&index, "a", &other);
	ok(vmm_index_find(&index, "a") == &value,
	    "index: the first under a key stays");
	ok(!vmm_index_find(&index, "b"), "index: another key");
	vmm_index_add(&index, "", &other);
	ok(vmm_index_find(&index, "") == &other, "index: an empty key");
	for (size_t i = 0; i < 20000; i++)
		vmm_strv_take(&keys, vmm_sprintf("%zu", i));
	for (size_t i = 0; i < keys.n; i++) {
		if (vmm_index_find(&index, keys.v[i]))
			good = false;
		vmm_index_add(&index, keys.v[i], keys.v[i]);
	}
	for (size_t i = 0; i < keys.n; i++)
		if (vmm_index_find(&index, keys.v[i]) != keys.v[i])
			good = false;
	ok(good, "index: 20000 keys, none before it is added");
	ok(vmm_index_find(&index, copy) == keys.v[500],
	    "index: found by what the key says, not by where it is");
	ok(vmm_index_find(&index, "a") == &value,
	    "index: the first key after many");
	ok(!vmm_index_find(&index, "20000"), "index: one that was not added");
	vmm_index_release(&index);
	ok(!vmm_index_find(&index, "a"), "index: empty once released");
	vmm_index_add(&index, "a", &other);
	ok(vmm_index_find(&index, "a") == &other, "index: used once more");
	vmm_index_release(&index);
}

static void test_file(void)
{
	FILE *stream = tmpfile();
	AUTOBUF out = VMM_BUF_INIT;
	AUTOFREE char *none = NULL;

	if (!stream) {
		ok(false, "file: a temporary file");
		return;
	}
	for (int i = 0; i < 20000; i++)
		fputc(i % 256, stream);
	rewind(stream);
	vmm_buf_addc(&out, '>');
	is_int(vmm_file_read_all(stream, &out), 0, "file: read");
	ok(out.length == 20001 && out.text[0] == '>' &&
		out.text[1 + 256] == '\0' && out.text[20000] == 19999 % 256,
	    "file: all of it, after what was there");
	is_int(vmm_file_read_all(stream, &out), 0, "file: at its end");
	is_int(out.length, 20001, "file: nothing more at its end");
	fclose(stream);
	stream = fopen("/", "r");
	errno = 0;
	ok(stream && vmm_file_read_all(stream, &out) == -1 && errno == EISDIR,
	    "file: what cannot be read is an error");
	if (stream)
		fclose(stream);
	errno = 0;
	none = vmm_file_read("/nonexistent/file");
	ok(!none && errno == ENOENT, "file: one that is not there is an error");
}

/* --- parallel --- */

struct job {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t caller;
	size_t count, retired;
	unsigned at_work, most; /* threads */
	unsigned need;          /* so many at once, before any goes on */
	size_t first;           /* the item that waits for the others */
	unsigned char *worked;  /* times each item was */
	bool elsewhere;         /* an item was worked by another thread */
	bool good;              /* retired in order, by the caller */
};

static void job_init(struct job *job, size_t count)
{
	*job = (struct job){.lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER,
	    .caller = pthread_self(),
	    .count = count,
	    .worked = vmm_calloc(count, 1),
	    .good = true};
}

/* Whether every item was worked once. */
static bool job_done(struct job *job)
{
	bool good = true;

	for (size_t i = 0; i < job->count; i++)
		good = good && job->worked[i] == 1;
	free(job->worked);
	job->worked = NULL;
	return good;
}

static void work(size_t item, void *arg)
{
	struct job *job = arg;

	pthread_mutex_lock(&job->lock);
	job->worked[item]++;
	if (!pthread_equal(pthread_self(), job->caller))
		job->elsewhere = true;
	if (++job->at_work > job->most)
		job->most = job->at_work;
	pthread_cond_broadcast(&job->changed);
	while (job->most < job->need)
		pthread_cond_wait(&job->changed, &job->lock);
	job->at_work--;
	pthread_mutex_unlock(&job->lock);
}

static void retire(size_t item, void *arg)
{
	struct job *job = arg;

	pthread_mutex_lock(&job->lock);
	if (item != job->retired || !job->worked[item] ||
	    !pthread_equal(pthread_self(), job->caller))
		job->good = false;
	job->retired++;
	pthread_cond_broadcast(&job->changed);
	pthread_mutex_unlock(&job->lock);
}

static void test_parallel(void)
{
	static const struct {
		size_t count;
		unsigned threads;
	} cases[] = {{0, 0}, {0, 1}, {0, 4}, {1, 0}, {1, 1}, {1, 4}, {5, 0},
	    {5, 1}, {5, 2}, {3, 8}, {2000, 8}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t count = cases[i].count;
		unsigned threads = cases[i].threads;
		struct job job;

		job_init(&job, count);
		vmm_parallel(count, threads, work, retire, &job);
		ok(job_done(&job), "parallel: %zu items, %u threads: each once",
		    count, threads);
		ok(job.good && job.retired == count,
		    "parallel: %zu items, %u threads: retired in order", count,
		    threads);
		ok(job.most <= (threads ? threads : 1),
		    "parallel: %zu items, %u threads: no more than that", count,
		    threads);
		if (threads <= 1)
			ok(!job.elsewhere,
			    "parallel: %zu items, %u threads: the caller's",
			    count, threads);
		job_init(&job, count);
		vmm_parallel(count, threads, work, NULL, &job);
		ok(job_done(&job),
		    "parallel: %zu items, %u threads, none retired: each once",
		    count, threads);
	}
}

static void test_parallel_at_once(void)
{
	struct job job;

	job_init(&job, 12);
	job.need = 2;
	vmm_parallel(job.count, 2, work, retire, &job);
	ok(job_done(&job) && job.most == 2, "parallel: two items at once");
	job_init(&job, 12);
	job.need = 4;
	vmm_parallel(job.count, 4, work, retire, &job);
	ok(job_done(&job) && job.most == 4, "parallel: four items at once");
	job_init(&job, 12);
	job.need = 4;
	vmm_parallel(job.count, 4, work, NULL, &job);
	ok(job_done(&job) && job.most == 4,
	    "parallel: four items at once, none retired");
}

/* Items after the first wait until the one before them is retired. */
static void work_after_retired(size_t item, void *arg)
{
	struct job *job = arg;

	pthread_mutex_lock(&job->lock);
	job->worked[item]++;
	while (job->retired < item)
		pthread_cond_wait(&job->changed, &job->lock);
	pthread_mutex_unlock(&job->lock);
}

/* The first item waits until all others are worked. */
static void work_first_last(size_t item, void *arg)
{
	struct job *job = arg;

	pthread_mutex_lock(&job->lock);
	while (item == 0 && job->first + 1 < job->count)
		pthread_cond_wait(&job->changed, &job->lock);
	job->first += item != 0;
	job->worked[item]++;
	pthread_cond_broadcast(&job->changed);
	pthread_mutex_unlock(&job->lock);
}

static void test_parallel_order(void)
{
	struct job job;

	job_init(&job, 20);
	vmm_parallel(job.count, 3, work_after_retired, retire, &job);
	ok(job_done(&job) && job.good && job.retired == 20,
	    "parallel: an item is retired while later ones are worked");
	job_init(&job, 20);
	vmm_parallel(job.count, 3, work_first_last, retire, &job);
	ok(job_done(&job) && job.good && job.retired == 20,
	    "parallel: the first is retired first, though worked last");
	job_init(&job, 20);
	vmm_parallel(job.count, 3, work_first_last, NULL, &job);
	ok(job_done(&job), "parallel: the last one worked is waited for");
	job_init(&job, 20);
	vmm_parallel(job.count, 1, work_after_retired, retire, &job);
	ok(job_done(&job) && job.good && job.retired == 20,
	    "parallel: one thread retires an item before it works the next");
}

/* --- notes --- */

#define KIND "unit"

static void test_notes(void)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOSTRV live = VMM_STRV_INIT, dead = VMM_STRV_INIT;
	AUTOSTRV none = VMM_STRV_INIT;
	AUTOFREE char *text = NULL, *nothing = NULL;
	int note = vmm_note_begin(KIND, "a-1", &err), taken;

	ok(note >= 0, "note: begun");
	is_int(vmm_note_begin(KIND, "a-1", &err), -1, "note: only once");
	is_int(err.status, VMM_REFUSED, "note: which is a refusal");
	is_int(vmm_note_add(note, "long first line", &err), 0, "note: added");
	is_int(vmm_note_replace(note, "one"), 0, "note: replaced");
	vmm_notes_list(KIND, "a-", &none);
	is_int(none.n, 0, "note: not to be taken from the living");
	is_int(vmm_note_take(KIND, "a-1", &nothing), -1, "note: nor by name");
	vmm_notes_live(KIND, &live);
	ok(live.n == 1 && strcmp(live.v[0], "one") == 0, "note: of the living");
	close(note);
	vmm_notes_list(KIND, "b-", &none);
	is_int(none.n, 0, "note: of another prefix");
	vmm_notes_list(KIND, "a-", &dead);
	ok(dead.n == 1 && strcmp(dead.v[0], "a-1") == 0, "note: of the dead");
	taken = vmm_note_take(KIND, "a-1", &text);
	ok(taken >= 0, "note: taken from the dead");
	is(text, "one", "note: with all that was replaced");
	close(taken);
	vmm_note_forget(KIND, "a-1");
	is_int(vmm_note_take(KIND, "a-1", &nothing), -1, "note: forgotten");
}

static void test_no_notes(const char *folder)
{
	AUTOERR err = VMM_ERR_INIT;
	AUTOFREE char *file = vmm_sprintf("%s/file", folder);
	AUTOFREE char *none = NULL;
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	is_int(vmm_note_add(full, "x", &err), -1, "note: on a full disk");
	is(err.text, "cannot note what is begun: No space left on device",
	    "note: what is said of it");
	is_int(vmm_note_replace(full, "x"), -1, "note: nor replaced there");
	close(full);
	is_int(vmm_file_write(file, "x", 1), 0, "note: a file");
	setenv("XDG_STATE_HOME", file, 1);
	is_int(vmm_note_begin(KIND, "a", &err), -1, "note: below a file");
	is_int(err.status, VMM_FAILED, "note: which is a failure");
	unlink(file);
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	is_int(vmm_note_begin(KIND, "a", &err), -1, "note: without a home");
	none = vmm_state_folder(KIND);
	is(none, NULL, "note: there is no folder");
	is_int(vmm_file_write("/nonexistent/a", "", 0), -1,
	    "file: written to where none can be");
	none = vmm_random_mac("no MAC");
	is(none, NULL, "random: like no MAC");
}

static void test_note(void)
{
	char folder[] = "/tmp/vmm-unit.XXXXXX";
	static const char *const made[] = {"/vmm/unit", "/vmm", ""};

	if (!mkdtemp(folder)) {
		ok(false, "note: a temporary folder");
		return;
	}
	setenv("XDG_STATE_HOME", folder, 1);
	test_notes();
	test_no_notes(folder);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		AUTOFREE char *path = vmm_sprintf("%s%s", folder, made[i]);

		is_int(rmdir(path), 0, "note: nothing is left: %zu", i);
	}
}

int main(void)
{
	alarm(120); /* rather no plan than no end */
	test_buf();
	test_buf_grows();
	test_strv();
	test_alloc();
	test_err();
	test_index();
	test_file();
	test_parallel();
	test_parallel_at_once();
	test_parallel_order();
	test_note();
	return unit_done();
}
