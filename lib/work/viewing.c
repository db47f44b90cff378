/* viewing: hides which words a viewer needs, and where it leaves its last. */
#include "work/viewing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/note.h"
#include "libvirt/power.h"
#include "pure/settings.h"
#include "pure/words.h"
#include "storage/disks.h"
#include "work/spawn.h"

#define SETTING "viewer.command"
/* Milliseconds in which a viewer that cannot open its window says so. */
#define MOMENT 1000

/* --- the command line --- */

struct screen {
	const struct vmm_vm *vm;
	const struct vmm_domxml *xml;
	const struct vmm_display *display; /* NULL: none that we can name */
	struct vmm_strv made;              /* owns what letters stand for */
};

static void screen_release(struct screen *screen)
{
	vmm_strv_release(&screen->made);
}

static const char *keep(struct screen *screen, char *text)
{
	vmm_strv_take(&screen->made, text);
	return text;
}

static bool is_type(const struct vmm_display *display, const char *type)
{
	return display->type && strcmp(display->type, type) == 0;
}

/* SPICE before VNC, as virt-viewer has it. */
static const struct vmm_display *choose_display(const struct vmm_domxml *xml)
{
	static const char *const types[] = {"spice", "vnc"};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (size_t j = 0; j < xml->displays; j++)
			if (is_type(&xml->display[j], types[i]))
				return &xml->display[j];
	return NULL;
}

static bool is_any(const char *address)
{
	return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 ||
	       strcmp(address, "::1") == 0 || strcmp(address, "localhost") == 0;
}

/* The address, or socket, at which the display is reached from here. */
static const char *reach(struct screen *screen, struct vmm_err *err)
{
	const struct vmm_display *display = screen->display;
	const char *server = vmm_conn_server(screen->vm->conn);

	if (!display || !display->listen) {
		vmm_err_set(err, VMM_FAILED,
		    "it has no SPICE or VNC display that listens, "
		    "which " SETTING " in vmm-config(5) asks for");
		return NULL;
	}
	if (server &&
	    (is_loopback(display->listen) || *display->listen == '/')) {
		vmm_err_set(err, VMM_FAILED,
		    "its display is reached on '%s' only; virt-viewer goes "
		    "there by ssh, so put %%u, not an address, into " SETTING
		    " in vmm-config(5)",
		    server);
		return NULL;
	}
	if (is_any(display->listen))
		return server ? server : "localhost";
	return display->listen;
}

/* "spice://host:5900" and the like. */
static const char *display_uri(struct screen *screen, struct vmm_err *err)
{
	const char *at = reach(screen, err);
	const struct vmm_display *display = screen->display;
	AUTOBUF uri = VMM_BUF_INIT;

	if (!at)
		return NULL;
	vmm_buf_addf(&uri, "%s%s://", display->type, *at == '/' ? "+unix" : "");
	vmm_buf_addf(&uri, strchr(at, ':') ? "[%s]" : "%s", at);
	if (display->tls_port > 0)
		vmm_buf_addf(&uri, "?tls-port=%d", display->tls_port);
	if (display->port > 0)
		vmm_buf_addf(&uri, display->tls_port > 0 ? "&port=%d" : ":%d",
		    display->port);
	return keep(screen, vmm_buf_take(&uri));
}

static const char *shared_memory(
    const struct screen *screen, struct vmm_err *err)
{
	if (!screen->xml->shared_memory)
		vmm_err_set(err, VMM_FAILED,
		    "it shares no memory with its host, which " SETTING
		    " in vmm-config(5) asks for");
	return screen->xml->shared_memory;
}

static int letter(
    char which, void *data, const char **value, struct vmm_err *err)
{
	struct screen *screen = data;

	switch (which) {
	case 'a':
		*value = vmm_conn_server(screen->vm->conn) ? NULL : "--attach";
		return 0;
	case 'd':
		*value = display_uri(screen, err);
		break;
	case 'h':
		*value = reach(screen, err);
		break;
	case 'i':
		*value = screen->vm->uuid;
		break;
	case 'm':
		*value = shared_memory(screen, err);
		break;
	case 'n':
		*value = screen->vm->name;
		break;
	case 'p':
		*value =
		    !reach(screen, err) ? NULL
		    : screen->display->port > 0
			? keep(screen, vmm_sprintf("%d", screen->display->port))
			: "0";
		break;
	case 'u':
		*value = vmm_conn_uri(screen->vm->conn);
		break;
	default:
		return vmm_err_set(err, VMM_USAGE,
		    SETTING ": '%%%c' stands for nothing; vmm-view(1) has what "
			    "does",
		    which);
	}
	return *value ? 0 : -1;
}

/* The words of the viewer, with those letters that it asks for. */
static int read_command(
    const struct vmm_view *how, struct vmm_strv *words, struct vmm_err *err)
{
	return vmm_words_split(
		   vmm_setting_value(how->config, SETTING), words, err) < 0
		   ? vmm_err_prefix(err, SETTING ": ")
		   : 0;
}

static bool asks_for_memory(const struct vmm_strv *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (strstr(words->v[i], "%m"))
			return true;
	return false;
}

/* --- the VM --- */

/* A viewer would wait for ever for what cannot come. */
static int check(const struct vmm_vm *vm, const struct vmm_domxml *xml,
    const struct vmm_strv *words, const struct vmm_view *how,
    struct vmm_err *err)
{
	if (!choose_display(xml) &&
	    !(xml->shared_memory && asks_for_memory(words)))
		return vmm_err_set(err, VMM_FAILED,
		    xml->displays
			? "it has neither a SPICE nor a VNC display"
			: "it has no graphics; 'vmm console' opens its serial "
			  "console, 'vmm edit' can add <graphics "
			  "type='spice'/>");
	if (!vmm_state_is_active(vm->state) && !how->start)
		return vmm_err_set(err, VMM_FAILED,
		    "it is off; --start starts it, and so does 'vmm start'");
	return 0;
}

static int start(struct vmm_vm *vm, struct vmm_job *job, struct vmm_err *err)
{
	const struct vmm_start how = {0};

	if (vmm_power_start(vm, &how, err) < 0)
		return -1;
	return vmm_job_drop_stale(job, vm, err) < 0
		   ? vmm_err_append(err, "; it was started all the same")
		   : 0;
}

/* --- the viewer --- */

/* A file for what the viewer says: one of its own, whatever an earlier one of
 * the same VM still writes. */
static int open_log(const struct vmm_vm *vm, struct vmm_err *err)
{
	AUTOFREE char *folder = vmm_state_folder("viewer");
	AUTOFREE char *path = NULL;
	int log = -1;

	if (!folder)
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	path = vmm_sprintf("%s/%s.log", folder, vm->uuid);
	if (vmm_make_folders(path) == 0) {
		unlink(path);
		log = open(path,
		    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	}
	if (log < 0)
		vmm_err_set(err, VMM_FAILED, "cannot write '%s': %s", path,
		    strerror(errno));
	return log;
}

/* The last line of the file, that is not empty, to be freed. */
static char *last_line(int log)
{
	char text[4096];
	off_t size = lseek(log, 0, SEEK_END);
	off_t from = size > (off_t)sizeof text ? size - (off_t)sizeof text : 0;
	ssize_t n = pread(log, text, sizeof text, from);
	size_t end = n > 0 ? (size_t)n : 0, begin;

	while (end && strchr(" \t\r\n", text[end - 1]))
		end--;
	for (begin = end; begin && text[begin - 1] != '\n';)
		begin--;
	return vmm_strndup(text + begin, end - begin);
}

static int ended(const char *program, int status, int log, struct vmm_err *err)
{
	AUTOFREE char *how = vmm_spawn_failure(status);
	AUTOFREE char *line = log >= 0 ? last_line(log) : vmm_strdup("");

	if (!how)
		return 0;
	return vmm_err_set(err, VMM_FAILED, "'%s' %s%s%s", program, how,
	    *line ? ": " : "", line);
}

static int open_viewer(const struct vmm_vm *vm, const struct vmm_strv *words,
    const struct vmm_view *how, struct vmm_err *err)
{
	int log = how->wait ? VMM_SPAWN_FRONT : open_log(vm, err);
	int status, result = 0;
	pid_t viewer;

	if (log < 0 && !how->wait)
		return -1;
	viewer = vmm_spawn(words, log,
	    strcmp(words->v[0], "virt-viewer") == 0 ? "virt-viewer" : NULL,
	    SETTING, err);
	if (viewer < 0)
		result = -1;
	else if (vmm_spawn_wait(viewer, how->wait ? -1 : MOMENT, &status))
		result = ended(words->v[0], status, log, err);
	if (log >= 0)
		close(log);
	return result;
}

int vmm_view(struct vmm_vm *vm, const struct vmm_view *how, struct vmm_job *job,
    struct vmm_err *err)
{
	AUTOSTRV words = VMM_STRV_INIT;
	AUTODOMXML *xml = vmm_disks_read(vm, 0, err);
	CLEANUP(screen_release) struct screen screen = {.vm = vm};

	if (!xml || read_command(how, &words, err) < 0 ||
	    check(vm, xml, &words, how, err) < 0)
		return -1;
	if (!vmm_state_is_active(vm->state)) {
		if (start(vm, job, err) < 0)
			return -1;
		/* now its display has a port */
		vmm_domxml_free(xml);
		xml = vmm_disks_read(vm, 0, err);
		if (!xml)
			return -1;
	}
	screen.xml = xml;
	screen.display = choose_display(xml);
	if (vmm_words_expand(&words, letter, &screen, err) < 0)
		return -1;
	return open_viewer(vm, &words, how, err);
}
