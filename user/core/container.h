/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * container: the container that a cgroup belongs to, read off its path.
 *
 * The engines name it there: docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope and libpod-ID.scope, or ID
 * alone as docker and kubelet with the cgroupfs driver have it, where ID has 64 hexadecimal digits; LXC
 * lxc.payload.NAME, and systemd machine-NAME.scope below machine.slice.
 */
#ifndef CORE_CONTAINER_H
#define CORE_CONTAINER_H

#include <stddef.h>

#define CONTAINER_SHOWN_DIGITS 12

/*
 * Finds the innermost container of PATH. Returns where its id or name begins, RET_LEN bytes long: of an id as many
 * as people know it by; or NULL when no part of PATH names one.
 */
const char *container_find(const char *path, size_t *ret_len);

#endif
