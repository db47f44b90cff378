/*
 * set: VMs, each with the facts that were asked for. The centre of vmm.
 *
 * A set holds every VM once, whether it came from a listing of all or was
 * looked up by itself. Nothing is asked of libvirt that was not wanted, and
 * nothing twice: a VM remembers which facts it has.
 */
#ifndef VMM_LIBVIRT_SET_H
#define VMM_LIBVIRT_SET_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/index.h"
#include "libvirt/conn.h"
#include "libvirt/state.h"
#include "pure/domxml.h"
#include "pure/metaxml.h"

/* Facts beside name, UUID and id, which every VM has. */
enum vmm_fact {
	VMM_FACT_STATE = 1 << 0,      /* state, reason */
	VMM_FACT_SAVED = 1 << 1,      /* saved */
	VMM_FACT_SNAPSHOTS = 1 << 2,  /* snapshots */
	VMM_FACT_AUTOSTART = 1 << 3,  /* autostart */
	VMM_FACT_PERSISTENT = 1 << 4, /* persistent */
	VMM_FACT_META = 1 << 5,       /* meta, path */
	VMM_FACT_XML = 1 << 6,        /* xml: the live one of a running VM */
};

struct vmm_vm {
	struct vmm_conn *conn; /* borrowed */
	virDomainPtr domain;   /* owned */
	const char *name;      /* the domain's own */
	char uuid[VIR_UUID_STRING_BUFLEN];
	int id;         /* -1: not running */
	unsigned facts; /* which of those below are known */
	int state;      /* virDomainState */
	int reason;     /* of that state's own enum */
	bool saved, snapshots, autostart, persistent;
	struct vmm_meta meta;
	char *path;
	struct vmm_domxml *xml;
	bool gone;          /* it vanished while we looked */
	struct vmm_err err; /* a fact could not be had; facts lacks it */
};

struct vmm_set {
	struct vmm_vm **vm;
	size_t n;
	bool indexed; /* once somebody was looked up: a listing needs none */
	struct vmm_index names, uuids;
};

#define VMM_SET_INIT                                                           \
	{                                                                      \
		NULL, 0, false, VMM_INDEX_INIT, VMM_INDEX_INIT                 \
	}

/* Adds all VMs of CONN, in one call; with VMM_FACT_STATE in FACTS that fact
 * comes with them. */
int vmm_set_load(struct vmm_set *set, struct vmm_conn *conn, unsigned facts,
    struct vmm_err *err) MUST_CHECK;
/* Adds the VM that DOMAIN is a handle of (owned by the set from here on) and
 * returns it, or the one that was there. Not to be called from two threads. */
struct vmm_vm *vmm_set_add(
    struct vmm_set *set, struct vmm_conn *conn, virDomainPtr domain);
/* Of the VMs that are in the set; NULL without. Not from two threads either. */
struct vmm_vm *vmm_set_by_name(const struct vmm_set *set, const char *name);
struct vmm_vm *vmm_set_by_uuid(const struct vmm_set *set, const char *uuid);
void vmm_set_release(struct vmm_set *set);

#define AUTOSET CLEANUP(vmm_set_release) struct vmm_set

/*
 * Fetches the FACTS that the N VMs at VM, all of one host, lack, with as few
 * calls as do it and several at a time. A VM that vanished is marked gone; one
 * whose facts could not be had carries the error. Returns -1 only when the
 * connection is lost.
 */
int vmm_set_fetch(struct vmm_vm **vm, size_t n, unsigned facts,
    struct vmm_err *err) MUST_CHECK;

#endif
