/* SPDX-License-Identifier: GPL-2.0-only */
/* mark: what tells run.c by prctl(2) that main() begins. */
#ifndef FAULTS_MARK_H
#define FAULTS_MARK_H

#define FAULTS_MARK 0x6661756c

#endif
