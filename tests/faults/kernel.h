/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel: the BPF programs, maps and links that a process holds, and whether they are gone after it. */
#ifndef FAULTS_KERNEL_H
#define FAULTS_KERNEL_H

#include <sys/types.h>

/* What PID holds now must be gone when it has ended. */
void kernel_note(pid_t pid);

/* Waits some seconds for all that was noted to go. Returns how many did not, which it says. */
unsigned int kernel_left(void);

#endif
