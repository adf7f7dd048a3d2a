/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * addr: IP addresses, all of them IPv6: IPv4 is ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2), so one code
 * path serves both, and an IPv4 client of an AF_INET6 server has the same address at either end.
 */
#ifndef CORE_ADDR_H
#define CORE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest text of an address with its NUL, and of "[address]:port". */
#define ADDR_TEXT_LEN	   46
#define ADDR_PORT_TEXT_LEN (ADDR_TEXT_LEN + 8)

struct addr {
	uint8_t bytes[16]; /* network order */
};

/* An address and a port in host order; port 0 is one that is not chosen yet. */
struct addr_port {
	struct addr addr;
	uint16_t port;
};

struct addr_prefix {
	struct addr addr;
	unsigned int bits; /* 0..128, IPv4 prefixes counted from bit 96 */
};

bool addr_is_v4(const struct addr *addr);
bool addr_is_any(const struct addr *addr);
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_port_equal(const struct addr_port *a, const struct addr_port *b);
bool addr_in_prefix(const struct addr *addr, const struct addr_prefix *prefix);

/*
 * Reads "ADDR" or "ADDR/PREFIX", IPv4 or IPv6. Returns 0; -EINVAL when the address cannot be read;
 * -ERANGE when the prefix is longer than the address.
 */
int addr_parse_prefix(const char *text, struct addr_prefix *ret_prefix);

/*
 * Reads "PORT", "ADDR:PORT" or "[ADDR]:PORT", the port from 1 on; one without brackets is IPv4. Without an address that of
 * RET_AT stays as it is, and RET_HAS_ADDRESS is false. Returns 0 or -EINVAL.
 */
int addr_parse_port(const char *text, struct addr_port *ret_at, bool *ret_has_address);

/* "127.0.0.1" or "::1" into TEXT, which has room for ADDR_TEXT_LEN bytes. */
void addr_format(const struct addr *addr, char *text);

/* "127.0.0.1:80", "[::1]:80", port 0 as "*", into TEXT with room for ADDR_PORT_TEXT_LEN bytes. */
void addr_port_format(const struct addr_port *at, char *text);

#endif
