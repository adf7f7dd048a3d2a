// SPDX-License-Identifier: GPL-2.0-only
/*
 * echo-client: sends what is typed to an echo server and prints what comes back.
 *
 * One poll loop, so that a server that goes is noticed while nobody types. The socket is then kept
 * until the person quits: closing it at once would end the CLOSE_WAIT that there is to see.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/usage.h"
#include "echo.h"

#define PROGRAM "echo-client"

/* How long q waits for an echo that makes no progress. */
#define QUIT_WAIT_MS 2000

/* Bytes escaped at a time; each takes up to four columns. */
#define ESCAPE_BYTES 256

/* Above any character: no short form. */
enum {
	OPTION_SEND = 256,
};

/* SENDS are the texts of --send, from argv. */
struct options {
	const char **sends;
	size_t n_sends;
	const char *host;
	const char *port_word;
	uint16_t port;
};

/*
 * What was typed: START..READY may be sent, READY..END is a "q" that may or may not become the
 * line that quits. MID_LINE: the byte at READY continues a line.
 */
struct typed {
	size_t start, ready, end;
	bool mid_line;
	char bytes[ECHO_CHUNK];
};

/*
 * SENT_OFF is how much of the text SENDS[SEND_AT] was taken. LEAVING: nothing more is read, what
 * echo is outstanding is waited for. HURRIED: by q, so not for ever. GONE: the server sends nothing
 * more. BROKEN: nor does it take anything. PROMPTED: the cursor is behind a prompt.
 */
struct conversation {
	const struct options *options;
	int fd;
	size_t send_at, send_offset;
	uint64_t sent, received;
	bool is_typed_at, is_terminal;
	bool leaving, hurried, gone, broken, failed, prompted;
	struct typed typed;
};

/* "connected to 127.0.0.1 port 19999 from port 51322; ..." */
static void say_connected(int fd)
{
	struct sockaddr_storage address = {0};
	struct sockaddr *generic = (struct sockaddr *)&address;
	char peer[ECHO_NAME_SIZE], local[ECHO_NAME_SIZE];
	socklen_t len = sizeof(address);
	const char *port;

	getpeername(fd, generic, &len);
	echo_name(generic, len, peer);
	len = sizeof(address);
	getsockname(fd, generic, &len);
	port = strrchr(echo_name(generic, len, local), ' ');
	fprintf(stderr, "connected to %s from port%s; type text, q quits\n", peer, port);
}

/* What is said next must not stand behind the prompt. */
static void prompt_leave(struct conversation *talk)
{
	if (talk->prompted)
		fputc('\n', stderr);
	talk->prompted = false;
}

/* Nothing waits to be sent, and no echo is outstanding that could still come. */
static bool talk_is_settled(const struct conversation *talk)
{
	if (talk->typed.start < talk->typed.ready)
		return false;
	return talk->gone || talk->received >= talk->sent;
}

static bool talk_is_over(const struct conversation *talk)
{
	return talk->leaving && (talk->gone || talk_is_settled(talk));
}

/* Somebody who can type q is left to do so; without one, this is the end, and a failure. */
static void server_left(struct conversation *talk, int err)
{
	bool reset = err == ECONNRESET || err == EPIPE;
	const char *what =
		reset ? "connection reset by the server" : "the server has closed the connection";

	talk->gone = true;
	talk->broken = talk->broken || err;
	prompt_leave(talk);
	if (err && !reset)
		log_error("cannot receive: %s", strerror(err));
	else if (talk->leaving || talk->options->n_sends > 0)
		log_error("%s before all of the text had come back", what);
	else if (talk->broken)
		log_error("%s; type q to quit", what);
	else
		log_error("%s; the socket stays open until you type q", what);
	if (talk->leaving || talk->options->n_sends > 0)
		talk->failed = talk->leaving = true;
}

/* The end was seen before, and text sent after it was answered with a reset. */
static void server_reset(struct conversation *talk)
{
	socklen_t len = sizeof(int);
	int err = 0;

	getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	talk->broken = true;
	prompt_leave(talk);
	log_error("connection reset by the server (%s): what was sent after its end is lost",
		  strerror(err ? err : ECONNRESET));
}

/* Returns 0 or an errno. */
static int write_all(const char *bytes, size_t len)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && !echo_must_retry(errno))
			return errno;
		if (n < 0) {
			poll(&out, 1, -1);
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A terminal gets newlines, and everything else as text_escape() has it; that stops at a NUL. */
static int write_escaped(const char *bytes, size_t len)
{
	char buffer[4 * ESCAPE_BYTES + 1];
	struct text text;
	int err = 0;

	for (size_t i = 0; i < len && !err;) {
		text_init(&text, buffer, sizeof(buffer));
		for (size_t n = 0; n < ESCAPE_BYTES && i < len; n++, i++) {
			if (bytes[i] == '\n')
				text_add(&text, "\n");
			else if (bytes[i] == '\0')
				text_add(&text, "\\x00");
			else
				text_escape(&text, bytes + i, 1, 4);
		}
		err = write_all(buffer, text.len);
	}
	return err;
}

static void talk_print(struct conversation *talk, const char *bytes, size_t len)
{
	int err = talk->is_terminal ? write_escaped(bytes, len) : write_all(bytes, len);

	if (!err)
		return;
	prompt_leave(talk);
	log_error("cannot write to stdout: %s", strerror(err));
	talk->failed = talk->leaving = talk->gone = true;
}

static void talk_receive(struct conversation *talk)
{
	char bytes[ECHO_CHUNK];
	ssize_t n = recv(talk->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && echo_must_retry(errno))
		return;
	if (n <= 0) {
		server_left(talk, n < 0 ? errno : 0);
		return;
	}
	talk->received += (uint64_t)n;
	talk_print(talk, bytes, (size_t)n);
}

/* Sends what the socket takes. What can never be sent is dropped, or it would be tried for ever. */
static void talk_flush(struct conversation *talk)
{
	struct typed *typed = &talk->typed;

	while (typed->start < typed->ready) {
		ssize_t n =
			send(talk->fd, typed->bytes + typed->start, typed->ready - typed->start, 0);

		if (n < 0 && echo_must_retry(errno))
			return;
		if (n < 0) {
			prompt_leave(talk);
			log_error("cannot send: %s", strerror(errno));
			talk->broken = true;
			typed->start = typed->ready;
			return;
		}
		typed->start += (size_t)n;
		talk->sent += (uint64_t)n;
	}
}

/* Moves READY to where the line q starts or may start, else to the end. True for the line q. */
static bool typed_scan(struct typed *typed)
{
	size_t at = typed->ready;
	bool quits = false;

	while (at < typed->end) {
		const char *line = typed->bytes + at;
		const char *newline = memchr(line, '\n', typed->end - at);

		if (!typed->mid_line && line[0] == 'q' && typed->end - at == 1)
			break;
		quits = !typed->mid_line && line[0] == 'q' && newline == line + 1;
		if (quits)
			break;
		typed->mid_line = !newline;
		at = newline ? at + (size_t)(newline - line) + 1 : typed->end;
	}
	typed->ready = at;
	return quits;
}

/* The next part of the texts of --send, each with a newline. Returns its length, 0 at the end. */
static size_t sends_take(struct conversation *talk, char *bytes, size_t size)
{
	const struct options *options = talk->options;
	const char *rest;
	size_t len;

	if (talk->send_at == options->n_sends)
		return 0;
	rest = options->sends[talk->send_at] + talk->send_offset;
	len = strlen(rest);
	if (len >= size) {
		memcpy(bytes, rest, size);
		talk->send_offset += size;
		return size;
	}
	memcpy(bytes, rest, len);
	bytes[len] = '\n';
	talk->send_at++;
	talk->send_offset = 0;
	return len + 1;
}

/* Returns how many bytes were typed, 0 at the end, -1 for none yet. */
static ssize_t typed_read(struct conversation *talk, char *bytes, size_t size)
{
	ssize_t n;

	if (talk->options->n_sends > 0)
		return (ssize_t)sends_take(talk, bytes, size);
	n = read(STDIN_FILENO, bytes, size);
	if (n >= 0 || echo_must_retry(errno))
		return n;
	prompt_leave(talk);
	log_error("cannot read what is typed: %s", strerror(errno));
	talk->failed = true;
	return 0;
}

/* Only when all that was typed before is sent: the buffer is then empty but for a held "q". */
static void talk_type(struct conversation *talk)
{
	struct typed *typed = &talk->typed;
	ssize_t n;

	memmove(typed->bytes, typed->bytes + typed->ready, typed->end - typed->ready);
	typed->end -= typed->ready;
	typed->start = typed->ready = 0;
	n = typed_read(talk, typed->bytes + typed->end, sizeof(typed->bytes) - typed->end);
	if (n < 0)
		return;
	if (n > 0)
		talk->prompted = false;
	typed->end += (size_t)n;
	talk->hurried = typed_scan(typed);
	talk->leaving = talk->hurried || n == 0;
	talk_flush(talk);
}

static void talk_socket_event(struct conversation *talk, short events)
{
	if (!talk->gone)
		talk_receive(talk);
	else if (events & (POLLERR | POLLHUP))
		server_reset(talk);
	if (!talk->broken)
		talk_flush(talk);
}

static void talk_prompt(struct conversation *talk)
{
	if (!talk->is_typed_at || talk->prompted || !talk_is_settled(talk))
		return;
	fputs("> ", stderr);
	talk->prompted = true;
}

/*
 * What to wait for. A server that is gone and has reset the connection would report that without
 * end and is no longer asked; one that is only gone is asked for the reset (which needs no event).
 */
static void talk_wanted(const struct conversation *talk, struct pollfd fds[2])
{
	bool unsent = talk->typed.start < talk->typed.ready;
	bool types = !talk->leaving && !unsent && talk->options->n_sends == 0;

	fds[0] = (struct pollfd){.fd = talk->gone && talk->broken ? -1 : talk->fd};
	if (!talk->gone)
		fds[0].events |= POLLIN;
	if (unsent)
		fds[0].events |= POLLOUT;
	fds[1] = (struct pollfd){.fd = types ? STDIN_FILENO : -1, .events = POLLIN};
}

/* One wait and what came of it. Returns false when q has waited long enough. */
static bool talk_turn(struct conversation *talk)
{
	struct pollfd fds[2];
	int n;

	talk_wanted(talk, fds);
	n = poll(fds, 2, talk->hurried ? QUIT_WAIT_MS : -1);
	if (n == 0) {
		log_error("the server did not send back %llu of %llu bytes",
			  (unsigned long long)(talk->sent - talk->received),
			  (unsigned long long)talk->sent);
		talk->failed = true;
		return false;
	}
	if (n < 0 && errno != EINTR) {
		log_error("cannot wait for the server: %s", strerror(errno));
		talk->failed = true;
	}
	if (n < 0)
		return !talk->failed;
	if (fds[0].revents)
		talk_socket_event(talk, fds[0].revents);
	if (fds[1].revents && !talk->leaving)
		talk_type(talk);
	return true;
}

/* Returns false when the text was not all sent or did not all come back. */
static bool talk_run(struct conversation *talk)
{
	bool goes_on = true;

	while (goes_on && !talk_is_over(talk)) {
		if (talk->options->n_sends > 0 && !talk->leaving && talk_is_settled(talk)) {
			talk_type(talk);
			continue;
		}
		talk_prompt(talk);
		goes_on = talk_turn(talk);
	}
	prompt_leave(talk);
	return !talk->failed;
}

static void options_check(struct options *options)
{
	if (!options->host)
		usage_fail("HOST and PORT are missing: " PROGRAM " 127.0.0.1 19999");
	if (!options->port_word)
		usage_fail("PORT is missing after HOST: " PROGRAM " 127.0.0.1 19999");
	if (!*options->host)
		usage_fail("HOST is empty: " PROGRAM " 127.0.0.1 19999");
	options->port = echo_port(options->port_word);
}

static error_t options_parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char quoted[USAGE_QUOTE_SIZE];

	if (usage_key(key, state, PROGRAM) == 0)
		return 0;
	switch (key) {
	case OPTION_SEND:
		options->sends[options->n_sends++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->port_word)
			usage_fail("unexpected argument %s after PORT: text to send needs --send",
				   usage_quote(arg, quoted));
		if (options->host)
			options->port_word = arg;
		else
			options->host = arg;
		return 0;
	case ARGP_KEY_END:
		options_check(options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void options_read(struct options *options, int argc, char **argv)
{
	static const struct argp_option table[] = {
		{"send", OPTION_SEND, "TEXT", 0,
		 "Send TEXT as a line and wait for its echo, then the next; quit after the last",
		 0},
		USAGE_OPTIONS,
		{0},
	};
	static const struct argp argp = {
		.options = table,
		.parser = options_parse,
		.args_doc = "HOST PORT",
		.doc = "Sends what is typed to an echo server and prints what comes back. "
		       "A line that is just q quits."
		       "\v"
		       "Examples:\n"
		       "  echo-client 127.0.0.1 19999\n"
		       "  echo-client --send hello --send again ::1 19999",
	};

	usage_parse(&argp, argc, argv, options);
}

int main(int argc, char **argv)
{
	struct options options = {.sends = calloc((size_t)argc + 1, sizeof(char *))};
	struct conversation talk = {.options = &options};
	bool ok;

	echo_init(PROGRAM);
	if (!options.sends) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	options_read(&options, argc, argv);
	talk.is_typed_at = options.n_sends == 0 && isatty(STDIN_FILENO);
	talk.is_terminal = isatty(STDOUT_FILENO);
	talk.fd = echo_connect(options.host, options.port);
	ok = talk.fd >= 0;
	if (ok) {
		say_connected(talk.fd);
		ok = talk_run(&talk);
		close(talk.fd);
	}
	free(options.sends);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
