/* follow: hides that libvirt tells of a job's progress only when asked. */
#include "libvirt/follow.h"

#include "base/alloc.h"
#include "base/interrupt.h"

/* Milliseconds between two looks. The end is not waited for so: it is the
 * call's return. */
#define LOOK 500
/* Milliseconds that a question still has when the job has ended. */
#define AGAIN 100

struct amount {
	unsigned long long done, total;
};

/* Asks QEMU itself, which may be stuck. */
static int ask_amount(virDomainPtr domain, void *answer)
{
	struct amount *amount = answer;
	virDomainJobInfo info;

	if (virDomainGetJobInfo(domain, &info) < 0)
		return -1;
	amount->done = info.dataProcessed;
	amount->total = info.dataTotal;
	return 0;
}

/* Begins a question if none is open, and takes the answer of one that came
 * back. */
static void look(const struct vmm_vm *vm, struct vmm_call **question,
    struct vmm_progress *progress)
{
	AUTOERR ignored = VMM_ERR_INIT;
	struct timespec now = vmm_call_deadline(0);
	struct amount *amount;

	if (!*question) {
		*question = vmm_call_ask(vm, ask_amount,
		    vmm_calloc(1, sizeof *amount), free, &ignored);
		return;
	}
	if (!vmm_call_wait(*question, &now, false))
		return;
	amount = vmm_call_answer(*question);
	if (amount->total)
		vmm_progress_set(progress, amount->done, amount->total);
	vmm_call_end(TAKE_PTR(*question), &ignored);
}

static void drop(struct vmm_call *question)
{
	AUTOERR ignored = VMM_ERR_INIT;
	struct timespec soon = vmm_call_deadline(AGAIN);

	if (!question)
		return;
	if (vmm_call_wait(question, &soon, false))
		vmm_call_end(question, &ignored);
	else
		vmm_call_abandon(question);
}

bool vmm_follow(const struct vmm_vm *vm, struct vmm_call *job,
    struct vmm_progress *progress)
{
	struct vmm_call *question = NULL;
	struct timespec next = vmm_call_deadline(LOOK);
	bool back;

	while (!(back = vmm_call_wait(
		     job, progress->watched ? &next : NULL, true)) &&
	       !vmm_interrupted()) {
		look(vm, &question, progress);
		next = vmm_call_deadline(LOOK);
	}
	drop(question);
	return back;
}
