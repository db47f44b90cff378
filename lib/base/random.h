/* random: names and addresses that nobody else has. */
#ifndef VMM_BASE_RANDOM_H
#define VMM_BASE_RANDOM_H

#include <stddef.h>

/* 36 characters and a NUL. */
#define VMM_UUID_SIZE 37

/* A random (version 4) UUID. */
void vmm_random_uuid(char uuid[VMM_UUID_SIZE]);
/* So many random bytes as lower-case hexadecimal digits, to be freed. */
char *vmm_random_hex(size_t bytes);
/* A hardware address of LIKE's vendor, to be freed; NULL where LIKE is none. */
char *vmm_random_mac(const char *like);

#endif
