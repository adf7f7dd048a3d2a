// SPDX-License-Identifier: GPL-2.0-only
#include "demo/conductor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/usage.h"
#include "core/state.h"
#include "demo/count.h"
#include "demo/puppet.h"
#include "demo/sockets.h"
#include "tcp_states.h"

/* How long an act may take, beyond what the scenario says that it takes. */
#define PATIENCE_MS   10000
#define MOMENT_MS     5
#define MOMENT_MAX_MS 100

#define WORDS_MAX	 16
#define OUTPUT_MAX	 4096
#define STATUS_SIGNALLED 128

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int patience_ms(const struct conductor *conductor)
{
	return PATIENCE_MS + (int)scenario_takes_s(conductor->scenario, conductor->here) * 1000;
}

/* --- waiting ------------------------------------------------------------------------------------- */

typedef bool condition_fn(struct actor *actor, const struct act *act);

/* Each look makes the kernel walk all its sockets: what has taken long is looked for less often. */
static int moment_ms(int64_t waited_ms)
{
	int64_t ms = waited_ms / 20;

	if (ms < MOMENT_MS)
		return MOMENT_MS;
	return ms < MOMENT_MAX_MS ? (int)ms : MOMENT_MAX_MS;
}

/* Looks again and again. Returns 0, -ETIMEDOUT, or -ECANCELED. */
static int wait_until(const struct conductor *conductor, condition_fn *holds, struct actor *actor,
		      const struct act *act)
{
	struct pollfd audience = {.fd = conductor->audience, .events = POLLIN};
	int64_t start_ms = now_ms(), waited_ms = 0;

	while (!holds(actor, act)) {
		if (poll(&audience, 1, moment_ms(waited_ms)) > 0)
			return -ECANCELED;
		waited_ms = now_ms() - start_ms;
		if (waited_ms >= patience_ms(conductor))
			return -ETIMEDOUT;
	}
	return 0;
}

/* The time is part of the story: nothing is waited for. */
static int let_pass(const struct conductor *conductor, int ms)
{
	struct pollfd audience = {.fd = conductor->audience, .events = POLLIN};

	return poll(&audience, 1, ms) > 0 ? -ECANCELED : 0;
}

static bool has_ended(struct actor *actor, const struct act *act)
{
	int status;

	(void)act;
	if (!actor->ended && waitpid(actor->pid, &status, WNOHANG) == actor->pid) {
		actor->ended = true;
		actor->status = WIFSIGNALED(status) ? STATUS_SIGNALLED + WTERMSIG(status)
						    : WEXITSTATUS(status);
	}
	return actor->ended;
}

static bool has_stopped(struct actor *actor, const struct act *act)
{
	siginfo_t info = {0};

	(void)act;
	return waitid(P_PID, (id_t)actor->pid, &info, WSTOPPED | WNOWAIT | WNOHANG) == 0 &&
	       info.si_pid == actor->pid;
}

static bool is_in_state(struct actor *actor, const struct act *act)
{
	uint8_t state = (uint8_t)act->args.numbers[0];

	if (state == WIRE_LISTEN)
		return sockets_count(actor->local, 0, state) > 0;
	return sockets_count(actor->local, actor->remote, state) >= actor->connections;
}

static bool is_gone(struct actor *actor, const struct act *act)
{
	(void)act;
	return (!actor->local && !actor->remote) ||
	       !sockets_count(actor->local, actor->remote, WIRE_NO_STATE);
}

/*
 * A network namespace is taken down in the reverse order in which the parts of the network were set up: this
 * file, made before TCP (inet_init(), ip_rt_proc_init()), goes after its last minisock. A directory does not hold
 * the namespace that it belongs to.
 */
static bool namespace_is_gone(struct actor *actor, const struct act *act)
{
	(void)act;
	return faccessat(actor->namespace, "rt_cache", F_OK, 0) != 0;
}

/* What a program has said so far, in BUFFER of OUTPUT_MAX bytes. */
static const char *output_of(const struct actor *actor, char *buffer)
{
	ssize_t n = pread(actor->output, buffer, OUTPUT_MAX - 1, 0);

	buffer[n < 0 ? 0 : n] = '\0';
	return buffer;
}

static bool has_said(struct actor *actor, const struct act *act)
{
	char output[OUTPUT_MAX];

	return strstr(output_of(actor, output), act->args.text) != NULL;
}

static bool is_counted(struct actor *actor, const struct act *act)
{
	char counted[COUNT_SIZE];

	(void)actor;
	return strcmp(count(act->deed, counted), act->args.text) == 0;
}

/* --- roles --------------------------------------------------------------------------------------- */

/*
 * In the child: it must not outlive the conductor, whatever ends that; and where that is permitted, who looks on does not
 * interrupt it. Of a close() that is kept from its processor until the ACK of its FIN comes, a full socket stays in
 * FIN_WAIT2, not a minisock (tcp_rcv_state_process(), sock_owned_by_user()).
 */
static void enter(pid_t conductor)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != conductor)
		_exit(EXIT_FAILURE);
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
}

static int start_puppet(struct conductor *conductor, unsigned int role)
{
	struct actor *actor = &conductor->actors[role];
	pid_t self = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	actor->pid = fork();
	if (actor->pid == 0) {
		enter(self);
		close(pair[0]);
		puppet_run(conductor->scenario, role, pair[1], conductor->mail);
	}
	close(pair[1]);
	actor->fd = pair[0];
	actor->connections = 1;
	return actor->pid < 0 ? -errno : 0;
}

/* The program beside ours, which `make` has built with it, else the one in $PATH. */
static _Noreturn void become(char **words)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *slash = n > 0 ? (path[n] = '\0', strrchr(path, '/')) : NULL;

	if (slash) {
		snprintf(slash + 1, 32, "%s", words[0]);
		execv(path, words);
	}
	execvp(words[0], words);
	fprintf(stderr, "%s\n", strerror(errno));
	_exit(127);
}

static void split(char *command, char **ret_words)
{
	unsigned int n = 0;

	while (n < WORDS_MAX - 1 && (ret_words[n] = deed_word(&command)) != NULL)
		n++;
	ret_words[n] = NULL;
}

static int start_program(struct conductor *conductor, const struct act *act)
{
	struct actor *actor = &conductor->actors[act->role];
	char command[256], *words[WORDS_MAX];
	pid_t self = getpid();
	int input[2];

	snprintf(command, sizeof(command), "%s", act->args.text);
	split(command, words);
	if (!words[0])
		return -EINVAL;
	actor->output = memfd_create("output", MFD_CLOEXEC);
	if (actor->output < 0 || pipe2(input, O_CLOEXEC))
		return -errno;
	actor->pid = fork();
	if (actor->pid == 0) {
		enter(self);
		signal(SIGPIPE, SIG_DFL);
		dup2(input[0], STDIN_FILENO);
		dup2(actor->output, STDOUT_FILENO);
		dup2(actor->output, STDERR_FILENO);
		become(words);
	}
	close(input[0]);
	actor->fd = input[1];
	actor->connections = 1;
	*(strcmp(words[0], "echo-server") == 0 ? &actor->local : &actor->remote) = PUPPET_PORT;
	return actor->pid < 0 ? -errno : 0;
}

/* --- acts ---------------------------------------------------------------------------------------- */

static int say_failure(const struct act *act, struct text *error, const char *why)
{
	text_addf(error, "line %u, %s: %s", act->line, act->said, why);
	return -EPROTO;
}

static void say_errno(int err, struct text *text)
{
	if (!err)
		text_add(text, "success");
	else
		text_addf(text, "%s (%s)", strerrorname_np(err), strerror(err));
}

/* The result of a puppet's call, beside the expected one. */
static int judge_call(const struct act *act, int err, struct text *error)
{
	if (err == act->args.fails)
		return 0;
	say_failure(act, error, "");
	say_errno(err, error);
	text_add(error, ", expected was ");
	say_errno(act->args.fails, error);
	return -EPROTO;
}

/* ERR: of making a process. */
static int judge_start(const struct act *act, int err, struct text *error)
{
	return err ? say_failure(act, error, strerror(-err)) : 0;
}

/* What a wait has led to; a program's last words say why. */
static int judge_wait(const struct conductor *conductor, const struct act *act, int err,
		      struct text *error)
{
	char output[OUTPUT_MAX], quoted[USAGE_QUOTE_SIZE];

	if (err != -ETIMEDOUT)
		return err;
	say_failure(act, error, "");
	text_addf(error, "not within %d s", patience_ms(conductor) / 1000);
	if (conductor->scenario->roles[act->role].is_program)
		text_addf(error, "; it said %s",
			  usage_quote(output_of(&conductor->actors[act->role], output), quoted));
	return -EPROTO;
}

/* Until the puppet has answered, or ended, as it does at DEED_EXIT. */
static int wait_for_answer(const struct conductor *conductor, int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
				{.fd = conductor->audience, .events = POLLIN}};

	if (poll(fds, 2, patience_ms(conductor)) == 0)
		return -ETIMEDOUT;
	return fds[0].revents ? 0 : -ECANCELED;
}

static int order(struct conductor *conductor, const struct act *act, struct text *error)
{
	struct actor *actor = &conductor->actors[act->role];
	uint32_t index = (uint32_t)(act - conductor->scenario->acts);
	struct puppet_answer answer;
	int err;

	if (send(actor->fd, &index, sizeof(index), MSG_NOSIGNAL) < 0)
		return say_failure(act, error, "its process has ended");
	err = wait_for_answer(conductor, actor->fd);
	if (err)
		return judge_wait(conductor, act, err, error);
	if (recv(actor->fd, &answer, sizeof(answer), 0) != sizeof(answer)) {
		if (act->deed != DEED_EXIT)
			return say_failure(act, error, "its process has ended");
		return judge_wait(conductor, act, wait_until(conductor, has_ended, actor, act),
				  error);
	}
	actor->local = answer.local;
	actor->remote = answer.remote;
	actor->connections = answer.connections;
	return judge_call(act, answer.err, error);
}

static int type(struct actor *actor, const struct act *act, struct text *error)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s\n", act->args.text);

	if (n < (int)sizeof(line) && write(actor->fd, line, (size_t)n) == n)
		return 0;
	return say_failure(act, error, "it does not read");
}

static int send_signal(struct conductor *conductor, const struct act *act, struct text *error)
{
	struct actor *actor = &conductor->actors[act->role];
	int number = (int)act->args.numbers[0];

	if (actor->ended || kill(actor->pid, number))
		return say_failure(act, error, "its process has ended");
	if (number != SIGSTOP)
		return 0;
	return judge_wait(conductor, act, wait_until(conductor, has_stopped, actor, act), error);
}

static int await_exit(struct conductor *conductor, const struct act *act, struct text *error)
{
	struct actor *actor = &conductor->actors[act->role];
	int err = judge_wait(conductor, act, wait_until(conductor, has_ended, actor, act), error);
	char output[OUTPUT_MAX], quoted[USAGE_QUOTE_SIZE];

	if (err)
		return err;
	if (actor->status == act->args.numbers[0] && (!act->args.text || has_said(actor, act)))
		return 0;
	say_failure(act, error, "");
	text_addf(error, "it ended with status %d and said %s", actor->status,
		  usage_quote(output_of(actor, output), quoted));
	return -EPROTO;
}

/* What gives orders to a puppet is a socket of the namespace as well. */
static void hang_up(struct actor *actor)
{
	if (actor->pid && actor->ended && actor->fd >= 0) {
		close(actor->fd);
		actor->fd = -1;
	}
}

/* So is what they pass descriptors by. */
static void close_mail(struct conductor *conductor)
{
	for (int end = 0; end < 2; end++) {
		close(conductor->mail[end]);
		conductor->mail[end] = -1;
	}
}

/* Whoever else is in the namespace must have ended: it goes when the last has left it. */
static int leave_namespace(struct conductor *conductor, const struct act *act, struct text *error)
{
	struct actor *actor = &conductor->actors[act->role];
	int err;

	for (unsigned int role = 0; role < SCENARIO_ROLES; role++)
		hang_up(&conductor->actors[role]);
	close_mail(conductor);
	actor->namespace = open("/proc/self/net/stat", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (actor->namespace < 0 || unshare(CLONE_NEWNET))
		return say_failure(act, error, strerror(errno));
	err = wait_until(conductor, namespace_is_gone, actor, act);
	close(actor->namespace);
	return judge_wait(conductor, act, err, error);
}

/* The last act up to ACT that made something happen. */
static const char *last_deed(const struct conductor *conductor, const struct act *act)
{
	while (act > conductor->scenario->acts &&
	       (act->deed == DEED_IN || act->deed == DEED_GONE || count_is_deed(act->deed)))
		act--;
	return act->said;
}

static int await_count(struct conductor *conductor, const struct act *act, struct text *error)
{
	struct actor *actor = &conductor->actors[act->role];
	int err = judge_wait(conductor, act, wait_until(conductor, is_counted, actor, act), error);
	char counted[COUNT_SIZE], quoted[USAGE_QUOTE_SIZE];

	if (err == -EPROTO)
		text_addf(error, "; it counts %s", usage_quote(count(act->deed, counted), quoted));
	if (err)
		return err;
	text_addf(&conductor->notes, "after `%s`:\n$ %s\n  %s\n", last_deed(conductor, act),
		  count_name(act->deed), act->args.text);
	return 0;
}

static int play_act(struct conductor *conductor, const struct act *act, struct text *error)
{
	struct actor *actor = &conductor->actors[act->role];

	switch (act->deed) {
	case DEED_RUNS:
		return judge_start(act, start_program(conductor, act), error);
	case DEED_TYPES:
		return type(actor, act, error);
	case DEED_SIGNAL:
		return send_signal(conductor, act, error);
	case DEED_EXITS:
		return await_exit(conductor, act, error);
	case DEED_SAYS:
		return judge_wait(conductor, act, wait_until(conductor, has_said, actor, act),
				  error);
	case DEED_IN:
		return judge_wait(conductor, act, wait_until(conductor, is_in_state, actor, act),
				  error);
	case DEED_GONE:
		return judge_wait(conductor, act, wait_until(conductor, is_gone, actor, act),
				  error);
	case DEED_COUNTS:
	case DEED_SNAPSHOT:
		return await_count(conductor, act, error);
	case DEED_WAITS:
		return let_pass(conductor, (int)act->args.numbers[0]);
	case DEED_LEAVES_NAMESPACE:
		return leave_namespace(conductor, act, error);
	default:
		return order(conductor, act, error);
	}
}

int conductor_play(struct conductor *conductor, struct text *ret_error)
{
	const struct scenario *scenario = conductor->scenario;
	int err = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, conductor->mail) ? -errno : 0;

	if (err)
		text_addf(ret_error, "cannot make a socket: %s", strerror(-err));
	for (unsigned int i = 0; i < scenario->act_count && !err; i++) {
		const struct act *act = &scenario->acts[i];

		if (!when_holds(&act->when, conductor->here))
			continue;
		if (!conductor->actors[act->role].pid && act->deed != DEED_RUNS)
			err = judge_start(act, start_puppet(conductor, act->role), ret_error);
		if (!err)
			err = play_act(conductor, act, ret_error);
	}
	return err;
}

void conductor_fini(struct conductor *conductor)
{
	for (unsigned int role = 0; role < SCENARIO_ROLES; role++) {
		struct actor *actor = &conductor->actors[role];

		if (actor->pid <= 0 || actor->ended)
			continue;
		kill(actor->pid, SIGKILL);
		waitpid(actor->pid, NULL, 0);
	}
	close_mail(conductor);
}
