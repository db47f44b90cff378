/* index: hides an open-addressing hash table, never more than half full. */
#include "base/index.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

struct vmm_index_slot {
	const char *key; /* NULL: free */
	void *value;
};

/* FNV-1a, 64 bits */
size_t vmm_index_hash(const char *text)
{
	uint64_t value = 0xcbf29ce484222325U;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3U;
	return (size_t)value;
}

static struct vmm_index_slot *place(
    const struct vmm_index *index, const char *key)
{
	size_t i = vmm_index_hash(key) & (index->slots - 1);

	while (index->slot[i].key && strcmp(index->slot[i].key, key) != 0)
		i = (i + 1) & (index->slots - 1);
	return &index->slot[i];
}

void vmm_index_add(struct vmm_index *index, const char *key, void *value)
{
	struct vmm_index_slot *slot;

	if (index->used * 2 >= index->slots) {
		struct vmm_index old = *index;

		index->slots = old.slots ? old.slots * 2 : 16;
		index->slot = vmm_calloc(index->slots, sizeof *index->slot);
		for (size_t i = 0; i < old.slots; i++)
			if (old.slot[i].key)
				*place(index, old.slot[i].key) = old.slot[i];
		free(old.slot);
	}
	slot = place(index, key);
	if (slot->key)
		return;
	*slot = (struct vmm_index_slot){key, value};
	index->used++;
}

void *vmm_index_find(const struct vmm_index *index, const char *key)
{
	return index->used ? place(index, key)->value : NULL;
}

void vmm_index_release(struct vmm_index *index)
{
	free(index->slot);
	*index = (struct vmm_index)VMM_INDEX_INIT;
}
