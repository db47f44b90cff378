/* clone: hides the order in which clones are made, and unmade. */
#include "storage/clone.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/random.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"
#include "libvirt/lock.h"
#include "libvirt/meta.h"
#include "libvirt/power.h"
#include "pure/clonexml.h"
#include "pure/uuid.h"
#include "pure/vpath.h"
#include "storage/chain.h"
#include "storage/claim.h"
#include "storage/copy.h"
#include "storage/leftover.h"
#include "storage/pivot.h"
#include "storage/volume.h"

/* Clones made at once: overlays cost libvirt a qemu-img each and wait mostly
 * for it, copies wait for the disk. One connection takes four. */
#define THREADS_LINKED 4
#define THREADS_FULL 2
/* Files in a chain that are still healthy: each is looked into at a read. */
#define DEEP 8
/* Bytes of a file's name. */
#define LONGEST_NAME 255

/* A disk, or NVRAM, of the source, and where its clones' volumes go. */
struct spot {
	const char *target;     /* of the disk; NULL: NVRAM */
	struct vmm_volxml like; /* what is copied, or stood on */
	struct vmm_layer below; /* borrowed; source NULL: it is copied */
	const char *beside;     /* what the source writes to, if linked */
	struct vmm_place from, to;
	char *folder; /* of TO */
	const char *format;
};

/* A volume of one clone. */
struct volume {
	char *name, *path;
	bool made;
	unsigned long long done; /* bytes copied so far */
};

/* A clone. */
struct one {
	const char *name;
	char uuid[VMM_UUID_SIZE];
	char *path;
	struct volume *volume; /* one a spot */
	struct vmm_strv macs;
	bool defined;
	struct vmm_err err;
};

struct cloning {
	struct vmm_vm *source;
	const struct vmm_clone *how;
	struct vmm_progress *progress;
	char *xml;     /* the source's for its next start */
	char *element; /* the clones' metadata, or NULL */
	char *folder;  /* the clones' */
	struct vmm_cloneplan plan;
	struct vmm_bases bases;
	struct spot *spot;
	size_t spots;
	struct one *one;
	size_t n;
	struct vmm_leftovers *left;
	struct vmm_listener *listener; /* to all VMs */
	struct vmm_strv started;       /* the UUIDs of those that were */
	bool failed;                   /* atomic: begin nothing new */
};

static virConnectPtr virt_of(const struct cloning *cloning)
{
	return vmm_conn_virt(cloning->source->conn);
}

/* --- before anything is touched --- */

static int check_names(const struct cloning *cloning, struct vmm_err *err)
{
	for (size_t i = 0; i < cloning->n; i++) {
		const char *name = cloning->one[i].name;
		virDomainPtr there =
		    virDomainLookupByName(virt_of(cloning), name);

		for (size_t j = 0; j < i; j++)
			if (strcmp(cloning->one[j].name, name) == 0)
				return vmm_err_set(err, VMM_FAILED,
				    "the name '%s' is given twice", name);
		if (there) {
			virDomainFree(there);
			return vmm_err_set(err, VMM_FAILED,
			    "there is a VM '%s' already", name);
		}
		if (vmm_fault_code() != VIR_ERR_NO_DOMAIN)
			return vmm_fault(err, virt_of(cloning));
	}
	return 0;
}

/* What a copy is made of must not change meanwhile. */
static int check_still(struct vmm_vm *source, struct vmm_err *err)
{
	int saved;

	saved = vmm_fault_none(virDomainHasManagedSaveImage(source->domain, 0));
	if (saved < 0 || virDomainGetState(source->domain, &source->state,
			     &source->reason, 0) < 0)
		return vmm_fault(err, vmm_conn_virt(source->conn));
	if (vmm_state_is_active(source->state))
		return vmm_err_set(err, VMM_REFUSED,
		    "it is %s, and a copy of disks in use is damaged; 'vmm "
		    "clone --linked' clones it as it is, 'vmm stop' stops it",
		    vmm_state_name(source->state));
	if (saved == 1)
		return vmm_err_set(err, VMM_REFUSED,
		    "it has a saved state, so its disks are in use; 'vmm "
		    "start' restores it, 'vmm save --discard' throws it away");
	return 0;
}

/* Others that write to the disks that are to be copied. */
static int check_copied(const struct cloning *cloning,
    const struct vmm_claims *claims, struct vmm_err *err)
{
	for (size_t i = 0; i < cloning->spots; i++) {
		const struct spot *spot = &cloning->spot[i];
		const struct vmm_claimant *other = vmm_claims_writer(
		    claims, spot->like.path, cloning->source->uuid);

		if (!spot->below.source && other && other->active)
			return vmm_err_set(err, VMM_REFUSED,
			    "its disk '%s' is in use by '%s'", spot->like.path,
			    other->path);
	}
	return 0;
}

/* --- where volumes go --- */

static int open_target(
    const struct cloning *cloning, struct spot *spot, struct vmm_err *err)
{
	const char *pool = cloning->how->pool;
	AUTOFREE char *folder = NULL;
	AUTOFREE char *xml = NULL;
	int result;

	if (pool)
		result =
		    vmm_place_named(virt_of(cloning), pool, &spot->to, err);
	else if (spot->below.source || !spot->target) {
		/* beside what the source writes to: its base may be a device */
		folder = vmm_folder_of(
		    spot->beside ? spot->beside : spot->like.path);
		result = vmm_place_of(virt_of(cloning), folder, &spot->to, err);
	} else { /* a copy beside what it is copied of, be it LVM */
		virStoragePoolRef(spot->from.pool);
		spot->to.pool = spot->from.pool;
		result = 0;
	}
	if (result < 0)
		return -1;
	xml = virStoragePoolGetXMLDesc(spot->to.pool, 0);
	if (!xml)
		return vmm_fault(err, virt_of(cloning));
	spot->folder = vmm_poolxml_target(xml);
	if (spot->folder && (!spot->below.source || vmm_poolxml_has_files(xml)))
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "the storage pool '%s' takes no overlays, which are files; name "
	    "another with --pool",
	    virStoragePoolGetName(spot->to.pool));
}

/* A guest can write whatever it likes to the beginning of a raw disk, as what
 * makes it a qcow2 that stands on a file of the host. libvirt believes what it
 * finds there. */
static int check_format(const struct spot *spot, struct vmm_err *err)
{
	const char *said = spot->below.source ? spot->below.format
			   : spot->target     ? spot->format
					      : "raw";
	const char *found = spot->like.format;

	if (!spot->target || strcmp(said, "raw") != 0 || !found ||
	    strcmp(found, "raw") == 0 || strcmp(found, "iso") == 0 ||
	    strcmp(found, "none") == 0 || strcmp(found, "unknown") == 0)
		return 0;
	return vmm_err_set(err, VMM_REFUSED,
	    "its disk %s, '%s', is raw, but its guest has written into it what "
	    "looks like %s: libvirt would not copy it as it is",
	    spot->target, spot->like.path, found);
}

static int open_spot(const struct cloning *cloning, const char *source,
    struct spot *spot, struct vmm_err *err)
{
	AUTOVOL volume =
	    vmm_volume_find(virt_of(cloning), source, &spot->from, err);

	/* a base may be a device that no pool has: then QEMU looks itself how
	 * large it is */
	if (!volume && spot->below.source && err->status != VMM_NOCONN &&
	    strncmp(source, "/dev/", 5) == 0) {
		vmm_err_release(err);
		spot->like.path = vmm_strdup(source);
		return open_target(cloning, spot, err);
	}
	if (!volume)
		return vmm_err_prefix(err,
		    "its %s '%s': ", spot->target ? "disk" : "NVRAM", source);
	if (vmm_volume_read(volume, &spot->like, err) < 0)
		return -1;
	if (!spot->like.path)
		spot->like.path = vmm_strdup(source);
	if (check_format(spot, err) < 0)
		return -1;
	return open_target(cloning, spot, err);
}

static struct spot *add_spot(struct cloning *cloning)
{
	struct spot *spot;

	VMM_GROW(cloning->spot, cloning->spots);
	spot = &cloning->spot[cloning->spots++];
	*spot = (struct spot){.from = VMM_PLACE_INIT, .to = VMM_PLACE_INIT};
	return spot;
}

/* The variables of UEFI; where there are none yet libvirt makes them. */
static int open_nvram(struct cloning *cloning, struct vmm_err *err)
{
	struct spot *spot;

	if (!cloning->plan.nvram)
		return 0;
	spot = add_spot(cloning);
	spot->format = cloning->plan.nvram_format;
	if (!spot->format)
		spot->format = "raw";
	if (open_spot(cloning, cloning->plan.nvram, spot, err) == 0)
		return 0;
	if (!spot->from.missing)
		return -1;
	vmm_err_release(err);
	vmm_place_release(&spot->from);
	cloning->spots--;
	return 0;
}

static int open_spots(struct cloning *cloning, struct vmm_err *err)
{
	for (size_t i = 0; i < cloning->plan.disks; i++) {
		const struct vmm_clonedisk *disk = &cloning->plan.disk[i];
		struct spot *spot = add_spot(cloning);
		const char *source = disk->top.source;

		spot->target = disk->target;
		spot->format = disk->top.format ? disk->top.format : "raw";
		if (cloning->how->linked) {
			spot->below = cloning->bases.base[i].file;
			spot->beside = cloning->bases.base[i].top;
			spot->format = "qcow2";
			source = spot->below.source;
		}
		if (open_spot(cloning, source, spot, err) < 0)
			return -1;
		if (!cloning->how->linked && spot->like.block &&
		    cloning->how->pool)
			spot->like.block = false; /* into a file, perhaps */
	}
	return open_nvram(cloning, err);
}

/* CLONE-TARGET.EXT, never made of the source's own name. */
static int name_volume(const struct spot *spot, const struct one *one,
    struct volume *volume, struct vmm_err *err)
{
	const char *end = strcmp(spot->format, "raw") != 0 ? spot->format
			  : spot->target                   ? "img"
							   : "fd";

	if (!spot->target)
		volume->name = vmm_sprintf("%s_VARS.%s", one->name, end);
	else if (spot->like.block && !spot->below.source)
		volume->name = vmm_sprintf("%s-%s", one->name, spot->target);
	else
		volume->name =
		    vmm_sprintf("%s-%s.%s", one->name, spot->target, end);
	volume->path = vmm_sprintf("%s/%s", spot->folder, volume->name);
	if (strlen(volume->name) <= LONGEST_NAME)
		return 0;
	return vmm_err_set(err, VMM_FAILED,
	    "the name '%s' is too long for its volume's, '%s'", one->name,
	    volume->name);
}

static int plan_volumes(struct cloning *cloning, struct vmm_err *err)
{
	for (size_t i = 0; i < cloning->n; i++) {
		struct one *one = &cloning->one[i];

		one->volume = vmm_calloc(cloning->spots, sizeof *one->volume);
		for (size_t j = 0; j < cloning->spots; j++) {
			const struct spot *spot = &cloning->spot[j];
			AUTOVOL there = NULL;

			if (name_volume(spot, one, &one->volume[j], err) < 0)
				return -1;
			there = vmm_volume_named(
			    &spot->to, one->volume[j].name, err);
			if (there)
				return vmm_err_set(err, VMM_FAILED,
				    "there is a volume '%s' already",
				    one->volume[j].path);
			if (err->status)
				return -1;
		}
	}
	return 0;
}

/* What is there must be known before it is noted what is to be made. Overlays
 * are told by what they stand on, too, and need not wait for others' copies. */
static int look_around(const struct cloning *cloning, struct vmm_err *err)
{
	for (size_t i = 0; i < cloning->spots; i++) {
		const struct spot *spot = &cloning->spot[i];

		if (spot->below.source)
			vmm_place_glance(&spot->to);
		else if (vmm_place_refresh(&spot->to, err) < 0)
			return vmm_err_prefix(err, "the storage pool '%s': ",
			    virStoragePoolGetName(spot->to.pool));
	}
	return 0;
}

/* --- who they are --- */

/* Addresses that no VM has, and none of the other clones. Two cards with the
 * same one are a pair for failover, and stay one. */
static void add_macs(const struct cloning *cloning,
    const struct vmm_claims *claims, struct vmm_strv *given, struct one *one)
{
	const struct vmm_strv *old = &cloning->plan.macs;

	for (size_t i = 0; i < old->n; i++) {
		char *mac = NULL;

		for (size_t j = 0; j < i && !mac; j++)
			if (strcmp(old->v[j], old->v[i]) == 0)
				mac = vmm_strdup(one->macs.v[j]);
		while (!mac && (mac = vmm_random_mac(old->v[i])))
			if (vmm_strv_has(given, mac) ||
			    vmm_claims_have_mac(claims, mac)) {
				free(mac);
				mac = NULL;
			}
		/* libvirt gives one to a card without */
		vmm_strv_take(&one->macs, mac ? mac : vmm_strdup(""));
		vmm_strv_take(given, vmm_strdup(mac ? mac : ""));
	}
}

static int plan_identity(struct cloning *cloning,
    const struct vmm_claims *claims, struct vmm_err *err)
{
	AUTOSTRV given = VMM_STRV_INIT;
	const struct vmm_clone *how = cloning->how;
	const struct vmm_meta_change change = {.folder = how->folder,
	    .add = how->labels,
	    .origin = how->linked ? cloning->source->uuid : ""};
	AUTOFREE char *old = vmm_meta_element(cloning->source, err);
	bool changed;

	if (err->status)
		return -1;
	cloning->element = vmm_meta_edit(old, &change, &changed, err);
	if (!cloning->element)
		return -1;
	if (!old && !changed) {
		free(cloning->element);
		cloning->element = NULL;
	}
	cloning->folder = vmm_strdup(
	    how->folder ? how->folder : cloning->source->meta.folder);
	for (size_t i = 0; i < cloning->n; i++) {
		struct one *one = &cloning->one[i];
		unsigned char uuid[VMM_UUID_BYTES];

		vmm_random_uuid(uuid);
		vmm_uuid_spell(uuid, one->uuid);
		one->path = vmm_vpath_join(cloning->folder, one->name);
		add_macs(cloning, claims, &given, one);
	}
	return 0;
}

/* --- making --- */

/* How far all copies are. */
static void tell(struct cloning *cloning)
{
	unsigned long long done = 0, total = 0;

	for (size_t i = 0; i < cloning->n; i++)
		for (size_t j = 0; j < cloning->spots; j++) {
			if (cloning->spot[j].below.source)
				continue;
			done += __atomic_load_n(
			    &cloning->one[i].volume[j].done, __ATOMIC_RELAXED);
			total += cloning->spot[j].like.allocation;
		}
	vmm_progress_set(cloning->progress, done < total ? done : total, total);
}

/* One of them, while it grows. */
struct growing {
	struct cloning *cloning;
	struct volume *volume;
};

static void tell_of(unsigned long long bytes, void *arg)
{
	const struct growing *growing = arg;

	__atomic_store_n(&growing->volume->done, bytes, __ATOMIC_RELAXED);
	tell(growing->cloning);
}

static int copy_volume(struct cloning *cloning, const struct spot *spot,
    struct volume *volume, struct vmm_err *err)
{
	struct growing growing = {cloning, volume};
	const struct vmm_copy copy = {.from = spot->like.path,
	    .like = &spot->like,
	    .pool = spot->to.pool,
	    .name = volume->name,
	    .format = spot->format,
	    .tell = cloning->progress->watched ? tell_of : NULL,
	    .arg = &growing};

	if (vmm_copy_make(cloning->source, &copy, err) < 0)
		return -1;
	tell_of(spot->like.allocation, &growing);
	return 0;
}

static int make_overlay(const struct cloning *cloning, const struct spot *spot,
    const struct volume *volume, struct vmm_err *err)
{
	AUTOFREE char *xml = vmm_volxml_build(
	    volume->name, spot->format, &spot->like, &spot->below);
	AUTOVOL made = virStorageVolCreateXML(spot->to.pool, xml, 0);

	return made ? 0 : vmm_fault(err, virt_of(cloning));
}

static int make_volume(struct cloning *cloning, const struct spot *spot,
    struct volume *volume, struct vmm_err *err)
{
	int result;

	if (vmm_leftovers_add(
		cloning->left, volume->path, spot->below.source, err) < 0)
		return -1;
	result = spot->below.source ? make_overlay(cloning, spot, volume, err)
				    : copy_volume(cloning, spot, volume, err);
	volume->made = result == 0;
	if (result == 0)
		result = vmm_leftovers_mark(cloning->left, volume->path, err);
	return result < 0
		   ? vmm_err_prefix(err, "the volume '%s': ", volume->path)
		   : 0;
}

static int define(
    const struct cloning *cloning, struct one *one, struct vmm_err *err)
{
	AUTOFREE struct vmm_cloneto_disk *disk =
	    vmm_calloc(cloning->spots, sizeof *disk);
	struct vmm_cloneto to = {.name = one->name,
	    .uuid = one->uuid,
	    .mac = (const char *const *)one->macs.v,
	    .macs = one->macs.n,
	    .disk = disk};
	AUTOFREE char *bare = NULL;
	AUTOFREE char *xml = NULL;
	virDomainPtr defined;

	for (size_t i = 0; i < cloning->spots; i++) {
		const struct spot *spot = &cloning->spot[i];

		if (spot->target)
			disk[to.disks++] = (struct vmm_cloneto_disk){
			    .target = spot->target,
			    .path = one->volume[i].path,
			    .format = spot->format,
			    .block = spot->like.block && !spot->below.source};
		else
			to.nvram = one->volume[i].path;
	}
	bare = vmm_clone_build(cloning->xml, &to, err);
	xml = bare ? vmm_meta_graft(bare, cloning->element, err) : NULL;
	if (!xml)
		return -1;
	defined = virDomainDefineXML(virt_of(cloning), xml);
	if (!defined)
		return vmm_fault(err, virt_of(cloning));
	virDomainFree(defined);
	one->defined = true;
	return 0;
}

/* In a worker. */
static void make_volumes(size_t i, void *data)
{
	struct cloning *cloning = data;
	struct one *one = &cloning->one[i];
	int result = 0;

	for (size_t j = 0; j < cloning->spots && result == 0; j++) {
		if (vmm_interrupted() ||
		    __atomic_load_n(&cloning->failed, __ATOMIC_RELAXED))
			return;
		result = make_volume(
		    cloning, &cloning->spot[j], &one->volume[j], &one->err);
	}
	if (result < 0)
		__atomic_store_n(&cloning->failed, true, __ATOMIC_RELAXED);
}

/* In a worker. */
static void define_one(size_t i, void *data)
{
	struct cloning *cloning = data;
	struct one *one = &cloning->one[i];

	if (vmm_interrupted() ||
	    __atomic_load_n(&cloning->failed, __ATOMIC_RELAXED))
		return;
	if (define(cloning, one, &one->err) < 0)
		__atomic_store_n(&cloning->failed, true, __ATOMIC_RELAXED);
}

/* What became of all of them. */
static int gather(struct cloning *cloning, struct vmm_err *err)
{
	for (size_t i = 0; i < cloning->n && !err->status; i++) {
		struct one *one = &cloning->one[i];

		if (!one->err.status)
			continue;
		vmm_err_move(err, &one->err);
		vmm_err_prefix(err, "its clone '%s': ", one->name);
	}
	if (!err->status && vmm_interrupted())
		vmm_err_set(err, VMM_FAILED, "interrupted");
	return err->status ? -1 : 0;
}

/* --- unmaking --- */

static void left_behind(struct vmm_buf *behind, const char *what)
{
	vmm_buf_addf(behind, "%s'%s'", behind->length ? ", " : "", what);
}

/* Whether the clone is gone, or never was. */
static bool undefine(const struct cloning *cloning, const struct one *one)
{
	virDomainPtr domain = one->defined ? virDomainLookupByUUIDString(
						 virt_of(cloning), one->uuid)
					   : NULL;
	bool gone = !one->defined || vmm_fault_code() == VIR_ERR_NO_DOMAIN;

	if (!domain)
		return gone;
	/* one that somebody has started meanwhile is his */
	gone =
	    virDomainIsActive(domain) == 0 &&
	    virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_KEEP_NVRAM) == 0;
	virDomainFree(domain);
	return gone;
}

static bool remove_volume(const struct spot *spot, const struct volume *volume)
{
	AUTOVOL made = virStorageVolLookupByName(spot->to.pool, volume->name);

	return made && virStorageVolDelete(made, 0) == 0;
}

static void unmake(struct cloning *cloning, struct vmm_buf *behind)
{
	for (size_t i = cloning->n; i-- > 0;) {
		struct one *one = &cloning->one[i];

		if (!undefine(cloning, one)) {
			left_behind(behind, one->path);
			continue;
		}
		for (size_t j = cloning->spots; j-- > 0;)
			if (one->volume && one->volume[j].made &&
			    !remove_volume(&cloning->spot[j], &one->volume[j]))
				left_behind(behind, one->volume[j].path);
	}
}

/* --- all of it --- */

static int start_clones(struct cloning *cloning, struct vmm_err *err)
{
	static const struct vmm_start how = {0};
	AUTOSET set = VMM_SET_INIT;

	for (size_t i = 0; i < cloning->n; i++) {
		virDomainPtr domain = virDomainLookupByUUIDString(
		    virt_of(cloning), cloning->one[i].uuid);
		struct vmm_vm *vm;

		if (!domain)
			return vmm_fault(err, virt_of(cloning));
		vm = vmm_set_add(&set, cloning->source->conn, domain);
		if (vmm_set_fetch(&vm, 1, VMM_FACT_STATE, err) < 0 ||
		    vmm_power_start(vm, &how, err) < 0)
			return vmm_err_prefix(err,
			    "the clones are there, but '%s' does not start: ",
			    cloning->one[i].path);
	}
	return 0;
}

/* Hears who was started since it was begun. */
static int hear(struct cloning *cloning, struct vmm_err *err)
{
	struct timespec now = vmm_call_deadline(0);
	AUTOEVENT event = {0};
	int got;

	while ((got = vmm_listener_next(
		    cloning->listener, &now, &event, err)) == 1)
		if (event.event == VIR_DOMAIN_EVENT_STARTED)
			vmm_strv_take(
			    &cloning->started, vmm_strdup(event.uuid));
	return got;
}

static int started_meanwhile(const char *path, struct vmm_err *err)
{
	return vmm_err_set(err, VMM_REFUSED,
	    "'%s' was started while the disks were copied, so the copy is "
	    "damaged",
	    path);
}

/* Whether the source, or who else has its disks, was started while they were
 * copied. */
static int check_unstarted(struct cloning *cloning, struct vmm_err *err)
{
	AUTOCLAIMS claims = {0};

	if (cloning->how->linked)
		return 0;
	if (check_still(cloning->source, err) < 0)
		return err->status == VMM_REFUSED
			   ? started_meanwhile(cloning->source->path, err)
			   : -1;
	if (vmm_claims_read(cloning->source->conn, false, &claims, err) < 0 ||
	    check_copied(cloning, &claims, err) < 0 || hear(cloning, err) < 0)
		return -1;
	for (size_t i = 0; i < claims.n; i++) {
		const struct vmm_claimant *vm = &claims.vm[i];

		if (!vmm_strv_has(&cloning->started, vm->uuid))
			continue;
		for (size_t j = 0; j < cloning->spots; j++)
			if (vmm_claim_on(vm, cloning->spot[j].like.path))
				return started_meanwhile(vm->path, err);
	}
	return 0;
}

static int plan(struct cloning *cloning, struct vmm_err *err)
{
	if (!cloning->how->linked && check_still(cloning->source, err) < 0)
		return -1;
	cloning->xml = virDomainGetXMLDesc(cloning->source->domain,
	    VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	if (!cloning->xml)
		return vmm_fault(err, virt_of(cloning));
	return vmm_clone_plan(
	    cloning->xml, cloning->how->linked, &cloning->plan, err);
}

static void tell_of_source(struct cloning *cloning, struct vmm_cloned *cloned)
{
	for (size_t i = 0; i < cloning->bases.n; i++) {
		const struct vmm_base *base = &cloning->bases.base[i];

		if (base->fresh)
			vmm_strv_take(&cloned->overlays, vmm_strdup(base->top));
		if (base->fresh && !cloning->how->dry_run)
			vmm_strv_take(&cloned->notes,
			    vmm_escapedf("'%s' now writes its disk %s to '%s'; "
					 "'%s' is the base of its clones",
				cloning->source->path, base->target, base->top,
				base->file.source));
	}
}

static void warn_of_depth(struct cloning *cloning, struct vmm_cloned *cloned)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTODOMXML *domain = vmm_domxml_read(cloning->xml, &ignored);

	for (size_t i = 0; cloning->how->linked && domain && i < domain->disks;
	     i++) {
		struct vmm_disk *disk = &domain->disk[i];

		free(vmm_chain_read(virt_of(cloning), disk));
		if (disk->layers > DEEP)
			vmm_strv_take(&cloned->warnings,
			    vmm_escapedf("the disk %s of '%s' stands on %zu "
					 "files, each a little slower to read; "
					 "'vmm flatten' makes one of them",
				disk->target, cloning->source->path,
				disk->layers - 1));
	}
}

static void tell_warnings(struct cloning *cloning, struct vmm_cloned *cloned)
{
	for (size_t i = 0; i < cloning->plan.warnings.n; i++)
		vmm_strv_take(&cloned->warnings,
		    vmm_escapedf("%s'%s' %s",
			cloning->n > 1 ? "each like " : "",
			cloning->one[0].path, cloning->plan.warnings.v[i]));
}

/* None is there for others to use before all that they need is. */
static int make(struct cloning *cloning, struct vmm_err *err)
{
	unsigned threads = cloning->how->linked ? THREADS_LINKED : THREADS_FULL;

	vmm_parallel(cloning->n, threads, make_volumes, NULL, cloning);
	if (gather(cloning, err) < 0)
		return -1;
	vmm_parallel(cloning->n, THREADS_LINKED, define_one, NULL, cloning);
	return gather(cloning, err);
}

/* Looks at all that can be known before anything is touched. */
static int prepare(struct cloning *cloning, struct vmm_err *err)
{
	AUTOCLAIMS claims = {0};

	if (plan(cloning, err) < 0 || check_names(cloning, err) < 0 ||
	    (cloning->how->linked &&
		vmm_pivot_plan(cloning->source, cloning->plan.disk,
		    cloning->plan.disks, cloning->how->pool, &cloning->bases,
		    err) < 0) ||
	    open_spots(cloning, err) < 0 || look_around(cloning, err) < 0 ||
	    plan_volumes(cloning, err) < 0 ||
	    vmm_claims_read(cloning->source->conn, false, &claims, err) < 0 ||
	    check_copied(cloning, &claims, err) < 0)
		return -1;
	return plan_identity(cloning, &claims, err);
}

/* Says what became of what was made. */
static int say_unmade(const struct vmm_buf *behind, struct vmm_err *err)
{
	AUTOFREE char *text = NULL;

	if (err->status == VMM_NOCONN)
		return vmm_err_append(err, "; 'vmm fsck --repair' removes what "
					   "was made of the clones so far");
	if (!behind->length)
		return vmm_interrupted()
			   ? vmm_err_append(err, "; nothing is left")
			   : -1;
	text = vmm_sprintf("; left behind: %s; 'vmm fsck' lists what is "
			   "nobody's",
	    behind->text);
	return vmm_err_append(err, text);
}

/* Makes them, or unmakes what was made. */
static int carry_out(struct cloning *cloning, struct vmm_err *err)
{
	AUTOBUF behind = VMM_BUF_INIT;
	AUTOERR ignored = VMM_ERR_INIT;
	int result = make(cloning, err);

	if (result == 0)
		result = check_unstarted(cloning, err);
	if (result == 0)
		result = vmm_bases_check(
		    cloning->source->conn, &cloning->bases, err);
	if (result == 0 && vmm_interrupted())
		result = vmm_err_set(err, VMM_FAILED, "interrupted");
	if (result < 0) {
		(void)!hear(cloning, &ignored);
		unmake(cloning, &behind);
	}
	/* without a connection it is not known what was made */
	vmm_leftovers_end(
	    cloning->left, !behind.length && err->status != VMM_NOCONN);
	return result < 0 ? say_unmade(&behind, err) : 0;
}

static void cloning_release(struct cloning *cloning)
{
	for (size_t i = 0; i < cloning->n; i++) {
		struct one *one = &cloning->one[i];

		for (size_t j = 0; one->volume && j < cloning->spots; j++) {
			free(one->volume[j].name);
			free(one->volume[j].path);
		}
		free(one->volume);
		free(one->path);
		vmm_strv_release(&one->macs);
		vmm_err_release(&one->err);
	}
	free(cloning->one);
	for (size_t i = 0; i < cloning->spots; i++) {
		vmm_place_release(&cloning->spot[i].from);
		vmm_place_release(&cloning->spot[i].to);
		vmm_volxml_release(&cloning->spot[i].like);
		free(cloning->spot[i].folder);
	}
	free(cloning->spot);
	vmm_cloneplan_release(&cloning->plan);
	vmm_bases_release(&cloning->bases);
	free(cloning->xml);
	free(cloning->element);
	free(cloning->folder);
	vmm_strv_release(&cloning->started);
	if (cloning->listener)
		vmm_listener_close(cloning->listener);
}

/* The source moves onto its overlays first: from then on, whatever happens,
 * nobody writes to the bases. */
static int begin(
    struct cloning *cloning, struct vmm_cloned *cloned, struct vmm_err *err)
{
	if (prepare(cloning, err) < 0)
		return -1;
	if (!cloning->how->dry_run) {
		cloning->left = vmm_leftovers_begin(cloning->source->conn, err);
		if (!cloning->left)
			return -1;
	}
	if (!cloning->how->dry_run && cloning->how->linked &&
	    vmm_pivot_make(cloning->source, cloning->how->quiesce,
		&cloning->bases, err) < 0) {
		vmm_leftovers_end(cloning->left, true);
		return -1;
	}
	tell_of_source(cloning, cloned);
	tell_warnings(cloning, cloned);
	if (cloning->how->dry_run)
		return 0;
	if (carry_out(cloning, err) < 0)
		return -1;
	warn_of_depth(cloning, cloned);
	return 0;
}

/* A copy takes no lock, for it takes long and changes nothing: whoever writes
 * to the disks meanwhile is heard of. */
static int begin_alone(
    struct cloning *cloning, struct vmm_cloned *cloned, struct vmm_err *err)
{
	AUTOLOCK lock = VMM_LOCK_INIT;
	const struct vmm_clone *how = cloning->how;

	if (how->linked && !how->dry_run &&
	    vmm_lock_take(&lock, cloning->source->uuid, err) < 0)
		return -1;
	return begin(cloning, cloned, err);
}

int vmm_clone(struct vmm_vm *source, const struct vmm_clone *how,
    struct vmm_progress *progress, struct vmm_cloned *cloned,
    struct vmm_err *err)
{
	CLEANUP(cloning_release)
	struct cloning cloning = {
	    .source = source, .how = how, .progress = progress};

	cloning.n = how->names->n;
	cloning.one = vmm_calloc(cloning.n, sizeof *cloning.one);
	for (size_t i = 0; i < cloning.n; i++)
		cloning.one[i].name = how->names->v[i];
	if (!how->dry_run) {
		cloning.listener = vmm_conn_listen(
		    source->conn, NULL, VMM_EVENT_LIFECYCLE, err);
		if (!cloning.listener)
			return -1;
	}
	if (begin_alone(&cloning, cloned, err) < 0)
		return -1;
	for (size_t i = 0; i < cloning.n; i++)
		vmm_strv_take(&cloned->paths, vmm_strdup(cloning.one[i].path));
	return how->start && !how->dry_run ? start_clones(&cloning, err) : 0;
}

void vmm_cloned_release(struct vmm_cloned *cloned)
{
	vmm_strv_release(&cloned->paths);
	vmm_strv_release(&cloned->overlays);
	vmm_strv_release(&cloned->warnings);
	vmm_strv_release(&cloned->notes);
}
