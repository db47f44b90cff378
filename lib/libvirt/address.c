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
	return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) ||
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

static int ask_source(const struct vmm_vm *vm, unsigned source,
    struct vmm_strv *addresses, struct vmm_err *err)
{
	struct addresses *found = vmm_calloc(1, sizeof *found);
	struct vmm_call *call;
	struct timespec deadline;
	int result;

	found->source = source;
	call = vmm_call_ask(vm, ask, found, addresses_free, err);
	if (!call)
		return -1;
	deadline = vmm_call_deadline(PATIENCE);
	if (!vmm_call_wait(call, &deadline, true)) {
		vmm_call_abandon(call);
		return 0;
	}
	move(addresses, &found->four);
	move(addresses, &found->six);
	result = vmm_call_end(call, err);
	if (result < 0 && err->status != VMM_NOCONN) {
		vmm_err_release(err);
		return 0;
	}
	return result;
}

int vmm_addresses(const struct vmm_vm *vm, bool agent,
    struct vmm_strv *addresses, struct vmm_err *err)
{
	static const unsigned sources[] = {
	    VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
	    VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
	    VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
	};

	for (size_t i = 0; i < ARRAY_SIZE(sources) && !addresses->n; i++)
		if ((agent || sources[i] !=
				  VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT) &&
		    ask_source(vm, sources[i], addresses, err) < 0)
			return -1;
	return 0;
}
