/* index: finds things by a string they carry, in constant time. */
#ifndef VMM_BASE_INDEX_H
#define VMM_BASE_INDEX_H

#include <stddef.h>

/* Keys and values belong to the caller and must outlive the index. */
struct vmm_index {
	struct vmm_index_slot *slot;
	size_t slots, used;
};

#define VMM_INDEX_INIT                                                         \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* Adds VALUE under KEY, unless KEY is there already. */
void vmm_index_add(struct vmm_index *index, const char *key, void *value);
/* The value under KEY, or NULL. */
void *vmm_index_find(const struct vmm_index *index, const char *key);
void vmm_index_release(struct vmm_index *index);

/* A number that texts which differ hardly share. */
size_t vmm_index_hash(const char *text);

#endif
