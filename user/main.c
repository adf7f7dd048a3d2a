// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>

#include "base/stdio.h"
#include "options.h"
#include "replay.h"
#include "trace.h"

int main(int argc, char **argv)
{
	struct options options;
	int status;

	stdio_fill();
	setlocale(LC_CTYPE, ""); /* is the terminal UTF-8? Numbers stay as in C. */
	options_parse(&options, argc, argv);
	if (options.verb == VERB_REPLAY)
		status = replay_run(&options);
	else
		status = trace_run(&options);
	options_fini(&options);
	return status;
}
