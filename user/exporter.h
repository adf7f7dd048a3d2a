/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exporter: a small HTTP server in the program's own loop: GET and HEAD of /metrics, and nothing else.
 *
 * Nobody who connects can stop the loop or make it grow: each turn does what can be done at once, a client has so much memory
 * and so much time, and when there are too many clients, of one address or in all, the one that has been idle
 * longest gives way.
 */
#ifndef EXPORTER_H
#define EXPORTER_H

#include "core/addr.h"
#include "render/metrics.h"

struct exporter;

/* Appends what is to be served now to PAGE. */
typedef void exporter_print_fn(void *ctx, enum metrics_form form, struct text *page);

/* Listens at AT. Who connects waits for exporter_serve(). Returns 0, or -errno after having said why not in one sentence. */
int exporter_open(const struct addr_port *at, struct exporter **ret_exporter);
void exporter_close(struct exporter *exporter);

/* From now on PRINT is called with CTX for each request. */
void exporter_serve(struct exporter *exporter, exporter_print_fn *print, void *ctx);

/* Becomes readable when exporter_wake() has something to do. */
int exporter_fd(const struct exporter *exporter);

/* Serves who can be served without waiting. CTX: the exporter. */
void exporter_wake(void *ctx);

#endif
