// SPDX-License-Identifier: GPL-2.0-only
/*
 * machine-exit: reads a status from stdin, then the virtual machine ends, and qemu's exit status is this one
 * (odd, on x86). What was printed has left the machine before. It is started before the tests: once the
 * kernel is locked down, nobody gets at a port any more.
 *
 * x86: -device isa-debug-exit,iobase=0xf4,iosize=0x4, whose value V makes qemu end with 2 * V + 1.
 * arm64: -semihosting-config enable=on,userspace=on: semihosting's SYS_EXIT.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#ifdef __x86_64__
#include <sys/io.h>

static int prepare(void)
{
	return ioperm(0xf4, 4, 1);
}

static void end(unsigned int status)
{
	outl(status / 2, 0xf4);
}
#else
static int prepare(void)
{
	return 0;
}

static void end(unsigned int status)
{
	const uint64_t block[] = {0x20026 /* ADP_Stopped_ApplicationExit */, status};
	register uint64_t operation __asm__("x0") = 0x18; /* SYS_EXIT */
	register const uint64_t *argument __asm__("x1") = block;

	__asm__ volatile("hlt #0xf000" : "+r"(operation) : "r"(argument) : "memory");
}
#endif

int main(void)
{
	unsigned int status;

	if (prepare() != 0 || scanf("%u", &status) != 1)
		return EXIT_FAILURE;
	tcdrain(STDOUT_FILENO);
	sync();
	end(status);
	return EXIT_FAILURE;
}
