/* random: names and addresses that nobody else has. */
#ifndef VMM_BASE_RANDOM_H
#define VMM_BASE_RANDOM_H

#include <stddef.h>

/* A random (version 4) UUID; pure/uuid.h spells it. */
void vmm_random_uuid(unsigned char uuid[16]);
/* So many random bytes as lower-case hexadecimal digits, to be freed. */
char *vmm_random_hex(size_t bytes);
/* A hardware address of LIKE's vendor, to be freed; NULL where LIKE is none. */
char *vmm_random_mac(const char *like);

#endif
