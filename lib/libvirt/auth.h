/*
 * auth: answers libvirt's questions for names and passwords.
 *
 * They are put to the user on the controlling terminal; without one through
 * the program in VMM_ASKPASS, else SSH_ASKPASS (called with the question as
 * its argument, answering on its standard output).
 */
#ifndef VMM_LIBVIRT_AUTH_H
#define VMM_LIBVIRT_AUTH_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "base/buf.h"

struct vmm_auth {
	virConnectAuth virt; /* for virConnectOpenAuth() */
	/* questions and the answers given: a second connection to the same
	 * place does not ask again */
	struct vmm_strv asked, answers;
	bool refused; /* to answer: no second connection asks, either */
	int asking;   /* atomic: the user is thinking, so no time-out */
};

/* AUTH must not move afterwards, and is for one opening at a time. */
void vmm_auth_init(struct vmm_auth *auth);
void vmm_auth_release(struct vmm_auth *auth);
bool vmm_auth_is_asking(const struct vmm_auth *auth);

#endif
