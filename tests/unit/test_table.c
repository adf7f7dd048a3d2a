// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "core/table.h"

static struct table table;

static int start(void **fixture)
{
	(void)fixture;
	return table_init(&table, 8);
}

static int stop(void **fixture)
{
	(void)fixture;
	table_fini(&table);
	return 0;
}

static struct endpoint *add(uint64_t sk, const char *local, uint16_t port, const char *remote,
			    uint16_t remote_port)
{
	struct conn *conn = table_new_conn(&table, SIDE_CLIENT, sk, 1);
	struct endpoint *end;

	assert_non_null(conn);
	end = conn->ends[SIDE_CLIENT];
	end->netns = MAKE_NETNS;
	end->state = WIRE_ESTABLISHED;
	end->local = make_at(local, port);
	end->remote = make_at(remote, remote_port);
	table_enter_pair(&table, end);
	return end;
}

static struct endpoint *add_listener(uint64_t sk, const char *local, uint16_t port)
{
	struct make_end made = make_listener(sk, make_at(local, port));
	struct conn *conn = table_new_conn(&table, SIDE_SERVER, sk, 1);
	struct endpoint *end = conn->ends[SIDE_SERVER];

	end->netns = MAKE_NETNS;
	end->state = WIRE_LISTEN;
	end->local = made.local;
	end->remote = made.remote;
	table_enter_pair(&table, end);
	return end;
}

TEST(connections_are_numbered_from_1_and_never_again)
{
	struct conn *first = table_new_conn(&table, SIDE_CLIENT, 1, 5);
	struct conn *second = table_new_conn(&table, SIDE_SERVER, 2, 6);

	assert_int_equal(first->id, 1);
	assert_int_equal(first->start_ns, 5);
	assert_int_equal(first->list, LIST_HELD);
	assert_non_null(first->ends[SIDE_CLIENT]);
	assert_null(first->ends[SIDE_SERVER]);
	assert_int_equal(second->id, 2);
	assert_int_equal(second->ends[SIDE_SERVER]->side, SIDE_SERVER);
	table_free_conn(&table, first);
	assert_int_equal(table_new_conn(&table, SIDE_CLIENT, 1, 7)->id, 3);
}

TEST(a_socket_is_found_by_its_address_until_it_is_freed)
{
	struct conn *conn = table_new_conn(&table, SIDE_CLIENT, 0xabc0, 1);

	assert_ptr_equal(table_at(&table, 0xabc0), conn->ends[SIDE_CLIENT]);
	assert_null(table_at(&table, 0xabc1));
	table_free_conn(&table, conn);
	assert_null(table_at(&table, 0xabc0));
}

TEST(the_youngest_at_an_address_is_found)
{
	struct conn *old = table_new_conn(&table, SIDE_CLIENT, 0xabc0, 1);
	struct conn *young;

	table_forget_address(&table, old->ends[SIDE_CLIENT]);
	assert_null(table_at(&table, 0xabc0));
	young = table_new_conn(&table, SIDE_CLIENT, 0xabc0, 2);
	table_free_conn(&table, old);
	assert_ptr_equal(table_at(&table, 0xabc0), young->ends[SIDE_CLIENT]);
}

TEST(the_cap_holds_and_what_is_freed_can_be_used_again)
{
	struct conn *conns[8];

	for (uint64_t i = 0; i < 8; i++) {
		conns[i] = table_new_conn(&table, SIDE_CLIENT, i, 1);
		assert_non_null(conns[i]);
	}
	assert_null(table_new_conn(&table, SIDE_CLIENT, 99, 1));
	table_free_conn(&table, conns[3]);
	table_free_conn(&table, conns[5]);
	assert_non_null(table_new_conn(&table, SIDE_SERVER, 99, 1));
	assert_non_null(table_new_conn(&table, SIDE_SERVER, 98, 1));
	assert_null(table_new_conn(&table, SIDE_CLIENT, 97, 1));
}

/* ... however often they come and go. */
TEST(there_is_an_end_for_each_side_of_each_connection)
{
	for (int round = 0; round < 100; round++) {
		struct conn *conns[8];

		for (uint64_t i = 0; i < 8; i++)
			conns[i] = table_new_conn(&table, SIDE_CLIENT, i, 1);
		for (int i = 0; i < 8; i += 2)
			table_join(&table, conns[i], conns[i + 1]);
		assert_int_equal(table.endpoints.items, 8);
		assert_non_null(table_new_conn(&table, SIDE_CLIENT, 50, 1));
		table_free_conn(&table, table_at(&table, 50)->conn);
		for (int i = 0; i < 8; i += 2)
			table_free_conn(&table, conns[i]);
		for (int i = 0; i < LISTS; i++)
			assert_int_equal(table.lists[i].count, 0);
	}
	assert_int_equal(table.endpoints.items, 0);
	assert_int_equal(table.conns.items, 0);
}

TEST(a_mirror_has_the_addresses_turned_round)
{
	struct endpoint *a = add(1, "10.0.0.1", 5000, "10.0.0.2", 80);
	struct endpoint *b = add(2, "10.0.0.2", 80, "10.0.0.1", 5000);

	assert_ptr_equal(table_by_mirror(&table, a, false), b);
	assert_ptr_equal(table_by_mirror(&table, b, false), a);
}

TEST(what_is_not_quite_turned_round_is_no_mirror)
{
	struct endpoint *a = add(1, "10.0.0.1", 5000, "10.0.0.2", 80);

	add(2, "10.0.0.1", 5000, "10.0.0.2", 80);
	add(3, "10.0.0.2", 80, "10.0.0.1", 5001);
	add(4, "10.0.0.2", 81, "10.0.0.1", 5000);
	add(5, "10.0.0.2", 80, "10.0.0.3", 5000);
	add(6, "10.0.0.1", 80, "10.0.0.2", 5000);
	assert_null(table_by_mirror(&table, a, false));
}

TEST(a_mirror_must_be_in_the_same_namespace_open_and_free)
{
	struct endpoint *a = add(1, "10.0.0.1", 5000, "10.0.0.2", 80);
	struct endpoint *b = add(2, "10.0.0.2", 80, "10.0.0.1", 5000);
	struct endpoint *c;

	b->state = WIRE_CLOSE;
	assert_null(table_by_mirror(&table, a, false));
	b->state = WIRE_CLOSE_WAIT;
	assert_ptr_equal(table_by_mirror(&table, a, false), b);
	a->netns++;
	assert_null(table_by_mirror(&table, a, false));
	a->netns--;
	c = add(3, "10.0.0.9", 1, "10.0.0.9", 2);
	table_join(&table, b->conn, c->conn);
	assert_null(table_by_mirror(&table, a, false));
}

/* Sooner or later a namespace shares the bucket of another. */
TEST(no_namespace_is_taken_for_another)
{
	struct endpoint *a = add(1, "10.0.0.1", 5000, "10.0.0.2", 80);
	struct addr_port at = make_at("10.0.0.2", 80);

	for (uint32_t i = 1; i < 500; i++) {
		struct conn *conn = table_new_conn(&table, SIDE_SERVER, 2, 1);
		struct endpoint *end = conn->ends[SIDE_SERVER];

		end->netns = MAKE_NETNS + i;
		end->state = i % 2 ? WIRE_LISTEN : WIRE_ESTABLISHED;
		end->local = a->remote;
		end->remote = i % 2 ? make_at("0.0.0.0", 0) : a->local;
		table_enter_pair(&table, end);
		assert_null(table_by_mirror(&table, a, false));
		assert_null(table_listener(&table, MAKE_NETNS, &at));
		table_free_conn(&table, conn);
	}
}

TEST(an_end_is_not_its_own_mirror)
{
	struct endpoint *self = add(1, "127.0.0.1", 5000, "127.0.0.1", 5000);

	assert_null(table_by_mirror(&table, self, false));
	self->snd_una = self->rcv_nxt = 77;
	table_enter_handshake(&table, self);
	assert_null(table_by_handshake(&table, self));
}

TEST(unknown_ports_have_no_mirror)
{
	struct endpoint *a = add(1, "10.0.0.1", 0, "10.0.0.2", 80);
	struct endpoint *b = add(2, "10.0.0.2", 80, "10.0.0.1", 0);

	assert_false(a->in_pairs || b->in_pairs);
	assert_null(table_by_mirror(&table, a, false));
	assert_null(table_by_mirror(&table, b, false));
}

TEST(a_handshake_is_found_by_its_numbers_crossed)
{
	struct endpoint *a = add(1, "10.0.0.1", 5000, "10.0.0.2", 80);
	struct endpoint *b = add(2, "1.1.1.1", 80, "9.9.9.9", 1234);

	a->snd_una = 100;
	a->rcv_nxt = 200;
	table_enter_handshake(&table, a);
	b->snd_una = 200;
	b->rcv_nxt = 100;
	assert_ptr_equal(table_by_handshake(&table, b), a);
	b->rcv_nxt = 101;
	assert_null(table_by_handshake(&table, b));
	b->snd_una = 100;
	b->rcv_nxt = 200;
	assert_null(table_by_handshake(&table, b));
	table_free_conn(&table, a->conn);
	b->snd_una = 200;
	b->rcv_nxt = 100;
	assert_null(table_by_handshake(&table, b));
}

TEST(a_child_finds_the_listener_at_its_address_first)
{
	struct addr_port at = make_at("10.0.0.1", 80), elsewhere = make_at("10.0.0.2", 80);
	struct endpoint *any = add_listener(1, "0.0.0.0", 80);
	struct endpoint *one = add_listener(2, "10.0.0.1", 80);

	assert_ptr_equal(table_listener(&table, MAKE_NETNS, &at), one);
	assert_ptr_equal(table_listener(&table, MAKE_NETNS, &elsewhere), any);
	at.port = 81;
	assert_null(table_listener(&table, MAKE_NETNS, &at));
	assert_null(table_listener(&table, MAKE_NETNS + 1, &elsewhere));
}

TEST(a_listener_on_the_v6_wildcard_serves_both_families)
{
	struct addr_port v4 = make_at("10.0.0.1", 80), v6 = make_at("::1", 80);
	struct endpoint *dual = add_listener(1, "::", 80);

	assert_ptr_equal(table_listener(&table, MAKE_NETNS, &v4), dual);
	assert_ptr_equal(table_listener(&table, MAKE_NETNS, &v6), dual);
}

TEST(a_listener_on_the_v4_wildcard_serves_v4_only)
{
	struct addr_port v4 = make_at("10.0.0.1", 80), v6 = make_at("::1", 80);
	struct endpoint *any = add_listener(1, "0.0.0.0", 80);

	assert_ptr_equal(table_listener(&table, MAKE_NETNS, &v4), any);
	assert_null(table_listener(&table, MAKE_NETNS, &v6));
}

/* An AF_INET6 socket on ::ffff:10.0.0.1 has the peer ::, not ::ffff:0.0.0.0. */
TEST(a_v6_listener_on_a_mapped_address_is_found)
{
	struct addr_port at = make_at("10.0.0.1", 80);
	struct conn *conn = table_new_conn(&table, SIDE_SERVER, 1, 1);
	struct endpoint *end = conn->ends[SIDE_SERVER];

	end->netns = MAKE_NETNS;
	end->state = WIRE_LISTEN;
	end->local = at;
	table_enter_pair(&table, end);
	assert_ptr_equal(table_listener(&table, MAKE_NETNS, &at), end);
}

TEST(a_listener_that_is_closed_is_none)
{
	struct addr_port at = make_at("10.0.0.1", 80);
	struct endpoint *end = add_listener(1, "0.0.0.0", 80);

	end->state = WIRE_CLOSE;
	assert_null(table_listener(&table, MAKE_NETNS, &at));
	table_free_conn(&table, end->conn);
	assert_null(table_listener(&table, MAKE_NETNS, &at));
}

TEST(joining_gives_the_free_side_and_frees_the_other_connection)
{
	struct conn *into = table_new_conn(&table, SIDE_SERVER, 1, 1);
	struct conn *from = table_new_conn(&table, SIDE_SERVER, 2, 1);
	struct endpoint *end = from->ends[SIDE_SERVER];

	table_join(&table, into, from);
	assert_ptr_equal(into->ends[SIDE_CLIENT], end);
	assert_ptr_equal(end->conn, into);
	assert_int_equal(end->side, SIDE_CLIENT);
	assert_ptr_equal(table_at(&table, 2), end);
	assert_int_equal(table.lists[LIST_HELD].count, 1);
}

TEST(lists_are_in_order_of_the_last_activity)
{
	struct conn *a = table_new_conn(&table, SIDE_CLIENT, 1, 1);
	struct conn *b = table_new_conn(&table, SIDE_CLIENT, 2, 1);
	struct conn *c = table_new_conn(&table, SIDE_CLIENT, 3, 1);

	assert_ptr_equal(table.lists[LIST_HELD].oldest, a);
	table_touch(&table, a, LIST_HELD);
	assert_ptr_equal(table.lists[LIST_HELD].oldest, b);
	assert_ptr_equal(table.lists[LIST_HELD].newest, a);
	table_touch(&table, c, LIST_LIVE);
	assert_int_equal(table.lists[LIST_HELD].count, 2);
	assert_int_equal(table.lists[LIST_LIVE].count, 1);
	assert_ptr_equal(table.lists[LIST_LIVE].oldest, c);
	assert_ptr_equal(b->newer, a);
	assert_ptr_equal(a->older, b);
	table_free_conn(&table, b);
	assert_ptr_equal(table.lists[LIST_HELD].oldest, a);
	assert_null(a->older);
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

#define CROWD 5000

/* One of many that differ by their ports, cookies and numbers; each third shares its address with the one before. */
static struct endpoint *add_nth(struct table *crowd, uint16_t n)
{
	struct conn *conn =
		table_new_conn(crowd, SIDE_CLIENT, UINT64_C(64) * (n % 3 == 2 ? n - 1U : n), 1);
	struct endpoint *end;

	assert_non_null(conn);
	end = conn->ends[SIDE_CLIENT];
	end->state = WIRE_ESTABLISHED;
	end->keeps = WIRE_TIME_WAIT;
	end->local = make_at("127.0.0.1", (uint16_t)(n + 1));
	end->remote = make_at("127.0.0.2", 80);
	end->snd_una = n;
	end->rcv_nxt = 1000000;
	table_enter_pair(crowd, end);
	table_enter_handshake(crowd, end);
	return end;
}

static void check_nth(const struct table *crowd, struct endpoint *end)
{
	struct endpoint crossed = {.snd_una = end->rcv_nxt, .rcv_nxt = end->snd_una};

	assert_ptr_equal(table_timewait(crowd, end->netns, &end->local, &end->remote), end);
	assert_ptr_equal(table_by_handshake(crowd, &crossed), end);
	assert_int_equal(table_at(crowd, end->address)->address, end->address);
}

/* Of those with one address the youngest is found. */
static void check_ages(const struct table *crowd, struct endpoint *const *ends, size_t from)
{
	for (size_t i = from; i < CROWD; i++)
		if (i % 3 != 1 || i + 1 == CROWD)
			assert_ptr_equal(table_at(crowd, ends[i]->address), ends[i]);
}

TEST(all_are_found_while_the_indexes_grow_and_shrink)
{
	static struct endpoint *ends[CROWD];
	struct table crowd;
	uint32_t least;

	assert_int_equal(table_init(&crowd, CROWD), 0);
	least = crowd.bucket_count;
	for (uint16_t n = 0; n < CROWD; n++) {
		ends[n] = add_nth(&crowd, n);
		check_nth(&crowd, ends[n / 2]);
	}
	assert_in_range(crowd.bucket_count, CROWD / 2, CROWD);
	check_ages(&crowd, ends, 0);
	for (uint16_t n = 0; n < CROWD; n++) {
		check_nth(&crowd, ends[n + (CROWD - n) / 2]);
		if (n % 500 == 0)
			check_ages(&crowd, ends, n);
		table_free_conn(&crowd, ends[n]->conn);
	}
	assert_int_equal(crowd.bucket_count, least);
	assert_in_range(crowd.buckets_room, least, 4 * least);
	assert_int_equal(crowd.conns.pieces + crowd.endpoints.pieces, 2);
	table_fini(&crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(connections_are_numbered_from_1_and_never_again),
		TEST_OF(a_socket_is_found_by_its_address_until_it_is_freed),
		TEST_OF(the_youngest_at_an_address_is_found),
		TEST_OF(the_cap_holds_and_what_is_freed_can_be_used_again),
		TEST_OF(there_is_an_end_for_each_side_of_each_connection),
		TEST_OF(a_mirror_has_the_addresses_turned_round),
		TEST_OF(what_is_not_quite_turned_round_is_no_mirror),
		TEST_OF(a_mirror_must_be_in_the_same_namespace_open_and_free),
		TEST_OF(no_namespace_is_taken_for_another),
		TEST_OF(an_end_is_not_its_own_mirror),
		TEST_OF(unknown_ports_have_no_mirror),
		TEST_OF(a_handshake_is_found_by_its_numbers_crossed),
		TEST_OF(a_child_finds_the_listener_at_its_address_first),
		TEST_OF(a_listener_on_the_v6_wildcard_serves_both_families),
		TEST_OF(a_listener_on_the_v4_wildcard_serves_v4_only),
		TEST_OF(a_v6_listener_on_a_mapped_address_is_found),
		TEST_OF(a_listener_that_is_closed_is_none),
		TEST_OF(joining_gives_the_free_side_and_frees_the_other_connection),
		TEST_OF(lists_are_in_order_of_the_last_activity),
		TEST_OF(all_are_found_while_the_indexes_grow_and_shrink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
