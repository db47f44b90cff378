/* creating: hides how virt-manager and virt-install are called, and how what
 * they define is recognised. */
#include "work/creating.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"
#include "libvirt/call.h"
#include "libvirt/event.h"
#include "libvirt/fault.h"
#include "libvirt/meta.h"
#include "work/spawn.h"

/* Milliseconds between two looks whether the program ended. */
#define LOOK 200

struct creation {
	struct vmm_conn *conn;
	const struct vmm_create *how;
	const struct vmm_args *args;
	struct vmm_report *report;
	struct vmm_set before; /* what was there */
	struct vmm_strv made;  /* UUIDs */
	struct vmm_strv filed; /* of them */
	struct vmm_strv told;  /* of those whose path was printed */
};

static void creation_release(struct creation *creation)
{
	vmm_set_release(&creation->before);
	vmm_strv_release(&creation->made);
	vmm_strv_release(&creation->filed);
	vmm_strv_release(&creation->told);
}

/* --- the program --- */

static bool is_option(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) == 0 && (!word[n] || word[n] == '=');
}

static bool has_option(const struct vmm_strv *words, const char *name)
{
	for (size_t i = 0; i < words->n; i++)
		if (is_option(words->v[i], name))
			return true;
	return false;
}

void vmm_create_check(
    const struct vmm_create *how, const struct vmm_command *command)
{
	if (has_option(how->words, "--connect"))
		vmm_opt_usage(
		    command, "--connect is vmm's, and stands before the '--'");
	if (how->words->n && *how->words->v[0] != '-')
		vmm_opt_usage(command, "'%s' is no option of virt-install",
		    how->words->v[0]);
}

static void add_word(struct vmm_strv *argv, const char *word)
{
	vmm_strv_take(argv, vmm_strdup(word));
}

static void make_command(const struct creation *creation, struct vmm_strv *argv)
{
	const struct vmm_strv *words = creation->how->words;

	add_word(argv, words->n ? "virt-install" : "virt-manager");
	for (size_t i = 0; i < words->n; i++)
		add_word(argv, words->v[i]);
	add_word(argv, "--connect");
	add_word(argv, vmm_conn_uri(creation->conn));
	if (!words->n) {
		add_word(argv, "--no-fork");
		add_word(argv, "--show-domain-creator");
	} else if (!has_option(words, "--noautoconsole") &&
		   !has_option(words, "--autoconsole")) {
		/* scripts have no use for a viewer that opens */
		add_word(argv, "--noautoconsole");
	}
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static int can_show(struct vmm_err *err)
{
	if (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "there is no display for virt-manager to open on; 'vmm create -- "
	    "OPTION...' runs virt-install");
}

static pid_t begin(const struct creation *creation, struct vmm_err *err)
{
	bool install = creation->how->words->n;
	AUTOSTRV argv = VMM_STRV_INIT;

	if (!install && can_show(err) < 0)
		return -1;
	/* Without a session bus virt-manager does not find one that runs
	 * already, to which it would leave all, so that we would not know when
	 * it is done. */
	if (!install)
		setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", 1);
	make_command(creation, &argv);
	return vmm_spawn(&argv, VMM_SPAWN_TALK,
	    install ? "virtinst" : "virt-manager", NULL, err);
}

/* --- what it made --- */

static int file(
    struct vmm_vm *vm, const struct vmm_create *how, struct vmm_err *err)
{
	const struct vmm_meta_change change = {
	    .folder = how->folder, .add = how->labels};
	AUTOFREE char *element = NULL;

	if (!how->folder && !how->labels->n)
		return 0;
	element = vmm_meta_element(vm, err);
	if (err->status)
		return -1;
	if (element) /* filed already, by us or whoever made it */
		return 0;
	if (vmm_meta_change(vm, &change, err) < 0)
		return -1;
	if (how->folder) {
		vm->facts &= ~(unsigned)VMM_FACT_META;
		if (vmm_set_fetch(&vm, 1, VMM_FACT_META, err) < 0)
			return vmm_err_after(
			    err, "it could not be read back: ");
	}
	return 0;
}

static void tell(struct creation *creation, const struct vmm_vm *vm)
{
	AUTOBUF out = VMM_BUF_INIT;

	if (vmm_strv_has(&creation->told, vm->uuid))
		return;
	vmm_strv_take(&creation->told, vmm_strdup(vm->uuid));
	if (creation->args->null)
		vmm_buf_adds(&out, vm->path);
	else
		vmm_escapes(&out, vm->path);
	vmm_buf_addc(&out, creation->args->null ? '\0' : '\n');
	vmm_report_out(creation->report, &out);
	vmm_report_flush(creation->report);
}

/* Files the VM of that UUID, if it is still there; FINALLY prints it. */
static void take_care(struct creation *creation, const char *uuid, bool finally)
{
	virDomainPtr domain =
	    virDomainLookupByUUIDString(vmm_conn_virt(creation->conn), uuid);
	AUTOSET set = VMM_SET_INIT;
	AUTOERR err = VMM_ERR_INIT;
	struct vmm_vm *vm = NULL;

	if (!domain && vmm_fault_code() == VIR_ERR_NO_DOMAIN)
		return; /* a try that failed, and was undone */
	if (domain) {
		vm = vmm_set_add(&set, creation->conn, domain);
		if (vmm_set_fetch(&vm, 1, VMM_META_FACTS, &err) == 0 &&
		    !vm->gone && (vm->facts & VMM_META_FACTS) != VMM_META_FACTS)
			vmm_err_move(&err, &vm->err);
		if (vm->gone)
			return;
	} else {
		vmm_fault(&err, vmm_conn_virt(creation->conn));
	}
	if (err.status == VMM_OK && file(vm, creation->how, &err) == 0)
		vmm_strv_take(&creation->filed, vmm_strdup(uuid));
	if (err.status) {
		AUTOFREE char *path =
		    vmm_escaped(vm && vm->path ? vm->path : uuid);

		if (!finally) /* it will be tried again */
			return;
		if (!err.done && vmm_strv_has(&creation->filed, uuid))
			vmm_err_after(
			    &err, "what has become of it since is not known: ");
		vmm_err_name(&err, "file", path);
		vmm_report_err(creation->report, &err);
	}
	if (finally && vm && vm->path)
		tell(creation, vm);
}

static void note_made(struct creation *creation, const char *uuid)
{
	if (!vmm_set_by_uuid(&creation->before, uuid) &&
	    !vmm_strv_has(&creation->made, uuid))
		vmm_strv_take(&creation->made, vmm_strdup(uuid));
}

/* Files what is defined until the program ends. virt-manager stays open for
 * long, so that is done, and told, at once; virt-install defines twice, the
 * second time without what was filed. */
static int follow(struct creation *creation, struct vmm_listener *listener,
    pid_t process, int *status, struct vmm_err *err)
{
	bool at_once = !creation->how->words->n;
	AUTOEVENT event = {0};

	while (!vmm_spawn_wait(process, 0, status)) {
		struct timespec deadline = vmm_call_deadline(LOOK);
		int got = vmm_listener_next(listener, &deadline, &event, err);

		if (vmm_interrupted())
			kill(process, vmm_interrupted());
		if (got < 0 || vmm_interrupted()) {
			vmm_spawn_wait(process, -1, status);
			return got < 0 ? -1 : 0;
		}
		if (!got || event.event != VIR_DOMAIN_EVENT_DEFINED)
			continue;
		note_made(creation, event.uuid);
		if (vmm_strv_has(&creation->made, event.uuid))
			take_care(creation, event.uuid, at_once);
	}
	return 0;
}

/* What was defined last may not have been heard of yet. */
static int look_again(struct creation *creation, struct vmm_err *err)
{
	AUTOSET now = VMM_SET_INIT;

	if (vmm_set_load(&now, creation->conn, 0, err) < 0)
		return -1;
	for (size_t i = 0; i < now.n; i++)
		note_made(creation, now.vm[i]->uuid);
	for (size_t i = 0; i < creation->made.n; i++)
		take_care(creation, creation->made.v[i], true);
	return 0;
}

int vmm_create(struct vmm_conn *conn, const struct vmm_create *how,
    const struct vmm_args *args, struct vmm_report *report)
{
	CLEANUP(creation_release)
	struct creation creation = {
	    .conn = conn, .how = how, .args = args, .report = report};
	AUTOERR err = VMM_ERR_INIT;
	/* listen first, look second */
	AUTOLISTENER *listener =
	    vmm_conn_listen(conn, NULL, VMM_EVENT_LIFECYCLE, &err);
	pid_t process = -1;
	int status = 0;

	if (listener && vmm_set_load(&creation.before, conn, 0, &err) == 0)
		process = begin(&creation, &err);
	if (process > 0) {
		/* Ctrl-C is for virt-install, which cleans up */
		vmm_interrupt_lend(true);
		if (follow(&creation, listener, process, &status, &err) == 0)
			(void)!look_again(&creation, &err);
		vmm_interrupt_lend(false);
	}
	if (err.status)
		vmm_report_err(report, &err);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
