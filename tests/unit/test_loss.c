// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "core/loss.h"

static uint64_t note(struct loss *loss, uint32_t cpu, enum wire_program program, uint64_t seq)
{
	struct event event = {.type = WIRE_STATE, .program = program, .cpu = cpu, .seq = seq};

	return loss_note(loss, &event);
}

/* CPU 0, the first program, numbers in this order; what is found to be lost in all. */
static uint64_t lost_of(const uint64_t *seqs, size_t count)
{
	struct loss loss;
	uint64_t lost = 0;

	assert_int_equal(loss_init(&loss), 0);
	for (size_t i = 0; i < count; i++)
		lost += note(&loss, 0, WIRE_BY_TRACE, seqs[i]);
	lost += loss_settle(&loss, 0, WIRE_BY_TRACE, 0);
	assert_int_equal(loss.total, lost);
	assert_int_equal(loss_came(&loss, 0), count);
	loss_fini(&loss);
	return lost;
}

#define LOST_OF(...)                                                                               \
	lost_of((const uint64_t[]){__VA_ARGS__},                                                   \
		sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

TEST(numbers_without_a_gap_are_no_loss)
{
	assert_int_equal(LOST_OF(0), 0);
	assert_int_equal(LOST_OF(0, 1, 2, 3, 4), 0);
}

TEST(a_gap_is_as_many_as_are_missing)
{
	assert_int_equal(LOST_OF(0, 1, 3), 1);
	assert_int_equal(LOST_OF(0, 10), 9);
	assert_int_equal(LOST_OF(0, 2, 4, 6), 3);
}

/* Numbers begin at 0 when the programs are loaded: nothing may be missing before the first record. */
TEST(what_is_missing_before_the_first_record_is_lost)
{
	assert_int_equal(LOST_OF(3), 3);
}

/* It may be that the missing record was overtaken: the next one will show it. */
TEST(a_gap_is_told_once_and_with_the_next_record)
{
	struct loss loss;

	assert_int_equal(loss_init(&loss), 0);
	assert_int_equal(note(&loss, 0, WIRE_BY_TRACE, 0), 0);
	assert_int_equal(note(&loss, 0, WIRE_BY_TRACE, 4), 0);
	assert_int_equal(note(&loss, 0, WIRE_BY_TRACE, 5), 3);
	assert_int_equal(note(&loss, 0, WIRE_BY_TRACE, 7), 0);
	assert_int_equal(note(&loss, 0, WIRE_BY_TRACE, 8), 1);
	assert_int_equal(loss.total, 4);
	loss_fini(&loss);
}

/* Before 6.2 a softirq inside the program takes the same number; the next one is then left out. */
TEST(a_number_that_comes_twice_makes_up_for_the_one_left_out)
{
	assert_int_equal(LOST_OF(0, 1, 2, 3, 4, 5, 5, 7), 0);
	assert_int_equal(LOST_OF(0, 0, 2, 2, 4), 0);
	assert_int_equal(LOST_OF(0, 1, 1, 1, 4), 0);
}

/* ... and its record may reach the ring buffer before that of the program which it interrupted. */
TEST(a_record_that_was_overtaken_is_no_loss)
{
	assert_int_equal(LOST_OF(0, 1, 3, 2, 4, 5), 0);
	assert_int_equal(LOST_OF(1, 0), 0);
	assert_int_equal(LOST_OF(0, 2, 1, 5), 2);
}

TEST(a_loss_beside_a_number_that_comes_twice_is_still_seen)
{
	assert_int_equal(LOST_OF(0, 1, 1, 3, 5), 1);
	assert_int_equal(LOST_OF(0, 1, 1, 5), 2);
}

TEST(programs_and_CPUs_number_apart)
{
	struct loss loss;

	assert_int_equal(loss_init(&loss), 0);
	for (uint32_t cpu = 0; cpu < 4; cpu++)
		for (enum wire_program program = 0; program < WIRE_PROGRAMS; program++)
			for (uint64_t seq = 0; seq < 3; seq++)
				assert_int_equal(note(&loss, cpu, program, seq), 0);
	assert_int_equal(note(&loss, 1, WIRE_BY_WITNESS, 5), 0);
	assert_int_equal(note(&loss, 1, WIRE_BY_WITNESS, 6), 2);
	assert_int_equal(note(&loss, 1, WIRE_BY_TRACE, 3), 0);
	assert_int_equal(note(&loss, 2, WIRE_BY_WITNESS, 3), 0);
	assert_int_equal(loss.total, 2);
	loss_fini(&loss);
}

TEST(the_counter_shows_what_is_missing_behind_the_last_record)
{
	struct loss loss;

	assert_int_equal(loss_init(&loss), 0);
	note(&loss, 0, WIRE_BY_TRACE, 0);
	note(&loss, 0, WIRE_BY_TRACE, 1);
	assert_int_equal(loss_settle(&loss, 0, WIRE_BY_TRACE, 2), 0);
	assert_int_equal(loss_settle(&loss, 0, WIRE_BY_TRACE, 7), 5);
	assert_int_equal(loss_settle(&loss, 0, WIRE_BY_TRACE, 7), 0);
	assert_int_equal(loss.total, 5);
	loss_fini(&loss);
}

TEST(a_CPU_that_nothing_came_from_may_have_lost_all)
{
	struct loss loss;

	assert_int_equal(loss_init(&loss), 0);
	assert_int_equal(loss_settle(&loss, 3, WIRE_BY_EXIT, 4), 4);
	assert_int_equal(loss_settle(&loss, 3, WIRE_BY_FORK, 0), 0);
	assert_int_equal(loss.total, 4);
	loss_fini(&loss);
}

/* The counter is behind the numbers where it was read too early: no loss, and no wrap. */
TEST(a_counter_that_is_behind_is_no_loss)
{
	struct loss loss;

	assert_int_equal(loss_init(&loss), 0);
	for (uint64_t seq = 0; seq < 5; seq++)
		note(&loss, 0, WIRE_BY_TRACE, seq);
	assert_int_equal(loss_settle(&loss, 0, WIRE_BY_TRACE, 3), 0);
	loss_fini(&loss);
}

TEST(more_records_than_numbers_are_no_loss)
{
	assert_int_equal(LOST_OF(0, 0, 0, 0), 0);
}

TEST(a_CPU_beyond_all_does_no_harm)
{
	static const uint32_t cpus[] = {LOSS_CPUS - 1, LOSS_CPUS, LOSS_CPUS + 1, UINT32_MAX};
	struct loss loss;

	assert_int_equal(loss_init(&loss), 0);
	for (size_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++) {
		assert_int_equal(note(&loss, cpus[i], WIRE_BY_EXIT, 1), 0);
		assert_int_equal(note(&loss, cpus[i], WIRE_BY_EXIT, 2), cpus[i] < LOSS_CPUS);
	}
	assert_int_equal(loss_settle(&loss, LOSS_CPUS, WIRE_BY_EXIT, 100), 0);
	assert_int_equal(loss_settle(&loss, UINT32_MAX, WIRE_BY_EXIT, 100), 0);
	assert_int_equal(loss_came(&loss, LOSS_CPUS - 1), 2);
	assert_int_equal(loss_came(&loss, LOSS_CPUS), 0);
	loss_fini(&loss);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_without_a_gap_are_no_loss),
		cmocka_unit_test(a_gap_is_as_many_as_are_missing),
		cmocka_unit_test(what_is_missing_before_the_first_record_is_lost),
		cmocka_unit_test(a_gap_is_told_once_and_with_the_next_record),
		cmocka_unit_test(a_record_that_was_overtaken_is_no_loss),
		cmocka_unit_test(a_number_that_comes_twice_makes_up_for_the_one_left_out),
		cmocka_unit_test(a_loss_beside_a_number_that_comes_twice_is_still_seen),
		cmocka_unit_test(programs_and_CPUs_number_apart),
		cmocka_unit_test(the_counter_shows_what_is_missing_behind_the_last_record),
		cmocka_unit_test(a_CPU_that_nothing_came_from_may_have_lost_all),
		cmocka_unit_test(a_counter_that_is_behind_is_no_loss),
		cmocka_unit_test(more_records_than_numbers_are_no_loss),
		cmocka_unit_test(a_CPU_beyond_all_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
