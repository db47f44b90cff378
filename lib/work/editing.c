/* editing: hides the file, the questions, and how a change by somebody else is
 * noticed. */
#include "work/editing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/note.h"
#include "base/random.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"
#include "pure/settings.h"
#include "pure/words.h"
#include "pure/xml.h"
#include "work/spawn.h"

struct edit {
	struct vmm_vm *vm;
	struct vmm_report *report;
	const struct vmm_args *args;
	char *path;  /* of the VM, escaped */
	char *file;  /* NULL: not made yet */
	char *old;   /* the definition, as it was read */
	char *text;  /* what the user made of it */
	bool forced; /* the schema may object */
	bool schema; /* and it was the schema that did */
	bool unsure; /* whether it was defined: the answer was lost */
};

static void edit_release(struct edit *edit)
{
	free(edit->path);
	free(edit->file);
	free(edit->old);
	free(edit->text);
}

/* --- the definition --- */

static char *read_definition(
    virDomainPtr domain, virConnectPtr virt, struct vmm_err *err)
{
	char *xml = virDomainGetXMLDesc(
	    domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);

	if (!xml)
		vmm_fault(err, virt);
	return xml;
}

/* A name or UUID that is another one would define another VM. */
static int check_identity(const struct edit *edit, struct vmm_err *err)
{
	AUTODOC doc = vmm_xml_parse(edit->text);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	AUTOFREE char *name = vmm_xml_text(vmm_xml_child(root, "name"));
	AUTOFREE char *uuid = vmm_xml_text(vmm_xml_child(root, "uuid"));

	if (!root) /* what is wrong with it libvirt says better */
		return 0;
	if (!name || strcmp(name, edit->vm->name) != 0)
		return vmm_err_set(err, VMM_FAILED,
		    "its name is not to be changed here; 'vmm rename' does "
		    "that");
	if (!uuid || strcasecmp(uuid, edit->vm->uuid) != 0)
		return vmm_err_set(err, VMM_FAILED,
		    "its UUID, by which all know it, is not to be changed; "
		    "'vmm clone' makes a VM with another one");
	return 0;
}

static int define(struct edit *edit, virConnectPtr virt, struct vmm_err *err)
{
	virDomainPtr domain = virDomainDefineXMLFlags(
	    virt, edit->text, edit->forced ? 0 : VIR_DOMAIN_DEFINE_VALIDATE);

	if (domain) {
		virDomainFree(domain);
		return 0;
	}
	edit->schema = vmm_fault_code() == VIR_ERR_XML_INVALID_SCHEMA;
	return vmm_fault(err, virt);
}

/* Whether two texts differ in nothing but white space, which libvirt puts as it
 * likes. */
static bool is_same_xml(const char *a, const char *b)
{
	static const char blank[] = " \t\r\n";

	for (;; a++, b++) {
		a += strspn(a, blank);
		b += strspn(b, blank);
		if (*a != *b || !*a)
			return *a == *b;
	}
}

/* It is not what was edited: perhaps our own edit, whose answer was lost. */
static int is_changed(
    const struct edit *edit, const char *now, struct vmm_err *err)
{
	if (!edit->unsure)
		return vmm_err_set(err, VMM_REFUSED,
		    "somebody else changed it meanwhile; 'vmm edit' it again, "
		    "and carry over what you did");
	if (is_same_xml(now, edit->text))
		return 0;
	return vmm_err_set(err, VMM_NOCONN,
	    "the connection was lost; it may have been done all the same, or "
	    "somebody else changed it: 'vmm edit' shows what it is now");
}

/* Defines it, if it is still what was edited. *LATE: it is not, and no other
 * edit of this text will do. */
static int save_on(
    struct edit *edit, virConnectPtr virt, bool *late, struct vmm_err *err)
{
	AUTOLOCK lock = VMM_LOCK_INIT;
	AUTOFREE char *now = NULL;
	virDomainPtr domain;
	int result;

	*late = true;
	/* others of ours, a clone's pivot above all, hold it while they change
	 * a definition */
	if (vmm_lock_take(&lock, edit->vm->uuid, err) < 0)
		return -1;
	domain = virDomainLookupByUUIDString(virt, edit->vm->uuid);
	if (!domain)
		return vmm_fault_code() == VIR_ERR_NO_DOMAIN
			   ? vmm_err_set(
				 err, VMM_FAILED, "it was removed meanwhile")
			   : vmm_fault(err, virt);
	now = read_definition(domain, virt, err);
	virDomainFree(domain);
	if (!now)
		return -1;
	if (strcmp(now, edit->old) != 0)
		return is_changed(edit, now, err);
	result = define(edit, virt, err);
	*late = result < 0 && err->status == VMM_NOCONN;
	edit->unsure = *late;
	return result;
}

/* People take their time: the connection may not have lasted. */
static int save(struct edit *edit, bool *late, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(edit->vm->conn);
	struct vmm_conn *again;
	int result;

	*late = false;
	if (check_identity(edit, err) < 0)
		return -1;
	if (virConnectIsAlive(virt) == 1) {
		result = save_on(edit, virt, late, err);
		if (result == 0 || err->status != VMM_NOCONN)
			return result;
		vmm_err_release(err);
	}
	*late = true;
	again = vmm_conn_open(edit->args->uri, VMM_ACT, err);
	if (!again)
		return -1;
	result = save_on(edit, vmm_conn_virt(again), late, err);
	vmm_conn_close(again);
	return result;
}

/* --- the file --- */

static int cannot(const char *what, const char *path, struct vmm_err *err)
{
	vmm_err_set(
	    err, VMM_FAILED, "cannot %s '%s': %s", what, path, strerror(errno));
	return -1;
}

/* Nobody else may read it: definitions hold passwords. */
static int make_file(struct edit *edit, struct vmm_err *err)
{
	AUTOFREE char *folder = vmm_state_folder("edit");
	AUTOFREE char *random = vmm_random_hex(4);
	size_t left = strlen(edit->old);
	const char *text = edit->old;
	AUTOFREE char *path = NULL;
	int fd = -1;

	if (!folder)
		return vmm_err_set(err, VMM_FAILED,
		    "there is no place for the edit: neither HOME nor "
		    "XDG_STATE_HOME is set");
	path = vmm_sprintf("%s/%s-%s.xml", folder, edit->vm->uuid, random);
	if (vmm_make_folders(path) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot("write", path, err);
	edit->file = TAKE_PTR(path);
	while (left) {
		ssize_t n = write(fd, text, left);

		if (n <= 0) {
			close(fd);
			cannot("write", edit->file, err);
			unlink(edit->file);
			return -1;
		}
		text += n;
		left -= (size_t)n;
	}
	close(fd);
	return 0;
}

static const char *if_set(const char *text)
{
	return text && *text ? text : NULL;
}

/* As git chooses: what is said of us before what is said of all. */
static const char *choose_editor(const struct vmm_config *config)
{
	const char *editor = vmm_setting_value(config, "core.editor");

	if (!editor)
		editor = if_set(getenv("VISUAL"));
	if (!editor)
		editor = if_set(getenv("EDITOR"));
	return editor ? editor : "vi";
}

/* Has the user edit the file, and reads it. */
static int run_editor(struct edit *edit, struct vmm_err *err)
{
	const char *editor = choose_editor(&edit->args->config);
	AUTOSTRV words = VMM_STRV_INIT;
	AUTOFREE char *failure = NULL;
	pid_t process;
	int status;

	if (vmm_words_split(editor, &words, err) < 0)
		return vmm_err_prefix(err, "the editor '%s': ", editor);
	vmm_strv_take(&words, vmm_strdup(edit->file));
	vmm_interrupt_lend(true);
	process = vmm_spawn(&words, VMM_SPAWN_FRONT, NULL, "core.editor", err);
	if (process > 0)
		vmm_spawn_wait(process, -1, &status);
	vmm_interrupt_lend(false);
	if (process < 0)
		return -1;
	free(edit->text);
	edit->text = vmm_file_read(edit->file);
	if (!edit->text)
		return cannot("read", edit->file, err);
	failure = vmm_spawn_failure(status);
	if (failure)
		return vmm_err_set(
		    err, VMM_FAILED, "the editor '%s' %s", editor, failure);
	if (vmm_interrupted())
		return vmm_err_set(err, VMM_FAILED, "interrupted");
	return 0;
}

/* --- questions --- */

static void wake(void *data)
{
	const int *pipe_end = data;

	(void)!write(*pipe_end, "", 1);
}

/* The first letter of a line that is typed there; 0 where there is none, or an
 * interrupt came. */
static char read_letter(int terminal)
{
	int ends[2];
	struct pollfd wait[2] = {{.fd = terminal, .events = POLLIN}};
	char line[256] = "";

	if (pipe2(ends, O_CLOEXEC) < 0)
		return 0;
	wait[1] = (struct pollfd){.fd = ends[0], .events = POLLIN};
	vmm_interrupt_wake(wake, &ends[1]);
	while (poll(wait, 2, -1) < 0 && errno == EINTR)
		;
	vmm_interrupt_forget(&ends[1]);
	if (!wait[1].revents && read(terminal, line, sizeof line) <= 0)
		line[0] = 0;
	close(ends[0]);
	close(ends[1]);
	return line[0];
}

/* 'y', 'n' or 'f'; 'n' where nobody can be asked. */
static char ask(const struct edit *edit, const struct vmm_err *err)
{
	static const char plain[] = "Edit it again? [y]es, [n]o: ";
	static const char forcible[] =
	    "Edit it again? [y]es, [n]o, [f]orce: define it as it is: ";
	const char *question = edit->schema ? forcible : plain;
	int terminal =
	    isatty(STDIN_FILENO) ? open("/dev/tty", O_RDWR | O_CLOEXEC) : -1;
	char letter = 'n';

	if (terminal < 0)
		return 'n';
	vmm_report_note(
	    edit->report, "cannot define '%s': %s", edit->path, err->text);
	do {
		if (write(terminal, question, strlen(question)) < 0)
			break;
		letter = read_letter(terminal);
		if (!letter || letter == 'q')
			letter = 'n';
		if (letter == '\n')
			letter = 'y';
	} while (!strchr(edit->schema ? "ynf" : "yn", letter));
	close(terminal);
	return letter;
}

/* --- all together --- */

/* It failed: what was typed is kept, and that is said. */
static void give_up(struct edit *edit, struct vmm_err *err)
{
	AUTOFREE char *file = NULL;
	AUTOFREE char *text = NULL;

	vmm_err_prefix(err, "cannot edit '%s': ", edit->path);
	if (edit->file && (!edit->text || strcmp(edit->text, edit->old))) {
		file = vmm_escaped(edit->file);
		text = vmm_sprintf("; your edit is kept in '%s'", file);
		vmm_err_append(err, text);
	} else if (edit->file) {
		unlink(edit->file);
	}
	vmm_report_err(edit->report, err);
}

static int begin(struct edit *edit, struct vmm_err *err)
{
	if (!edit->vm->persistent)
		return vmm_err_set(
		    err, VMM_FAILED, "it is transient, and has no definition");
	edit->old = read_definition(
	    edit->vm->domain, vmm_conn_virt(edit->vm->conn), err);
	return edit->old ? make_file(edit, err) : -1;
}

static void done(struct edit *edit)
{
	unlink(edit->file);
	if (edit->args->quiet)
		return;
	if (strcmp(edit->text, edit->old) == 0)
		vmm_report_note(
		    edit->report, "'%s' was not changed", edit->path);
	else if (vmm_state_is_active(edit->vm->state))
		vmm_report_note(edit->report,
		    "'%s' was changed, from its next start on: it is not off",
		    edit->path);
}

void vmm_edit(
    struct vmm_vm *vm, const struct vmm_args *args, struct vmm_report *report)
{
	CLEANUP(edit_release)
	struct edit edit = {.vm = vm, .args = args, .report = report};
	AUTOERR err = VMM_ERR_INIT;
	char answer = 'y';

	edit.path = vmm_escaped(vm->path);
	if (begin(&edit, &err) < 0) {
		give_up(&edit, &err);
		return;
	}
	for (;;) {
		bool late;

		if (answer == 'y' && run_editor(&edit, &err) < 0)
			break;
		if (strcmp(edit.text, edit.old) == 0 ||
		    save(&edit, &late, &err) == 0) {
			done(&edit);
			return;
		}
		answer = late ? 'n' : ask(&edit, &err);
		if (answer == 'n')
			break;
		edit.forced = answer == 'f';
		edit.schema = false;
		vmm_err_release(&err);
	}
	give_up(&edit, &err);
}
