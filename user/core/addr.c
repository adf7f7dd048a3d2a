// SPDX-License-Identifier: GPL-2.0-only
#include "core/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};

bool addr_is_v4(const struct addr *addr)
{
	return memcmp(addr->bytes, v4_mapped, sizeof(v4_mapped)) == 0;
}

bool addr_is_any(const struct addr *addr)
{
	static const uint8_t zero[16];
	size_t prefix = addr_is_v4(addr) ? sizeof(v4_mapped) : 0;

	return memcmp(addr->bytes + prefix, zero, sizeof(zero) - prefix) == 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool addr_port_equal(const struct addr_port *a, const struct addr_port *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

bool addr_in_prefix(const struct addr *addr, const struct addr_prefix *prefix)
{
	unsigned int whole = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned int differ;

	if (memcmp(addr->bytes, prefix->addr.bytes, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	differ = (unsigned int)(addr->bytes[whole] ^ prefix->addr.bytes[whole]);
	return differ >> (8 - rest) == 0;
}

static int addr_parse(const char *text, struct addr *ret_addr)
{
	struct addr addr;

	if (inet_pton(AF_INET6, text, addr.bytes) == 1) {
		*ret_addr = addr;
		return 0;
	}
	memcpy(addr.bytes, v4_mapped, sizeof(v4_mapped));
	if (inet_pton(AF_INET, text, addr.bytes + sizeof(v4_mapped)) != 1)
		return -EINVAL;
	*ret_addr = addr;
	return 0;
}

int addr_parse_prefix(const char *text, struct addr_prefix *ret_prefix)
{
	size_t len = strcspn(text, "/");
	char addr_text[ADDR_TEXT_LEN];
	struct addr_prefix prefix;
	uint64_t bits;
	unsigned int before;
	int err;

	if (len >= sizeof(addr_text))
		return -EINVAL;
	memcpy(addr_text, text, len);
	addr_text[len] = '\0';
	err = addr_parse(addr_text, &prefix.addr);
	if (err)
		return err;
	/* "10.0.0.0/8" is /104 of the mapped address; "::ffff:10.0.0.0/104" is written out in full. */
	before = strchr(addr_text, ':') ? 0 : 96;
	bits = 128 - before;
	if (text[len] == '/') {
		const char *number = text + len + 1;

		err = number_parse(number, strlen(number), 0, bits, &bits);
	}
	if (err)
		return err;
	prefix.bits = before + (unsigned int)bits;
	*ret_prefix = prefix;
	return 0;
}

/* "ADDRESS" or "[ADDRESS]", LEN bytes at TEXT. */
static int parse_host(const char *text, size_t len, struct addr *ret_addr)
{
	struct addr_prefix prefix;
	char address[ADDR_TEXT_LEN];

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return -EINVAL;
	}
	if (len >= sizeof(address) || memchr(text, '/', len))
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = '\0';
	if (addr_parse_prefix(address, &prefix))
		return -EINVAL;
	*ret_addr = prefix.addr;
	return 0;
}

int addr_parse_port(const char *text, struct addr_port *ret_at, bool *ret_has_address)
{
	const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
	struct addr_port at = *ret_at;
	uint64_t port;

	if (number_parse(digits, strlen(digits), 1, UINT16_MAX, &port) ||
	    (colon && parse_host(text, (size_t)(colon - text), &at.addr)))
		return -EINVAL;
	at.port = (uint16_t)port;
	*ret_at = at;
	*ret_has_address = colon;
	return 0;
}

/* As inet_ntop() does, but without printf(): it is in each line that is printed. */
static void format_v4(const uint8_t bytes[4], char *at)
{
	struct text text;

	text_init(&text, at, ADDR_TEXT_LEN);
	for (int i = 0; i < 4; i++) {
		if (i)
			text_plain(&text, ".");
		text_number(&text, bytes[i]);
	}
}

void addr_format(const struct addr *addr, char *text)
{
	if (addr_is_v4(addr))
		format_v4(addr->bytes + sizeof(v4_mapped), text);
	else
		inet_ntop(AF_INET6, addr->bytes, text, ADDR_TEXT_LEN);
}

void addr_port_format(const struct addr_port *at, char *text)
{
	char addr[ADDR_TEXT_LEN];
	const char *format = addr_is_v4(&at->addr) ? "%s:%s" : "[%s]:%s";
	char port[8] = "*";

	addr_format(&at->addr, addr);
	if (at->port)
		snprintf(port, sizeof(port), "%u", at->port);
	snprintf(text, ADDR_PORT_TEXT_LEN, format, addr, port);
}
