// SPDX-License-Identifier: GPL-2.0-only
/* The endpoints of one time, and what has become of them. */
#include "make.h"

#include "core/roll.h"

#define ROOM 16

static struct roll before, now;

static int start(void **fixture)
{
	(void)fixture;
	return roll_init(&before, ROOM, S) || roll_init(&now, ROOM, 2 * S);
}

static int stop(void **fixture)
{
	(void)fixture;
	roll_fini(&before);
	roll_fini(&now);
	return 0;
}

/* Of a client 10.0.0.1:PORT of 10.0.0.2:80; its socket has the address and the cookie PORT. */
static struct endpoint client_at(uint16_t port, uint8_t state)
{
	return (struct endpoint){.local = make_at("10.0.0.1", port),
				 .remote = make_at("10.0.0.2", 80),
				 .sk = port,
				 .cookie = port,
				 .netns = 1,
				 .state = state,
				 .side = SIDE_CLIENT};
}

static struct endpoint server_of(const struct endpoint *client, uint8_t state)
{
	struct endpoint end = *client;

	end.local = client->remote;
	end.remote = client->local;
	end.sk = end.cookie = client->sk + 100000;
	end.state = state;
	end.side = SIDE_SERVER;
	return end;
}

static struct endpoint listener_at(uint16_t port)
{
	return (struct endpoint){.local = make_at("0.0.0.0", port),
				 .remote = make_at("0.0.0.0", 0),
				 .sk = port + 200000,
				 .netns = 1,
				 .state = WIRE_LISTEN,
				 .side = SIDE_SERVER};
}

/* What the kernel keeps of END. */
static struct endpoint mini_of(const struct endpoint *end, uint8_t state)
{
	struct endpoint mini = *end;

	mini.sk += 300000;
	mini.state = WIRE_CLOSE;
	mini.keeps = state;
	mini.keeps_until_ns = 60 * S;
	return mini;
}

static void add(struct roll *roll, const struct endpoint *end)
{
	roll_add(roll, end, true);
}

static const struct roll_row *row_at(const struct roll *roll, uint16_t lport, uint16_t rport)
{
	for (size_t i = 0; i < roll->count; i++)
		if (roll->rows[i].local.port == lport && roll->rows[i].remote.port == rport)
			return &roll->rows[i];
	fail();
	return NULL;
}

/* --- counting ------------------------------------------------------------------------------------ */

TEST(minisocks_and_requests_are_told_from_full_sockets)
{
	struct endpoint full = client_at(1000, WIRE_FIN_WAIT2), other = client_at(1001, 0);
	struct endpoint orphan = mini_of(&other, WIRE_FIN_WAIT2);
	struct endpoint request = server_of(&other, WIRE_NEW_SYN_RECV);

	add(&now, &full);
	add(&now, &orphan);
	add(&now, &request);
	roll_add(&now, &other, false);
	roll_keep_wanted(&now);
	assert_int_equal(now.count, 3);
	assert_int_equal(now.counts.of[WIRE_FIN_WAIT2][ROLL_FULL], 1);
	assert_int_equal(now.counts.of[WIRE_FIN_WAIT2][ROLL_MINISOCK], 1);
	assert_int_equal(now.counts.of[WIRE_NEW_SYN_RECV][ROLL_REQUEST], 1);
	assert_int_equal(roll_total(&now.counts), 3);
	assert_int_equal(row_at(&now, 1000, 80)->until_ns, 0);
	assert_int_equal(row_at(&now, 1001, 80)->until_ns, 60 * S);
}

TEST(what_an_event_finds_is_counted_as_what_it_becomes)
{
	struct make_end end = make_client(0x100, 5000);
	struct event found = make_edge(&(struct make_step){.end = &end, .to = WIRE_ESTABLISHED});
	struct event mini = make_mini(
		&(struct make_mini){.end = &end, .what = WIRE_MINI_FOUND, .state = WIRE_TIME_WAIT});
	struct endpoint read;

	assert_false(roll_read(&found, &read)); /* an edge */
	found.type = WIRE_FOUND;
	assert_true(roll_read(&found, &read));
	assert_int_equal(read.state, WIRE_ESTABLISHED);
	assert_int_equal(read.local.port, 5000);
	assert_true(roll_read(&mini, &read));
	roll_count(&now.counts, &read);
	assert_int_equal(now.counts.of[WIRE_TIME_WAIT][ROLL_MINISOCK], 1);
	found.edge.to = WIRE_CLOSE; /* only bound */
	assert_false(roll_read(&found, &read));
	mini.mini.what = WIRE_MINI_BORN;
	assert_false(roll_read(&mini, &read));
}

/* --- pairs --------------------------------------------------------------------------------------- */

TEST(the_other_end_is_found_in_the_same_namespace)
{
	struct endpoint client = client_at(1000, WIRE_FIN_WAIT2);
	struct endpoint server = server_of(&client, WIRE_CLOSE_WAIT);
	struct endpoint elsewhere = client_at(1001, WIRE_ESTABLISHED), listener = listener_at(80);

	server.owner = (struct owner){.source = OWNER_SNAPSHOT, .pid = 7};
	add(&now, &client);
	add(&now, &elsewhere);
	add(&now, &listener);
	add(&now, &server);
	roll_pair(&now);
	assert_int_equal(row_at(&now, 1000, 80)->peer_state, WIRE_CLOSE_WAIT);
	assert_int_equal(row_at(&now, 1000, 80)->peer_owner.pid, 7);
	assert_int_equal(row_at(&now, 80, 1000)->peer_state, WIRE_FIN_WAIT2);
	assert_int_equal(row_at(&now, 1001, 80)->peer_state, WIRE_NO_STATE);
	assert_int_equal(row_at(&now, 80, 0)->peer_state, WIRE_NO_STATE);
}

TEST(in_another_namespace_the_numbers_must_agree)
{
	struct endpoint client = client_at(1000, WIRE_ESTABLISHED);
	struct endpoint server = server_of(&client, WIRE_ESTABLISHED);

	client.snd_una = server.rcv_nxt = 11;
	client.rcv_nxt = server.snd_una = 22;
	server.netns = 2;
	add(&now, &client);
	add(&now, &server);
	roll_pair(&now);
	assert_int_equal(row_at(&now, 1000, 80)->peer_netns, 2);
	assert_int_equal(row_at(&now, 80, 1000)->peer_netns, 1);
	server.rcv_nxt++;
	add(&before, &client);
	add(&before, &server);
	roll_pair(&before);
	assert_int_equal(row_at(&before, 1000, 80)->peer_state, WIRE_NO_STATE);
}

TEST(a_socket_that_is_connected_to_itself_is_not_its_other_end)
{
	struct endpoint end = client_at(1000, WIRE_ESTABLISHED);

	end.remote = end.local;
	add(&now, &end);
	roll_pair(&now);
	assert_int_equal(now.rows[0].peer_state, WIRE_NO_STATE);
}

/* --- rounds -------------------------------------------------------------------------------------- */

TEST(what_is_new_moved_and_gone_is_marked)
{
	struct endpoint stays = listener_at(80), moves = client_at(1000, WIRE_ESTABLISHED);
	struct endpoint goes = client_at(1001, WIRE_SYN_SENT),
			comes = client_at(1002, WIRE_SYN_SENT);

	add(&before, &stays);
	add(&before, &moves);
	add(&before, &goes);
	moves.state = WIRE_CLOSE_WAIT;
	add(&now, &comes);
	add(&now, &moves);
	add(&now, &stays);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 4);
	assert_int_equal(row_at(&now, 80, 0)->change, ROLL_SAME);
	assert_int_equal(row_at(&now, 80, 0)->seen_ns, S);
	assert_int_equal(row_at(&now, 1000, 80)->change, ROLL_MOVED);
	assert_int_equal(row_at(&now, 1000, 80)->from, WIRE_ESTABLISHED);
	assert_int_equal(row_at(&now, 1001, 80)->change, ROLL_GONE);
	assert_int_equal(row_at(&now, 1002, 80)->change, ROLL_NEW);
	assert_int_equal(row_at(&now, 1002, 80)->seen_ns, 2 * S);
}

TEST(what_has_gone_is_told_once)
{
	struct endpoint goes = client_at(1001, WIRE_SYN_SENT);
	struct roll later;

	add(&before, &goes);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 1);
	assert_int_equal(roll_init(&later, ROOM, 3 * S), 0);
	roll_compare(&later, &now);
	assert_int_equal(later.count, 0);
	roll_fini(&later);
}

/* Its minisock, at an address of its own, was asked for no cookie, or has that of the socket. */
TEST(a_minisock_goes_on_as_its_socket_with_its_owner)
{
	struct endpoint end = client_at(1000, WIRE_FIN_WAIT2), mini = mini_of(&end, WIRE_FIN_WAIT2);

	end.owner = (struct owner){.source = OWNER_SNAPSHOT, .pid = 7};
	add(&before, &end);
	mini.cookie = 0;
	add(&now, &mini);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 1);
	assert_int_equal(now.rows[0].change, ROLL_MOVED);
	assert_int_equal(now.rows[0].from_kind, ROLL_FULL);
	assert_int_equal(now.rows[0].kind, ROLL_MINISOCK);
	assert_int_equal(now.rows[0].owner.pid, 7);
}

TEST(a_new_socket_on_the_ends_of_a_minisock_is_another_one)
{
	struct endpoint end = client_at(1000, WIRE_ESTABLISHED),
			mini = mini_of(&end, WIRE_TIME_WAIT);

	mini.cookie = end.cookie = 0;
	add(&before, &mini);
	add(&now, &end);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 2);
	assert_int_equal(now.rows[0].change, ROLL_NEW);
	assert_int_equal(now.rows[1].change, ROLL_GONE);
}

TEST(another_cookie_is_another_socket)
{
	struct endpoint end = client_at(1000, WIRE_ESTABLISHED);

	add(&before, &end);
	end.cookie++;
	add(&now, &end);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 2);
}

/* SO_REUSEPORT, on a kernel that tells no cookies. */
TEST(listeners_of_one_port_are_told_apart)
{
	struct endpoint one = listener_at(80), two = one;

	two.sk++;
	add(&before, &one);
	add(&before, &two);
	add(&now, &two);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 2);
	assert_int_equal(now.rows[0].change, ROLL_SAME);
	assert_int_equal(now.rows[0].sk, two.sk);
	assert_int_equal(now.rows[1].change, ROLL_GONE);
	assert_int_equal(now.rows[1].sk, one.sk);
}

/* A connection on the ends of an older one's minisock, of which one is left. */
TEST(one_endpoint_goes_on_as_one)
{
	struct endpoint end = client_at(1000, WIRE_ESTABLISHED);
	struct endpoint mini;

	end.cookie = 0;
	mini = mini_of(&end, WIRE_TIME_WAIT);
	add(&before, &end);
	add(&before, &mini);
	add(&now, &mini);
	roll_compare(&now, &before);
	assert_int_equal(now.count, 2);
}

/* --- order --------------------------------------------------------------------------------------- */

TEST(a_port_has_its_listener_first_and_pairs_together)
{
	struct endpoint waits = client_at(1000, 0), open = client_at(1001, WIRE_ESTABLISHED);
	struct endpoint mini = mini_of(&waits, WIRE_TIME_WAIT), listener = listener_at(80);
	struct endpoint server = server_of(&open, WIRE_CLOSE_WAIT), low = listener_at(22);
	struct endpoint closes = client_at(1002, WIRE_FIN_WAIT1);

	open.state = WIRE_FIN_WAIT2;
	add(&now, &mini);
	add(&now, &closes);
	add(&now, &open);
	add(&now, &server);
	add(&now, &listener);
	add(&now, &low);
	roll_pair(&now);
	roll_sort(&now);
	assert_int_equal(now.rows[0].local.port, 22);
	assert_int_equal(now.rows[1].state, WIRE_LISTEN);
	assert_int_equal(now.rows[2].state, WIRE_CLOSE_WAIT);
	assert_int_equal(now.rows[3].state, WIRE_FIN_WAIT2);
	assert_int_equal(now.rows[4].state, WIRE_FIN_WAIT1);
	assert_int_equal(now.rows[5].state, WIRE_TIME_WAIT);
}

#define ROLL_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROLL_TEST(minisocks_and_requests_are_told_from_full_sockets),
		ROLL_TEST(what_an_event_finds_is_counted_as_what_it_becomes),
		ROLL_TEST(the_other_end_is_found_in_the_same_namespace),
		ROLL_TEST(in_another_namespace_the_numbers_must_agree),
		ROLL_TEST(a_socket_that_is_connected_to_itself_is_not_its_other_end),
		ROLL_TEST(what_is_new_moved_and_gone_is_marked),
		ROLL_TEST(what_has_gone_is_told_once),
		ROLL_TEST(a_minisock_goes_on_as_its_socket_with_its_owner),
		ROLL_TEST(a_new_socket_on_the_ends_of_a_minisock_is_another_one),
		ROLL_TEST(another_cookie_is_another_socket),
		ROLL_TEST(listeners_of_one_port_are_told_apart),
		ROLL_TEST(one_endpoint_goes_on_as_one),
		ROLL_TEST(a_port_has_its_listener_first_and_pairs_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
