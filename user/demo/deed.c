// SPDX-License-Identifier: GPL-2.0-only
#include "demo/deed.h"

#include <errno.h>
#include <linux/icmp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/number.h"
#include "base/usage.h"
#include "core/state.h"

#define BLANKS	  " \t"
#define ERRNO_MAX 133 /* EHWPOISON, include/uapi/asm-generic/errno.h */

/* clang-format off */
static const struct deed_entry deeds[DEEDS] = {
	[DEED_BIND] = {"bind", ACTOR_PUPPET, {ARG_PORT}, 1, "PORT"},
	[DEED_REUSE_ADDR] = {"reuse-addr", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_REUSE_PORT] = {"reuse-port", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_LISTEN] = {"listen", ACTOR_PUPPET, {ARG_NUMBER}, 0, "[BACKLOG]"},
	[DEED_CONNECT] = {"connect", ACTOR_PUPPET, {ARG_PORT}, 0, "[PORT]"},
	[DEED_CONNECTS] = {"connects", ACTOR_PUPPET, {ARG_COUNT}, 1, "COUNT"},
	[DEED_BEGIN_CONNECT] = {"begin-connect", ACTOR_PUPPET, {ARG_PORT}, 0, "[PORT]"},
	[DEED_FAST_OPEN] = {"fast-open", ACTOR_PUPPET, {ARG_NUMBER}, 1, "BYTES"},
	[DEED_MPTCP] = {"mptcp", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_ACCEPT] = {"accept", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_ACCEPTS] = {"accepts", ACTOR_PUPPET, {ARG_COUNT}, 1, "COUNT"},
	[DEED_SEND] = {"send", ACTOR_PUPPET, {ARG_NUMBER}, 1, "BYTES"},
	[DEED_RECV] = {"recv", ACTOR_PUPPET, {ARG_NUMBER}, 1, "BYTES"},
	[DEED_SHUTDOWN] = {"shutdown", ACTOR_PUPPET, {ARG_HOW}, 0, "[wr|rd|rdwr]"},
	[DEED_CLOSE] = {"close", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_FORGETS] = {"forgets", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_PASSES] = {"passes", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_TAKES] = {"takes", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_CLOSE_LISTENER] = {"close-listener", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_DISCONNECT] = {"disconnect", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_LINGER] = {"linger", ACTOR_PUPPET, {ARG_NUMBER}, 1, "SECONDS"},
	[DEED_LINGER2] = {"linger2", ACTOR_PUPPET, {ARG_NUMBER}, 1, "SECONDS"},
	[DEED_KEEPALIVE] = {"keepalive", ACTOR_PUPPET, {ARG_NUMBER, ARG_NUMBER, ARG_NUMBER}, 3,
			    "IDLE INTERVAL COUNT"},
	[DEED_USER_TIMEOUT] = {"user-timeout", ACTOR_PUPPET, {ARG_NUMBER}, 1, "MILLISECONDS"},
	[DEED_DEAF] = {"deaf", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_HEARS] = {"hears", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_HEARS_SYN] = {"hears-syn", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_DESTROY] = {"destroy", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_OVERHEARS] = {"overhears", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_REPEATS_FIN] = {"repeats-fin", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_REPEATS_SYN] = {"repeats-syn", ACTOR_PUPPET, {ARG_PORT}, 1, "PORT"},
	[DEED_UNREACHABLE] = {"unreachable", ACTOR_PUPPET, {ARG_CODE}, 1, "net|host|protocol|port"},
	[DEED_EXIT] = {"exit", ACTOR_PUPPET, {0}, 0, ""},
	[DEED_RUNS] = {"runs", ACTOR_PROGRAM, {ARG_TEXT}, 1, "echo-server|echo-client ARGUMENTS"},
	[DEED_TYPES] = {"types", ACTOR_PROGRAM, {ARG_TEXT}, 1, "LINE"},
	[DEED_SAYS] = {"says", ACTOR_PROGRAM, {ARG_TEXT}, 1, "TEXT"},
	[DEED_EXITS] = {"exits", ACTOR_PROGRAM, {ARG_STATUS, ARG_TEXT}, 1, "STATUS|SIGNAME [TEXT]"},
	[DEED_SIGNAL] = {"signal", ACTOR_ANY, {ARG_SIGNAL}, 1, "NAME"},
	[DEED_IN] = {"in", ACTOR_ANY, {ARG_STATE}, 1, "STATE"},
	[DEED_GONE] = {"gone", ACTOR_ANY, {0}, 0, ""},
	[DEED_COUNTS] = {"counts", ACTOR_ANY, {ARG_TEXT}, 1, "NUMBER STATE, NUMBER STATE ..."},
	[DEED_SNAPSHOT] = {"snapshot", ACTOR_ANY, {ARG_TEXT}, 1, "NUMBER STATE KIND, ..."},
	[DEED_WAITS] = {"waits", ACTOR_ANY, {ARG_NUMBER}, 1, "MILLISECONDS"},
	[DEED_LEAVES_NAMESPACE] = {"leaves-namespace", ACTOR_ANY, {0}, 0, ""},
};
/* clang-format on */

const struct deed_entry *deed_entry(enum deed deed)
{
	return &deeds[deed];
}

int deed_find(const char *name, enum deed *ret_deed)
{
	for (unsigned int i = 0; i < DEEDS; i++) {
		if (strcmp(deeds[i].name, name) != 0)
			continue;
		*ret_deed = (enum deed)i;
		return 0;
	}
	return -EINVAL;
}

char *deed_word(char **line)
{
	char *word = *line + strspn(*line, BLANKS);

	if (!*word)
		return NULL;
	*line = word + strcspn(word, BLANKS);
	if (**line)
		*(*line)++ = '\0';
	return word;
}

/* The rest of LINE, without the quotes that may be around it; NULL when it is empty. */
static char *take_text(char **line)
{
	char *text = *line + strspn(*line, BLANKS);
	size_t len = strlen(text);

	*line = text + len;
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text[len - 1] = '\0';
		text++;
	}
	return *text ? text : NULL;
}

int deed_signal(const char *name)
{
	for (int signal = 1; signal < NSIG; signal++) {
		const char *known = sigabbrev_np(signal);

		if (known && strcmp(known, name) == 0)
			return signal;
	}
	return 0;
}

static int find_errno(const char *name)
{
	for (int err = 1; err <= ERRNO_MAX; err++) {
		const char *known = strerrorname_np(err);

		if (known && strcmp(known, name) == 0)
			return err;
	}
	return 0;
}

/* --- one argument -------------------------------------------------------------------------------- */

static int read_number(const char *word, int64_t *ret_number)
{
	bool negative = word[0] == '-';
	uint64_t number;

	if (number_parse(word + negative, strlen(word + negative), 0, INT32_MAX, &number))
		return -EINVAL;
	*ret_number = negative ? -(int64_t)number : (int64_t)number;
	return 0;
}

static int read_count(const char *word, int64_t *ret_number)
{
	uint64_t number;

	if (number_parse(word, strlen(word), 1, DEED_CONNECTIONS, &number))
		return -EINVAL;
	*ret_number = (int64_t)number;
	return 0;
}

static int read_port(const char *word, int64_t *ret_number)
{
	uint16_t port = 0;
	int err = number_parse_port(word, &port);

	*ret_number = port;
	return err;
}

/* The place of WORD among the COUNT NAMES. */
static int read_name(const char *word, const char *const *names, unsigned int count,
		     int64_t *ret_number)
{
	for (unsigned int i = 0; i < count; i++) {
		if (strcmp(names[i], word) != 0)
			continue;
		*ret_number = i;
		return 0;
	}
	return -EINVAL;
}

static int read_how(const char *word, int64_t *ret_number)
{
	static const char *const hows[] =
		{[SHUT_RD] = "rd", [SHUT_WR] = "wr", [SHUT_RDWR] = "rdwr"};

	return read_name(word, hows, sizeof(hows) / sizeof(hows[0]), ret_number);
}

static int read_code(const char *word, int64_t *ret_number)
{
	static const char *const codes[] = {[ICMP_NET_UNREACH] = "net",
					    [ICMP_HOST_UNREACH] = "host",
					    [ICMP_PROT_UNREACH] = "protocol",
					    [ICMP_PORT_UNREACH] = "port"};

	return read_name(word, codes, sizeof(codes) / sizeof(codes[0]), ret_number);
}

static int read_signal(const char *word, int64_t *ret_number)
{
	*ret_number = deed_signal(word);
	return *ret_number ? 0 : -EINVAL;
}

/* A full socket in CLOSE is in no list, and a request socket is listed as SYN_RECV. */
static int read_state(const char *word, int64_t *ret_number)
{
	uint8_t state;

	if (state_parse(word, strlen(word), &state) || state == WIRE_CLOSE ||
	    state == WIRE_NEW_SYN_RECV)
		return -EINVAL;
	*ret_number = state;
	return 0;
}

static int read_status(const char *word, int64_t *ret_number)
{
	uint64_t status;

	if (strncmp(word, "SIG", 3) == 0 && deed_signal(word + 3)) {
		*ret_number = 128 + deed_signal(word + 3);
		return 0;
	}
	if (number_parse(word, strlen(word), 0, 255, &status))
		return -EINVAL;
	*ret_number = (int64_t)status;
	return 0;
}

static int read_arg(enum deed_arg arg, const char *word, int64_t *ret_number)
{
	switch (arg) {
	case ARG_NUMBER:
		return read_number(word, ret_number);
	case ARG_COUNT:
		return read_count(word, ret_number);
	case ARG_PORT:
		return read_port(word, ret_number);
	case ARG_CODE:
		return read_code(word, ret_number);
	case ARG_HOW:
		return read_how(word, ret_number);
	case ARG_SIGNAL:
		return read_signal(word, ret_number);
	case ARG_STATE:
		return read_state(word, ret_number);
	case ARG_STATUS:
		return read_status(word, ret_number);
	case ARG_NONE:
	case ARG_TEXT:
		break;
	}
	return -EINVAL;
}

/* --- all of them --------------------------------------------------------------------------------- */

static int say_usage(enum deed deed, struct text *ret_error)
{
	const struct deed_entry *entry = &deeds[deed];

	text_addf(ret_error, "write it as: ROLE %s%s%s", entry->name, entry->usage[0] ? " " : "",
		  entry->usage);
	if (entry->actor == ACTOR_PUPPET)
		text_add(ret_error, " [fails ERRNO]");
	return -EINVAL;
}

/* "fails ECONNREFUSED", of which WORD is the first. */
static int read_fails(enum deed deed, const char *word, char *line, struct deed_args *args,
		      struct text *ret_error)
{
	char quoted[USAGE_QUOTE_SIZE];
	const char *name;

	if (deeds[deed].actor != ACTOR_PUPPET || strcmp(word, "fails") != 0)
		return say_usage(deed, ret_error);
	name = deed_word(&line);
	args->fails = name ? find_errno(name) : 0;
	if (args->fails && !deed_word(&line))
		return 0;
	text_addf(ret_error, "fails %s: write one errno by its name, as ECONNREFUSED",
		  usage_quote(name ? name : "", quoted));
	return -EINVAL;
}

int deed_read(enum deed deed, char *line, struct deed_args *ret_args, struct text *ret_error)
{
	const struct deed_entry *entry = &deeds[deed];
	struct deed_args args = {0};
	char *word = NULL;

	while (args.count < DEED_NUMBERS && entry->args[args.count] != ARG_NONE) {
		if (entry->args[args.count] == ARG_TEXT) {
			args.text = take_text(&line);
			args.count += args.text != NULL;
			break;
		}
		word = deed_word(&line);
		if (!word || read_arg(entry->args[args.count], word, &args.numbers[args.count]))
			break;
		args.count++;
		word = NULL;
	}
	if (args.count < entry->required)
		return say_usage(deed, ret_error);
	if (!word)
		word = deed_word(&line);
	if (word && read_fails(deed, word, line, &args, ret_error))
		return -EINVAL;
	*ret_args = args;
	return 0;
}
