/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reader: a text of a scenario that is being read; within the reading of scenarios only.
 */
#ifndef DEMO_READER_H
#define DEMO_READER_H

#include "demo/scenario.h"

/* One text under way. WHEN is the [...] of the line above, which the next line uses up. */
struct reader {
	struct scenario *scenario;
	struct text *error;
	struct when when;
	bool conditional;
	bool in_end; /* rows belong to the last of the ends */
	unsigned int line;
	struct text about;
};

/* Puts "WRONG 'WORD': RIGHT" into the reader's error; WORD may be NULL. Returns -EINVAL. */
int reader_complain(struct reader *reader, const char *wrong, const char *word, const char *right);
int reader_too_many(struct reader *reader, const char *what);

/* When this line holds. */
struct when reader_take_when(struct reader *reader);

/* TEXT without the blanks around it, in place. */
char *reader_trim(char *text);

/* What must be seen, line by line: behind "expect"; a row whose first state is FROM; a verdict, of which WORD
 * has the number; behind "finding" and "may-find". Return 0 or -EINVAL. */
int outcome_read_expect(struct reader *reader, char *rest);
int outcome_read_row(struct reader *reader, uint8_t from, char *rest);
int outcome_read_verdict(struct reader *reader, char *word, char *rest);
int outcome_read_finding(struct reader *reader, char *rest);
int outcome_read_may_find(struct reader *reader, char *rest);

#endif
