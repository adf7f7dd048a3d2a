// SPDX-License-Identifier: GPL-2.0-only
#include "source/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/usage.h"

#define RECORDING_MAGIC	     "TCPSTATE"
#define RECORDING_BYTE_ORDER UINT32_C(0x01020304)
#define RECORD_BYTES_MAX     4096

_Static_assert(sizeof(struct recording_header) == 40, "recording_header has a hole");

int recording_create(const char *path, uint64_t start_ns, uint64_t realtime_ns, uint32_t netns,
		     FILE **ret_file)
{
	struct recording_header header = {
		.byte_order = RECORDING_BYTE_ORDER,
		.version = WIRE_VERSION,
		.header_size = sizeof(header),
		.netns = netns,
		.start_ns = start_ns,
		.realtime_ns = realtime_ns,
	};
	FILE *file = fopen(path, "we");
	int err;

	if (!file)
		return -errno;
	memcpy(header.magic, RECORDING_MAGIC, sizeof(header.magic));
	err = recording_write(file, &header, sizeof(header));
	if (err) {
		fclose(file);
		return err;
	}
	*ret_file = file;
	return 0;
}

int recording_write(FILE *file, const void *record, size_t size)
{
	if (fwrite(record, size, 1, file) != 1)
		return errno ? -errno : -EIO;
	return 0;
}

int recording_close(FILE *file)
{
	return fclose(file) ? -errno : 0;
}

static const char *header_fault(const struct recording_header *header)
{
	if (memcmp(header->magic, RECORDING_MAGIC, sizeof(header->magic)) != 0)
		return "it is no recording of tcpstate-trace";
	if (header->byte_order != RECORDING_BYTE_ORDER)
		return "it was recorded on a machine of the other byte order";
	if (header->version > WIRE_VERSION)
		return "a newer tcpstate-trace made it: use that one";
	if (header->version != WIRE_VERSION || header->header_size < sizeof(*header) ||
	    header->header_size > RECORD_BYTES_MAX)
		return "its header is damaged";
	return NULL;
}

int recording_open(const char *path, FILE **ret_file, struct recording_header *ret_header)
{
	struct recording_header header = {0};
	char quoted[USAGE_QUOTE_SIZE];
	const char *fault;
	FILE *file = fopen(path, "re");

	usage_quote(path, quoted);
	if (!file) {
		log_error("cannot open %s: %s", quoted, strerror(errno));
		return -EIO;
	}
	/* What is too short for a header has no magic either. */
	if (fread(&header, sizeof(header), 1, file) != 1 &&
	    memcmp(header.magic, "TCPSTATE", 8) == 0)
		fault = "it ends within its header";
	else
		fault = header_fault(&header);
	if (fault || fseek(file, (long)header.header_size, SEEK_SET) != 0) {
		log_error("cannot replay %s: %s", quoted, fault ? fault : strerror(errno));
		fclose(file);
		return -EBADMSG;
	}
	*ret_file = file;
	*ret_header = header;
	return 0;
}

static int damaged(const char *path, uint64_t offset, const char *how)
{
	char quoted[USAGE_QUOTE_SIZE];

	log_error("%s %s at byte %llu: what stands before is shown", usage_quote(path, quoted), how,
		  (unsigned long long)offset);
	return -EBADMSG;
}

int recording_read(FILE *file, const char *path, take_record_fn *take, void *ctx)
{
	_Alignas(8) char record[RECORD_BYTES_MAX];
	struct wire_hdr *hdr = (struct wire_hdr *)record;
	long start = ftell(file);
	uint64_t offset = start < 0 ? 0 : (uint64_t)start;

	for (;;) {
		size_t got = fread(record, 1, sizeof(*hdr), file);

		if (got == 0 && !ferror(file))
			return 0;
		if (got < sizeof(*hdr))
			return damaged(path, offset, "is cut");
		if (hdr->size < sizeof(*hdr) || hdr->size > sizeof(record) || hdr->size % 8)
			return damaged(path, offset, "is damaged");
		got = fread(record + sizeof(*hdr), 1, hdr->size - sizeof(*hdr), file);
		if (got < hdr->size - sizeof(*hdr))
			return damaged(path, offset, "is cut");
		take(ctx, record, hdr->size);
		offset += hdr->size;
	}
}
