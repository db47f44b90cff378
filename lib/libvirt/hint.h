/*
 * hint: what to do about an error of libvirt that says only what is wrong.
 */
#ifndef VMM_LIBVIRT_HINT_H
#define VMM_LIBVIRT_HINT_H

#include <stdbool.h>

/* The advice for a connection to URI that could not be opened, or NULL. CODE is
 * libvirt's, DETAIL its int1 (errno for a system error), MESSAGE its text. */
const char *vmm_hint_connect(
    int code, int detail, const char *message, const char *uri);
/* Whether MESSAGE is of a host behind ssh, where only its text can say it: the
 * user there may not use the daemon's socket. */
bool vmm_hint_is_denied(const char *message);

/* The release of libvirt since which QEMU's driver has the function, and knows
 * the flags, that MESSAGE says some driver does not; NULL: not known. */
const char *vmm_hint_since(const char *message);

#endif
