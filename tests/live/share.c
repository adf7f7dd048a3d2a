// SPDX-License-Identifier: GPL-2.0-only
/*
 * share PORT: a listener that two processes hold: says "PID PID" when both have it, and both end with stdin.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, SOMAXCONN) != 0)
		return -1;
	return fd;
}

static void wait_for_stdin(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	pid_t child;

	if (port < 1 || port > 65535) {
		fputs("share PORT\n", stderr);
		return 2;
	}
	if (listen_on((uint16_t)port) < 0) {
		perror("share: cannot listen");
		return EXIT_FAILURE;
	}
	child = fork();
	if (child < 0) {
		perror("share: cannot fork");
		return EXIT_FAILURE;
	}
	if (child > 0) {
		printf("%d %d\n", getpid(), child);
		fflush(stdout);
	}
	wait_for_stdin();
	if (child > 0)
		waitpid(child, NULL, 0);
	return EXIT_SUCCESS;
}
