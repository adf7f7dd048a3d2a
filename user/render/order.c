// SPDX-License-Identifier: GPL-2.0-only
#include "render/order.h"

#include <stddef.h>

static uint32_t count_of(const struct order_node *node)
{
	return node ? node->count : 0;
}

static void recount(struct order_node *node)
{
	node->count = 1 + count_of(node->below[0]) + count_of(node->below[1]);
}

static bool is_greater(const struct order_node *a, const struct order_node *b)
{
	for (int i = 0; i < ORDER_KEYS; i++)
		if (a->keys[i] != b->keys[i])
			return a->keys[i] > b->keys[i];
	return false;
}

/* Where the pointer to NODE is. */
static struct order_node **link_of(struct order *order, const struct order_node *node)
{
	if (!node->parent)
		return &order->root;
	return &node->parent->below[node->parent->below[1] == node];
}

/* NODE takes the place of its parent, which goes below it. */
static void rotate_up(struct order *order, struct order_node *node)
{
	struct order_node *parent = node->parent;
	int side = parent->below[1] == node;
	struct order_node *child = node->below[!side];

	*link_of(order, parent) = node;
	node->parent = parent->parent;
	parent->parent = node;
	parent->below[side] = child;
	if (child)
		child->parent = parent;
	node->below[!side] = parent;
	recount(parent);
	recount(node);
}

/* xorshift (Marsaglia, 2003): the same tree in each run. */
static uint32_t random_weight(struct order *order)
{
	uint32_t x = order->random ? order->random : 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	order->random = x;
	return x;
}

void order_add(struct order *order, struct order_node *node)
{
	struct order_node **link = &order->root, *parent = NULL;

	while (*link) {
		parent = *link;
		parent->count++;
		link = &parent->below[is_greater(node, parent)];
	}
	*link = node;
	node->parent = parent;
	node->below[0] = node->below[1] = NULL;
	node->count = 1;
	node->weight = random_weight(order);
	node->in = true;
	while (node->parent && node->parent->weight < node->weight)
		rotate_up(order, node);
}

/* The heavier of its children, if it has one. */
static struct order_node *heavier_child(const struct order_node *node)
{
	struct order_node *less = node->below[0], *more = node->below[1];

	if (!less || !more)
		return less ? less : more;
	return less->weight > more->weight ? less : more;
}

void order_remove(struct order *order, struct order_node *node)
{
	struct order_node *child;

	if (!node->in)
		return;
	while ((child = heavier_child(node)) != NULL)
		rotate_up(order, child);
	*link_of(order, node) = NULL;
	for (struct order_node *above = node->parent; above; above = above->parent)
		above->count--;
	node->in = false;
}

uint32_t order_count(const struct order *order)
{
	return count_of(order->root);
}

struct order_node *order_at(const struct order *order, uint32_t place)
{
	struct order_node *node = order->root;

	while (node) {
		uint32_t less = count_of(node->below[0]);

		if (place == less)
			return node;
		if (place < less) {
			node = node->below[0];
		} else {
			node = node->below[1];
			place -= less + 1;
		}
	}
	return NULL;
}

uint32_t order_place(const struct order_node *node)
{
	uint32_t place = count_of(node->below[0]);

	for (; node->parent; node = node->parent)
		if (node->parent->below[1] == node)
			place += 1 + count_of(node->parent->below[0]);
	return place;
}
