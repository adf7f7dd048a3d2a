// SPDX-License-Identifier: GPL-2.0-only
#include "value.h"

#include <string.h>

#include "base/number.h"
#include "base/usage.h"
#include "core/state.h"
#include "source/capacity.h"

/* The LEN bytes at WORD as usage_quote() has them. */
static const char *quote_piece(const char *word, size_t len, char *quoted)
{
	char piece[USAGE_QUOTE_SIZE];

	if (len >= sizeof(piece))
		len = sizeof(piece) - 1;
	memcpy(piece, word, len);
	piece[len] = '\0';
	return usage_quote(piece, quoted);
}

void value_ports(struct port_set *set, const char *option, const char *list)
{
	char quoted[USAGE_QUOTE_SIZE];
	const char *word;
	int len;

	if (port_set_add(set, list, &word, &len) == 0)
		return;
	usage_fail("%s: %s is no port: write numbers from 1 to 65535 and ranges, as "
		   "80,443,8000-8100",
		   option, quote_piece(word, (size_t)len, quoted));
}

void value_host(struct filter *filter, const char *host)
{
	char quoted[USAGE_QUOTE_SIZE];
	int err;

	if (filter->host_count == FILTER_HOSTS)
		usage_fail("--host: more than %d addresses: name a network, as 10.0.0.0/8",
			   FILTER_HOSTS);
	err = addr_parse_prefix(host, &filter->hosts[filter->host_count]);
	if (err)
		usage_fail("--host: %s is no address or network: write 192.0.2.1, 10.0.0.0/8 or "
			   "2001:db8::/32",
			   usage_quote(host, quoted));
	filter->host_count++;
}

uint64_t value_number(const char *option, const char *number, uint64_t min, uint64_t max)
{
	char quoted[USAGE_QUOTE_SIZE];
	uint64_t value = 0;

	if (number_parse(number, strlen(number), min, max, &value))
		usage_fail("%s: %s is not a number from %llu to %llu", option,
			   usage_quote(number, quoted), (unsigned long long)min,
			   (unsigned long long)max);
	return value;
}

void value_pids(struct filter *filter, const char *list)
{
	char quoted[USAGE_QUOTE_SIZE];

	for (;; list++) {
		size_t len = strcspn(list, ",");
		uint64_t pid = 0;

		if (number_parse(list, len, 1, INT32_MAX, &pid))
			usage_fail("--pid: %s is not a number from 1 to %d: write processes as "
				   "4711,4712",
				   quote_piece(list, len, quoted), INT32_MAX);
		if (filter->pid_count == FILTER_PIDS)
			usage_fail("--pid: more than %d processes", FILTER_PIDS);
		filter->pids[filter->pid_count++] = (uint32_t)pid;
		list += len;
		if (!*list)
			return;
	}
}

void value_states(struct filter *filter, const char *list)
{
	char quoted[USAGE_QUOTE_SIZE];

	for (;;) {
		size_t len = strcspn(list, ",");
		uint8_t state;

		if (state_parse(list, len, &state))
			usage_fail("--state: %s is no TCP state: write names as ESTABLISHED, "
				   "fin-wait-1 or TIME_WAIT",
				   quote_piece(list, len, quoted));
		filter->states |= 1U << state;
		if (!list[len])
			return;
		list += len + 1;
	}
}

uint64_t value_bytes(const char *option, const char *bytes)
{
	static const char units[] = "KMG";
	char quoted[USAGE_QUOTE_SIZE];
	size_t len = strlen(bytes);
	const char *unit = len ? strchr(units, bytes[len - 1]) : NULL;
	unsigned int shift = unit ? 10 * (unsigned int)(unit - units + 1) : 0;
	uint64_t value = 0;

	if (number_parse(bytes, len - (unit != NULL), 1, UINT64_MAX >> 40, &value))
		usage_fail("%s: %s is no size: write bytes, or 64K, 10M, 2G", option,
			   usage_quote(bytes, quoted));
	return value << shift;
}

struct addr_port value_listen(const char *option, const char *at)
{
	static const struct addr_port loopback = {.addr.bytes = {[10] = 0xff, 0xff, 127, 0, 0, 1}};
	struct addr_port value = loopback;
	char quoted[USAGE_QUOTE_SIZE];
	bool has_address;

	if (addr_parse_port(at, &value, &has_address))
		usage_fail("%s: %s is no port: write 9919, 127.0.0.1:9919 or [::1]:9919", option,
			   usage_quote(at, quoted));
	return value;
}

uint32_t value_ring(const char *bytes)
{
	char quoted[USAGE_QUOTE_SIZE];
	uint64_t value = value_bytes("--ring", bytes);

	if (value < CAPACITY_MIN_BYTES || value > CAPACITY_MAX_BYTES)
		usage_fail("--ring: %s is out of range: write a size from 64K to 1G",
			   usage_quote(bytes, quoted));
	return capacity_round(value);
}

enum form value_form(const char *form)
{
	char quoted[USAGE_QUOTE_SIZE];

	if (strcmp(form, "ladder") == 0)
		return FORM_LADDER;
	if (strcmp(form, "table") == 0)
		return FORM_TABLE;
	if (strcmp(form, "json") == 0)
		return FORM_JSON;
	if (strcmp(form, "csv") == 0)
		return FORM_CSV;
	usage_fail("--output: %s is no form of output: write ladder, table, json or csv",
		   usage_quote(form, quoted));
}

enum colour_when value_colour(const char *when)
{
	char quoted[USAGE_QUOTE_SIZE];

	if (strcmp(when, "auto") == 0)
		return COLOUR_AUTO;
	if (strcmp(when, "always") == 0)
		return COLOUR_ALWAYS;
	if (strcmp(when, "never") == 0)
		return COLOUR_NEVER;
	usage_fail("--color: %s: write auto, always or never", usage_quote(when, quoted));
}

enum hooks value_hooks(const char *hooks)
{
	char quoted[USAGE_QUOTE_SIZE];

	for (enum hooks set = HOOKS_AUTO; set <= HOOKS_NONE; set++)
		if (strcmp(hooks, hooks_name(set)) == 0)
			return set;
	usage_fail("--hooks: %s: write auto, fentry, tracepoint or none",
		   usage_quote(hooks, quoted));
}

uint64_t value_seconds(const char *option, const char *seconds)
{
	char quoted[USAGE_QUOTE_SIZE];
	uint64_t ns = 0;

	if (number_parse_seconds(seconds, &ns))
		usage_fail("%s: %s: write seconds, as 10 or 0.5", option,
			   usage_quote(seconds, quoted));
	return ns;
}
