// SPDX-License-Identifier: GPL-2.0-only
#include "schema.h"

#include <stdlib.h>

int schema_run(const struct options *options)
{
	(void)options;
	return EXIT_FAILURE;
}
