// SPDX-License-Identifier: GPL-2.0-only
/* Containers, as the engines name their cgroups. */
#include "make.h"

#include <string.h>

#include "core/container.h"

#define ID    "3f2a9c0d1e2f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
#define OTHER "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void check(const char *path, const char *wanted)
{
	size_t len = 0;
	const char *found = container_find(path, &len);

	if (!found)
		fail_msg("none in %s", path);
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(found, wanted, len);
}

static void check_none(const char *path)
{
	size_t len = 77;

	if (container_find(path, &len))
		fail_msg("%s has none", path);
	assert_int_equal(len, 77);
}

TEST(engines_name_them_by_64_digits)
{
	check("/system.slice/docker-" ID ".scope", "3f2a9c0d1e2f");
	check("/docker/" ID, "3f2a9c0d1e2f");
	check("/machine.slice/libpod-" ID ".scope", "3f2a9c0d1e2f");
	check("/libpod_parent/libpod-" ID, "3f2a9c0d1e2f");
	check("/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-" ID ".scope", "3f2a9c0d1e2f");
	check("/kubepods.slice/kubepods-besteffort.slice/crio-" ID ".scope", "3f2a9c0d1e2f");
	check("/kubepods/burstable/pod0000-1111/" ID, "3f2a9c0d1e2f");
	check("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" ID,
	      "3f2a9c0d1e2f");
}

TEST(what_is_below_a_container_is_in_it)
{
	check("/docker/" ID "/init.scope", "3f2a9c0d1e2f");
	check("/docker/" ID "/system.slice/nginx.service", "3f2a9c0d1e2f");
	check("/machine.slice/libpod-" ID ".scope/container", "3f2a9c0d1e2f");
}

TEST(the_innermost_counts)
{
	check("/docker/" ID "/docker/" OTHER, "001122334455");
	check("/machine.slice/machine-web.scope/system.slice/docker-" ID ".scope", "3f2a9c0d1e2f");
}

TEST(others_have_names)
{
	check("/lxc.payload.web1", "web1");
	check("/lxc.payload.web1/system.slice/ssh.service", "web1");
	check("/lxc.payload.a.scope", "a.scope");
	check("/machine.slice/machine-deb.scope", "deb");
	check("/machine.slice/machine-my\\x2dbox.scope/payload", "my\\x2dbox");
}

TEST(what_only_looks_like_one_is_none)
{
	check_none("");
	check_none("/");
	check_none("/system.slice/nginx.service");
	check_none("/user.slice/user-1000.slice/session-3.scope");
	check_none("/docker/3f2a9c0d1e2f");
	check_none("/docker/" ID "0");
	check_none("/docker/x" ID);
	check_none("/docker/3F2A9C0D1E2F4A5B6C7D8E9F0A1B2C3D4E5F60718293A4B5C6D7E8F901234567");
	check_none("/lxc.payload.");
	check_none("/lxc.monitor.web1");
	check_none("/machine.slice/machine-deb");
	check_none("/machine.slice/machine-.scope");
}

TEST(who_watches_a_container_is_not_in_it)
{
	check_none("/machine.slice/libpod-conmon-" ID ".scope");
	check_none("/system.slice/crio-conmon-" ID ".scope");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_name_them_by_64_digits),
		cmocka_unit_test(what_is_below_a_container_is_in_it),
		cmocka_unit_test(the_innermost_counts),
		cmocka_unit_test(others_have_names),
		cmocka_unit_test(what_only_looks_like_one_is_none),
		cmocka_unit_test(who_watches_a_container_is_not_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
