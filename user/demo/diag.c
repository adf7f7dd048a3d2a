// SPDX-License-Identifier: GPL-2.0-only
#include "demo/diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

struct reply {
	struct nlmsghdr header;
	struct nlmsgerr body;
};

static void set_address(const struct sockaddr_storage *address, __be16 *port, __be32 *words)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET6)
		memcpy(words, &six->sin6_addr, sizeof(six->sin6_addr));
	else
		memcpy(words, &four->sin_addr, sizeof(four->sin_addr));
	memcpy(port, &four->sin_port, sizeof(*port)); /* at the same place in both families */
}

/* The kernel answers at once, if it was only to acknowledge. */
static int ask(const struct request *request)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct reply reply = {0};
	int err = 0;

	if (fd < 0)
		return -errno;
	if (send(fd, request, sizeof(*request), 0) < 0 || recv(fd, &reply, sizeof(reply), 0) < 0)
		err = -errno;
	close(fd);
	return err ? err : reply.body.error;
}

int diag_destroy(const struct sockaddr_storage *local, const struct sockaddr_storage *remote)
{
	struct request request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = SOCK_DESTROY,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.body = {.sdiag_family = (uint8_t)local->ss_family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = UINT32_MAX,
			 .id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
	};

	set_address(local, &request.body.id.idiag_sport, request.body.id.idiag_src);
	set_address(remote, &request.body.id.idiag_dport, request.body.id.idiag_dst);
	return ask(&request);
}

/* Tried on a listener of our own. */
bool diag_can_destroy(void)
{
	struct sockaddr_storage local = {.ss_family = AF_INET}, remote = local;
	socklen_t len = sizeof(struct sockaddr_in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool can;

	can = fd >= 0 && listen(fd, 1) == 0 &&
	      getsockname(fd, (struct sockaddr *)&local, &len) == 0 &&
	      diag_destroy(&local, &remote) == 0;
	if (fd >= 0)
		close(fd);
	return can;
}
