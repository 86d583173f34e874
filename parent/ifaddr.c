/* SPDX-License-Identifier: ISC */
/*
 * The addresses of this machine's interfaces, which the sandboxed RDE cannot
 * look up: for routes of one family over a session of the other it needs our
 * address in that family on the session's interface.
 */
#include "parent/parent.h"

#include "common/chan.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Of one address: interface 4, address. */
static void
ifaddr_put(const struct ifaddrs *i, struct wr *w)
{
	const struct sockaddr *sa = i->ifa_addr;
	struct addr a = { 0 };

	if (sa == NULL || (i->ifa_flags & IFF_UP) == 0)
		return;
	if (sa->sa_family == AF_INET)
		addr_from_bytes(&((const struct sockaddr_in *)
		    (const void *)sa)->sin_addr, 4, &a);
	else if (sa->sa_family == AF_INET6)
		addr_from_bytes(&((const struct sockaddr_in6 *)
		    (const void *)sa)->sin6_addr, 16, &a);
	if (a.family == ADDR_NONE)
		return;
	buf_put_u32(w, if_nametoindex(i->ifa_name));
	imsg_put_addr(w, &a);
}

void
ifaddr_send(struct worker *w)
{
	struct ifaddrs *list, *i;
	struct wr out;

	if (w->chan == NULL || getifaddrs(&list) != 0)
		return;
	buf_writer_growing(&out, IMSG_DATA_MAX);
	for (i = list; i != NULL && out.len < IMSG_DATA_MAX / 2;
	    i = i->ifa_next)
		ifaddr_put(i, &out);
	freeifaddrs(list);
	if (out.err == 0)
		chan_send_wr(w->chan, IMSG_LOCAL_ADDRS, 0, &out);
	buf_free(&out);
}
