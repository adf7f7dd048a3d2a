/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz: what each target has. A target is a file tests/fuzz/NAME.c with LLVMFuzzerTestOneInput(), a word in FUZZ of the
 * Makefile, and a directory tests/fuzz/corpus/NAME whose inputs say by their names why they are there.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must hold: else this input is one more for the corpus. */
#define fuzz_check(holds) ((holds) ? (void)0 : abort())

#endif
