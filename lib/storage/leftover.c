/* leftover: hides notes, and how it is proved that a volume is nobody's. */
#include "storage/leftover.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/note.h"
#include "base/random.h"
#include "storage/volume.h"

#define KIND "volumes"

/* The first line of a note. A path means another file on another host, and who
 * needs it is known to another daemon; one URI may lead to many hosts. */
static char *head_for(const struct vmm_conn *conn)
{
	AUTOFREE char *host = virConnectGetHostname(vmm_conn_virt(conn));
	AUTOBUF head = VMM_BUF_INIT;

	vmm_escapes(&head, vmm_conn_uri(conn));
	vmm_buf_addc(&head, '\t');
	vmm_escapes(&head, host ? host : "");
	return vmm_buf_take(&head);
}

/* --- lines --- */

/* PATH<TAB>BASE[<TAB>MARK]; a later line of the same path with a mark adds
 * that. */
struct line {
	char *path, *base; /* BASE may be empty */
	char *mark; /* what it was when it was marked; NULL: it was not */
};

struct lines { /* starts as {0} */
	struct line *line;
	size_t n;
};

static void line_release(struct line *line)
{
	free(line->path);
	free(line->base);
	free(line->mark);
}

static void lines_release(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		line_release(&lines->line[i]);
	free(lines->line);
	*lines = (struct lines){0};
}

static char *unescaped(const char *text)
{
	char *undone = vmm_unescape(text);

	return undone ? undone : vmm_strdup(text);
}

static struct line *find_line(const struct lines *lines, const char *path)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->line[i].path, path) == 0)
			return &lines->line[i];
	return NULL;
}

static void drop_line(struct lines *lines, struct line *line)
{
	size_t at = (size_t)(line - lines->line);

	line_release(line);
	lines->n--;
	memmove(line, line + 1, (lines->n - at) * sizeof *line);
}

static void parse_line(struct lines *lines, char *text)
{
	const char *escaped = strsep(&text, "\t");
	const char *base = strsep(&text, "\t");
	AUTOFREE char *path = unescaped(escaped);
	struct line *line = find_line(lines, path);

	if (!base)
		return;
	if (!line) {
		VMM_GROW(lines->line, lines->n);
		line = &lines->line[lines->n++];
		*line = (struct line){TAKE_PTR(path), unescaped(base), NULL};
	}
	if (!text)
		return;
	free(line->mark);
	line->mark = vmm_strdup(text);
}

/* The head is returned. What has no newline was cut short, so never begun. */
static const char *parse(char *text, struct lines *lines)
{
	const char *head = strsep(&text, "\n");
	char *line;

	while (text && strchr(text, '\n')) {
		line = strsep(&text, "\n");
		parse_line(lines, line);
	}
	return head;
}

static void write_line(struct vmm_buf *out, const struct line *line)
{
	vmm_escapes(out, line->path);
	vmm_buf_addc(out, '\t');
	vmm_escapes(out, line->base);
	if (line->mark)
		vmm_buf_addf(out, "\t%s", line->mark);
	vmm_buf_addc(out, '\n');
}

/* --- notes of the dead --- */

/* One of this host, locked. */
struct taken {
	const char *name;
	int note;
	char *text;
	const char *head; /* in there */
	struct lines lines;
};

static void taken_release(struct taken *taken)
{
	lines_release(&taken->lines);
	free(taken->text);
	if (taken->note >= 0)
		close(taken->note);
}

static bool take(struct taken *taken, const char *head)
{
	taken->note = vmm_note_take(KIND, taken->name, &taken->text);
	if (taken->note < 0)
		return false;
	taken->head = parse(taken->text, &taken->lines);
	return strcmp(taken->head, head) == 0;
}

/* As its lines are now. A note that cannot be written claims what it did. */
static void rewrite(const struct taken *taken)
{
	AUTOBUF text = VMM_BUF_INIT;

	vmm_buf_addf(&text, "%s\n", taken->head);
	for (size_t i = 0; i < taken->lines.n; i++)
		write_line(&text, &taken->lines.line[i]);
	if (!taken->lines.n)
		vmm_note_forget(KIND, taken->name);
	else if (vmm_note_replace(taken->note, vmm_buf_text(&text)) < 0)
		return;
}

static void strike(const char *head, const char *name, const char *path)
{
	CLEANUP(taken_release) struct taken taken = {.name = name, .note = -1};
	struct line *line =
	    take(&taken, head) ? find_line(&taken.lines, path) : NULL;

	if (!line)
		return;
	drop_line(&taken.lines, line);
	rewrite(&taken);
}

static void strike_all(const struct vmm_leftovers *left, const char *path)
{
	/* a thread that has a note locked looks to another like a command */
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	AUTOSTRV notes = VMM_STRV_INIT;
	AUTOFREE char *head = NULL;

	pthread_mutex_lock(&lock);
	vmm_notes_list(KIND, "", &notes);
	if (notes.n)
		head = head_for(left->conn);
	for (size_t i = 0; i < notes.n; i++)
		strike(head, notes.v[i], path);
	pthread_mutex_unlock(&lock);
}

/* --- the note of one command --- */

struct vmm_leftovers *vmm_leftovers_begin(
    const struct vmm_conn *conn, struct vmm_err *err)
{
	struct vmm_leftovers *left = vmm_calloc(1, sizeof *left);
	AUTOFREE char *head = head_for(conn);
	AUTOFREE char *text = vmm_sprintf("%s\n", head);

	left->conn = conn;
	left->name = vmm_random_hex(16);
	left->note = vmm_note_begin(KIND, left->name, err);
	if (left->note >= 0 && vmm_note_add(left->note, text, err) == 0) {
		pthread_mutex_init(&left->lock, NULL);
		return left;
	}
	if (left->note >= 0)
		close(left->note);
	free(left->name);
	free(left);
	return NULL;
}

static int note_line(
    struct vmm_leftovers *left, const struct line *line, struct vmm_err *err)
{
	AUTOBUF text = VMM_BUF_INIT;
	int result;

	write_line(&text, line);
	pthread_mutex_lock(&left->lock);
	result = vmm_note_add(left->note, vmm_buf_text(&text), err);
	pthread_mutex_unlock(&left->lock);
	return result;
}

int vmm_leftovers_add(struct vmm_leftovers *left, const char *path,
    const char *base, struct vmm_err *err)
{
	AUTOFREE char *where = vmm_strdup(path);
	AUTOFREE char *on = vmm_strdup(base ? base : "");
	struct line line = {where, on, NULL};

	strike_all(left, path);
	return note_line(left, &line, err);
}

/* What tells a volume from another of its name, to be freed; or NULL. */
static char *mark_of(const struct vmm_volxml *xml)
{
	AUTOFREE char *when = xml->mtime ? vmm_escaped(xml->mtime) : NULL;

	return when ? vmm_sprintf("%s %llu", when, xml->physical) : NULL;
}

int vmm_leftovers_mark(
    struct vmm_leftovers *left, const char *path, struct vmm_err *err)
{
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOVOLXML xml = {0};
	AUTOVOL volume =
	    vmm_volume_find(vmm_conn_virt(left->conn), path, &place, &ignored);
	AUTOFREE char *where = vmm_strdup(path);
	AUTOFREE char *on = vmm_strdup("");
	AUTOFREE char *mark = NULL;
	struct line line = {where, on, NULL};

	if (!volume || vmm_volume_read(volume, &xml, &ignored) < 0)
		return 0;
	line.mark = mark = mark_of(&xml);
	return mark ? note_line(left, &line, err) : 0;
}

int vmm_leftovers_add_old(struct vmm_leftovers *left, const char *path,
    const char *base, struct vmm_err *err)
{
	AUTOFREE char *where = vmm_strdup(path);
	AUTOFREE char *on = vmm_strdup(base ? base : "");
	struct line line = {where, on, NULL};

	return note_line(left, &line, err) < 0
		   ? -1
		   : vmm_leftovers_mark(left, path, err);
}

void vmm_leftovers_end(struct vmm_leftovers *left, bool done)
{
	if (!left)
		return;
	if (done)
		vmm_note_forget(KIND, left->name);
	close(left->note);
	pthread_mutex_destroy(&left->lock);
	free(left->name);
	free(left);
}

/* --- what is left --- */

/* What is where a noted volume was. */
enum fate {
	UNKNOWN,
	GONE,
	OTHER, /* cut short, changed since, or another's */
	SAME,
};

static enum fate fate_of(
    struct vmm_guard *guard, virConnectPtr virt, const struct line *line)
{
	AUTOPLACE place = VMM_PLACE_INIT;
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOVOLXML xml = {0};
	AUTOVOL volume = vmm_volume_find(virt, line->path, &place, &ignored);
	AUTOFREE char *mark = NULL;

	if (!volume)
		return place.missing && !vmm_guard_is_blind(guard, line->path)
			   ? GONE
			   : UNKNOWN;
	if (vmm_volume_read(volume, &xml, &ignored) < 0)
		return UNKNOWN;
	mark = mark_of(&xml);
	if (line->mark)
		return mark && strcmp(mark, line->mark) == 0 ? SAME : OTHER;
	return *line->base && xml.below.source &&
		       strcmp(xml.below.source, line->base) == 0
		   ? SAME
		   : OTHER;
}

/* Whether LINE may be forgotten; else it may be added to LIST. */
static bool is_done(struct vmm_guard *guard, virConnectPtr virt,
    const char *note, const struct line *line, struct vmm_leftover_list *list,
    struct vmm_err *err)
{
	AUTOFREE char *users =
	    vmm_guard_users(guard, line->path, NULL, NULL, err);
	enum fate fate;

	if (users || err->status)
		return users;
	fate = fate_of(guard, virt, line);
	if (fate == OTHER || fate == SAME) {
		VMM_GROW(list->left, list->n);
		list->left[list->n++] = (struct vmm_leftover){
		    vmm_strdup(note), vmm_strdup(line->path), fate == SAME};
	}
	return fate == GONE;
}

static int list_note(struct vmm_guard *guard, virConnectPtr virt,
    struct taken *taken, bool forget, const struct vmm_strv *live,
    struct vmm_leftover_list *list, struct vmm_err *err)
{
	size_t before = taken->lines.n;

	for (size_t i = 0; i < taken->lines.n;) {
		struct line *line = &taken->lines.line[i];
		bool done = !vmm_strv_has(live, line->path) &&
			    is_done(guard, virt, taken->name, line, list, err);

		if (err->status)
			return -1;
		if (done && forget)
			drop_line(&taken->lines, line);
		else
			i++;
	}
	if (forget && (taken->lines.n < before || !before))
		rewrite(taken);
	return 0;
}

int vmm_leftovers_list(struct vmm_guard *guard, struct vmm_conn *conn,
    bool forget, struct vmm_leftover_list *list, struct vmm_err *err)
{
	AUTOSTRV notes = VMM_STRV_INIT;
	AUTOSTRV live = VMM_STRV_INIT;
	AUTOFREE char *head = head_for(conn);

	vmm_leftovers_live(&live);
	vmm_notes_list(KIND, "", &notes);
	for (size_t i = 0; i < notes.n; i++) {
		CLEANUP(taken_release)
		struct taken taken = {.name = notes.v[i], .note = -1};

		if (take(&taken, head) &&
		    list_note(guard, vmm_conn_virt(conn), &taken, forget, &live,
			list, err) < 0)
			return -1;
	}
	return 0;
}

void vmm_leftover_list_release(struct vmm_leftover_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->left[i].note);
		free(list->left[i].path);
	}
	free(list->left);
	*list = (struct vmm_leftover_list){0};
}

void vmm_leftovers_live(struct vmm_strv *paths)
{
	AUTOSTRV texts = VMM_STRV_INIT;

	vmm_notes_live(KIND, &texts);
	for (size_t i = 0; i < texts.n; i++) {
		CLEANUP(lines_release) struct lines lines = {0};

		parse(texts.v[i], &lines);
		for (size_t j = 0; j < lines.n; j++) {
			vmm_strv_take(paths, TAKE_PTR(lines.line[j].path));
			vmm_strv_take(paths, TAKE_PTR(lines.line[j].base));
		}
	}
}

/* --- one is deleted --- */

/* QEMU gives up there, too. */
#define LONGEST 200

/* Whether what a VM has now by CLAIM may stand on PATH. What was known when
 * GUARD was read does not: that was asked. */
static bool may_need(struct vmm_guard *guard, virConnectPtr virt,
    const struct vmm_claim *claim, const char *path)
{
	AUTOFREE char *at = vmm_strdup(claim->file);
	bool raw = claim->raw && !claim->other;

	for (int depth = 0; depth < LONGEST; depth++) {
		AUTOPLACE place = VMM_PLACE_INIT;
		AUTOERR ignored = VMM_ERR_INIT;
		AUTOVOLXML xml = {0};
		AUTOVOL volume = NULL;

		if (strcmp(at, path) == 0)
			return true;
		if (raw || vmm_guard_find(guard, at) ||
		    vmm_guard_is_claimed(guard, at))
			return false;
		volume = vmm_volume_find(virt, at, &place, &ignored);
		if (!volume || vmm_volume_read(volume, &xml, &ignored) < 0)
			return true;
		if (!xml.below.source)
			return false;
		free(at);
		at = TAKE_PTR(xml.below.source);
		raw = vmm_format_is_raw(xml.below.format);
	}
	return true;
}

/* Whether no VM has come to need PATH since GUARD was read. */
static bool is_free_still(struct vmm_guard *guard, struct vmm_conn *conn,
    const char *path, struct vmm_err *err)
{
	AUTOCLAIMS now = {0};

	if (vmm_claims_read(conn, true, &now, err) < 0 ||
	    vmm_claims_whole(&now, err) < 0)
		return false;
	for (size_t i = 0; i < now.n; i++)
		for (size_t j = 0; j < now.vm[i].claims; j++)
			if (may_need(guard, vmm_conn_virt(conn),
				&now.vm[i].claim[j], path))
				return false;
	return true;
}

int vmm_leftover_free(struct vmm_guard *guard, struct vmm_conn *conn,
    const char *note, const char *path, struct vmm_err *err)
{
	CLEANUP(taken_release) struct taken taken = {.name = note, .note = -1};
	AUTOFREE char *head = head_for(conn);
	AUTOSTRV live = VMM_STRV_INIT;
	struct line *line;

	vmm_leftovers_live(&live); /* before this note is locked */
	line = take(&taken, head) ? find_line(&taken.lines, path) : NULL;
	if (!line || vmm_strv_has(&live, path) ||
	    !is_free_still(guard, conn, path, err) ||
	    fate_of(guard, vmm_conn_virt(conn), line) != SAME)
		return err->status ? -1 : 0;
	if (vmm_volume_delete(conn, path, err) < 0)
		return -1;
	vmm_guard_forget_file(guard, path);
	drop_line(&taken.lines, line);
	rewrite(&taken);
	return 1;
}
