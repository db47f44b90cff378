/* address: hides libvirt's sources of addresses, and which addresses are of any
 * use. */
#include "libvirt/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/alloc.h"
#include "libvirt/call.h"
#include "libvirt/fault.h"

/* Milliseconds that an agent has to answer. A healthy one needs a few. */
#define PATIENCE 3000

/* 4 or 6 for an address that others can reach the guest by, else 0. The agent
 * chooses its words, so this is also what keeps anything else out. */
static int useful(const char *text)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1) {
		unsigned address = ntohl(four.s_addr);

		return address >> 24 == 127 ||            /* loopback */
			       address >> 16 == 0xa9fe || /* link-local */
			       address >> 28 >= 14 ||     /* multicast */
			       address >> 24 == 0
			   ? 0
			   : 4;
	}
	if (inet_pton(AF_INET6, text, &six) != 1)
		return 0;
	return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_V4MAPPED(&six) ||
		       IN6_IS_ADDR_LINKLOCAL(&six) ||
		       IN6_IS_ADDR_MULTICAST(&six) ||
		       IN6_IS_ADDR_UNSPECIFIED(&six)
		   ? 0
		   : 6;
}

struct addresses {
	unsigned source;
	struct vmm_strv four, six;
};

static void addresses_free(void *data)
{
	struct addresses *found = data;

	vmm_strv_release(&found->four);
	vmm_strv_release(&found->six);
	free(found);
}

static void add(struct addresses *found, const char *text)
{
	int kind = useful(text);
	struct vmm_strv *list = kind == 4 ? &found->four : &found->six;

	if (kind && !vmm_strv_has(list, text))
		vmm_strv_take(list, vmm_strdup(text));
}

/* A source that does not know the VM has nothing, and that is no error. */
static int ask(virDomainPtr domain, void *answer)
{
	struct addresses *found = answer;
	virDomainInterfacePtr *iface = NULL;
	int n = virDomainInterfaceAddresses(domain, &iface, found->source, 0);

	for (int i = 0; i < n; i++) {
		for (unsigned j = 0; j < iface[i]->naddrs; j++)
			add(found, iface[i]->addrs[j].addr);
		virDomainInterfaceFree(iface[i]);
	}
	free(iface);
	return n < 0 ? -1 : 0;
}

static void move(struct vmm_strv *to, struct vmm_strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		vmm_strv_take(to, TAKE_PTR(from->v[i]));
	from->n = 0;
}

static struct vmm_call *begin(
    const struct vmm_vm *vm, unsigned source, struct vmm_err *err)
{
	struct addresses *found = vmm_calloc(1, sizeof *found);

	found->source = source;
	return vmm_call_ask(vm, VMM_SHORT, ask, found, addresses_free, err);
}

/* Waits MILLISECONDS for *QUESTION; after an answer it is NULL. */
static int take(struct vmm_call **question, long long milliseconds,
    struct vmm_strv *addresses, struct vmm_err *err)
{
	struct timespec deadline = vmm_call_deadline(milliseconds);
	struct addresses *found;

	if (!vmm_call_wait(*question, &deadline, true))
		return 0;
	found = vmm_call_answer(*question);
	move(addresses, &found->four);
	move(addresses, &found->six);
	if (vmm_call_end(TAKE_PTR(*question), err) == 0)
		return 0;
	if (err->status == VMM_NOCONN)
		return -1;
	vmm_err_release(err);
	return 0;
}

void vmm_addresses_end(struct vmm_call *question)
{
	AUTOERR ignored = VMM_ERR_INIT;
	struct timespec now = vmm_call_deadline(0);

	if (!question)
		return;
	if (vmm_call_wait(question, &now, false))
		vmm_call_end(question, &ignored);
	else
		vmm_call_abandon(question);
}

/* A source that only this host has to look up. */
static int ask_host(const struct vmm_vm *vm, unsigned source,
    struct vmm_strv *addresses, struct vmm_err *err)
{
	struct vmm_call *question = begin(vm, source, err);
	int result;

	if (!question)
		return -1;
	result = take(&question, PATIENCE, addresses, err);
	vmm_addresses_end(question);
	return result;
}

static int ask_agent(const struct vmm_vm *vm, struct vmm_call **question,
    struct vmm_strv *addresses, struct vmm_err *err)
{
	if (*question)
		return take(question, 0, addresses, err);
	*question = begin(vm, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, err);
	return *question ? take(question, PATIENCE, addresses, err) : -1;
}

int vmm_addresses(const struct vmm_vm *vm, struct vmm_call **question,
    struct vmm_strv *addresses, struct vmm_err *err)
{
	if (ask_host(vm, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, addresses,
		err) < 0)
		return -1;
	if (!addresses->n && question &&
	    ask_agent(vm, question, addresses, err) < 0)
		return -1;
	return addresses->n
		   ? 0
		   : ask_host(vm, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
			 addresses, err);
}
