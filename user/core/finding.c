// SPDX-License-Identifier: GPL-2.0-only
#include "core/finding.h"

const char *finding_name(enum finding_code code)
{
	static const char *const names[FINDING_CODES] = {
#define X(name, code) [FINDING_##name] = (code),
		FINDINGS(X)
#undef X
	};

	return names[code];
}
