// SPDX-License-Identifier: GPL-2.0-only
#include "core/findings.h"

#include "core/tracker.h"

int findings_init(struct findings *findings)
{
	*findings = (struct findings){.patience_ns = FINDINGS_PATIENCE_NS};
	return subjects_init(&findings->subjects);
}

void findings_fini(struct findings *findings)
{
	subjects_fini(&findings->subjects);
}

void findings_tell(struct tracker *tracker, struct subject *subject, struct finding *finding,
		   uint64_t now_ns)
{
	struct findings *findings = &tracker->findings;

	finding->code = (enum finding_code)subject->key.code;
	finding->explained = findings->explained & 1U << finding->code;
	findings->explained |= 1U << finding->code;
	finding->server = subject->key.server;
	finding->netns = subject->key.netns;
	finding->count = subject->count;
	finding->before = subject->told_count;
	subject->told_count = subject->count;
	subject->told_age_ns = finding->age_ns;
	subject->told_ns = now_ns;
	tracker->deliver(tracker->ctx, &(struct change){.kind = CHANGE_FINDING,
							.ktime_ns = now_ns,
							.finding = finding});
}
