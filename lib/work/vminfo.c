/* vminfo: hides where each line comes from and how it looks. */
#include "work/vminfo.h"

#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/human.h"
#include "base/parallel.h"
#include "libvirt/address.h"
#include "libvirt/fault.h"
#include "storage/chain.h"
#include "work/origin.h"

/* What is asked for beyond the facts of a struct vmm_vm. */
struct extra {
	const char *origin; /* borrowed */
	int snapshots;
	struct vmm_strv addresses;
	struct vmm_sizes **sizes; /* a list a disk */
};

/* --- asking --- */

/* Addresses and sizes may be unknown, but not for want of a connection. */
static int extra_ask(
    struct vmm_vm *vm, struct extra *extra, struct vmm_err *err)
{
	virConnectPtr virt = vmm_conn_virt(vm->conn);
	struct vmm_domxml *xml = vm->xml;
	AUTOERR ignored = VMM_ERR_INIT;

	extra->snapshots = vmm_fault_none(virDomainSnapshotNum(vm->domain, 0));
	vm->gone =
	    extra->snapshots < 0 && vmm_fault_code() == VIR_ERR_NO_DOMAIN;
	if (extra->snapshots < 0)
		return vmm_fault(err, virt);
	if (vmm_state_is_active(vm->state))
		(void)!vmm_addresses(vm, NULL, &extra->addresses, &ignored);
	extra->sizes = vmm_calloc(xml->disks, sizeof *extra->sizes);
	for (size_t i = 0; i < xml->disks; i++)
		extra->sizes[i] = vmm_chain_read(virt, &xml->disk[i]);
	if (virConnectIsAlive(virt) == 0)
		return vmm_err_set(err, VMM_NOCONN, "the connection was lost");
	return 0;
}

static void extra_release(struct extra *extra, const struct vmm_domxml *xml)
{
	vmm_strv_release(&extra->addresses);
	for (size_t i = 0; extra->sizes && i < xml->disks; i++)
		free(extra->sizes[i]);
	free(extra->sizes);
}

/* --- as text --- */

static void line(struct vmm_buf *out, const char *key, const char *value)
{
	vmm_buf_addf(out, "%s: ", key);
	vmm_escapes(out, value && *value ? value : "-");
	vmm_buf_addc(out, '\n');
}

static void line_yes(struct vmm_buf *out, const char *key, bool yes)
{
	line(out, key, yes ? "yes" : "no");
}

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

static void text_layer(struct vmm_buf *out, const struct vmm_layer *layer,
    const struct vmm_sizes *size)
{
	vmm_escapes(out, or_dash(layer->format));
	vmm_buf_addc(out, ' ');
	vmm_escapes(out, or_dash(layer->source));
	if (size->known) {
		AUTOFREE char *capacity = vmm_human_bytes(size->capacity);
		AUTOFREE char *allocation = vmm_human_bytes(size->allocation);

		vmm_buf_addf(out, " (%s, takes %s)", capacity, allocation);
	}
	vmm_buf_addc(out, '\n');
}

static void start_disk(
    struct vmm_buf *out, const char *key, const struct vmm_disk *disk)
{
	vmm_buf_addf(out, "%s: ", key);
	vmm_escapes(out, or_dash(disk->target));
	vmm_buf_addc(out, ' ');
}

static void text_disk(struct vmm_buf *out, const struct vmm_disk *disk,
    const struct vmm_sizes *sizes)
{
	start_disk(out, "disk", disk);
	if (disk->device && strcmp(disk->device, "disk") != 0) {
		vmm_escapes(out, disk->device);
		vmm_buf_addc(out, ' ');
	}
	if (!disk->layers)
		vmm_buf_adds(out, "empty\n");
	for (size_t i = 0; i < disk->layers; i++) {
		if (i)
			start_disk(out, "backing", disk);
		text_layer(out, &disk->layer[i], &sizes[i]);
	}
	if (disk->layers && !disk->chain_known) {
		start_disk(out, "backing", disk);
		vmm_buf_adds(out, "unknown: the last file is in no pool, or "
				  "the chain is endless\n");
	}
	if (disk->layers > 1) {
		start_disk(out, "chain", disk);
		vmm_buf_addf(out, "%s%zu files\n",
		    disk->chain_known ? "" : "at least ", disk->layers);
	}
}

static void text_display(struct vmm_buf *out, const struct vmm_display *display)
{
	vmm_buf_adds(out, "display: ");
	vmm_escapes(out, or_dash(display->type));
	if (display->listen) {
		vmm_buf_addc(out, ' ');
		vmm_escapes(out, display->listen);
	}
	if (display->port > 0)
		vmm_buf_addf(out, " port %d", display->port);
	if (display->tls_port > 0)
		vmm_buf_addf(out, " tls %d", display->tls_port);
	vmm_buf_addc(out, '\n');
}

static void text_nic(struct vmm_buf *out, const struct vmm_nic *nic)
{
	const char *part[] = {nic->mac, nic->type, nic->source, nic->model};

	vmm_buf_adds(out, "nic:");
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		vmm_buf_addc(out, ' ');
		vmm_escapes(out, or_dash(part[i]));
	}
	vmm_buf_addc(out, '\n');
}

static void text_vm(
    struct vmm_buf *out, const struct vmm_vm *vm, const struct extra *extra)
{
	const struct vmm_domxml *xml = vm->xml;
	AUTOFREE char *memory = vmm_human_bytes(xml->memory * 1024);

	line(out, "path", vm->path);
	for (size_t i = 0; i < vm->meta.labels.n; i++)
		line(out, "label", vm->meta.labels.v[i]);
	line(out, "origin", extra->origin);
	line(out, "title", xml->title);
	line(out, "description", xml->description);
	line(out, "uuid", vm->uuid);
	line(out, "state", vmm_state_name(vm->state));
	line(out, "reason", vmm_state_reason(vm->state, vm->reason));
	line_yes(out, "saved", vm->saved);
	vmm_buf_addf(out, "snapshots: %d\n", extra->snapshots);
	line_yes(out, "autostart", vm->autostart);
	line_yes(out, "persistent", vm->persistent);
	vmm_buf_addf(out, "vcpus: %u\nmemory: %s\n", xml->vcpus, memory);
	line(out, "arch", xml->arch);
	line(out, "machine", xml->machine);
	line(out, "firmware", xml->firmware);
	for (size_t i = 0; i < xml->disks; i++)
		text_disk(out, &xml->disk[i], extra->sizes[i]);
	for (size_t i = 0; i < xml->nics; i++)
		text_nic(out, &xml->nic[i]);
	for (size_t i = 0; i < extra->addresses.n; i++)
		line(out, "address", extra->addresses.v[i]);
	for (size_t i = 0; i < xml->displays; i++)
		text_display(out, &xml->display[i]);
}

/* --- as JSON --- */

/* Starts a member: a comma unless the object has just begun, and the key. */
static void member(struct vmm_buf *out, const char *key)
{
	if (out->length && out->text[out->length - 1] != '{')
		vmm_buf_addc(out, ',');
	vmm_buf_addf(out, "\"%s\":", key);
}

static void json_text(struct vmm_buf *out, const char *key, const char *value)
{
	member(out, key);
	if (value)
		vmm_escape_json(out, value);
	else
		vmm_buf_adds(out, "null");
}

static void json_number(
    struct vmm_buf *out, const char *key, bool known, unsigned long long value)
{
	member(out, key);
	if (known)
		vmm_buf_addf(out, "%llu", value);
	else
		vmm_buf_adds(out, "null");
}

static void json_yes(struct vmm_buf *out, const char *key, bool yes)
{
	member(out, key);
	vmm_buf_adds(out, yes ? "true" : "false");
}

static void json_list(
    struct vmm_buf *out, const char *key, const struct vmm_strv *list)
{
	member(out, key);
	vmm_buf_addc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			vmm_buf_addc(out, ',');
		vmm_escape_json(out, list->v[i]);
	}
	vmm_buf_addc(out, ']');
}

static void json_layer(struct vmm_buf *out, const struct vmm_layer *layer,
    const struct vmm_sizes *size)
{
	vmm_buf_addc(out, '{');
	json_text(out, "type", layer->type);
	json_text(out, "source", layer->source);
	json_text(out, "format", layer->format);
	json_number(out, "capacity", size->known, size->capacity);
	json_number(out, "allocation", size->known, size->allocation);
	vmm_buf_addc(out, '}');
}

static void json_disk(struct vmm_buf *out, const struct vmm_disk *disk,
    const struct vmm_sizes *sizes)
{
	vmm_buf_addc(out, '{');
	json_text(out, "target", disk->target);
	json_text(out, "device", disk->device);
	json_text(out, "bus", disk->bus);
	json_yes(out, "readonly", disk->readonly);
	json_yes(out, "shareable", disk->shareable);
	json_yes(out, "chain_known", !disk->layers || disk->chain_known);
	member(out, "chain");
	vmm_buf_addc(out, '[');
	for (size_t i = 0; i < disk->layers; i++) {
		if (i)
			vmm_buf_addc(out, ',');
		json_layer(out, &disk->layer[i], &sizes[i]);
	}
	vmm_buf_adds(out, "]}");
}

static void json_nic(struct vmm_buf *out, const struct vmm_nic *nic)
{
	vmm_buf_addc(out, '{');
	json_text(out, "type", nic->type);
	json_text(out, "source", nic->source);
	json_text(out, "mac", nic->mac);
	json_text(out, "model", nic->model);
	json_text(out, "target", nic->target);
	vmm_buf_addc(out, '}');
}

static void json_display(struct vmm_buf *out, const struct vmm_display *display)
{
	vmm_buf_addc(out, '{');
	json_text(out, "type", display->type);
	json_text(out, "listen", display->listen);
	json_number(
	    out, "port", display->port > 0, (unsigned long long)display->port);
	json_number(out, "tls_port", display->tls_port > 0,
	    (unsigned long long)display->tls_port);
	vmm_buf_addc(out, '}');
}

static void json_vm(
    struct vmm_buf *out, const struct vmm_vm *vm, const struct extra *extra)
{
	const struct vmm_domxml *xml = vm->xml;

	vmm_buf_addc(out, '{');
	json_text(out, "path", vm->path);
	json_text(out, "name", vm->name);
	json_text(out, "folder", vm->meta.folder);
	json_list(out, "labels", &vm->meta.labels);
	json_text(out, "origin", extra->origin);
	json_text(out, "title", xml->title);
	json_text(out, "description", xml->description);
	json_text(out, "uuid", vm->uuid);
	json_number(out, "id", vm->id >= 0, (unsigned long long)vm->id);
	json_text(out, "state", vmm_state_name(vm->state));
	json_text(out, "reason", vmm_state_reason(vm->state, vm->reason));
	json_yes(out, "saved", vm->saved);
	json_number(
	    out, "snapshots", true, (unsigned long long)extra->snapshots);
	json_yes(out, "autostart", vm->autostart);
	json_yes(out, "persistent", vm->persistent);
	json_number(out, "vcpus", true, xml->vcpus);
	json_number(out, "memory", true, xml->memory * 1024);
	json_text(out, "arch", xml->arch);
	json_text(out, "machine", xml->machine);
	json_text(out, "firmware", xml->firmware);
	member(out, "disks");
	for (size_t i = 0; i < xml->disks; i++) {
		vmm_buf_addc(out, i ? ',' : '[');
		json_disk(out, &xml->disk[i], extra->sizes[i]);
	}
	vmm_buf_adds(out, xml->disks ? "]" : "[]");
	member(out, "nics");
	for (size_t i = 0; i < xml->nics; i++) {
		vmm_buf_addc(out, i ? ',' : '[');
		json_nic(out, &xml->nic[i]);
	}
	vmm_buf_adds(out, xml->nics ? "]" : "[]");
	json_list(out, "addresses", &extra->addresses);
	member(out, "displays");
	for (size_t i = 0; i < xml->displays; i++) {
		vmm_buf_addc(out, i ? ',' : '[');
		json_display(out, &xml->display[i]);
	}
	vmm_buf_adds(out, xml->displays ? "]" : "[]");
	vmm_buf_adds(out, "}\n");
}

/* --- all --- */

struct printing {
	const struct vmm_selection *selection;
	struct vmm_buf *text; /* a VM each, or why there is none */
	struct vmm_err *err;
	bool printed, json;
	struct vmm_report *report;
};

static void describe(size_t i, void *arg)
{
	const struct printing *printing = arg;
	struct vmm_vm *vm = printing->selection->vm[i];
	struct extra extra = {
	    .origin = vmm_origin_name(&printing->selection->set, vm)};

	if (extra_ask(vm, &extra, &printing->err[i]) < 0) {
		AUTOFREE char *path = vmm_escaped(vm->path);

		vmm_err_prefix(
		    &printing->err[i], "cannot describe '%s': ", path);
	} else if (printing->json)
		json_vm(&printing->text[i], vm, &extra);
	else
		text_vm(&printing->text[i], vm, &extra);
	extra_release(&extra, vm->xml);
}

static void print(size_t i, void *arg)
{
	struct printing *printing = arg;
	AUTOBUF blank = VMM_BUF_INIT;

	if (printing->err[i].status) {
		vmm_report_err(printing->report, &printing->err[i]);
		vmm_err_release(&printing->err[i]);
		return;
	}
	if (printing->printed && !printing->json)
		vmm_buf_addc(&blank, '\n');
	printing->printed = true;
	vmm_report_out(printing->report, &blank);
	vmm_report_out(printing->report, &printing->text[i]);
}

void vmm_vminfo_print(
    struct vmm_selection *selection, bool json, struct vmm_report *report)
{
	AUTOFREE struct vmm_buf *text = vmm_calloc(selection->n, sizeof *text);
	AUTOFREE struct vmm_err *err = vmm_calloc(selection->n, sizeof *err);
	struct printing printing = {selection, text, err, false, json, report};

	if (selection->n && vmm_origin_fetch(selection, report) == 0)
		vmm_parallel(selection->n,
		    vmm_conn_threads(selection->vm[0]->conn), describe, print,
		    &printing);
}
