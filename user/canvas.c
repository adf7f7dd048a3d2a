// SPDX-License-Identifier: GPL-2.0-only
#include "canvas.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "base/log.h"
#include "base/usage.h"
#include "render/picture.h"

/* What was there stays as it is until there is something better. */
static int open_file(struct canvas *canvas)
{
	canvas->fd = open(canvas->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	canvas->created = canvas->fd >= 0;
	if (canvas->fd < 0 && errno == EEXIST)
		canvas->fd = open(canvas->path, O_WRONLY | O_CLOEXEC);
	return canvas->fd < 0 ? -errno : 0;
}

int canvas_open(struct canvas *canvas, const struct options *options)
{
	char quoted[USAGE_QUOTE_SIZE];
	int err = 0;

	*canvas = (struct canvas){.path = options->svg_path, .conn = options->svg_conn, .fd = -1};
	if (!canvas->path)
		return 0;
	if (options_svg_to_stdout(options))
		canvas->fd = STDOUT_FILENO;
	else
		err = open_file(canvas);
	if (err)
		log_error("cannot write %s: %s", usage_quote(canvas->path, quoted), strerror(-err));
	else if (canvas->created)
		account_give(canvas->fd);
	return err;
}

/* Nothing of what the file held before may follow; what others have written to stdout is theirs. */
static int write_picture(const struct canvas *canvas, const struct history *history,
			 const struct style *style)
{
	if (canvas->fd != STDOUT_FILENO && ftruncate(canvas->fd, 0) != 0 &&
	    errno != EINVAL) /* a pipe */
		return -errno;
	return picture_write(history, canvas->conn, style, canvas->fd);
}

static void tell_beyond(const struct canvas *canvas, const struct history *history)
{
	uint64_t beyond = canvas->conn ? 0 : picture_beyond(history);
	char quoted[USAGE_QUOTE_SIZE];

	if (beyond)
		log_error("%s shows the first %d connections of %" PRIu64 ": --conn N shows one",
			  usage_quote(canvas->path, quoted), PICTURE_CONNS, PICTURE_CONNS + beyond);
}

void canvas_draw(struct canvas *canvas, const struct history *history, const struct style *style)
{
	char quoted[USAGE_QUOTE_SIZE];
	int err;

	if (canvas->drawn) {
		log_error("%s shows the first run of the recording: there are more",
			  usage_quote(canvas->path, quoted));
		return;
	}
	err = canvas->conn && !history_find(history, canvas->conn)
		      ? -ENOENT
		      : write_picture(canvas, history, style);
	canvas->drawn = true;
	canvas->failed = err;
	if (!err)
		tell_beyond(canvas, history);
	if (err == -ENOENT)
		log_error("--conn: no connection with the number %" PRIu64 " was seen",
			  canvas->conn);
	else if (err)
		log_error("cannot write %s: %s", usage_quote(canvas->path, quoted), strerror(-err));
}

int canvas_close(struct canvas *canvas)
{
	bool useless = canvas->failed || !canvas->drawn;

	if (!canvas->path)
		return 0;
	if (canvas->created && useless)
		unlink(canvas->path);
	if (canvas->fd > STDOUT_FILENO)
		close(canvas->fd);
	return canvas->failed ? -EIO : 0;
}
