// SPDX-License-Identifier: GPL-2.0-only
#include "core/pids.h"

#include <errno.h>
#include <stdlib.h>

int pids_init(struct pids *pids)
{
	pids->count = 0;
	pids->pids = calloc(PIDS_MAX, sizeof(*pids->pids));
	return pids->pids ? 0 : -ENOMEM;
}

void pids_fini(struct pids *pids)
{
	free(pids->pids);
	*pids = (struct pids){0};
}

bool pids_has(const struct pids *pids, uint32_t pid)
{
	for (uint32_t i = 0; i < pids->count; i++)
		if (pids->pids[i] == pid)
			return true;
	return false;
}

void pids_add(struct pids *pids, uint32_t pid)
{
	if (pids->count < PIDS_MAX && !pids_has(pids, pid))
		pids->pids[pids->count++] = pid;
}

void pids_remove(struct pids *pids, uint32_t pid)
{
	for (uint32_t i = 0; i < pids->count; i++) {
		if (pids->pids[i] != pid)
			continue;
		pids->pids[i] = pids->pids[--pids->count];
		return;
	}
}
