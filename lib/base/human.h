/* human: quantities as people read them. */
#ifndef VMM_BASE_HUMAN_H
#define VMM_BASE_HUMAN_H

/* "1.5 GiB", to be freed. */
char *vmm_human_bytes(unsigned long long bytes);
/* "42s", "1:07" or "2:03:04", to be freed. */
char *vmm_human_seconds(long long seconds);

#endif
