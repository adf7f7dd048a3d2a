/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * order: a set that is kept in order, and knows the place of each of its members. To put one in, to take one
 * out, to find the Nth or the place of one takes as many steps as the set's size has digits, so a list of ten thousand
 * scrolls as one of ten.
 *
 * It is a treap (Seidel and Aragon, "Randomized search trees", 1996) whose nodes count what is below them; a node
 * is part of what is ordered.
 */
#ifndef RENDER_ORDER_H
#define RENDER_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/* By the first of them, then by the second, and so on. No two keys of a set are the same. */
#define ORDER_KEYS 6

struct order_node {
	struct order_node *parent, *below[2]; /* lesser ones, greater ones */
	uint64_t keys[ORDER_KEYS];
	uint32_t weight; /* no node has a heavier one below it */
	uint32_t count; /* of those below it, and itself */
	bool in;
};

/* Empty when all is 0. */
struct order {
	struct order_node *root;
	uint32_t random;
};

/* NODE's keys are set, and it is in no order. */
void order_add(struct order *order, struct order_node *node);

/* Takes NODE out, if it is in. */
void order_remove(struct order *order, struct order_node *node);

uint32_t order_count(const struct order *order);

/* The one at PLACE, from 0; NULL: there are not so many. */
struct order_node *order_at(const struct order *order, uint32_t place);

/* The place of NODE, which is in. */
uint32_t order_place(const struct order_node *node);

#endif
