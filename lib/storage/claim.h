/*
 * claim: which VM lays claim to which file.
 *
 * Read from the definitions of all VMs: as they run, as they will start, as
 * they are saved, and as they were when a snapshot was taken, for a revert
 * brings that back.
 */
#ifndef VMM_STORAGE_CLAIM_H
#define VMM_STORAGE_CLAIM_H

#include "base/buf.h"
#include "libvirt/conn.h"

enum vmm_claim_when {
	VMM_CLAIM_NOW = 1 << 0,  /* it runs with it */
	VMM_CLAIM_NEXT = 1 << 1, /* it starts with it */
	VMM_CLAIM_KEPT = 1 << 2, /* a saved state or a snapshot has it */
};

struct vmm_claim {
	char *file;    /* a path; of a volume that cannot be found, its name */
	unsigned when; /* enum vmm_claim_when */
	bool writes;   /* else it is only read */
	unsigned written; /* enum vmm_claim_when: when it is */
	bool shares;      /* it is said to be shared with others */
	bool raw;         /* it is said to be raw somewhere */
	bool other;       /* it is said to be of another format somewhere */
};

/* A VM with all its claims. */
struct vmm_claimant {
	char uuid[VIR_UUID_STRING_BUFLEN];
	char *path; /* of the VM */
	bool active;
	struct vmm_claim *claim;
	size_t claims;
	struct vmm_strv macs;
	struct vmm_err err; /* why it could not be read */
	bool gone;          /* it was forgotten */
};

struct vmm_claims { /* starts as {0} */
	struct vmm_claimant *vm;
	size_t n;
};

/* Reads the claims of all VMs; with KEPT, which costs calls more, those of
 * snapshots and saved states too. One that vanishes has none, one that cannot
 * be read has an error. */
int vmm_claims_read(struct vmm_conn *conn, bool kept, struct vmm_claims *claims,
    struct vmm_err *err) MUST_CHECK;
void vmm_claims_release(struct vmm_claims *claims);

#define AUTOCLAIMS CLEANUP(vmm_claims_release) struct vmm_claims

/* -1 where one of them could not be read. */
int vmm_claims_whole(struct vmm_claims *claims, struct vmm_err *err) MUST_CHECK;
/* The claim of VM on FILE, or NULL; one that was forgotten has none. */
const struct vmm_claim *vmm_claim_on(
    const struct vmm_claimant *vm, const char *file);
/* The first VM but EXCEPT (a UUID, or NULL) that may write to FILE. */
const struct vmm_claimant *vmm_claims_writer(
    const struct vmm_claims *claims, const char *file, const char *except);
/* Whether any VM has that hardware address. */
bool vmm_claims_have_mac(const struct vmm_claims *claims, const char *mac);

#endif
