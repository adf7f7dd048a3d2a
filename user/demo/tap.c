// SPDX-License-Identifier: GPL-2.0-only
#include "demo/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* A segment without data, the IP header before it. */
union packet {
	struct iphdr ip;
	uint8_t bytes[120];
};

int tap_open(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);

	return fd < 0 ? -errno : fd;
}

static size_t header_len(const union packet *packet)
{
	return (size_t)packet->ip.ihl * 4;
}

typedef bool wanted_fn(const struct tcphdr *tcp, uint16_t port);

static bool is_any(const struct tcphdr *tcp, uint16_t port)
{
	(void)tcp, (void)port;
	return true;
}

static bool is_fin(const struct tcphdr *tcp, uint16_t port)
{
	(void)port;
	return tcp->fin;
}

static bool is_syn_from(const struct tcphdr *tcp, uint16_t port)
{
	return tcp->syn && !tcp->ack && ntohs(tcp->source) == port;
}

/* Empties the socket. Returns the length of the last segment that is wanted, 0 if none is. */
static size_t hear_last(int fd, wanted_fn *is_wanted, uint16_t port, union packet *ret_packet)
{
	union packet packet;
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, &packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
		size_t header = header_len(&packet);
		struct tcphdr tcp;

		if ((size_t)n < header + sizeof(tcp))
			continue;
		memcpy(&tcp, packet.bytes + header, sizeof(tcp));
		if (!is_wanted(&tcp, port))
			continue;
		*ret_packet = packet;
		len = (size_t)n;
	}
	return len;
}

/* RFC 1071, of LEN bytes behind what SUM has already. */
static uint16_t checksum(uint64_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint64_t)bytes[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Of the pseudo-header: RFC 9293, section 3.1. */
static uint64_t pseudo_sum(const union packet *packet, size_t len)
{
	uint32_t from = ntohl(packet->ip.saddr), to = ntohl(packet->ip.daddr);

	return IPPROTO_TCP + len + (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);
}

static int send_to(int fd, uint32_t address, const void *bytes, size_t len)
{
	const struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = address};
	ssize_t n = sendto(fd, bytes, len, 0, (const struct sockaddr *)&to, sizeof(to));

	return n < 0 ? -errno : 0;
}

/* What we hear of our own host was never checksummed. */
static int repeat(int fd, wanted_fn *is_wanted, uint16_t port)
{
	union packet packet;
	size_t len = hear_last(fd, is_wanted, port, &packet), header;
	uint16_t sum = 0;
	uint8_t *segment;

	if (!len)
		return -ENODATA;
	header = header_len(&packet);
	len -= header;
	segment = packet.bytes + header;
	memcpy(segment + offsetof(struct tcphdr, check), &sum, sizeof(sum));
	sum = checksum(pseudo_sum(&packet, len), segment, len);
	memcpy(segment + offsetof(struct tcphdr, check), &sum, sizeof(sum));
	return send_to(fd, packet.ip.daddr, segment, len);
}

int tap_repeat_fin(int fd)
{
	return repeat(fd, is_fin, 0);
}

int tap_repeat_syn(int fd, uint16_t port)
{
	return repeat(fd, is_syn_from, port);
}

int tap_unreachable(int fd, uint8_t code)
{
	struct {
		struct icmphdr icmp;
		union packet about; /* its IP header, and 64 bits of its data */
	} message = {.icmp = {.type = ICMP_DEST_UNREACH, .code = code}};
	size_t len;
	int icmp, err;

	if (!hear_last(fd, is_any, 0, &message.about))
		return -ENODATA;
	len = header_len(&message.about) + 8;
	message.icmp.checksum = checksum((ICMP_DEST_UNREACH << 8) + code, message.about.bytes, len);
	icmp = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	if (icmp < 0)
		return -errno;
	err = send_to(icmp, message.about.ip.saddr, &message, sizeof(message.icmp) + len);
	close(icmp);
	return err;
}
