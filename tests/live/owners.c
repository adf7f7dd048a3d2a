// SPDX-License-Identifier: GPL-2.0-only
/*
 * owners PORT DEED: connections on 127.0.0.1 whose ends go from process to process. Says at the end which process
 * owned each end then, as "client PID" and "server PID". Status 0: done, 77: it cannot be done here.
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sockets.h"

#define BUSY_CONNECTIONS 100

static uint16_t port;
static int listener;

static void say(pid_t client, pid_t server)
{
	printf("client %d\nserver %d\n", client, server);
}

static pid_t start(void)
{
	pid_t child = fork();

	must(child >= 0, "fork");
	return child;
}

static int accept_one(void)
{
	int fd = accept(listener, NULL, NULL);

	must(fd >= 0, "accept");
	return fd;
}

static void read_byte(int fd)
{
	char byte;

	must(read(fd, &byte, 1) == 1, "read");
}

static void write_byte(int fd)
{
	must(write(fd, "x", 1) == 1, "write");
}

/* Until the peer closes, or resets. */
static void read_end(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

static void talk(void)
{
	int fd = make_socket();

	connect_to(fd, port);
	write_byte(fd);
	read_end(fd);
	close(fd);
}

static void serve(int fd)
{
	read_byte(fd);
	close(fd);
}

/* A client of another process, which closes second. */
static pid_t start_client(void)
{
	pid_t client = start();

	if (client)
		return client;
	close(listener);
	talk();
	_exit(EXIT_SUCCESS);
}

/* ---- deeds: who listens, accepts, reads and closes ---- */

static void do_alone(void)
{
	pid_t client = start_client();

	serve(accept_one());
	wait_for_child(client);
	say(client, getpid());
}

/* The parent closes first, and the child owns what it was given. */
static void leave_to(pid_t child, int fd, pid_t client)
{
	close(fd);
	wait_for_child(child);
	wait_for_child(client);
	say(client, child);
}

static void do_inetd(void)
{
	pid_t client = start_client(), child;
	int fd = accept_one();

	child = start();
	if (child == 0) {
		close(listener);
		serve(fd);
		_exit(EXIT_SUCCESS);
	}
	leave_to(child, fd, client);
}

static void do_inetd_exec(void)
{
	pid_t client = start_client(), child;
	int fd = accept_one();

	child = start();
	if (child == 0) {
		dup2(fd, STDIN_FILENO);
		close(fd);
		close(listener);
		execl("/proc/self/exe", "owners", "stdin", (char *)NULL);
		die("exec");
	}
	leave_to(child, fd, client);
}

/* The parent closes last. */
static void do_parent_waits(void)
{
	pid_t client = start_client(), child;
	int fd = accept_one();

	child = start();
	if (child == 0) {
		read_byte(fd);
		_exit(EXIT_SUCCESS);
	}
	wait_for_child(child);
	close(fd);
	wait_for_child(client);
	say(client, child);
}

static void do_prefork(void)
{
	pid_t worker = start(), client;

	if (worker == 0) {
		serve(accept_one());
		_exit(EXIT_SUCCESS);
	}
	client = start_client();
	wait_for_child(worker);
	wait_for_child(client);
	say(client, worker);
}

/* Until stdin ends. */
static void do_nasty_name(void)
{
	pid_t client;
	int fd;

	prctl(PR_SET_NAME, "\033[31mr\377d");
	client = start_client();
	fd = accept_one();
	read_byte(fd);
	read_end(STDIN_FILENO);
	close(fd);
	wait_for_child(client);
	say(client, getpid());
}

/* The client's end is passed to a process that is older than it. */
static void do_pass(void)
{
	pid_t client, reader;
	int pair[2], fd;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	reader = start();
	if (reader == 0) {
		close(listener);
		serve(take_fd(pair[1]));
		_exit(EXIT_SUCCESS);
	}
	client = start();
	if (client == 0) {
		close(listener);
		fd = make_socket();
		connect_to(fd, port);
		pass_fd(pair[0], fd);
		_exit(EXIT_SUCCESS);
	}
	fd = accept_one();
	wait_for_child(client);
	write_byte(fd);
	read_end(fd);
	close(fd);
	wait_for_child(reader);
	say(reader, getpid());
}

/* Who connected is gone when its child, which never read, lets go. */
static void do_gone(void)
{
	pid_t client;
	int gate[2], fd;

	must(pipe(gate) == 0, "pipe");
	client = start();
	if (client == 0) {
		close(listener);
		close(gate[1]);
		fd = make_socket();
		connect_to(fd, port);
		write_byte(fd);
		if (start() == 0)
			read_end(gate[0]);
		_exit(EXIT_SUCCESS);
	}
	close(gate[0]);
	fd = accept_one();
	read_byte(fd);
	wait_for_child(client);
	close(gate[1]);
	read_end(fd);
	close(fd);
	say(client, getpid());
}

/* The last process with the listener closes it over a child that nobody has accepted. */
static void do_not_accepted(void)
{
	pid_t client, other;
	int gate[2], connected[2], fd;

	must(pipe(gate) == 0 && pipe(connected) == 0, "pipe");
	client = start();
	if (client == 0) {
		close(listener);
		close(gate[1]);
		fd = make_socket();
		connect_to(fd, port);
		write_byte(connected[1]);
		read_end(fd);
		_exit(EXIT_SUCCESS);
	}
	other = start();
	if (other == 0) {
		close(gate[1]);
		read_end(gate[0]);
		_exit(EXIT_SUCCESS);
	}
	read_byte(connected[0]);
	must(poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, -1) == 1, "poll");
	close(listener);
	close(gate[1]);
	wait_for_child(other);
	wait_for_child(client);
	say(client, getpid());
}

static void do_uring(void)
{
	pid_t client = start_client();
	char byte;
	int fd = submit((struct io_uring_sqe){.opcode = IORING_OP_ACCEPT, .fd = listener});

	if (fd < 0)
		exit(CANNOT);
	if (submit((struct io_uring_sqe){.opcode = IORING_OP_RECV,
					 .fd = fd,
					 .addr = (uintptr_t)&byte,
					 .len = 1}) != 1)
		exit(CANNOT);
	if (submit((struct io_uring_sqe){.opcode = IORING_OP_CLOSE, .fd = fd}) != 0)
		exit(CANNOT);
	wait_for_child(client);
	say(client, getpid());
}

/* All on one CPU, beside one who does nothing but run: whom the softirqs interrupt. */
static void do_busy(void)
{
	cpu_set_t one;
	pid_t hog, client;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	must(sched_setaffinity(0, sizeof(one), &one) == 0, "sched_setaffinity");
	hog = start();
	if (hog == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			;
	}
	client = start();
	if (client == 0) {
		close(listener);
		for (int i = 0; i < BUSY_CONNECTIONS; i++)
			talk();
		_exit(EXIT_SUCCESS);
	}
	for (int i = 0; i < BUSY_CONNECTIONS; i++)
		serve(accept_one());
	wait_for_child(client);
	kill(hog, SIGKILL);
	waitpid(hog, NULL, 0);
	say(client, getpid());
}

static const struct deed {
	const char *name;
	void (*act)(void);
} deeds[] = {
	{"alone", do_alone},
	{"inetd", do_inetd},
	{"inetd-exec", do_inetd_exec},
	{"parent-waits", do_parent_waits},
	{"prefork", do_prefork},
	{"nasty-name", do_nasty_name},
	{"pass", do_pass},
	{"gone", do_gone},
	{"not-accepted", do_not_accepted},
	{"uring", do_uring},
	{"busy", do_busy},
};

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "stdin") == 0) { /* of do_inetd_exec() */
		serve(STDIN_FILENO);
		return EXIT_SUCCESS;
	}
	port = argc == 3 ? (uint16_t)strtol(argv[1], NULL, 10) : 0;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]) && port; i++) {
		if (strcmp(deeds[i].name, argv[2]) != 0)
			continue;
		listener = listen_on(port, 8);
		deeds[i].act();
		return EXIT_SUCCESS;
	}
	fputs("owners PORT DEED\n", stderr);
	return 2;
}
