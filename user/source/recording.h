/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording: records in a file, to be replayed on any machine.
 *
 * A header, then the records as the kernel made them (include/wire.h), each with its own size. Between
 * them stand the moments at which the live run let time pass (WIRE_TICK), and at the end what was lost
 * (WIRE_TOTALS). Numbers are in the byte order of the machine that recorded; the header says which.
 */
#ifndef SOURCE_RECORDING_H
#define SOURCE_RECORDING_H

#include <stdint.h>
#include <stdio.h>

#include "source/source.h"
#include "wire.h"

struct recording_header {
	char magic[8]; /* "TCPSTATE" */
	uint32_t byte_order; /* RECORDING_BYTE_ORDER as the recorder has it */
	uint32_t version; /* WIRE_VERSION */
	uint32_t header_size; /* of this struct: the records begin behind it */
	uint32_t netns; /* inode number of the network namespace of the tracer */
	uint64_t start_ns; /* CLOCK_MONOTONIC when the trace began */
	uint64_t realtime_ns; /* CLOCK_REALTIME at the same time */
};

/*
 * Begins a recording in the new or emptied file PATH. Returns 0 or -errno. The file belongs to the caller,
 * who closes it with recording_close().
 */
int recording_create(const char *path, uint64_t start_ns, uint64_t realtime_ns, uint32_t netns,
		     FILE **ret_file);

/* Appends a record. Returns 0 or -errno. */
int recording_write(FILE *file, const void *record, size_t size);

/* Closes it. Returns 0 or -errno if not all could be written. */
int recording_close(FILE *file);

/* Opens PATH and reads its header. Returns 0, or -errno after having said in one sentence why not. */
int recording_open(const char *path, FILE **ret_file, struct recording_header *ret_header);

/*
 * Gives every record that is left to TAKE. Returns 0; -EBADMSG after having said where the file is
 * damaged or cut: what stood before that was given.
 */
int recording_read(FILE *file, const char *path, take_record_fn *take, void *ctx);

#endif
