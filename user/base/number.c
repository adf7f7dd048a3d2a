// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"

#include <errno.h>
#include <string.h>

#define NS_PER_S    UINT64_C(1000000000)
#define SECONDS_MAX (UINT64_C(10) * 366 * 86400)

int number_parse(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)(text[i] - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		number = number * 10 + digit;
	}
	if (number < min || number > max)
		return -ERANGE;
	*ret_number = number;
	return 0;
}

int number_parse_port(const char *text, uint16_t *ret_port)
{
	uint64_t number;
	int err = number_parse(text, strlen(text), 1, UINT16_MAX, &number);

	if (err)
		return err;
	*ret_port = (uint16_t)number;
	return 0;
}

/* "25" behind the point is 250000000 ns. */
static int fraction_parse(const char *text, uint64_t *ret_ns)
{
	size_t len = strlen(text);
	int err;

	if (len > 9)
		return -EINVAL;
	err = number_parse(text, len, 0, NS_PER_S - 1, ret_ns);
	if (err)
		return err;
	for (size_t i = len; i < 9; i++)
		*ret_ns *= 10;
	return 0;
}

int number_parse_seconds(const char *text, uint64_t *ret_ns)
{
	size_t whole = strcspn(text, ".");
	uint64_t seconds, fraction_ns = 0;
	int err = number_parse(text, whole, 0, SECONDS_MAX, &seconds);

	if (!err && text[whole] == '.')
		err = fraction_parse(text + whole + 1, &fraction_ns);
	if (err)
		return err;
	if (seconds == 0 && fraction_ns == 0)
		return -ERANGE;
	*ret_ns = seconds * NS_PER_S + fraction_ns;
	return 0;
}
