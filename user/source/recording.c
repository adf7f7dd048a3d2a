// SPDX-License-Identifier: GPL-2.0-only
#include "source/recording.h"

#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/usage.h"
#include "source/frame.h"
#include "source/head.h"
#include "source/layout.h"
#include "wire.h"

/* A place in a file that none has. */
#define NOWHERE UINT64_MAX

struct recording {
	int fd;
	char name[USAGE_QUOTE_SIZE];
	struct recording_about about;
	struct recording_setting settings[HEAD_SETTINGS];
	char texts[FRAME_BODY_MAX + 1]; /* of the settings */
	bool other_order;
	bool skips_checkpoint;
	bool says_nothing;
	bool ended; /* by a frame that says so: nothing is missing behind it */
	bool over;
	int over_status; /* of recording_next() from then on */
	int read_err; /* errno, 0: none */
	bool has_head;
	uint64_t offset; /* of `bytes` in the file */
	uint64_t cut_at; /* where a frame begins whose end has not come */
	uint64_t damaged_at; /* the first place */
	z_stream inflate;
	size_t at, len; /* of `bytes`: what is left, and where it ends */
	unsigned char bytes[2 * FRAME_SIZE_MAX];
	size_t body_at, body_len;
	_Alignas(8) unsigned char body[FRAME_BODY_MAX];
};

/* --- bytes --------------------------------------------------------------------------------------- */

static uint64_t place_of(const struct recording *recording)
{
	return recording->offset + recording->at;
}

/* Reads on. Returns false at the end, which an error is as well. */
static bool read_on(struct recording *recording)
{
	size_t left = recording->len - recording->at;
	ssize_t got;

	if (recording->at > 0) {
		memmove(recording->bytes, recording->bytes + recording->at, left);
		recording->offset += recording->at;
		recording->at = 0;
		recording->len = left;
	}
	do
		got = read(recording->fd, recording->bytes + left, sizeof(recording->bytes) - left);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		recording->read_err = errno;
	if (got > 0)
		recording->len += (size_t)got;
	return got > 0;
}

/* --- frames -------------------------------------------------------------------------------------- */

static void note_first(uint64_t *place, uint64_t at)
{
	if (at < *place)
		*place = at;
}

/* A frame that begins and has no end may be cut, or damaged: a whole one behind it tells. */
static void note_whole(struct recording *recording)
{
	note_first(&recording->damaged_at, recording->cut_at);
	recording->cut_at = NOWHERE;
}

static void note_broken(struct recording *recording, bool has_no_end)
{
	if (has_no_end)
		note_first(&recording->cut_at, place_of(recording));
	else if (recording->cut_at == NOWHERE)
		note_first(&recording->damaged_at, place_of(recording));
}

static int64_t unpack(struct recording *recording, uint8_t *ret_kind)
{
	size_t left = recording->len - recording->at;

	if (left == 0)
		return -EAGAIN;
	return frame_unpack(&recording->inflate, recording->bytes + recording->at, left, ret_kind,
			    recording->body, &recording->body_len);
}

/* What is no recording is not searched for one. */
static bool gives_up(const struct recording *recording)
{
	return recording->at == recording->len ||
	       (!recording->has_head && place_of(recording) > FRAME_SIZE_MAX);
}

/* The next whole frame, its body in `body`. Returns 1; 0 where there is none; -ENOTSUP where it is of a newer version. */
static int next_frame(struct recording *recording, uint8_t *ret_kind)
{
	for (;;) {
		int64_t took = unpack(recording, ret_kind);

		if (took > 0) {
			note_whole(recording);
			recording->at += (size_t)took;
			recording->body_at = 0;
			return 1;
		}
		if (took == -ENOTSUP)
			return -ENOTSUP;
		if (took == -EAGAIN && read_on(recording))
			continue;
		if (gives_up(recording))
			return 0;
		note_broken(recording, took == -EAGAIN);
		recording->at++;
		recording->at += frame_search(recording->bytes + recording->at,
					      recording->len - recording->at);
	}
}

/* --- the head ------------------------------------------------------------------------------------ */

/* What is no setting is left out. */
static void take_settings(struct recording *recording, const unsigned char *bytes, size_t size)
{
	unsigned int count = 0;
	char *text = recording->texts, *end = text + size, *equals;

	memcpy(text, bytes, size);
	*end = '\0';
	for (; text < end && count < HEAD_SETTINGS; text += strlen(text) + 1) {
		equals = strchr(text, '=');
		if (!equals)
			continue;
		*equals = '\0';
		recording->settings[count++] = (struct recording_setting){text, equals + 1};
		text = equals + 1;
	}
}

static const char newer[] = "a newer tcpstate-trace made it: use that one";

/* The head in the body, in this machine's order. Returns NULL, or what is wrong with it. */
static const char *parse_head(const struct recording *recording, struct head *ret_head,
			      bool *ret_other_order)
{
	struct head head = {0};

	if (recording->body_len >= sizeof(head))
		memcpy(&head, recording->body, sizeof(head));
	*ret_other_order = head.byte_order != HEAD_BYTE_ORDER;
	if (*ret_other_order)
		layout_swap_head(&head);
	if (head.byte_order != HEAD_BYTE_ORDER)
		return "its head is damaged";
	if (head.wire_version > WIRE_VERSION)
		return newer;
	if (head.wire_version < WIRE_VERSION)
		return "an older tcpstate-trace made it: use that one";
	*ret_head = head;
	return NULL;
}

static const char *take_head(struct recording *recording)
{
	struct recording_about *about = &recording->about;
	struct head head;
	const char *fault = parse_head(recording, &head, &recording->other_order);

	if (fault)
		return fault;
	memcpy(about->run, head.run, sizeof(about->run));
	about->part = head.part;
	about->netns = head.netns;
	about->start_ns = head.start_ns;
	about->realtime_ns = head.realtime_ns;
	memcpy(about->host, head.host, sizeof(about->host) - 1);
	take_settings(recording, recording->body + sizeof(head),
		      recording->body_len - sizeof(head));
	recording->body_len = 0;
	recording->has_head = true;
	return NULL;
}

/* Returns NULL, or what is wrong. */
static const char *read_head(struct recording *recording)
{
	uint8_t kind = 0;
	bool is_ours;
	int got;

	read_on(recording);
	is_ours = recording->len && frame_search(recording->bytes, recording->len) == 0;
	got = next_frame(recording, &kind);
	if (recording->read_err)
		return strerror(recording->read_err);
	if (got == -ENOTSUP)
		return newer;
	if (got && kind == FRAME_HEAD)
		return take_head(recording);
	if (!got && recording->cut_at == 0)
		return "it is cut within its head";
	if (recording->offset + recording->len == 0)
		return "it is empty";
	return is_ours || got ? "its head is damaged" : "it is no recording of tcpstate-trace";
}

/* The copy, or that of the next part, behind this one in a pipe. Returns NULL, or what is wrong. */
static const char *pass_head(struct recording *recording)
{
	struct head head;
	bool other_order;
	const char *fault = parse_head(recording, &head, &other_order);

	if (fault)
		return fault;
	if (memcmp(head.run, recording->about.run, sizeof(head.run)) != 0)
		return "another recording begins there: give each as a file";
	if (head.part != recording->about.part)
		recording->skips_checkpoint = true;
	recording->body_len = 0;
	return NULL;
}

/* --- records ------------------------------------------------------------------------------------- */

/* Of the body's next record; 0: none that can be. */
static size_t record_size(const struct recording *recording)
{
	size_t left = recording->body_len - recording->body_at;
	uint16_t size;

	if (left < sizeof(struct wire_hdr))
		return 0;
	memcpy(&size, recording->body + recording->body_at, sizeof(size));
	if (recording->other_order)
		size = bswap_16(size);
	return size < sizeof(struct wire_hdr) || size > left || size % 8 ? 0 : size;
}

static bool next_in_body(struct recording *recording, const void **ret_record, size_t *ret_size)
{
	unsigned char *record = recording->body + recording->body_at;
	size_t size = record_size(recording);

	if (recording->body_at == recording->body_len)
		return false;
	if (!size) {
		note_broken(recording, false);
		recording->body_at = recording->body_len;
		return false;
	}
	recording->body_at += size;
	if (recording->other_order)
		layout_swap_record(record, size);
	*ret_record = record;
	*ret_size = size;
	return true;
}

/* Returns NULL, or why what follows cannot be read. */
static const char *take_frame(struct recording *recording, uint8_t kind)
{
	bool records =
		kind == FRAME_RECORDS || (kind == FRAME_CHECKPOINT && !recording->skips_checkpoint);

	recording->ended = kind == FRAME_END;
	if (kind == FRAME_HEAD)
		return pass_head(recording);
	if (!records)
		recording->body_len = 0;
	return NULL;
}

/* One sentence, or none. */
static int tell_end(struct recording *recording)
{
	const char *name = recording->name;
	bool damaged = recording->damaged_at != NOWHERE, cut = recording->cut_at != NOWHERE;

	if (recording->says_nothing)
		return -EBADMSG;
	if (recording->read_err)
		log_error("cannot read %s beyond byte %" PRIu64 ": %s", name, place_of(recording),
			  strerror(recording->read_err));
	else if (damaged && cut)
		log_error("%s is damaged at byte %" PRIu64 ", and cut at byte %" PRIu64
			  ": what is whole is shown",
			  name, recording->damaged_at, recording->cut_at);
	else if (damaged)
		log_error("%s is damaged at byte %" PRIu64 ": what is whole is shown", name,
			  recording->damaged_at);
	else if (cut)
		log_error("%s is cut at byte %" PRIu64 ": what stands before is shown", name,
			  recording->cut_at);
	else if (!recording->ended)
		log_error("%s has no end, but stops at byte %" PRIu64
			  ": who wrote it was killed, or is still writing",
			  name, place_of(recording));
	else
		return 0;
	return -EBADMSG;
}

int recording_next(struct recording *recording, const void **ret_record, size_t *ret_size)
{
	const char *fault;
	uint8_t kind;
	int got;

	while (!next_in_body(recording, ret_record, ret_size)) {
		if (recording->over)
			return recording->over_status;
		got = next_frame(recording, &kind);
		fault = got < 0 ? newer : NULL;
		if (got > 0)
			fault = take_frame(recording, kind);
		if (fault && !recording->says_nothing)
			log_error("%s cannot be read beyond byte %" PRIu64 ": %s", recording->name,
				  place_of(recording), fault);
		if (got > 0 && !fault)
			continue;
		recording->over = true;
		recording->over_status = fault ? -EBADMSG : tell_end(recording);
		recording->body_len = recording->body_at = 0;
	}
	return 1;
}

/* --- the whole ----------------------------------------------------------------------------------- */

/* Takes FD, and the NAME that is said of it. Returns 0, or -errno after having said why not. */
static int begin(int fd, const char *name, struct recording **ret_recording)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	const char *fault;

	if (!recording || inflateInit(&recording->inflate) != Z_OK) {
		free(recording);
		close(fd);
		log_error("no memory to read a recording");
		return -ENOMEM;
	}
	recording->fd = fd;
	recording->cut_at = recording->damaged_at = NOWHERE;
	snprintf(recording->name, sizeof(recording->name), "%s", name);
	fault = read_head(recording);
	if (!fault) {
		*ret_recording = recording;
		return 0;
	}
	log_error("cannot replay %s: %s", name, fault);
	recording_close(recording);
	return -EBADMSG;
}

int recording_open(const char *path, struct recording **ret_recording)
{
	char quoted[USAGE_QUOTE_SIZE];
	int fd, err;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return begin(fd, usage_quote(path, quoted), ret_recording);
	err = -errno;
	log_error("cannot open %s: %s", usage_quote(path, quoted), strerror(-err));
	return err;
}

bool recording_can_rewind(const struct recording *recording)
{
	return lseek(recording->fd, 0, SEEK_CUR) >= 0;
}

int recording_rewind(struct recording **recording)
{
	struct recording *again;
	int fd = fcntl((*recording)->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int err = fd < 0 || lseek(fd, 0, SEEK_SET) ? -errno : 0;

	if (err) {
		log_error("cannot read %s again: %s", (*recording)->name, strerror(-err));
		if (fd >= 0)
			close(fd);
		return err;
	}
	err = begin(fd, (*recording)->name, &again);
	if (err)
		return err;
	recording_close(*recording);
	*recording = again;
	return 0;
}

void recording_close(struct recording *recording)
{
	inflateEnd(&recording->inflate);
	if (recording->fd >= 0)
		close(recording->fd);
	free(recording);
}

const struct recording_about *recording_about(const struct recording *recording)
{
	return &recording->about;
}

const struct recording_setting *recording_setting(const struct recording *recording,
						  unsigned int index)
{
	if (index >= HEAD_SETTINGS || !recording->settings[index].name)
		return NULL;
	return &recording->settings[index];
}

bool recording_must_read(const struct recording *recording)
{
	return recording->body_at == recording->body_len && recording->at == recording->len;
}

void recording_say_nothing(struct recording *recording)
{
	recording->says_nothing = true;
}

void recording_skip_checkpoint(struct recording *recording)
{
	recording->skips_checkpoint = true;
}
