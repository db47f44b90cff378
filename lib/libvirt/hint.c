/* hint: hides how libvirt's errors are told apart: by code, errno and, where
 * neither says it, by what ssh or the daemon wrote. */
#include "libvirt/hint.h"

#include <libvirt/virterror.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

#define JOIN "members of the group libvirt may: 'sudo usermod -aG libvirt "
#define GROUP JOIN "YOUR-NAME', and log in again"
#define GROUP_THERE JOIN "YOUR-NAME' on that host"
#define ENABLE                                                                 \
	"'sudo systemctl enable --now libvirtd.socket', or virtqemud.socket, "
#define START "no daemon listens there; " ENABLE "starts one"
#define START_THERE "no daemon listens on that host; " ENABLE "there starts one"
#define START_YOURS                                                            \
	"no daemon of yours runs; 'virtqemud -d', or 'libvirtd -d' where "     \
	"daemons are not split, starts one"
#define SSH "'ssh' to that host has to work by itself first"

/* What virt-ssh-helper says of a socket, and netcat of the same. */
#define DENIED "-sock': Permission denied"
#define DENIED_NC "-sock: Permission denied"

enum where {
	ANYWHERE,
	SYSTEM, /* the daemon of this host */
	SESSION,
	REMOTE,
};

static const struct hint {
	int code;
	int detail;       /* 0: whatever it is */
	enum where where; /* the URI */
	const char *part; /* of the message; NULL: whatever it is */
	const char *advice;
} hints[] = {
    {VIR_ERR_SYSTEM_ERROR, EACCES, SYSTEM, NULL, GROUP},
    {VIR_ERR_SYSTEM_ERROR, EPERM, SYSTEM, NULL, GROUP},
    {VIR_ERR_AUTH_FAILED, 0, SYSTEM, NULL, GROUP},
    {VIR_ERR_AUTH_UNAVAILABLE, 0, SYSTEM, "polkit agent",
	"start one in your session (lxpolkit, polkit-gnome, ...), or join the "
	"group libvirt"},
    {VIR_ERR_AUTH_UNAVAILABLE, 0, SYSTEM, NULL, GROUP},
    {VIR_ERR_SYSTEM_ERROR, ENOENT, SYSTEM, "socket", START},
    {VIR_ERR_SYSTEM_ERROR, ECONNREFUSED, SYSTEM, "socket", START},
    {VIR_ERR_SYSTEM_ERROR, ENOENT, SESSION, "socket", START_YOURS},
    {VIR_ERR_SYSTEM_ERROR, ECONNREFUSED, SESSION, "socket", START_YOURS},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "Host key verification failed",
	"'ssh' to that host once, to accept its key"},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "Permission denied (", SSH},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "ssh: ", SSH},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, DENIED, GROUP_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, DENIED_NC, GROUP_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "-sock': No such file", START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "-sock: No such file", START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "-sock': Connection refused",
	START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "-sock: Connection refused", START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "virt-ssh-helper: cannot", NULL},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "virt-ssh-helper",
	"libvirt's daemon is missing on that host"},
    {VIR_ERR_SYSTEM_ERROR, ECONNREFUSED, REMOTE, NULL,
	"nothing listens there; qemu+ssh://HOST/system needs sshd only"},
    {VIR_ERR_NO_CONNECT, 0, ANYWHERE, NULL,
	"the usual ones are qemu:///system, qemu:///session and "
	"qemu+ssh://HOST/system"},
};

static enum where where_is(const char *uri)
{
	const char *slashes = strstr(uri, "://");

	if (slashes && slashes[3] != '/')
		return REMOTE;
	return slashes && strncmp(slashes, ":///session", 11) == 0 ? SESSION
								   : SYSTEM;
}

const char *vmm_hint_connect(
    int code, int detail, const char *message, const char *uri)
{
	enum where where = where_is(uri);

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		const struct hint *hint = &hints[i];

		if (hint->code == code &&
		    (!hint->detail || hint->detail == detail) &&
		    (hint->where == ANYWHERE || hint->where == where) &&
		    (!hint->part || strstr(message, hint->part)))
			return hint->advice;
	}
	return NULL;
}

bool vmm_hint_is_denied(const char *message)
{
	return strstr(message, DENIED) || strstr(message, DENIED_NC);
}
