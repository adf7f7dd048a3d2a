// SPDX-License-Identifier: GPL-2.0-only
#include "demo/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

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

static bool is_fin(const union packet *packet, size_t len)
{
	size_t header = header_len(packet);
	struct tcphdr tcp;

	if (len < header + sizeof(tcp))
		return false;
	memcpy(&tcp, packet->bytes + header, sizeof(tcp));
	return tcp.fin;
}

/* What we hear of our own host was never checksummed: RFC 9293, section 3.1, over RFC 1071. */
static uint16_t checksum(const union packet *packet, const uint8_t *segment, size_t len)
{
	uint64_t sum = IPPROTO_TCP + len;

	for (size_t i = 0; i < len; i++)
		sum += (uint64_t)segment[i] << (i % 2 ? 0 : 8);
	sum += (ntohl(packet->ip.saddr) >> 16) + (ntohl(packet->ip.saddr) & 0xffff);
	sum += (ntohl(packet->ip.daddr) >> 16) + (ntohl(packet->ip.daddr) & 0xffff);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

int tap_repeat_fin(int fd)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	union packet packet, fin;
	size_t fin_len = 0, header;
	uint16_t sum = 0;
	uint8_t *segment;
	ssize_t n;

	while ((n = recv(fd, &packet, sizeof(packet), MSG_DONTWAIT)) > 0)
		if (is_fin(&packet, (size_t)n)) {
			fin = packet;
			fin_len = (size_t)n;
		}
	if (!fin_len)
		return -ENODATA;
	header = header_len(&fin);
	segment = fin.bytes + header;
	memcpy(segment + offsetof(struct tcphdr, check), &sum, sizeof(sum));
	sum = checksum(&fin, segment, fin_len - header);
	memcpy(segment + offsetof(struct tcphdr, check), &sum, sizeof(sum));
	to.sin_addr.s_addr = fin.ip.daddr;
	n = sendto(fd, segment, fin_len - header, 0, (struct sockaddr *)&to, sizeof(to));
	return n < 0 ? -errno : 0;
}
