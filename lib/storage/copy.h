/*
 * copy: a volume that is copied by libvirt.
 *
 * What is made stands on its own: the data of the backing files is in it.
 * libvirt cannot be told to stop: after an interrupt it is waited for, so that
 * what it made can be removed. Who does not want to wait interrupts once more,
 * and 'vmm fsck' finds it.
 */
#ifndef VMM_STORAGE_COPY_H
#define VMM_STORAGE_COPY_H

#include "libvirt/set.h"
#include "pure/volxml.h"

struct vmm_copy {
	const char *from;              /* the volume's path */
	const struct vmm_volxml *like; /* what libvirt says of it */
	virStoragePoolPtr pool;        /* for the new one */
	const char *name, *format;     /* of the new one */
	/* NULL, or called now and then with the bytes that it has grown to */
	void (*tell)(unsigned long long bytes, void *arg);
	void *arg;
};

/* Makes the copy for VM, whose connection it takes. */
int vmm_copy_make(const struct vmm_vm *vm, const struct vmm_copy *copy,
    struct vmm_err *err) MUST_CHECK;

#endif
