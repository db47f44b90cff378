/* chain: hides pools and volumes. */
#include "storage/chain.h"

#include <string.h>

#include "base/alloc.h"
#include "storage/volume.h"

/* Longer than any sane chain (QEMU gives up at 200 too): a loop. */
#define LONGEST 200

/* Adds the layer below the last one, if its VOLUME has one. */
static void take_below(struct vmm_disk *disk, struct vmm_volxml *volume)
{
	struct vmm_layer *last = &disk->layer[disk->layers - 1];

	if (!last->format)
		last->format = TAKE_PTR(volume->format);
	if (disk->chain_known || disk->layers >= LONGEST)
		return;
	if (!volume->below.source || vmm_format_is_raw(last->format)) {
		disk->chain_known = true;
		return;
	}
	VMM_GROW(disk->layer, disk->layers);
	disk->layer[disk->layers++] = volume->below;
	volume->below = (struct vmm_layer){0};
}

static void read_layer(virConnectPtr virt, struct vmm_disk *disk, size_t i,
    struct vmm_sizes *sizes)
{
	AUTOERR ignored = VMM_ERR_INIT;
	AUTOVOLXML xml = {0};
	AUTOVOL volume = NULL;

	if (disk->layer[i].source)
		volume = vmm_volume_look(virt, disk->layer[i].source);
	if (!volume || vmm_volume_read(volume, &xml, &ignored) < 0)
		return;
	*sizes = (struct vmm_sizes){.known = true,
	    .capacity = xml.capacity,
	    .allocation = xml.allocation};
	if (i + 1 == disk->layers)
		take_below(disk, &xml);
}

struct vmm_sizes *vmm_chain_read(virConnectPtr virt, struct vmm_disk *disk)
{
	struct vmm_sizes *sizes = NULL;

	for (size_t i = 0; i < disk->layers; i++) {
		VMM_GROW(sizes, i);
		sizes[i] = (struct vmm_sizes){0};
		if (i < LONGEST)
			read_layer(virt, disk, i, &sizes[i]);
	}
	return sizes;
}
