/*
 * domxml: what a domain's XML says of it (libvirt: format of domain XML).
 *
 * Every string is owned by the structure that holds it and may be NULL where
 * the XML does not say.
 */
#ifndef VMM_PURE_DOMXML_H
#define VMM_PURE_DOMXML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* One file, block device, volume or network source that holds disk data. */
struct vmm_layer {
	char *type;   /* "file", "block", "volume", "network", "dir", ... */
	char *source; /* a path, "POOL/VOLUME" or "PROTOCOL:NAME" */
	char *format; /* "qcow2", "raw", ... */
};

/* Whether FORMAT (or NULL) says that a file is nothing but a disk's data. What
 * stands at its beginning is then what a guest has written there: it names no
 * backing file, whatever it looks like. */
bool vmm_format_is_raw(const char *format);

struct vmm_disk {
	char *device; /* "disk", "cdrom", "floppy", "lun" */
	char *target; /* "vda" */
	char *bus;    /* "virtio" */
	bool readonly, shareable;
	/* layer[0] is what the VM writes to, the others its backing files, as
	 * far as the XML has them; none for an empty drive */
	struct vmm_layer *layer;
	size_t layers;
	bool chain_known; /* the XML has the chain to its end */
};

struct vmm_nic {
	char *type;   /* "network", "bridge", "user", "direct", ... */
	char *source; /* the network, bridge or device */
	char *mac;
	char *model;
	char *target; /* the host's interface, of a running VM */
};

struct vmm_display {
	char *type;   /* "spice", "vnc", ... */
	char *listen; /* an address, or a socket's path */
	int port;     /* -1: none (yet) */
	int tls_port;
};

struct vmm_domxml {
	char *title;
	char *description;
	char *arch;
	char *machine;
	char *firmware;     /* "efi" or "bios" */
	char *nvram;        /* the file that keeps UEFI's variables */
	char *nvram_format; /* "raw" where nothing else is said */
	unsigned vcpus;
	unsigned long long memory; /* KiB, the maximum */
	struct vmm_disk *disk;
	size_t disks;
	struct vmm_nic *nic;
	size_t nics;
	struct vmm_display *display;
	size_t displays;
	/* the file on the host of the first memory that it shares with the
	 * host: where Looking Glass finds the guest's picture */
	char *shared_memory;
	/* where its first console leads: "pty", "file", "tcp", ... */
	char *console;
	bool agent_channel;   /* a guest's agent can be talked to */
	bool agent_connected; /* it is listening, in a running VM */
};

/* Reads the XML of a domain; NULL with the error where it is none. */
struct vmm_domxml *vmm_domxml_read(const char *xml, struct vmm_err *err);
void vmm_domxml_free(struct vmm_domxml *domain);
/* Where a disk is to be. */
struct vmm_diskfile {
	const char *target; /* "vda" */
	const char *path;   /* NULL: where it is; only the chain is dropped */
	const char *format;
};

/*
 * The XML of a domain with those disks on these files, to be freed. What was
 * said of their backing files is dropped, so that they are looked up in the
 * files themselves. NULL with the error.
 */
char *vmm_domxml_with_files(const char *xml, const struct vmm_diskfile *file,
    size_t files, struct vmm_err *err);
void vmm_layer_release(struct vmm_layer *layer);

DEFINE_CLEANUP(struct vmm_domxml *, vmm_domxml_free)
#define AUTODOMXML CLEANUP(vmm_domxml_freep) struct vmm_domxml

#endif
