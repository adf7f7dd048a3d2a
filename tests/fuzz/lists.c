// SPDX-License-Identifier: GPL-2.0-only
/* Words of the command line that have a grammar of their own. */
#include "fuzz.h"

#include <string.h>

#include "base/number.h"
#include "core/addr.h"
#include "core/filter.h"

static void read_ports(const char *text)
{
	static struct port_set set;
	static const struct port_set empty;
	const char *word;
	int len;

	set = empty;
	if (port_set_add(&set, text, &word, &len) == 0)
		return;
	fuzz_check(memcmp(&set, &empty, sizeof(set)) == 0);
	fuzz_check(word >= text && len >= 0 && word + len <= text + strlen(text));
}

/* What was read is read again where it is printed. */
static void read_address(const char *text)
{
	char printed[ADDR_PORT_TEXT_LEN];
	struct addr_port at, again;
	bool has_address;

	if (addr_parse_port(text, &at, &has_address) || !has_address)
		return;
	addr_port_format(&at, printed);
	fuzz_check(addr_parse_port(printed, &again, &has_address) == 0);
	fuzz_check(addr_port_equal(&at, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = strndup((const char *)bytes, size);
	struct addr_prefix prefix;
	uint64_t number;
	uint16_t port;

	read_ports(text);
	read_address(text);
	addr_parse_prefix(text, &prefix);
	number_parse_port(text, &port);
	number_parse_seconds(text, &number);
	if (number_parse(text, strlen(text), 3, 1000, &number) == 0)
		fuzz_check(number >= 3 && number <= 1000);
	free(text);
	return 0;
}
