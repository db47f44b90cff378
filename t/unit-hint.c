/* hint: which error gets which advice; the messages are libvirt's own. */
#include "libvirt/hint.h"

#include <libvirt/virterror.h>

#include <errno.h>

#include "base/alloc.h"
#include "unit.h"

#define SOCKET "Failed to connect socket to '/var/run/libvirt/libvirt-sock': "
#define AGENT                                                                  \
	"authentication unavailable: no polkit agent available to "            \
	"authenticate action 'org.libvirt.unix.manage'"
#define END "End of file while reading data: "
#define RESET                                                                  \
	"Cannot recv data: virt-ssh-helper: cannot connect to '/run/x-sock': "
#define NC "Cannot recv data: nc: /run/libvirt/libvirt-sock: "

static const struct {
	const char *name;
	int code, detail;
	const char *uri, *message;
	const char *part; /* of the advice; NULL: there is none */
} cases[] = {
    {"no permission on the socket", VIR_ERR_SYSTEM_ERROR, EACCES,
	"qemu:///system", SOCKET "Permission denied", "group libvirt"},
    {"no permission at all", VIR_ERR_SYSTEM_ERROR, EPERM, "qemu:///system",
	SOCKET "Operation not permitted", "group libvirt"},
    {"a socket that is named", VIR_ERR_SYSTEM_ERROR, EACCES,
	"qemu+unix:///system?socket=/x", SOCKET "Permission denied",
	"group libvirt"},
    {"polkit says no", VIR_ERR_AUTH_FAILED, 0, "qemu:///system",
	"authentication failed: access denied by policy", "group libvirt"},
    {"no polkit agent", VIR_ERR_AUTH_UNAVAILABLE, 0, "qemu:///system", AGENT,
	"lxpolkit"},
    {"no polkit", VIR_ERR_AUTH_UNAVAILABLE, 0, "qemu:///system",
	"authentication unavailable", "group libvirt"},
    {"no daemon", VIR_ERR_SYSTEM_ERROR, ENOENT, "qemu:///system",
	SOCKET "No such file or directory", "systemctl enable"},
    {"a daemon that is gone", VIR_ERR_SYSTEM_ERROR, ECONNREFUSED,
	"qemu:///system", SOCKET "Connection refused", "systemctl enable"},
    {"another file that is not there", VIR_ERR_SYSTEM_ERROR, ENOENT,
	"qemu:///system", "Cannot open '/x': No such file", NULL},
    {"a session daemon is the user's own", VIR_ERR_SYSTEM_ERROR, EACCES,
	"qemu:///session", SOCKET "Permission denied", NULL},
    {"the host's key is unknown", VIR_ERR_SYSTEM_ERROR, EIO,
	"qemu+ssh://far/system", END "Host key verification failed.",
	"accept its key"},
    {"ssh is not let in", VIR_ERR_SYSTEM_ERROR, EIO, "qemu+ssh://far/system",
	END "me@far: Permission denied (publickey).", "'ssh' to that host has"},
    {"ssh finds no host", VIR_ERR_SYSTEM_ERROR, EIO, "qemu+ssh://far/system",
	END "ssh: Could not resolve hostname far", "'ssh' to that host has"},
    {"no libvirt there", VIR_ERR_SYSTEM_ERROR, EIO, "qemu+ssh://far/system",
	END "sh: 1: virt-ssh-helper: not found", "missing on that host"},
    {"no permission there", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system",
	RESET SOCKET "Permission denied: Connection reset by peer",
	"YOUR-NAME' on that host"},
    {"no permission there, says netcat", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system", NC "Permission denied",
	"YOUR-NAME' on that host"},
    {"no daemon there", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system", RESET SOCKET "No such file or directory",
	"listens on that host; 'sudo systemctl"},
    {"no daemon there, says netcat", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system", NC "No such file or directory",
	"listens on that host"},
    {"a daemon that is gone there", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system", RESET SOCKET "Connection refused",
	"listens on that host"},
    {"something else there", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system", RESET SOCKET "Too many open files", NULL},
    {"a session there", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/session", RESET SOCKET "No such file or directory",
	NULL},
    {"no netcat there", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system", END "sh: 1: nc: not found", "or netcat"},
    {"a helper with another trouble", VIR_ERR_SYSTEM_ERROR, ECONNRESET,
	"qemu+ssh://far/system",
	END "virt-ssh-helper: could not proxy traffic: Broken pipe", NULL},
    {"no daemon of the user's", VIR_ERR_SYSTEM_ERROR, ENOENT, "qemu:///session",
	SOCKET "No such file or directory", "libvirtd -d"},
    {"one that is gone", VIR_ERR_SYSTEM_ERROR, ECONNREFUSED, "qemu:///session",
	SOCKET "Connection refused", "libvirtd -d"},
    {"nothing listens there", VIR_ERR_SYSTEM_ERROR, ECONNREFUSED,
	"qemu+tls://far/system",
	"unable to connect to server at 'far:16514': Connection refused",
	"qemu+ssh://"},
    {"a password was wrong", VIR_ERR_AUTH_FAILED, 0, "qemu+tcp://far/system",
	"authentication failed: authentication failed", NULL},
    {"no such driver", VIR_ERR_NO_CONNECT, 0, "kemu:///system",
	"no connection driver available for kemu:///system", "qemu:///system"},
    {"nothing known", VIR_ERR_INTERNAL_ERROR, 0, "qemu:///system",
	"internal error", NULL},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = vmm_hint_connect(cases[i].code,
		    cases[i].detail, cases[i].message, cases[i].uri);

		ok(cases[i].part ? got && strstr(got, cases[i].part) : !got,
		    "%s", cases[i].name);
	}
	ok(vmm_hint_is_denied(RESET SOCKET "Permission denied: reset"),
	    "denied there");
	ok(vmm_hint_is_denied(NC "Permission denied"), "so says netcat");
	ok(!vmm_hint_is_denied(END "me@far: Permission denied (publickey)."),
	    "denied by ssh, that is another matter");
	ok(!vmm_hint_since("this function is not supported by the connection "
			   "driver: virFoo"),
	    "no release is known for what is not in the table");
	is(vmm_hint_since("unsupported flags (0x2) in function "
			  "qemuDomainUndefineFlags"),
	    "5.6.0", "a driver's function is found by libvirt's name");
	is(vmm_hint_since("driver: virDomainManagedSaveDefineXML"), "3.7.0",
	    "and no other that ends alike");
	return unit_done();
}
