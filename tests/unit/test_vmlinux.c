// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmlinux/vmlinux.h claims that the kernel has these types with these members. Here each claim is held
 * against the BTF of the kernel that runs: same member, same kind of thing, same size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <cmocka.h>

#include "tcp_states.h"

#define HEADER "vmlinux/vmlinux.h"
#define OBJECT "build/tcpstate.bpf.o"

static struct btf *kernel, *object;

static int load(void **state)
{
	(void)state;
	kernel = btf__load_vmlinux_btf();
	object = btf__parse(OBJECT, NULL);
	return kernel && object ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	btf__free(kernel);
	btf__free(object);
	return 0;
}

static const struct btf_type *bare(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* The member NAME of TYPE, also inside of unnamed structs and unions, which newer kernels wrap around
 * members; NULL: there is none. */
static const struct btf_type *find_member(const struct btf *btf, const struct btf_type *type,
					  const char *name, __s64 *ret_size)
{
	const struct btf_member *members = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		const char *member = btf__name_by_offset(btf, members[i].name_off);
		const struct btf_type *of = bare(btf, members[i].type);

		if (member[0] && strcmp(member, name) == 0) {
			*ret_size = btf__resolve_size(btf, members[i].type);
			return of;
		}
		if (!member[0] && btf_is_composite(of)) {
			of = find_member(btf, of, name, ret_size);
			if (of)
				return of;
		}
	}
	return NULL;
}

/* Structs that we know in part only are smaller here than there. */
static int sizes_must_agree(const struct btf_type *type)
{
	return btf_is_int(type) || btf_is_ptr(type) || btf_is_array(type) || btf_is_enum(type);
}

static void hold_struct(const char *name, const struct btf_type *ours)
{
	__s32 id = btf__find_by_name_kind(kernel, name, BTF_KIND_STRUCT);
	const struct btf_member *members = btf_members(ours);

	if (id < 0)
		fail_msg("this kernel has no struct %s", name);
	for (int i = 0; i < btf_vlen(ours); i++) {
		const char *member = btf__name_by_offset(object, members[i].name_off);
		const struct btf_type *of = bare(object, members[i].type), *theirs;
		__s64 size = 0, ours_size = btf__resolve_size(object, members[i].type);

		theirs = find_member(kernel, btf__type_by_id(kernel, (__u32)id), member, &size);
		if (!theirs)
			fail_msg("struct %s has no member %s here", name, member);
		if (btf_kind(of) != btf_kind(theirs))
			fail_msg("%s.%s is another kind of thing here", name, member);
		if (sizes_must_agree(of) && size != ours_size)
			fail_msg("%s.%s has %lld bytes here, not %lld", name, member,
				 (long long)size, (long long)ours_size);
	}
}

/* The names of all structs that the header defines: "struct NAME {" at the start of a line. */
static int next_struct(FILE *header, char *name)
{
	char line[256], brace;

	while (fgets(line, sizeof(line), header))
		if (sscanf(line, "struct %63[a-z0-9_] %c", name, &brace) == 2 && brace == '{')
			return 1;
	return 0;
}

static void each_member_is_in_the_running_kernel(void **state)
{
	FILE *header = fopen(HEADER, "r");
	char name[64];
	int structs = 0;

	(void)state;
	assert_non_null(header);
	while (next_struct(header, name)) {
		__s32 id = btf__find_by_name_kind(object, name, BTF_KIND_STRUCT);

		if (id < 0)
			fail_msg("no program uses struct %s: take it out of " HEADER, name);
		if (!strstr(name, "___")) /* of some kernels */
			hold_struct(name, btf__type_by_id(object, (__u32)id));
		structs++;
	}
	fclose(header);
	assert_true(structs > 5);
}

/* The numbers are the kernel's: enum tcp_state is in its BTF as an unnamed enum with TCP_ESTABLISHED. */
static void state_numbers_are_the_kernels(void **state)
{
	static const struct {
		const char *name;
		unsigned int number;
	} states[] = {
#define STATE(number, name) {"TCP_" #name, number},
		WIRE_STATES(STATE)
#undef STATE
	};
	unsigned int agreed = 0;

	(void)state;
	for (__u32 id = 1; id < btf__type_cnt(kernel); id++) {
		const struct btf_type *type = btf__type_by_id(kernel, id);

		if (!btf_is_enum(type))
			continue;
		for (int i = 0; i < btf_vlen(type); i++) {
			const char *name = btf__name_by_offset(kernel, btf_enum(type)[i].name_off);

			for (size_t n = 0; n < sizeof(states) / sizeof(states[0]); n++)
				if (strcmp(name, states[n].name) == 0) {
					assert_int_equal(btf_enum(type)[i].val, states[n].number);
					agreed++;
				}
		}
	}
	assert_true(agreed >= sizeof(states) / sizeof(states[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_member_is_in_the_running_kernel),
		cmocka_unit_test(state_numbers_are_the_kernels),
	};

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
		printf("skip - test_vmlinux: this kernel has no BTF\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, load, unload);
}
