/* follow: hides that libvirt tells of a job's progress only when asked. */
#include "libvirt/follow.h"

#include "base/alloc.h"
#include "base/interrupt.h"

/* Milliseconds that a question still has when the job has ended. */
#define AGAIN 100

struct answer {
	char *target; /* NULL: it is of the memory */
	struct vmm_amount amount;
};

static void answer_free(void *data)
{
	struct answer *answer = data;

	free(answer->target);
	free(answer);
}

static int ask_memory(virDomainPtr domain, void *data)
{
	struct answer *answer = data;
	virDomainJobInfo info;

	if (virDomainGetJobInfo(domain, &info) < 0)
		return -1;
	answer->amount =
	    (struct vmm_amount){info.dataProcessed, info.dataTotal};
	return 0;
}

static int ask_disk(virDomainPtr domain, void *data)
{
	struct answer *answer = data;
	virDomainBlockJobInfo info;
	int result = virDomainGetBlockJobInfo(domain, answer->target, &info, 0);

	if (result == 1)
		answer->amount = (struct vmm_amount){info.cur, info.end};
	return result < 0 ? -1 : 0;
}

void vmm_follow_look(const struct vmm_vm *vm, const char *target,
    struct vmm_call **question, struct vmm_amount *amount)
{
	AUTOERR ignored = VMM_ERR_INIT;
	struct timespec now = vmm_call_deadline(0);
	struct answer *answer;

	if (!*question) {
		answer = vmm_calloc(1, sizeof *answer);
		answer->target = vmm_strdup_null(target);
		*question = vmm_call_ask(vm, VMM_PROGRESS,
		    target ? ask_disk : ask_memory, answer, answer_free,
		    &ignored);
		return;
	}
	if (!vmm_call_wait(*question, &now, false))
		return;
	answer = vmm_call_answer(*question);
	if (answer->amount.total)
		*amount = answer->amount;
	vmm_call_end(TAKE_PTR(*question), &ignored);
}

void vmm_follow_drop(struct vmm_call *question)
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
	struct vmm_amount amount = {0};
	struct timespec next = vmm_call_deadline(VMM_FOLLOW_LOOK);
	bool back;

	while (!(back = vmm_call_wait(
		     job, progress->watched ? &next : NULL, true)) &&
	       !vmm_interrupted()) {
		if (vmm_call_is_made(job))
			vmm_follow_look(vm, NULL, &question, &amount);
		if (amount.total)
			vmm_progress_set(progress, amount.done, amount.total);
		next = vmm_call_deadline(VMM_FOLLOW_LOOK);
	}
	vmm_follow_drop(question);
	return back;
}
