/* state: hides libvirt's numbers for what a VM does, and why. */
#include "libvirt/state.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const state_names[] = {
    [VIR_DOMAIN_NOSTATE] = "nostate",
    [VIR_DOMAIN_RUNNING] = "running",
    [VIR_DOMAIN_BLOCKED] = "blocked",
    [VIR_DOMAIN_PAUSED] = "paused",
    [VIR_DOMAIN_SHUTDOWN] = "shutdown",
    [VIR_DOMAIN_SHUTOFF] = "shutoff",
    [VIR_DOMAIN_CRASHED] = "crashed",
    [VIR_DOMAIN_PMSUSPENDED] = "pmsuspended",
};

const char *vmm_state_name(int state)
{
	return state >= 0 && (size_t)state < ARRAY_SIZE(state_names)
		   ? state_names[state]
		   : "nostate";
}

int vmm_state_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++)
		if (strcmp(name, state_names[i]) == 0)
			return (int)i;
	return -1;
}

bool vmm_state_is_active(int state)
{
	return state != VIR_DOMAIN_SHUTOFF;
}

/* In the order of libvirt's enums virDomainRunningReason and so on. */
static const char *const running_reasons[] = {"unknown", "booted", "migrated",
    "restored", "from-snapshot", "unpaused", "migration-canceled",
    "save-canceled", "wakeup", "crashed", "post-copy", "post-copy-failed"};
static const char *const paused_reasons[] = {"unknown", "user", "migration",
    "save", "dump", "io-error", "watchdog", "from-snapshot", "shutting-down",
    "snapshot", "crashed", "starting-up", "post-copy", "post-copy-failed",
    "api-error"};
static const char *const shutdown_reasons[] = {"unknown", "user"};
static const char *const shutoff_reasons[] = {"unknown", "shutdown",
    "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot",
    "daemon"};
static const char *const crashed_reasons[] = {"unknown", "panicked"};

#define REASONS(state, list) [state] = {list, ARRAY_SIZE(list)}

const char *vmm_state_reason(int state, int reason)
{
	static const struct {
		const char *const *name;
		size_t n;
	} reasons[] = {
	    REASONS(VIR_DOMAIN_RUNNING, running_reasons),
	    REASONS(VIR_DOMAIN_PAUSED, paused_reasons),
	    REASONS(VIR_DOMAIN_SHUTDOWN, shutdown_reasons),
	    REASONS(VIR_DOMAIN_SHUTOFF, shutoff_reasons),
	    REASONS(VIR_DOMAIN_CRASHED, crashed_reasons),
	};

	if (state < 0 || (size_t)state >= ARRAY_SIZE(reasons) || reason < 0 ||
	    (size_t)reason >= reasons[state].n)
		return "unknown";
	return reasons[state].name[reason];
}
