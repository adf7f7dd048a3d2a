// SPDX-License-Identifier: GPL-2.0-only
#include "source/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

struct snapshot {
	struct ring *ring;
	take_record_fn *take;
	void *ctx;
	ino_t *seen; /* network namespaces */
	size_t seen_count, seen_capacity;
	unsigned int missed; /* ... that could not be looked at */
	int err; /* why the last of them could not */
};

/* --- one iterator -------------------------------------------------------------------------------- */

/* Runs it to its end, and closes it. A read() that gives a byte says that the ring is half full; one that
 * says EAGAIN, that it has been at work for long. */
static int run(struct snapshot *snapshot, int iterator)
{
	char byte;
	ssize_t n;
	int err = 0;

	if (iterator < 0)
		return iterator;
	for (;;) {
		n = read(iterator, &byte, sizeof(byte));
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			err = -errno;
		if (n == 0 || err)
			break;
		ring_read(snapshot->ring, snapshot->take, snapshot->ctx);
	}
	close(iterator);
	return err;
}

/* --- network namespaces -------------------------------------------------------------------------- */

struct visit {
	const struct ring *ring;
	int netns; /* descriptor */
	int iterator; /* or -errno */
};

/* An iterator belongs to the namespace of the thread that makes it. */
static void *visit(void *ctx)
{
	struct visit *there = ctx;

	there->iterator = setns(there->netns, CLONE_NEWNET)
				  ? -errno
				  : ring_iterate(there->ring, RING_SOCKETS);
	return NULL;
}

/* In a thread of its own, so that nothing can leave us in another namespace. */
static int iterate_in(const struct ring *ring, int netns)
{
	struct visit there = {.ring = ring, .netns = netns};
	pthread_t thread;
	int err = pthread_create(&thread, NULL, visit, &there);

	if (err)
		return -err;
	pthread_join(thread, NULL);
	return there.iterator;
}

static bool is_new(struct snapshot *snapshot, ino_t netns)
{
	ino_t *grown;
	size_t capacity = snapshot->seen_capacity;

	for (size_t i = 0; i < snapshot->seen_count; i++)
		if (snapshot->seen[i] == netns)
			return false;
	if (snapshot->seen_count == capacity) {
		capacity = capacity ? 2 * capacity : 64;
		grown = realloc(snapshot->seen, capacity * sizeof(*grown));
		if (!grown)
			return false;
		snapshot->seen = grown;
		snapshot->seen_capacity = capacity;
	}
	snapshot->seen[snapshot->seen_count++] = netns;
	return true;
}

/* What has gone since its directory was read is not missed. */
static void look_into(struct snapshot *snapshot, const char *path)
{
	struct stat status;
	int netns, err;

	if (stat(path, &status) != 0 || !is_new(snapshot, status.st_ino))
		return;
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		err = errno == ENOENT ? 0 : -errno;
	else
		err = run(snapshot, iterate_in(snapshot->ring, netns));
	if (netns >= 0)
		close(netns);
	if (err) {
		snapshot->missed++;
		snapshot->err = err;
	}
}

/* The namespaces at PREFIX/NAME/SUFFIX. */
static void look_below(struct snapshot *snapshot, const char *prefix, const char *suffix)
{
	DIR *directory = opendir(prefix);
	const struct dirent *entry;
	char path[512];

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", prefix, entry->d_name, suffix);
		look_into(snapshot, path);
	}
	closedir(directory);
}

static int look_here(struct snapshot *snapshot)
{
	struct stat status;

	if (stat("/proc/self/ns/net", &status) == 0)
		is_new(snapshot, status.st_ino);
	return run(snapshot, ring_iterate(snapshot->ring, RING_SOCKETS));
}

/* --- all ----------------------------------------------------------------------------------------- */

int snapshot_take(struct ring *ring, take_record_fn *take, void *ctx)
{
	struct snapshot snapshot = {.ring = ring, .take = take, .ctx = ctx};
	int err = look_here(&snapshot);

	if (!err) {
		look_below(&snapshot, "/proc", "/ns/net");
		look_below(&snapshot, "/run/netns", "");
		err = run(&snapshot, ring_iterate(ring, RING_FILES));
	}
	log_detail("looked for sockets in %zu network namespaces", snapshot.seen_count);
	if (snapshot.missed)
		log_detail("%u of them could not be looked at: %s", snapshot.missed,
			   strerror(-snapshot.err));
	free(snapshot.seen);
	return err;
}

int snapshot_look(struct ring *ring, uint32_t port, take_record_fn *take, void *ctx)
{
	struct snapshot snapshot = {.ring = ring, .take = take, .ctx = ctx};
	int err;

	ring_look_at(ring, port);
	err = run(&snapshot, ring_iterate(ring, RING_FILES));
	ring_look_at(ring, 0);
	ring_read(ring, take, ctx);
	return err;
}
