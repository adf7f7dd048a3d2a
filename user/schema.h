/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schema: the verb that prints the JSON Schema of what -o json prints.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "options.h"

/* Returns an exit status. */
int schema_run(const struct options *options);

#endif
