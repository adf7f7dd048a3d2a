// SPDX-License-Identifier: GPL-2.0-only
/* Who owns an endpoint: what is learnt of it, which of it stands, and what the filters make of that. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#define MASTER 200
#define WORKER 201
#define OTHER  300

static struct make_end listener;

static int start(void **fixture)
{
	listener = make_listener(0x700, make_at("0.0.0.0", 80));
	return fixture_start(fixture);
}

static const struct owner *owner_of(const struct make_end *end)
{
	const struct endpoint *found = table_at(&w->tracker.table, end->sk);

	assert_non_null(found);
	return &found->owner;
}

static void check(const struct make_end *end, uint32_t pid, enum owner_source source)
{
	assert_int_equal(owner_of(end)->source, source);
	assert_int_equal(owner_of(end)->pid, pid);
}

static void claim(const struct make_end *end, enum wire_owner_how how, uint32_t pid, uint64_t us)
{
	struct event event = make_owner(end, how, pid, "claimant", us);

	watch_event(w, &event);
}

static void open_both(uint64_t us)
{
	GO(w, &listener, CLOSE, LISTEN, us);
	watch_open(w, &client, &server, us + 1);
}

/* --- which of it stands ---------------------------------------------------------------------------- */

TEST(a_child_that_nobody_accepts_is_its_listeners)
{
	open_both(0);
	check(&client, MAKE_CLIENT_PID, OWNER_CONNECT);
	check(&server, MASTER, OWNER_LISTENER);
	/* Its listener is closed, by another process. */
	GO(w, &server, ESTABLISHED, CLOSE, 10, .pid = OTHER);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_LISTENER);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, MASTER);
}

/* SO_REUSEPORT: which of the listeners it came to is not told. */
static void open_beside(uint32_t pid)
{
	struct make_end other = make_listener(0x701, make_at("0.0.0.0", 80));

	GO(w, &other, CLOSE, LISTEN, 0, .pid = pid);
	open_both(1);
}

TEST(a_child_of_one_of_several_processes_is_nobodys_before_one_is_seen_to_have_it)
{
	open_beside(WORKER);
	check(&server, 0, OWNER_UNKNOWN);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 30, .pid = WORKER, .shutdown = SHUTDOWN_BOTH);
	check(&server, WORKER, OWNER_CLOSE);
}

TEST(a_child_of_several_listeners_of_one_process_is_its)
{
	open_beside(MASTER);
	check(&server, MASTER, OWNER_LISTENER);
}

TEST(who_accepts_owns_the_child)
{
	open_both(0);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	check(&server, WORKER, OWNER_ACCEPT);
	assert_string_equal(owner_of(&server)->comm, "claimant");
	check(&listener, MASTER, OWNER_LISTEN);
}

TEST(a_server_of_one_process_is_known_better_once_it_accepts)
{
	open_both(0);
	claim(&server, WIRE_OWNER_ACCEPT, MASTER, 10);
	check(&server, MASTER, OWNER_ACCEPT);
}

TEST(where_accept_is_not_seen_the_first_read_tells)
{
	open_both(0);
	claim(&server, WIRE_OWNER_READ, MASTER, 10);
	check(&server, MASTER, OWNER_READ);
}

/* inetd, and a server that forks for each connection: the parent closes last, if it waits. */
TEST(who_reads_what_another_accepted_owns_it)
{
	open_both(0);
	claim(&server, WIRE_OWNER_ACCEPT, MASTER, 10);
	claim(&server, WIRE_OWNER_READ, WORKER, 20);
	check(&server, WORKER, OWNER_READ);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 30, .pid = MASTER, .shutdown = SHUTDOWN_BOTH);
	check(&server, WORKER, OWNER_READ);
}

TEST(who_reads_his_own_is_no_news)
{
	open_both(0);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	claim(&server, WIRE_OWNER_READ, WORKER, 20);
	check(&server, WORKER, OWNER_ACCEPT);
	claim(&client, WIRE_OWNER_READ, MAKE_CLIENT_PID, 30);
	check(&client, MAKE_CLIENT_PID, OWNER_CONNECT);
}

TEST(a_descriptor_may_be_passed_on_and_on)
{
	open_both(0);
	claim(&client, WIRE_OWNER_READ, WORKER, 10);
	check(&client, WORKER, OWNER_READ);
	claim(&client, WIRE_OWNER_READ, OTHER, 20);
	check(&client, OTHER, OWNER_READ);
	claim(&client, WIRE_OWNER_READ, WORKER, 30);
	check(&client, WORKER, OWNER_READ);
}

/* The kernel side tells of no more readers. */
TEST(who_closes_owns_what_was_passed_on_too_often_to_be_told)
{
	open_both(0);
	for (uint32_t i = 1; i <= WIRE_OWNER_READS; i++) {
		claim(&server, WIRE_OWNER_READ, OTHER + i, 10 * i);
		check(&server, OTHER + i, OWNER_READ);
	}
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 100, .pid = WORKER, .shutdown = SHUTDOWN_BOTH);
	check(&server, WORKER, OWNER_CLOSE);
}

TEST(who_closes_owns_what_nobody_is_known_to_have)
{
	watch_open(w, &client, &server, 0);
	check(&server, 0, OWNER_UNKNOWN);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 30, .pid = WORKER, .shutdown = SHUTDOWN_BOTH);
	check(&server, WORKER, OWNER_CLOSE);
}

TEST(who_is_seen_knows_better_than_the_snapshot)
{
	const struct actor holder = {.pid = MASTER, .comm = "holder"};
	struct owner owner = {0};

	assert_true(owner_learn(&owner, &holder, OWNER_SNAPSHOT));
	assert_false(owner_learn(&owner, &holder, OWNER_SNAPSHOT));
	assert_false(owner_learn(&owner, &holder, OWNER_READ)); /* he had it */
	assert_int_equal(owner.source, OWNER_SNAPSHOT);
	assert_false(owner_learn(&owner, &(struct actor){.pid = OTHER}, OWNER_CLOSE));
	assert_true(owner_learn(&owner, &(struct actor){.pid = OTHER}, OWNER_READ));
	assert_false(owner_learn(&owner, &holder, OWNER_SNAPSHOT)); /* told late */
	assert_int_equal(owner.pid, OTHER);
}

/* --- who is none ----------------------------------------------------------------------------------- */

TEST(a_kernel_thread_owns_the_kernels_sockets_alone)
{
	const struct actor kworker = {.pid = 9, .kthread = true, .comm = "kworker/0:1"};
	const struct actor worker = {.pid = WORKER, .io_worker = true, .comm = "nginx"};
	struct owner owner = {0};

	assert_false(owner_learn(&owner, &kworker, OWNER_CLOSE));
	assert_int_equal(owner.source, OWNER_UNKNOWN);
	assert_true(owner_learn(&owner, &worker, OWNER_ACCEPT)); /* a thread of its process */
	owner = (struct owner){0};
	owner_learn_socket(&owner, 0, true);
	assert_true(owner_learn(&owner, &kworker, OWNER_CONNECT));
	assert_true(owner.kernel);
	owner_learn_socket(&owner, 0, false); /* no edge that a softirq makes says it */
	assert_true(owner.kernel);
}

TEST(nobody_is_nobody)
{
	struct owner owner = {0};

	assert_false(owner_learn(&owner, &(struct actor){0}, OWNER_READ));
	assert_int_equal(owner.source, OWNER_UNKNOWN);
}

TEST(a_kernel_socket_is_said_to_be_one)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .kernel = true, .kthread = true, .uid = 0);
	check(&client, MAKE_CLIENT_PID, OWNER_CONNECT);
	assert_true(owner_of(&client)->kernel);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	assert_true(owner_of(&client)->kernel);
}

TEST(another_socket_at_the_address_is_not_claimed)
{
	struct make_end before = server;

	before.cookie++;
	open_both(0);
	claim(&before, WIRE_OWNER_READ, OTHER, 10);
	check(&server, MASTER, OWNER_LISTENER);
	before.sk = 0x999;
	claim(&before, WIRE_OWNER_READ, OTHER, 10);
	check(&server, MASTER, OWNER_LISTENER);
}

/* --- of the socket itself -------------------------------------------------------------------------- */

TEST(the_uid_is_the_sockets_and_known_without_an_owner)
{
	struct event event;

	GO(w, &listener, CLOSE, LISTEN, 0, .uid = 0);
	GO(w, &client, CLOSE, SYN_SENT, 1, .uid = 1000, .cgroup = 77);
	assert_int_equal(owner_of(&client)->uid, 1000);
	assert_int_equal(owner_of(&client)->cgroup, 77);
	GO(w, &server, LISTEN, SYN_RECV, 2, .uid = 5, .no_remote = true, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 3, .uid = 5);
	assert_int_equal(owner_of(&server)->uid, 5);
	event = make_owner(&server, WIRE_OWNER_ACCEPT, WORKER, "worker", 10);
	event.owner.uid = 33;
	event.owner.actor.cgroup = 78;
	watch_event(w, &event);
	assert_int_equal(owner_of(&server)->uid, 33);
	assert_int_equal(owner_of(&server)->cgroup, 78);
}

TEST(a_child_keeps_its_own_uid_with_its_listeners_owner)
{
	struct owner parent = {.pid = 1, .source = OWNER_LISTEN, .uid = 10, .uid_known = true};
	struct owner child = {.uid = 20, .uid_known = true};

	assert_true(owner_inherit(&child, &parent));
	assert_int_equal(child.uid, 20);
	assert_int_equal(child.source, OWNER_LISTENER);
	assert_false(owner_inherit(&child, &parent));
	child = (struct owner){0};
	assert_true(owner_inherit(&child, &parent));
	assert_int_equal(child.uid, 10);
}

TEST(every_source_has_a_name)
{
	for (int source = 0; source < OWNER_SOURCES; source++)
		assert_non_null(owner_source_name((enum owner_source)source));
	assert_string_equal(owner_source_name(OWNER_READ), "first read");
}

TEST(a_command_line_belongs_to_a_number_and_a_name)
{
	uint64_t id = owner_cmdline_id(7, "sh");

	assert_int_equal(id, owner_cmdline_id(7, "sh\0rest"));
	assert_int_not_equal(id, owner_cmdline_id(8, "sh"));
	assert_int_not_equal(id, owner_cmdline_id(7, "bash"));
	assert_int_not_equal(id, owner_cmdline_id(7, "0123456789abcdef"));
}

/* --- what is shown --------------------------------------------------------------------------------- */

TEST(a_change_of_owner_is_told_of_what_is_shown)
{
	open_both(0);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	assert_int_equal(watch_count(w, CHANGE_OWNER), 1);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, WORKER);
	assert_ptr_equal(watch_last(w)->change.names, &w->tracker.names);
	claim(&server, WIRE_OWNER_READ, WORKER, 20);
	assert_int_equal(watch_count(w, CHANGE_OWNER), 1);
}

static void want_pid(uint32_t pid)
{
	w->filter.pids[w->filter.pid_count++] = pid;
	watch_hooks(w, WIRE_HOOK_OWNERS);
}

TEST(a_master_does_not_have_its_workers_connections)
{
	want_pid(MASTER);
	open_both(0);
	assert_int_equal(w->count, 1); /* the listener */
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	watch_close(w, &client, &server, 20);
	assert_int_equal(w->count, 1);
}

TEST(a_worker_has_what_it_accepted_from_the_first)
{
	want_pid(WORKER);
	open_both(0);
	assert_int_equal(w->count, 0);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	assert_int_equal(watch_count(w, CHANGE_MOVED), MAKE_OPEN_EVENTS);
}

TEST(who_is_passed_a_connection_has_it_from_the_first)
{
	want_pid(OTHER);
	open_both(0);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	watch_advance(w, 5000000);
	assert_int_equal(w->count, 0);
	claim(&server, WIRE_OWNER_READ, OTHER, 5000010);
	assert_int_equal(watch_count(w, CHANGE_MOVED), MAKE_OPEN_EVENTS);
}

TEST(a_child_that_is_not_accepted_is_its_masters_after_a_while)
{
	want_pid(MASTER);
	open_both(0);
	watch_advance(w, 900000);
	assert_int_equal(w->count, 1);
	watch_advance(w, 1100000);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 1 + MAKE_OPEN_EVENTS);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_LISTENER);
}

/* A client far away, whose handshake takes longer than that of one that is here. */
TEST(a_request_is_not_its_masters_before_that_either)
{
	want_pid(MASTER);
	watch_hooks(w, WIRE_HOOK_OWNERS | WIRE_HOOK_REQUESTS);
	GO(w, &listener, CLOSE, LISTEN, 0);
	MINI(w, &server, BORN, NEW_SYN_RECV, 1, .left_ms = 1000);
	watch_advance(w, 100000);
	GO(w, &server, LISTEN, SYN_RECV, 100001, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 100002);
	assert_int_equal(w->count, 1);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 100010);
	watch_advance(w, 5000000);
	assert_int_equal(w->count, 1);
}

TEST(a_child_that_is_not_accepted_is_its_masters_when_there_is_no_room)
{
	struct make_end others[20];

	want_pid(MASTER);
	open_both(0);
	assert_int_equal(w->count, 1);
	for (unsigned int i = 0; i < 20; i++) {
		others[i] = make_client(0xd00 + i, (uint16_t)(6000 + i));
		GO(w, &others[i], CLOSE, SYN_SENT, 10 + i, .pid = OTHER);
	}
	assert_int_equal(watch_count(w, CHANGE_MOVED), 1 + MAKE_OPEN_EVENTS);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

TEST(a_child_that_is_not_accepted_is_its_masters_at_the_end)
{
	want_pid(MASTER);
	open_both(0);
	tracker_finish(&w->tracker, AT(10));
	assert_int_equal(watch_count(w, CHANGE_MOVED), 1 + MAKE_OPEN_EVENTS);
}

TEST(where_no_accept_can_be_seen_none_is_waited_for)
{
	want_pid(MASTER);
	watch_hooks(w, 0);
	open_both(0);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 1 + MAKE_OPEN_EVENTS);
}

static void name_cgroup(uint64_t number, const char *path)
{
	struct event event = {.type = WIRE_CGROUP, .name = {.id = number}};

	snprintf(event.name.text, sizeof(event.name.text), "%s", path);
	watch_event(w, &event);
}

TEST(a_cgroup_is_its_owners)
{
	struct event event = make_owner(&server, WIRE_OWNER_READ, WORKER, "worker", 10);

	w->filter.cgroups[w->filter.cgroup_count++] = (struct cgroup_path){"a/b", 3};
	watch_hooks(w, WIRE_HOOK_OWNERS);
	name_cgroup(70, "/a");
	name_cgroup(71, "/a/b/c");
	GO(w, &listener, CLOSE, LISTEN, 0, .cgroup = 70);
	watch_open(w, &client, &server, 1);
	assert_int_equal(w->count, 0);
	event.owner.actor.cgroup = 71;
	watch_event(w, &event);
	assert_int_equal(watch_count(w, CHANGE_MOVED), MAKE_OPEN_EVENTS);
}

TEST(the_command_waits_for_what_is_passed_to_it_and_not_for_what_it_passes_on)
{
	w->filter.command_only = true;
	tracker_follow(&w->tracker, WORKER);
	watch_hooks(w, WIRE_HOOK_OWNERS);
	open_both(0);
	assert_int_equal(w->count, 0);
	claim(&server, WIRE_OWNER_ACCEPT, WORKER, 10);
	assert_int_equal(watch_count(w, CHANGE_MOVED), MAKE_OPEN_EVENTS);
	assert_int_equal(w->tracker.command_open, 1);
	claim(&server, WIRE_OWNER_READ, OTHER, 20);
	assert_int_equal(w->tracker.command_open, 0);
}

#define OWNED(test) cmocka_unit_test_setup_teardown(test, start, fixture_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWNED(a_child_that_nobody_accepts_is_its_listeners),
		OWNED(a_child_of_one_of_several_processes_is_nobodys_before_one_is_seen_to_have_it),
		OWNED(a_child_of_several_listeners_of_one_process_is_its),
		OWNED(who_accepts_owns_the_child),
		OWNED(a_server_of_one_process_is_known_better_once_it_accepts),
		OWNED(where_accept_is_not_seen_the_first_read_tells),
		OWNED(who_reads_what_another_accepted_owns_it),
		OWNED(who_reads_his_own_is_no_news),
		OWNED(a_descriptor_may_be_passed_on_and_on),
		OWNED(who_closes_owns_what_was_passed_on_too_often_to_be_told),
		OWNED(who_closes_owns_what_nobody_is_known_to_have),
		cmocka_unit_test(who_is_seen_knows_better_than_the_snapshot),
		cmocka_unit_test(a_kernel_thread_owns_the_kernels_sockets_alone),
		cmocka_unit_test(nobody_is_nobody),
		OWNED(a_kernel_socket_is_said_to_be_one),
		OWNED(another_socket_at_the_address_is_not_claimed),
		OWNED(the_uid_is_the_sockets_and_known_without_an_owner),
		cmocka_unit_test(a_child_keeps_its_own_uid_with_its_listeners_owner),
		cmocka_unit_test(every_source_has_a_name),
		cmocka_unit_test(a_command_line_belongs_to_a_number_and_a_name),
		OWNED(a_change_of_owner_is_told_of_what_is_shown),
		OWNED(a_master_does_not_have_its_workers_connections),
		OWNED(a_worker_has_what_it_accepted_from_the_first),
		OWNED(who_is_passed_a_connection_has_it_from_the_first),
		OWNED(a_child_that_is_not_accepted_is_its_masters_after_a_while),
		OWNED(a_request_is_not_its_masters_before_that_either),
		OWNED(a_child_that_is_not_accepted_is_its_masters_when_there_is_no_room),
		OWNED(a_child_that_is_not_accepted_is_its_masters_at_the_end),
		OWNED(where_no_accept_can_be_seen_none_is_waited_for),
		OWNED(a_cgroup_is_its_owners),
		OWNED(the_command_waits_for_what_is_passed_to_it_and_not_for_what_it_passes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
