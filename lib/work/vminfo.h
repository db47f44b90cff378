/* vminfo: everything worth knowing of a VM, as text or JSON. */
#ifndef VMM_WORK_VMINFO_H
#define VMM_WORK_VMINFO_H

#include "work/report.h"
#include "work/select.h"

/* What must be known of the VMs. */
#define VMM_VMINFO_FACTS                                                       \
	(VMM_FACT_STATE | VMM_FACT_SAVED | VMM_FACT_AUTOSTART |                \
	    VMM_FACT_PERSISTENT | VMM_FACT_XML)

/* Prints all VMs of the selection, in order. Asks libvirt for the rest:
 * origins, chains and sizes of disks, addresses, snapshots; never QEMU or the
 * guest, which may be stuck. */
void vmm_vminfo_print(
    struct vmm_selection *selection, bool json, struct vmm_report *report);

#endif
