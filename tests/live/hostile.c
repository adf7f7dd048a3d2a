// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostile FORM COMMAND...: runs COMMAND for each string of tests/unit/nasty.h, which takes the place of {} in its words; once,
 * if there is none. What it prints must be harmless as FORM (text, screen, json, csv, xml or any), and what it says on stderr ASCII; it must end by
 * itself, with a status that is not said to be wrong.
 *
 * hostile call PORT: for each string a process of that name connects to 127.0.0.1:PORT, and closes.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/harmless.h"
#include "../unit/nasty.h"

#define LIMIT_S	   30
#define WORDS	   64
#define SAID_BYTES (1UL << 20)

/* What ncurses writes: unit tests have judged the cells that it writes. */
static void harmless_any(const char *bytes, size_t len)
{
	(void)bytes, (void)len;
}

static const struct {
	const char *name;
	void (*judge)(const char *bytes, size_t len);
} forms[] = {
	{"text", harmless_text}, {"screen", harmless_screen}, {"json", harmless_json},
	{"csv", harmless_csv},	 {"xml", harmless_xml},	      {"any", harmless_any},
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* --- a command ----------------------------------------------------------------------------------- */

/* WORD with BYTES for {}. */
static char *filled(const char *word, const char *bytes)
{
	const char *hole = strstr(word, "{}");
	char *made;

	if (!hole)
		return strdup(word);
	if (asprintf(&made, "%.*s%s%s", (int)(hole - word), word, bytes, hole + 2) < 0)
		give_up("asprintf");
	return made;
}

static _Noreturn void run(char **words, const char *bytes, int out, int err)
{
	char *command[WORDS + 1];
	int n = 0;

	for (; words[n] && n < WORDS; n++)
		command[n] = filled(words[n], bytes);
	command[n] = NULL;
	if (!command[0])
		give_up("no command");
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	alarm(LIMIT_S);
	execvp(command[0], command);
	give_up(command[0]);
}

/* What is in FD, with a NUL behind it. */
static char *take(int fd, size_t *ret_len)
{
	char *bytes = calloc(1, SAID_BYTES + 1);
	ssize_t n = bytes ? pread(fd, bytes, SAID_BYTES, 0) : -1;

	if (n < 0)
		give_up("pread");
	close(fd);
	*ret_len = (size_t)n;
	return bytes;
}

static void check_said(const struct nasty *nasty, const char *said, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (said[i] != '\n' && (said[i] < ' ' || said[i] > '~')) {
			printf("%s: byte 0x%02x on stderr, behind '%.*s'\n", nasty->what,
			       (unsigned char)said[i], (int)i, said);
			exit(EXIT_FAILURE);
		}
}

static void check_command(const struct nasty *nasty, size_t form, char **words)
{
	int out = memfd_create("out", 0), err = memfd_create("err", 0), status;
	char *said, *printed;
	size_t len;
	pid_t pid = fork();

	if (pid == 0)
		run(words, nasty->bytes, out, err);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("fork");
	said = take(err, &len);
	if (!WIFEXITED(status)) {
		printf("%s: it ended by signal %d: %s\n", nasty->what, WTERMSIG(status), said);
		exit(EXIT_FAILURE);
	}
	check_said(nasty, said, len);
	free(said);
	printed = take(out, &len);
	forms[form].judge(printed, len);
	free(printed);
}

/* --- connections --------------------------------------------------------------------------------- */

static void call(const struct nasty *nasty, uint16_t port)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	pid_t pid = fork();
	int fd, status;

	if (pid == 0) {
		prctl(PR_SET_NAME, nasty->bytes);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)))
			give_up("connect");
		_exit(EXIT_SUCCESS);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		give_up(nasty->what);
}

static bool has_hole(char **words)
{
	for (; *words; words++)
		if (strstr(*words, "{}"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	size_t form = 0;

	if (argc < 3)
		give_up("hostile FORM COMMAND...");
	while (form < FORMS && strcmp(argv[1], forms[form].name) != 0)
		form++;
	for (unsigned int i = 0; i < (form < FORMS && !has_hole(argv + 2) ? 1 : nasty_count); i++)
		if (form < FORMS)
			check_command(&nasties[i], form, argv + 2);
		else
			call(&nasties[i], (uint16_t)strtoul(argv[2], NULL, 10));
	return EXIT_SUCCESS;
}
