// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <stdlib.h>

#include "base/stdio.h"
#include "demo/demo.h"
#include "feature.h"
#include "census.h"
#include "options.h"
#include "replay.h"
#include "schema.h"
#include "trace.h"
#include "why.h"

int main(int argc, char **argv)
{
	struct options options;
	int status = EXIT_FAILURE;

	stdio_fill();
	setlocale(LC_CTYPE, ""); /* is the terminal UTF-8? Numbers stay as in C. */
	options_parse(&options, argc, argv);
	switch (options.verb) {
	case VERB_TRACE:
		status = trace_run(&options, NULL);
		break;
	case VERB_REPLAY:
		status = replay_run(&options);
		break;
	case VERB_DEMO:
		status = demo_run(&options);
		break;
	case VERB_WHY:
		status = why_run(&options);
		break;
	case VERB_FEATURES:
		status = feature_run(&options);
		break;
	case VERB_SNAPSHOT:
		status = census_run(&options);
		break;
	case VERB_SCHEMA:
		status = schema_run(&options);
		break;
	}
	options_fini(&options);
	return status;
}
