// SPDX-License-Identifier: GPL-2.0-only
#include "demo/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/usage.h"
#include "core/addr.h"
#include "core/state.h"
#include "demo/reader.h"

#define TAKES_MAX_S 3600

bool when_holds(const struct when *when, const struct circumstances *here)
{
	enum pace other = here->fast ? PACE_FULL : PACE_FAST;

	return here->kernel >= when->from && (!when->before || here->kernel < when->before) &&
	       when->pace != other;
}

uint32_t scenario_takes_s(const struct scenario *scenario, const struct circumstances *here)
{
	uint32_t seconds = 0;

	for (unsigned int i = 0; i < scenario->take_count; i++)
		if (when_holds(&scenario->takes[i].when, here))
			seconds = scenario->takes[i].seconds;
	return seconds;
}

uint32_t scenario_kernel(const char *release)
{
	size_t major_len = strspn(release, "0123456789"), minor_len;
	const char *minor = release + major_len + 1;
	uint64_t major_number, minor_number;

	if (release[major_len] != '.')
		return 0;
	minor_len = strspn(minor, "0123456789");
	if (number_parse(release, major_len, 1, 999, &major_number) ||
	    number_parse(minor, minor_len, 0, 999, &minor_number))
		return 0;
	return (uint32_t)(major_number * 1000 + minor_number);
}

/* --- what is told of it -------------------------------------------------------------------------- */

static int read_title(struct reader *reader, char *rest)
{
	if (reader->scenario->title)
		return reader_complain(reader, "a second title", rest, "one is enough");
	reader->scenario->title = reader_trim(rest);
	return 0;
}

static int read_about(struct reader *reader, char *rest)
{
	text_addf(&reader->about, "%s%s", reader->about.len ? " " : "", reader_trim(rest));
	return reader->about.cut ? reader_too_many(reader, "words about it") : 0;
}

static int read_takes(struct reader *reader, char *rest)
{
	struct scenario *scenario = reader->scenario;
	char *number = deed_word(&rest), *unit = deed_word(&rest);
	uint64_t seconds;

	if (!number || !unit || strcmp(unit, "s") != 0 || deed_word(&rest) ||
	    number_parse(number, strlen(number), 1, TAKES_MAX_S, &seconds))
		return reader_complain(reader, "takes", number, "write seconds, as: takes 62 s");
	if (scenario->take_count == SCENARIO_LENGTHS)
		return reader_too_many(reader, "takes");
	scenario->takes[scenario->take_count++] =
		(struct length){.when = reader_take_when(reader), .seconds = (uint32_t)seconds};
	return 0;
}

static int read_explain_bind(struct reader *reader, char *rest)
{
	char *word = deed_word(&rest);

	if (word)
		return reader_complain(reader, "explain-bind", word, "it stands alone");
	reader->scenario->explain_bind = true;
	return 0;
}

static int read_address(struct reader *reader, char *rest)
{
	char *address = deed_word(&rest);
	struct addr_prefix prefix;

	if (!address || strchr(address, '/') || addr_parse_prefix(address, &prefix) ||
	    deed_word(&rest))
		return reader_complain(reader, "address", address,
				       "write one address, as: address ::1");
	reader->scenario->address = address;
	return 0;
}

static int read_close_wait_warn(struct reader *reader, char *rest)
{
	char *seconds = deed_word(&rest), *unit = deed_word(&rest);

	if (seconds && unit && strcmp(unit, "s") == 0 && !deed_word(&rest) &&
	    number_parse_seconds(seconds, &reader->scenario->close_wait_warn_ns) == 0)
		return 0;
	return reader_complain(reader, "close-wait-warn", seconds,
			       "write seconds, as: close-wait-warn 0.5 s");
}

/* --- sysctls ------------------------------------------------------------------------------------- */

/* Only what belongs to a network namespace may be set: the machine stays as it is. */
static int check_sysctl(struct reader *reader, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";

	if (name && strncmp(name, "net.", 4) == 0 && name[strspn(name, letters)] == '\0')
		return 0;
	return reader_complain(reader, "sysctl", name,
			       "write one of a network namespace, as net.ipv4.tcp_fin_timeout");
}

static int read_needs(struct reader *reader, char *rest)
{
	static const char *const kinds[] = {[NEED_SYSCTL] = "sysctl",
					    [NEED_SOCK_DESTROY] = "sock-destroy",
					    [NEED_KERNEL] = "kernel",
					    [NEED_COMMAND] = "command"};
	struct scenario *scenario = reader->scenario;
	char *what = deed_word(&rest), *name = deed_word(&rest);
	unsigned int kind = 0;

	while (what && kind < NEEDS && strcmp(what, kinds[kind]) != 0)
		kind++;
	if (!what || kind == NEEDS || (name != NULL) == (kind == NEED_SOCK_DESTROY) ||
	    (kind == NEED_KERNEL && !scenario_kernel(name)))
		return reader_complain(reader, "needs", what,
				       "write it as: needs sysctl NAME, needs kernel 5.14, needs "
				       "command NAME, or needs sock-destroy");
	if (scenario->need_count == SCENARIO_SETTINGS)
		return reader_too_many(reader, "needs");
	if (kind == NEED_SYSCTL && check_sysctl(reader, name))
		return -EINVAL;
	if (deed_word(&rest))
		return reader_complain(reader, "needs", name, "leave out what stands behind it");
	scenario->needs[scenario->need_count++] = (struct need){.when = reader_take_when(reader),
								.kind = (enum need_kind)kind,
								.name = name};
	return 0;
}

static int read_sysctl(struct reader *reader, char *rest)
{
	struct scenario *scenario = reader->scenario;
	char *name = deed_word(&rest);

	if (scenario->sysctl_count == SCENARIO_SETTINGS)
		return reader_too_many(reader, "sysctls");
	if (check_sysctl(reader, name))
		return -EINVAL;
	rest = reader_trim(rest);
	if (!*rest)
		return reader_complain(reader, "sysctl", name, "write its value behind it");
	scenario->sysctls[scenario->sysctl_count++] =
		(struct setting){.when = reader_take_when(reader), .name = name, .value = rest};
	return 0;
}

/* --- when a line holds ---------------------------------------------------------------------------- */

/* "[fast]", "[not fast]", "[before 6.5 COMMIT why]", "[from 6.5 COMMIT why]": so the next line does. */
static int read_when(struct reader *reader, char *rest)
{
	char *word, *version;
	uint32_t kernel;
	const char *why;

	reader->conditional = true;
	if (strcmp(rest, "fast]") == 0)
		reader->when.pace = PACE_FAST;
	else if (strcmp(rest, "not fast]") == 0)
		reader->when.pace = PACE_FULL;
	if (reader->when.pace)
		return 0;
	word = deed_word(&rest);
	version = deed_word(&rest);
	kernel = version ? scenario_kernel(version) : 0;
	why = reader_trim(rest);
	if (kernel && strchr(why, ' ') && why[strlen(why) - 1] == ']') {
		if (strcmp(word, "before") == 0)
			reader->when.before = kernel;
		else if (strcmp(word, "from") == 0)
			reader->when.from = kernel;
		if (reader->when.before || reader->when.from)
			return 0;
	}
	return reader_complain(reader, "a condition", NULL,
			       "write it as: [fast], [not fast], [before 6.5 COMMIT why] or [from "
			       "6.5 COMMIT why]");
}

/* --- what each side does ------------------------------------------------------------------------- */

static int find_role(struct reader *reader, const char *name, bool is_program)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	struct scenario *scenario = reader->scenario;

	for (unsigned int i = 0; i < scenario->role_count; i++)
		if (strcmp(scenario->roles[i].name, name) == 0)
			return (int)i;
	if (name[strspn(name, letters)] || strlen(name) >= SCENARIO_ROLE_SIZE)
		return reader_complain(reader, "role", name,
				       "write up to 15 lower-case letters and digits");
	if (scenario->role_count == SCENARIO_ROLES)
		return reader_too_many(reader, "roles");
	memcpy(scenario->roles[scenario->role_count].name, name, strlen(name) + 1);
	scenario->roles[scenario->role_count].is_program = is_program;
	return (int)scenario->role_count++;
}

/* A role is a puppet, or one program from its first act on. */
static int check_actor(struct reader *reader, const struct role *role, enum deed deed, bool is_new)
{
	enum deed_actor actor = deed_entry(deed)->actor;

	if (deed == DEED_RUNS && !is_new)
		return reader_complain(reader, "a second act of", role->name,
				       "a program needs a role of its own");
	if (actor == ACTOR_PROGRAM && !role->is_program)
		return reader_complain(reader, "a program's act by", role->name,
				       "let it run one first, by `runs`");
	if (actor == ACTOR_PUPPET && role->is_program)
		return reader_complain(reader, "a puppet's act by", role->name,
				       "it runs a program");
	return 0;
}

static int check_program(struct reader *reader, const char *command)
{
	size_t len = strcspn(command, " \t");

	if ((len == 11 && strncmp(command, "echo-server", len) == 0) ||
	    (len == 11 && strncmp(command, "echo-client", len) == 0))
		return 0;
	return reader_complain(reader, "runs", command, "it can be echo-server or echo-client");
}

/* LINE is all of it, for messages. */
static int read_act(struct reader *reader, const char *line, const char *name, char *rest)
{
	struct scenario *scenario = reader->scenario;
	char *word = deed_word(&rest);
	unsigned int roles = scenario->role_count;
	struct act act = {.line = reader->line, .said = line};
	int role;

	if (!word || deed_find(word, &act.deed))
		return reader_complain(reader, name, word,
				       "is no verb of a role; tests/README.md has the list");
	if (scenario->act_count == SCENARIO_ACTS)
		return reader_too_many(reader, "acts");
	role = find_role(reader, name, act.deed == DEED_RUNS);
	if (role < 0)
		return role;
	act.role = (unsigned int)role;
	if (check_actor(reader, &scenario->roles[role], act.deed, scenario->role_count > roles) ||
	    deed_read(act.deed, rest, &act.args, reader->error) ||
	    (act.deed == DEED_RUNS && check_program(reader, act.args.text)))
		return -EINVAL;
	act.when = reader_take_when(reader);
	scenario->acts[scenario->act_count++] = act;
	return 0;
}

/* --- lines --------------------------------------------------------------------------------------- */

static int read_keyword(struct reader *reader, const char *line, char *word, char *rest)
{
	static const struct {
		const char *word;
		int (*read)(struct reader *reader, char *rest);
	} keywords[] = {
		{"title", read_title},
		{"about", read_about},
		{"takes", read_takes},
		{"explain-bind", read_explain_bind},
		{"address", read_address},
		{"needs", read_needs},
		{"sysctl", read_sysctl},
		{"close-wait-warn", read_close_wait_warn},
		{"expect", outcome_read_expect},
		{"finding", outcome_read_finding},
		{"may-find", outcome_read_may_find},
	};
	uint8_t state;

	for (unsigned int i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i].word, word) == 0)
			return keywords[i].read(reader, rest);
	if (strncmp(word, "verdict", 7) == 0 && (!word[7] || word[7] == '/'))
		return outcome_read_verdict(reader, word, rest);
	if (state_parse(word, strlen(word), &state) == 0)
		return outcome_read_row(reader, state, rest);
	return read_act(reader, line, word, rest);
}

/* LINE is kept for messages, COPY is cut into words. */
static int read_line(struct reader *reader, char *line, char *copy)
{
	bool conditional = reader->conditional;
	char *word;

	if (*copy == '[' && conditional)
		return reader_complain(reader, "a second [", NULL, "write a row below the first");
	if (*copy == '[')
		return read_when(reader, copy + 1);
	word = deed_word(&copy);
	if (!word)
		return 0;
	if (read_keyword(reader, line, word, copy))
		return -EINVAL;
	if (conditional && reader->conditional)
		return reader_complain(reader, "a condition", NULL,
				       "it goes before an act, a row, a verdict, a finding, a "
				       "need, "
				       "a sysctl or `takes`");
	return 0;
}

/* Takes a comment off: from a "#" at the beginning of a word on. Anything else must be printable. */
static int clean_line(struct reader *reader, char *line)
{
	for (char *at = line; *at; at++) {
		if (*at == '#' && (at == line || at[-1] == ' ' || at[-1] == '\t')) {
			*at = '\0';
			return 0;
		}
		if (*at != '\t' && (*at < ' ' || *at > '~'))
			return reader_complain(reader, "a character that is not ASCII in", line,
					       "write plain letters");
	}
	return 0;
}

static int check_whole(struct reader *reader)
{
	const struct scenario *scenario = reader->scenario;

	if (reader->conditional)
		return reader_complain(reader, "a [ at the end", NULL, "write a row below it");
	if (!scenario->title || !*scenario->title)
		return reader_complain(reader, "no title", NULL, "write a line `title ...`");
	if (!scenario->about[0])
		return reader_complain(reader, "no word about it", NULL,
				       "write a line `about ...`");
	if (!scenario->act_count)
		return reader_complain(reader, "nothing happens", NULL,
				       "write acts, as: server listen");
	if (!scenario->row_count)
		return reader_complain(reader, "nothing is expected", NULL,
				       "write `expect client` and rows below it");
	return 0;
}

/* The text is there twice: its lines as they are, and cut into words. */
static int read_lines(struct reader *reader, size_t len)
{
	char *line = reader->scenario->bytes, *copy = line + len + 1;
	int err = 0;

	while (!err && line < reader->scenario->bytes + len) {
		size_t line_len = strcspn(line, "\n");

		line[line_len] = copy[line_len] = '\0';
		reader->line++;
		err = clean_line(reader, line);
		if (!err)
			err = clean_line(reader, copy);
		if (!err)
			err = read_line(reader, reader_trim(line), reader_trim(copy));
		line += line_len + 1;
		copy += line_len + 1;
	}
	return err;
}

static void set_name(struct scenario *scenario, const char *name)
{
	struct text text;

	text_init(&text, scenario->name, sizeof(scenario->name));
	text_escape(&text, name, strlen(name), sizeof(scenario->name) - 1);
}

int scenario_parse(const char *name, const char *text, size_t len, struct scenario *ret_scenario,
		   struct text *ret_error)
{
	char sentence[SCENARIO_ERROR_SIZE], quoted[USAGE_QUOTE_SIZE];
	struct text error;
	struct reader reader = {.scenario = ret_scenario, .error = &error};
	int err = 0;

	*ret_scenario = (struct scenario){.address = "127.0.0.1"};
	ret_scenario->bytes = calloc(2, len + 1);
	if (!ret_scenario->bytes)
		return -ENOMEM;
	memcpy(ret_scenario->bytes, text, len);
	memcpy(ret_scenario->bytes + len + 1, text, len);
	set_name(ret_scenario, name);
	text_init(&reader.about, ret_scenario->about, sizeof(ret_scenario->about));
	text_init(&error, sentence, sizeof(sentence));
	if (memchr(text, '\0', len))
		err = reader_complain(&reader, "a NUL byte in it", NULL, "write plain text");
	if (!err)
		err = read_lines(&reader, len);
	if (!err)
		err = check_whole(&reader);
	if (!err)
		return 0;
	text_addf(ret_error, "%s line %u: %s", usage_quote(name, quoted), reader.line, sentence);
	scenario_fini(ret_scenario);
	return err;
}

void scenario_fini(struct scenario *scenario)
{
	free(scenario->bytes);
	*scenario = (struct scenario){0};
}
