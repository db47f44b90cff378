/*
 * parallel: many items, some threads, results in order.
 *
 * Workers never print: what an item produced is handed to the caller's thread,
 * item by item, in the order of the items.
 */
#ifndef VMM_BASE_PARALLEL_H
#define VMM_BASE_PARALLEL_H

#include <stddef.h>

typedef void vmm_item_fn(size_t index, void *arg);

/*
 * Calls work(0..COUNT-1) from up to THREADS threads (in the caller's, where
 * one is enough or no thread can be had), and retire(0), retire(1), ... from
 * the caller's thread, each as soon as it and all before it are worked.
 * RETIRE may be NULL. Returns when all is done.
 */
void vmm_parallel(size_t count, unsigned threads, vmm_item_fn *work,
    vmm_item_fn *retire, void *arg);

/*
 * The same, on the processor that the caller is on: for items that hardly do
 * more than wait for somebody else, a short call of libvirt's say, where waking
 * a thread on another processor takes longer than the item does.
 */
void vmm_parallel_near(
    size_t count, unsigned threads, vmm_item_fn *work, void *arg);

#endif
