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
#define MISSING "libvirt's daemon is missing on that host"
#define MISSING_NC "libvirt's daemon, or netcat, is missing on that host"
#define SSH "'ssh' to that host has to work by itself first"

/* What virt-ssh-helper says of a socket, and netcat of the same. */
#define DENIED "-sock': Permission denied"
#define DENIED_NC "-sock: Permission denied"

/* Whose daemon, and where: for a hint, any of several. */
enum where {
	SYSTEM = 1 << 0, /* the daemon of this host */
	SESSION = 1 << 1,
	SYSTEM_THERE = 1 << 2,
	SESSION_THERE = 1 << 3,
	REMOTE = SYSTEM_THERE | SESSION_THERE,
	ANYWHERE = SYSTEM | SESSION | REMOTE,
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
    {VIR_ERR_SYSTEM_ERROR, 0, SYSTEM_THERE, DENIED, GROUP_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, SYSTEM_THERE, DENIED_NC, GROUP_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, SYSTEM_THERE, "-sock': No such file",
	START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, SYSTEM_THERE, "-sock: No such file", START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, SYSTEM_THERE, "-sock': Connection refused",
	START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, SYSTEM_THERE, "-sock: Connection refused",
	START_THERE},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "virt-ssh-helper: not found", MISSING},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "virt-ssh-helper: command not found",
	MISSING},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "nc: not found", MISSING_NC},
    {VIR_ERR_SYSTEM_ERROR, 0, REMOTE, "nc: command not found", MISSING_NC},
    {VIR_ERR_SYSTEM_ERROR, ECONNREFUSED, REMOTE, NULL,
	"nothing listens there; qemu+ssh://HOST/system needs sshd only"},
    {VIR_ERR_NO_CONNECT, 0, ANYWHERE, NULL,
	"the usual ones are qemu:///system, qemu:///session and "
	"qemu+ssh://HOST/system"},
};

static enum where where_is(const char *uri)
{
	const char *slashes = strstr(uri, "://");
	const char *path = slashes ? strchr(slashes + 3, '/') : NULL;
	bool session = path && strncmp(path, "/session", 8) == 0;

	if (slashes && slashes[3] != '/')
		return session ? SESSION_THERE : SYSTEM_THERE;
	return session ? SESSION : SYSTEM;
}

const char *vmm_hint_connect(
    int code, int detail, const char *message, const char *uri)
{
	enum where where = where_is(uri);

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		const struct hint *hint = &hints[i];

		if (hint->code == code &&
		    (!hint->detail || hint->detail == detail) &&
		    (hint->where & where) &&
		    (!hint->part || strstr(message, hint->part)))
			return hint->advice;
	}
	return NULL;
}

bool vmm_hint_is_denied(const char *message)
{
	return strstr(message, DENIED) || strstr(message, DENIED_NC);
}

/* Since when libvirt's QEMU driver has what drivers may lack, with all the
 * flags that vmm gives: libvirt.org/hvsupport.html, and "Since" in its headers.
 */
static const struct {
	const char *function, *release;
} since[] = {
    {"virConnectDomainEventRegisterAny", "0.8.0"},
    {"virConnectGetAllDomainStats", "1.2.8"},
    {"virConnectListAllDomains", "0.9.13"},
    {"virConnectListAllStoragePools", "0.10.2"},
    {"virDomainAbortJob", "0.7.7"},
    {"virDomainBlockJobAbort", "0.9.4"},
    {"virDomainBlockPull", "0.9.4"},
    {"virDomainCreateWithFlags", "0.9.5"},
    {"virDomainDefineXMLFlags", "1.2.12"},
    {"virDomainDestroyFlags", "0.9.4"},
    {"virDomainGetBlockJobInfo", "0.9.4"},
    {"virDomainGetJobStats", "1.0.3"},
    {"virDomainGetMetadata", "0.9.10"},
    {"virDomainInterfaceAddresses", "1.2.14"},
    {"virDomainListAllCheckpoints", "5.6.0"},
    {"virDomainListAllSnapshots", "5.2.0"},
    {"virDomainManagedSave", "0.8.0"},
    {"virDomainManagedSaveDefineXML", "3.7.0"},
    {"virDomainManagedSaveGetXMLDesc", "5.1.0"},
    {"virDomainManagedSaveRemove", "0.8.0"},
    {"virDomainOpenConsole", "0.9.11"},
    {"virDomainPMWakeup", "0.9.11"},
    {"virDomainReboot", "0.9.10"},
    {"virDomainRename", "1.2.19"},
    {"virDomainReset", "0.9.7"},
    {"virDomainResume", "0.2.0"},
    {"virDomainRevertToSnapshot", "0.9.7"},
    {"virDomainSetAutostart", "0.2.1"},
    {"virDomainSetMetadata", "0.9.10"},
    {"virDomainShutdownFlags", "0.9.10"},
    {"virDomainSnapshotCreateXML", "0.9.11"},
    {"virDomainSnapshotDelete", "0.9.5"},
    {"virDomainSuspend", "0.2.0"},
    {"virDomainUndefineFlags", "5.6.0"},
    {"virStorageVolCreateXMLFrom", "1.2.13"},
};

/* Whether the driver's function NAME is FUNCTION: "qemuDomainReset" is
 * virDomainReset(). */
static bool is_function(const char *name, const char *function)
{
	const char *tail = function + strlen("vir");
	size_t n = strlen(name), length = strlen(tail);

	return n >= length && strcmp(name + n - length, tail) == 0;
}

const char *vmm_hint_since(const char *message)
{
	const char *last = strrchr(message, ' ');

	for (size_t i = 0; last && i < ARRAY_SIZE(since); i++)
		if (is_function(last + 1, since[i].function))
			return since[i].release;
	return NULL;
}
