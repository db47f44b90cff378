/* configuration: what vmm config prints. */
#ifndef VMM_WORK_CONFIGURATION_H
#define VMM_WORK_CONFIGURATION_H

#include "work/opt.h"
#include "work/report.h"

/* Prints the value that KEY has; without one that is a failure, and nobody
 * says a word of it. */
void vmm_configuration_get(
    const struct vmm_args *args, const char *key, struct vmm_report *report);
/* Prints all that have a value as `KEY=VALUE` lines. */
void vmm_configuration_list(
    const struct vmm_args *args, struct vmm_report *report);
/* Prints all that there are as `NAME<TAB>DEFAULT<TAB>HELP` lines. */
void vmm_configuration_known(
    const struct vmm_args *args, struct vmm_report *report);

#endif
