/* chain: hides pools and volumes. */
#include "storage/chain.h"

#include <string.h>

#include "base/alloc.h"

DEFINE_CLEANUP(virStorageVolPtr, virStorageVolFree)
DEFINE_CLEANUP(virStoragePoolPtr, virStoragePoolFree)
#define AUTOVOL CLEANUP(virStorageVolFreep) virStorageVolPtr
#define AUTOPOOL CLEANUP(virStoragePoolFreep) virStoragePoolPtr

/* Longer than any sane chain (QEMU gives up at 200 too): a loop. */
#define LONGEST 200

/* The volume of LAYER, or NULL. */
static virStorageVolPtr look_up(
    virConnectPtr virt, const struct vmm_layer *layer)
{
	if (!layer->source)
		return NULL;
	if (layer->type && strcmp(layer->type, "volume") == 0) {
		const char *slash = strchr(layer->source, '/');
		AUTOFREE char *name = NULL;
		AUTOPOOL pool = NULL;

		if (!slash)
			return NULL;
		name =
		    vmm_strndup(layer->source, (size_t)(slash - layer->source));
		pool = virStoragePoolLookupByName(virt, name);
		return pool ? virStorageVolLookupByName(pool, slash + 1) : NULL;
	}
	return virStorageVolLookupByPath(virt, layer->source);
}

static void read_sizes(virStorageVolPtr volume, struct vmm_sizes *sizes)
{
	virStorageVolInfo info;

	if (virStorageVolGetInfo(volume, &info) < 0)
		return;
	*sizes = (struct vmm_sizes){.known = true,
	    .capacity = info.capacity,
	    .allocation = info.allocation};
}

/* Adds the layer below the last one, if VOLUME, which that is, has one. */
static void read_below(virStorageVolPtr volume, struct vmm_disk *disk)
{
	AUTOFREE char *xml = virStorageVolGetXMLDesc(volume, 0);
	struct vmm_layer below;

	if (!xml)
		return;
	if (!disk->layer[disk->layers - 1].format)
		disk->layer[disk->layers - 1].format = vmm_volxml_format(xml);
	if (disk->chain_known || disk->layers >= LONGEST)
		return;
	if (!vmm_volxml_backing(xml, &below)) {
		disk->chain_known = true;
		return;
	}
	VMM_GROW(disk->layer, disk->layers);
	disk->layer[disk->layers++] = below;
}

struct vmm_sizes *vmm_chain_read(virConnectPtr virt, struct vmm_disk *disk)
{
	struct vmm_sizes *sizes = NULL;

	for (size_t i = 0; i < disk->layers; i++) {
		AUTOVOL volume = NULL;

		VMM_GROW(sizes, i);
		sizes[i] = (struct vmm_sizes){0};
		if (i >= LONGEST)
			continue;
		volume = look_up(virt, &disk->layer[i]);
		if (!volume)
			continue;
		read_sizes(volume, &sizes[i]);
		if (i + 1 == disk->layers)
			read_below(volume, disk);
	}
	return sizes;
}
