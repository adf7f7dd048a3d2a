// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "core/filter.h"

static void add_good(struct port_set *set, const char *text)
{
	const char *word;
	int len;

	assert_int_equal(port_set_add(set, text, &word, &len), 0);
}

/* --- connections ----------------------------------------------------------------------------------- */

/* A client 10.0.0.1:5000 of a server 10.0.0.2:80; the server's end is there when it was joined. */
struct pair {
	struct filter filter;
	struct endpoint client, server;
	struct conn conn;
};

static void start(struct pair *p)
{
	*p = (struct pair){0};
	p->client = (struct endpoint){.conn = &p->conn,
				      .local = make_at("10.0.0.1", 5000),
				      .remote = make_at("10.0.0.2", 80),
				      .netns = 1,
				      .state = WIRE_ESTABLISHED,
				      .side = SIDE_CLIENT};
	p->server = p->client;
	p->server.local = p->client.remote;
	p->server.remote = p->client.local;
	p->server.netns = 2;
	p->server.side = SIDE_SERVER;
	p->conn.ends[SIDE_CLIENT] = &p->client;
}

static void join(struct pair *p)
{
	p->conn.ends[SIDE_SERVER] = &p->server;
}

static enum match match(const struct pair *p)
{
	return filter_conn(&p->filter, &p->conn);
}

TEST(without_conditions_all_are_wanted)
{
	struct pair p;

	start(&p);
	assert_int_equal(match(&p), MATCH_YES);
	p.client.local.port = 0;
	assert_int_equal(match(&p), MATCH_YES);
	join(&p);
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(a_port_may_be_at_either_end)
{
	struct pair p;

	start(&p);
	add_good(&p.filter.either, "80");
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	add_good(&p.filter.either, "5000");
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	add_good(&p.filter.either, "81");
	assert_int_equal(match(&p), MATCH_NO);
	join(&p);
	assert_int_equal(match(&p), MATCH_NO);
}

TEST(a_port_that_is_not_chosen_yet_keeps_the_answer_open)
{
	struct pair p;

	start(&p);
	p.client.local.port = 0;
	add_good(&p.filter.either, "5000");
	assert_int_equal(match(&p), MATCH_OPEN);
	start(&p);
	p.client.local.port = 0;
	add_good(&p.filter.local, "5000");
	assert_int_equal(match(&p), MATCH_OPEN);
}

TEST(a_local_port_is_wanted_of_one_end)
{
	struct pair p;

	start(&p);
	add_good(&p.filter.local, "5000");
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	add_good(&p.filter.local, "81");
	assert_int_equal(match(&p), MATCH_NO);
}

/* -L 80: the client's own port is another, but its server may be on this host. */
TEST(a_local_port_may_be_the_unseen_ends)
{
	struct pair p;

	start(&p);
	add_good(&p.filter.local, "80");
	assert_int_equal(match(&p), MATCH_OPEN);
	join(&p);
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(a_remote_port_may_be_the_unseen_ends)
{
	struct pair p;

	start(&p);
	add_good(&p.filter.remote, "80");
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	add_good(&p.filter.remote, "5000");
	assert_int_equal(match(&p), MATCH_OPEN);
	join(&p);
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	add_good(&p.filter.remote, "81");
	assert_int_equal(match(&p), MATCH_NO);
}

/* All conditions by one end: -L 80 and -D 80 are met by different ones here. */
TEST(one_end_must_meet_all_conditions)
{
	struct pair p;

	start(&p);
	add_good(&p.filter.local, "80");
	add_good(&p.filter.remote, "80");
	assert_int_equal(match(&p), MATCH_NO);
	join(&p);
	assert_int_equal(match(&p), MATCH_NO);
	start(&p);
	add_good(&p.filter.local, "80");
	add_good(&p.filter.remote, "5000");
	join(&p);
	assert_int_equal(match(&p), MATCH_YES);
}

static void want_host(struct filter *filter, const char *text)
{
	assert_int_equal(addr_parse_prefix(text, &filter->hosts[filter->host_count++]), 0);
}

TEST(a_host_may_be_at_either_end)
{
	struct pair p;

	start(&p);
	want_host(&p.filter, "10.0.0.2");
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	want_host(&p.filter, "192.168.0.0/16");
	want_host(&p.filter, "10.0.0.1/32");
	assert_int_equal(match(&p), MATCH_YES);
	start(&p);
	want_host(&p.filter, "10.0.0.3");
	assert_int_equal(match(&p), MATCH_NO);
	join(&p);
	assert_int_equal(match(&p), MATCH_NO);
}

TEST(a_host_keeps_the_answer_open_until_the_addresses_are_known)
{
	struct pair p;

	start(&p);
	p.client.local.port = 0;
	want_host(&p.filter, "10.0.0.3");
	assert_int_equal(match(&p), MATCH_OPEN);
}

static void own(struct endpoint *end, uint32_t pid, enum owner_source source)
{
	end->owner.pid = pid;
	end->owner.source = source;
}

static void want_pid(struct filter *filter, uint32_t pid)
{
	filter->pids[filter->pid_count++] = pid;
}

TEST(a_process_may_own_either_end)
{
	struct pair p;

	start(&p);
	want_pid(&p.filter, 7);
	want_pid(&p.filter, 8);
	own(&p.client, 8, OWNER_CONNECT);
	assert_int_equal(match(&p), MATCH_YES);
	own(&p.client, 9, OWNER_CONNECT);
	assert_int_equal(match(&p), MATCH_OPEN);
	join(&p);
	own(&p.server, 7, OWNER_CLOSE);
	assert_int_equal(match(&p), MATCH_YES);
	own(&p.server, 6, OWNER_CLOSE);
	p.client.state = p.server.state = WIRE_CLOSE;
	assert_int_equal(match(&p), MATCH_NO);
}

/* It may be passed on to one who is wanted; a listener's children tell who has them. */
TEST(an_open_connections_owner_is_not_its_last)
{
	struct pair p;

	start(&p);
	join(&p);
	want_pid(&p.filter, 7);
	own(&p.client, 8, OWNER_CONNECT);
	own(&p.server, 9, OWNER_READ);
	assert_int_equal(match(&p), MATCH_OPEN);
	p.client.state = WIRE_CLOSE;
	assert_int_equal(match(&p), MATCH_OPEN);
	p.server.state = WIRE_CLOSE;
	assert_int_equal(match(&p), MATCH_NO);
}

TEST(a_child_that_waits_for_its_accept_is_not_decided_by_its_listener)
{
	struct past past = {.accept_until_ns = 1};
	struct pair p;

	start(&p);
	join(&p);
	want_pid(&p.filter, 7);
	own(&p.client, 8, OWNER_CONNECT);
	own(&p.server, 7, OWNER_LISTENER);
	p.server.past = &past;
	assert_int_equal(match(&p), MATCH_OPEN);
	past.accept_until_ns = 0;
	assert_int_equal(match(&p), MATCH_YES);
	past.accept_until_ns = 1;
	p.server.state = WIRE_CLOSE; /* nobody will accept it any more */
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(a_cgroup_may_be_either_ends)
{
	struct pair p;

	start(&p);
	join(&p);
	p.filter.cgroups[p.filter.cgroup_count++] = (struct cgroup_path){"a/b", 3};
	own(&p.client, 1, OWNER_CONNECT);
	own(&p.server, 2, OWNER_CONNECT);
	assert_int_equal(match(&p), MATCH_OPEN);
	p.server.in_cgroup = true;
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(a_cgroup_is_itself_and_what_is_below)
{
	struct filter filter = {.cgroups = {{"a/b", 3}, {"c", 1}}, .cgroup_count = 2};

	assert_true(filter_has_cgroup(&filter, "/a/b"));
	assert_true(filter_has_cgroup(&filter, "/a/b/x/y"));
	assert_true(filter_has_cgroup(&filter, "/c"));
	assert_false(filter_has_cgroup(&filter, "/a"));
	assert_false(filter_has_cgroup(&filter, "/a/bb"));
	assert_false(filter_has_cgroup(&filter, "/x/a/b"));
	assert_false(filter_has_cgroup(&filter, "/"));
	assert_false(filter_has_cgroup(&filter, ""));
	assert_false(filter_has_cgroup(&filter, NULL));
}

TEST(the_root_has_all_cgroups_that_are_known)
{
	struct filter filter = {.cgroups = {{"", 0}}, .cgroup_count = 1};

	assert_true(filter_has_cgroup(&filter, "/"));
	assert_true(filter_has_cgroup(&filter, "/a"));
	assert_false(filter_has_cgroup(&filter, ""));
	assert_false(filter_has_cgroup(&filter, NULL));
}

TEST(an_owner_that_is_not_known_keeps_the_answer_open)
{
	struct pair p;

	start(&p);
	want_pid(&p.filter, 7);
	p.client.owner.pid = 7; /* meaningless without a source */
	assert_int_equal(match(&p), MATCH_OPEN);
}

/* A child of a listener may be accepted by another process. */
TEST(a_listeners_owner_speaks_for_a_child_but_not_for_good)
{
	struct pair p;

	start(&p);
	join(&p);
	want_pid(&p.filter, 7);
	own(&p.client, 1, OWNER_CONNECT);
	own(&p.server, 7, OWNER_LISTENER);
	assert_int_equal(match(&p), MATCH_YES);
	own(&p.server, 8, OWNER_LISTENER);
	assert_int_equal(match(&p), MATCH_OPEN);
}

TEST(the_command_may_own_either_end)
{
	struct pair p;

	start(&p);
	join(&p);
	p.filter.command_only = true;
	assert_int_equal(match(&p), MATCH_OPEN);
	own(&p.client, 1, OWNER_CONNECT);
	own(&p.server, 2, OWNER_CLOSE);
	p.client.state = p.server.state = WIRE_CLOSE;
	assert_int_equal(match(&p), MATCH_NO);
	p.server.of_command = true;
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(a_namespace_may_be_either_ends)
{
	struct pair p;

	start(&p);
	p.filter.netns = 1;
	assert_int_equal(match(&p), MATCH_YES);
	p.filter.netns = 2;
	assert_int_equal(match(&p), MATCH_OPEN);
	join(&p);
	assert_int_equal(match(&p), MATCH_YES);
	p.filter.netns = 3;
	assert_int_equal(match(&p), MATCH_NO);
}

TEST(families_of_addresses_are_told_apart)
{
	struct pair p;

	start(&p);
	p.filter.ipv4_only = true;
	assert_int_equal(match(&p), MATCH_YES);
	p.filter.ipv4_only = false;
	p.filter.ipv6_only = true;
	assert_int_equal(match(&p), MATCH_NO);
	p.client.local = make_at("::1", 5000);
	p.client.remote = make_at("::1", 80);
	assert_int_equal(match(&p), MATCH_YES);
	p.filter.ipv6_only = false;
	p.filter.ipv4_only = true;
	assert_int_equal(match(&p), MATCH_NO);
}

/* It is the address that counts, not the family that the socket was made with. */
TEST(a_v6_socket_with_mapped_addresses_is_IPv4)
{
	struct pair p;

	start(&p);
	p.client.family = 10;
	p.client.remote.addr = make_addr("::ffff:10.0.0.2");
	p.filter.ipv4_only = true;
	assert_int_equal(match(&p), MATCH_YES);
}

static void start_listener(struct pair *p, const char *addr)
{
	struct make_end made = make_listener(1, make_at(addr, 80));

	start(p);
	p->conn.ends[SIDE_CLIENT] = NULL;
	p->server.state = WIRE_LISTEN;
	p->server.local = made.local;
	p->server.remote = made.remote;
	join(p);
}

TEST(a_listener_is_wanted_by_its_own_port)
{
	struct pair p;

	start_listener(&p, "0.0.0.0");
	add_good(&p.filter.local, "80");
	assert_int_equal(match(&p), MATCH_YES);
	start_listener(&p, "0.0.0.0");
	add_good(&p.filter.local, "81");
	assert_int_equal(match(&p), MATCH_NO);
	start_listener(&p, "0.0.0.0");
	add_good(&p.filter.either, "80");
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(a_listener_on_the_v6_wildcard_may_serve_both_families)
{
	struct pair p;

	start_listener(&p, "::");
	p.filter.ipv4_only = true;
	assert_int_equal(match(&p), MATCH_YES);
	p.filter.ipv4_only = false;
	p.filter.ipv6_only = true;
	assert_int_equal(match(&p), MATCH_YES);
}

TEST(other_listeners_serve_their_own_family)
{
	struct pair p;

	start_listener(&p, "0.0.0.0");
	p.filter.ipv6_only = true;
	assert_int_equal(match(&p), MATCH_NO);
	p.filter.ipv6_only = false;
	p.filter.ipv4_only = true;
	assert_int_equal(match(&p), MATCH_YES);
	start_listener(&p, "::1");
	p.filter.ipv4_only = true;
	assert_int_equal(match(&p), MATCH_NO);
}

/* --- states ---------------------------------------------------------------------------------------- */

TEST(a_change_is_wanted_for_any_of_its_states)
{
	struct filter filter = {.states = 1U << WIRE_TIME_WAIT | 1U << WIRE_LISTEN};

	assert_false(
		filter_states(&filter, WIRE_LISTEN, WIRE_SYN_RECV, WIRE_NO_STATE)); /* a child's */
	assert_true(filter_states(&filter, WIRE_LISTEN, WIRE_CLOSE, WIRE_NO_STATE));
	assert_true(filter_states(&filter, WIRE_CLOSE, WIRE_LISTEN, WIRE_NO_STATE));
	assert_true(filter_states(&filter, WIRE_FIN_WAIT2, WIRE_CLOSE, WIRE_TIME_WAIT));
	assert_false(filter_states(&filter, WIRE_FIN_WAIT2, WIRE_CLOSE, WIRE_FIN_WAIT2));
	assert_false(filter_states(&filter, WIRE_FIN_WAIT2, WIRE_CLOSE, WIRE_NO_STATE));
}

TEST(no_states_are_all_states)
{
	struct filter filter = {0};

	assert_true(filter_states(&filter, WIRE_CLOSE, WIRE_SYN_SENT, WIRE_NO_STATE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_conditions_all_are_wanted),
		cmocka_unit_test(a_port_may_be_at_either_end),
		cmocka_unit_test(a_port_that_is_not_chosen_yet_keeps_the_answer_open),
		cmocka_unit_test(a_local_port_is_wanted_of_one_end),
		cmocka_unit_test(a_local_port_may_be_the_unseen_ends),
		cmocka_unit_test(a_remote_port_may_be_the_unseen_ends),
		cmocka_unit_test(one_end_must_meet_all_conditions),
		cmocka_unit_test(a_host_may_be_at_either_end),
		cmocka_unit_test(a_host_keeps_the_answer_open_until_the_addresses_are_known),
		cmocka_unit_test(a_process_may_own_either_end),
		cmocka_unit_test(an_owner_that_is_not_known_keeps_the_answer_open),
		cmocka_unit_test(a_listeners_owner_speaks_for_a_child_but_not_for_good),
		cmocka_unit_test(an_open_connections_owner_is_not_its_last),
		cmocka_unit_test(a_child_that_waits_for_its_accept_is_not_decided_by_its_listener),
		cmocka_unit_test(a_cgroup_may_be_either_ends),
		cmocka_unit_test(a_cgroup_is_itself_and_what_is_below),
		cmocka_unit_test(the_root_has_all_cgroups_that_are_known),
		cmocka_unit_test(the_command_may_own_either_end),
		cmocka_unit_test(a_namespace_may_be_either_ends),
		cmocka_unit_test(families_of_addresses_are_told_apart),
		cmocka_unit_test(a_v6_socket_with_mapped_addresses_is_IPv4),
		cmocka_unit_test(a_listener_is_wanted_by_its_own_port),
		cmocka_unit_test(a_listener_on_the_v6_wildcard_may_serve_both_families),
		cmocka_unit_test(other_listeners_serve_their_own_family),
		cmocka_unit_test(a_change_is_wanted_for_any_of_its_states),
		cmocka_unit_test(no_states_are_all_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
