/* blockjob: hides by what events a block job ends, and how it is called off. */
#include "libvirt/blockjob.h"

#include <string.h>

#include "base/alloc.h"
#include "base/interrupt.h"

static int pull(virDomainPtr domain, void *target)
{
	return virDomainBlockPull(domain, target, 0, 0);
}

static int call_off(virDomainPtr domain, void *target)
{
	return virDomainBlockJobAbort(domain, target, 0);
}

static int look(virDomainPtr domain, void *target)
{
	virDomainBlockJobInfo info;

	/* some disks cannot have any, which is an error to libvirt */
	return virDomainGetBlockJobInfo(domain, target, &info, 0) == 1;
}

static int ask(const struct vmm_vm *vm, vmm_ask_fn *fn, const char *target,
    struct vmm_err *err)
{
	struct vmm_call *call =
	    vmm_call_ask(vm, VMM_SHORT, fn, vmm_strdup(target), free, err);

	return call ? vmm_call_finish(call, err) : -1;
}

int vmm_blockjob_look(
    const struct vmm_vm *vm, const char *target, struct vmm_err *err)
{
	return ask(vm, look, target, err);
}

/* 1: EVENT ends the job on TARGET well; -1: not so. */
static int judge(
    const struct vmm_event *event, const char *target, struct vmm_err *err)
{
	if (event->kind == VMM_EVENT_LIFECYCLE)
		return event->event == VIR_DOMAIN_EVENT_STOPPED
			   ? vmm_err_set(
				 err, VMM_FAILED, "it went off meanwhile")
			   : 0;
	if (!event->text || strcmp(event->text, target) != 0)
		return 0;
	switch (event->detail) {
	case VIR_DOMAIN_BLOCK_JOB_COMPLETED:
		return 1;
	case VIR_DOMAIN_BLOCK_JOB_FAILED:
		/* libvirt keeps QEMU's reason to its own log */
		return vmm_err_set(err, VMM_FAILED,
		    "the block job on its disk %s failed; has the disk's file "
		    "system space left?",
		    target);
	case VIR_DOMAIN_BLOCK_JOB_CANCELED:
		return vmm_err_set(err, VMM_FAILED,
		    "somebody called off the block job on its disk %s", target);
	default:
		return 0;
	}
}

static int interrupted(
    const struct vmm_vm *vm, const char *target, struct vmm_err *err)
{
	AUTOERR why = VMM_ERR_INIT;

	if (ask(vm, call_off, target, &why) == 0)
		return vmm_err_set(err, VMM_FAILED, "interrupted");
	if (why.status == VMM_NOCONN) {
		vmm_err_move(err, &why);
		return -1;
	}
	return vmm_err_set(err, VMM_FAILED,
	    "interrupted; the block job on its disk %s could not be called "
	    "off, and may go on: %s",
	    target, why.text);
}

static int flush(virDomainPtr domain, unsigned flags)
{
	int state, reason;

	(void)flags;
	if (virDomainGetState(domain, &state, &reason, 0) < 0)
		return -1;
	if (state == VIR_DOMAIN_PAUSED)
		return 1;
	return virDomainSuspend(domain) < 0 ? -1 : virDomainResume(domain);
}

int vmm_blockjob_settle(const struct vmm_vm *vm, struct vmm_err *err)
{
	int paused = vmm_call(vm, VMM_LONG, flush, 0, err);

	if (paused == 1)
		return vmm_err_set(err, VMM_FAILED,
		    "it is paused, so QEMU cannot be made to write out what it "
		    "pulled; 'vmm resume' it first");
	/* it may have been stopped, or be yet, and nobody lets it go on */
	if (paused < 0)
		vmm_err_append(err,
		    "; should it be paused then, 'vmm resume' lets it go on");
	return paused;
}

/* 1: no job is at work on the disk TARGET any more, or the VM went off. */
static int is_over(virDomainPtr domain, void *target)
{
	virDomainBlockJobInfo info;
	int active = virDomainIsActive(domain);

	return active == 0 || (active == 1 && virDomainGetBlockJobInfo(domain,
						  target, &info, 0) == 0);
}

int vmm_blockjob_pull(const struct vmm_vm *vm, const char *target,
    struct vmm_listener *listener,
    void (*tell)(const struct vmm_amount *amount, void *arg), void *arg,
    struct vmm_err *err)
{
	struct vmm_call *question = NULL;
	struct vmm_amount amount = {0};
	AUTOEVENT event = {0};
	AUTOERR ignored = VMM_ERR_INIT;
	struct timespec patience = vmm_call_deadline(VMM_EVENT_PATIENCE);
	int result = 0;

	if (ask(vm, pull, target, err) < 0)
		return -1;
	while (result == 0) {
		struct timespec now = vmm_call_deadline(0);
		struct timespec next = vmm_call_deadline(
		    tell ? VMM_FOLLOW_LOOK : VMM_EVENT_PATIENCE);
		int got = vmm_listener_next(listener, &next, &event, err);

		if (got < 0)
			result = -1;
		else if (got)
			result = judge(&event, target, err);
		else if (vmm_interrupted())
			result = interrupted(vm, target, err);
		else if (vmm_call_is_later(&now, &patience)) {
			/* no event may ever come (event.h) */
			result = ask(vm, is_over, target, &ignored) == 1;
			vmm_err_release(&ignored);
			patience = vmm_call_deadline(VMM_EVENT_PATIENCE);
		} else if (tell) {
			vmm_follow_look(vm, target, &question, &amount);
			if (amount.total)
				tell(&amount, arg);
		}
	}
	vmm_follow_drop(question);
	return result < 0 ? -1 : 0;
}
