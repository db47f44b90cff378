/* uuid: how a UUID is spelled. */
#ifndef VMM_PURE_UUID_H
#define VMM_PURE_UUID_H

/* TEXT in libvirt's own spelling, lower case and 8-4-4-4-12, to be freed; NULL
 * where it is no UUID. As to libvirt, it does not matter where dashes are. */
char *vmm_uuid_normal(const char *text);

#define VMM_UUID_BYTES 16
/* Characters of its spelling, and a NUL. */
#define VMM_UUID_SIZE 37

/* The spelling of RAW. */
void vmm_uuid_spell(
    const unsigned char raw[VMM_UUID_BYTES], char text[VMM_UUID_SIZE]);

#endif
