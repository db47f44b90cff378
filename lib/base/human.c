/* human: hides units. */
#include "base/human.h"

#include "base/alloc.h"

char *vmm_human_bytes(unsigned long long bytes)
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && i + 1 < ARRAY_SIZE(unit)) {
		value /= 1024;
		i++;
	}
	return vmm_sprintf(i ? "%.1f %s" : "%.0f %s", value, unit[i]);
}

char *vmm_human_seconds(long long seconds)
{
	if (seconds < 60)
		return vmm_sprintf("%llds", seconds);
	if (seconds < 3600)
		return vmm_sprintf("%lld:%02lld", seconds / 60, seconds % 60);
	return vmm_sprintf("%lld:%02lld:%02lld", seconds / 3600,
	    seconds / 60 % 60, seconds % 60);
}
