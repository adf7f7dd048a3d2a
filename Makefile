# SPDX-License-Identifier: GPL-2.0-only
#
# One file, not recursive but for `sudo make`, which builds as the user who called it.
# Every product is below build/. `make help` prints the targets.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

B := build

# ---- what must be installed (Debian 12) ----------------------------------------------------------

BUILD_PACKAGES := gcc libc6-dev clang bpftool libbpf-dev libelf-dev zlib1g-dev libmicrohttpd-dev libncurses-dev \
	libcap-ng-dev libseccomp-dev
DEMO_PACKAGES  := $(BUILD_PACKAGES) net-tools
VM_PACKAGES    := $(BUILD_PACKAGES) libcmocka-dev qemu-system-x86 qemu-system-arm gcc-aarch64-linux-gnu \
	libc6-dev-arm64-cross cpio xz-utils dash iproute2 util-linux nftables
DEB_PACKAGES   := $(BUILD_PACKAGES) dpkg-dev
BENCH_PACKAGES := $(BUILD_PACKAGES) libbpf-tools bpftrace python3 iproute2 util-linux coreutils
CHECK_PACKAGES := $(VM_PACKAGES) $(DEB_PACKAGES) lintian net-tools clang-format clang-tidy libclang-rt-14-dev cppcheck sparse codespell \
	binutils shellcheck mandoc valgrind libxml2-utils librsvg2-bin chromium fonts-dejavu-core tmux procps \
	python3-jsonschema python3-prometheus-client

BEGAN := $(shell date +%s)

# $(call missing,PACKAGES): those that dpkg does not have installed
missing = $(strip $(foreach p,$(sort $(1)),$(if $(filter ii,$(shell \
	dpkg-query -W -f='$${db:Status-Abbrev}' $(p) 2>/dev/null)),,$(p))))

# $(call install,PACKAGES): root installs what is missing and says so once; others are told how
define install
	@missing="$(call missing,$(1))"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "missing packages: $$missing"; \
		echo "install them with: sudo apt-get install --no-install-recommends $$missing"; \
		exit 1; \
	fi; \
	echo "installing through apt: $$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	{ apt-get -qq update && apt-get -qq install -y --no-install-recommends $$missing; } \
		>/tmp/tcpstate-trace-apt.$$$$ 2>&1 && rm -f /tmp/tcpstate-trace-apt.$$$$ || \
	{ cat /tmp/tcpstate-trace-apt.$$$$; rm -f /tmp/tcpstate-trace-apt.$$$$; exit 1; }
endef

# Under sudo, what needs no rights is done by the calling user, so that the tree stays his.
AS_USER := $(if $(filter 0,$(shell id -u)),$(if $(filter-out root,$(SUDO_USER)),runuser -u $(SUDO_USER) --))

# ---- how it is compiled --------------------------------------------------------------------------

CC	?= cc
CLANG	?= clang
# Looked up when used: it may have been installed a moment ago. Users have no /usr/sbin in their PATH.
BPFTOOL	 = $(shell command -v bpftool || echo /usr/sbin/bpftool)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
CFLAGS	 ?= -O2 -g
FORTIFY	 := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
HARDEN	 := -fPIE -fstack-protector-strong
ALL_CFLAGS  = -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(HARDEN) -Iuser -Iinclude -isystem $(B) -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBBPF	 := -lbpf -lelf -lz
CURSES	 := -lncursesw -ltinfo
CONFINE	 := -lcap-ng -lseccomp
# The core is many small functions in files of their own: where speed counts, they are put together at the end.
LTO	 := $(if $(findstring clang,$(CC)),,-flto=auto -O3)
FUZZ	 := record replay tracker lists command ladder picture http
FUZZING	 := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

BPF_CFLAGS = -g -O2 -Wall -Wextra -Wno-unused-parameter -target bpf -mcpu=v2 \
	-Iinclude -Ivmlinux -I/usr/include/$(shell $(CC) -print-multiarch)

# ---- what there is -------------------------------------------------------------------------------

CORE	 := $(wildcard user/base/*.c user/core/*.c)
RENDER	 := $(wildcard user/render/*.c)
PROGRAM	 := $(filter-out user/echo%.c,$(wildcard user/*.c user/source/*.c user/demo/*.c))
ECHO	 := user/echo.c
READER	 := $(addprefix user/source/,recording.c frame.c layout.c)
UNIT	 := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_SHARED := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
UNIT_RENDER := test_screen test_grid test_order test_tui test_history test_place test_rows test_advice test_sentences test_bind_words test_scenes test_expect test_forms test_metrics test_nasty
PROPERTY := $(filter-out tests/property/property.c,$(wildcard tests/property/*.c))
PROGRAMS := tcpstate-trace echo-server echo-client
LIVE	 := storm records share shift facts owners binds visitor
HERE	 := hostile pty
BENCH	 := meter lines
FAULTS	 := walk run call kernel judge
GUEST	 := $(PROGRAMS) $(LIVE) test_vmlinux verifier
SOURCES	 := $(wildcard user/*.c user/*/*.c user/*.h user/*/*.h include/*.h bpf/*.c bpf/*.h \
	vmlinux/*.h tests/*/*.c tests/*/*.h)

# What `make demo` plays: the experiments that this program began with
ARTICLE	 := client-quits server-killed bind-in-use bind-reuse-addr client-killed \
	server-killed-then-client-quits count

BPF_OBJECTS := $(patsubst bpf/%.c,$(B)/%.o,$(wildcard bpf/*.bpf.c))
BENCH_OBJECT := $(B)/counter.bpf.o
SKELETONS   := $(patsubst %.bpf.o,%.skel.h,$(BPF_OBJECTS) $(BENCH_OBJECT))
SCENARIOS   := $(B)/scenarios.inc
MANUALS	    := $(B)/tcpstate-trace.8 $(B)/tcpstate-trace-scenarios.7

# ---- building ------------------------------------------------------------------------------------

.PHONY: all build help
all: need-build build	## build everything into build/, without root
build: $(PROGRAMS:%=$(B)/%) $(MANUALS)

.PHONY: need-build need-demo need-deb need-check-deb need-check need-vm need-bench
need-build:
	$(call install,$(BUILD_PACKAGES))
need-demo:
	$(call install,$(DEMO_PACKAGES))
need-deb:
	$(call install,$(DEB_PACKAGES))
need-check-deb:
	$(call install,$(DEB_PACKAGES) debootstrap mandoc)
need-check:
	$(call install,$(CHECK_PACKAGES))
need-bench:
	$(call install,$(BENCH_PACKAGES))
need-vm:
	$(call install,$(VM_PACKAGES))

$(BPF_OBJECTS): $(B)/%.o: bpf/%.c $(wildcard bpf/*.h include/*.h vmlinux/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(BENCH_OBJECT): tests/bench/counter.bpf.c tests/bench/count.h $(wildcard vmlinux/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(SKELETONS): $(B)/%.skel.h: $(B)/%.bpf.o
	{ echo '// NOLINTBEGIN: generated'; $(BPFTOOL) gen skeleton $< name $*; \
		echo '// NOLINTEND'; } > $@

$(SCENARIOS): user/demo/embed.sh user/demo/scenarios $(wildcard user/demo/scenarios/*)
	@mkdir -p $(@D)
	user/demo/embed.sh user/demo/scenarios > $@

$(B)/tcpstate-trace-scenarios.7: user/demo/manual.sh user/demo/manual.awk user/demo/scenarios $(wildcard user/demo/scenarios/*)
	@mkdir -p $(@D)
	user/demo/manual.sh user/demo/scenarios > $@

# The fields of JSON and CSV are told from the one list that there is of them.
$(B)/fields: $(B)/user/man/fields.o $(B)/librender.a $(B)/libcore.a
	$(CC) $(ALL_LDFLAGS) $^ -o $@
$(B)/tcpstate-trace.8: user/man/tcpstate-trace.8 $(B)/fields
	$(B)/fields > $(B)/fields.mdoc
	sed '/^\.\\" fields: /r $(B)/fields.mdoc' $< > $@

# A variant of the user side: $(1) its directory, $(2) its compiler flags, $(3) its linker flags
define variant
$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) $(2) $$(LTO_OBJECT) -c $$< -o $$@
$(1)/user/source/ring.o $(1)/user/source/hooks.o $(1)/tests/vm/verifier.o: $$(B)/tcpstate.skel.h
$(1)/user/source/probe.o: $$(B)/probe.skel.h
$(1)/user/demo/library.o: $$(SCENARIOS)

$(1)/libcore.a: $$(CORE:%.c=$(1)/%.o)
	rm -f $$@ && $$(AR) rcs $$@ $$^
$(1)/librender.a: $$(RENDER:%.c=$(1)/%.o)
	rm -f $$@ && $$(AR) rcs $$@ $$^

$(1)/tcpstate-trace: $$(PROGRAM:%.c=$(1)/%.o) $(1)/librender.a $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$(LTO_LINK) $$^ -o $$@ $$(LIBBPF) $$(CURSES) $$(CONFINE)
$(1)/echo-server $(1)/echo-client: $(1)/echo-%: $(1)/user/echo-%.o $$(ECHO:%.c=$(1)/%.o) $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@

$(1)/storm $(1)/share $(1)/pty: $(1)/%: $(1)/tests/live/%.o
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@
$(1)/facts: $(1)/tests/live/trouble.o
$(1)/facts $(1)/owners $(1)/visitor: $(1)/%: $(1)/tests/live/%.o $(1)/tests/live/sockets.o
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@
$(1)/hostile: $(1)/tests/live/hostile.o $(1)/libunit.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@ -lcmocka
$(1)/binds: $(1)/tests/live/binds.o $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@
$(1)/shift: $(1)/user/source/recorder.o
$(1)/records $(1)/shift: $(1)/%: $(1)/tests/live/%.o $$(READER:%.c=$(1)/%.o) $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@ -lz
$(1)/screens: $(1)/tests/golden/screens.o $$(READER:%.c=$(1)/%.o) $(1)/librender.a $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@ -lz
$(1)/verifier: $(1)/tests/vm/verifier.o
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@ $$(LIBBPF)

$(1)/cost: $(1)/tests/cost/cost.o $(1)/tests/cost/records.o $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$(LTO_LINK) $$^ -o $$@

$(1)/tests/bench/meter.o: $$(B)/counter.skel.h
$(1)/meter $(1)/lines: $(1)/%: $(1)/tests/bench/%.o
	$$(CC) $$(ALL_LDFLAGS) $(3) $$^ -o $$@ $$(LIBBPF)

# base and core alone, but for those below: what links here has no I/O, no clock and no libbpf.
$(1)/libunit.a: $$(UNIT_SHARED:%.c=$(1)/%.o)
	rm -f $$@ && $$(AR) rcs $$@ $$^
$$(UNIT:%=$(1)/%): $(1)/%: $(1)/tests/unit/%.o $(1)/libunit.a $(1)/libcore.a
	$$(CC) $$(ALL_LDFLAGS) $(3) $$(filter %.o,$$^) $$(filter %.a,$$^) -o $$@ -lcmocka $$(UNIT_LIBS)
$$(UNIT_RENDER:%=$(1)/%): $(1)/librender.a
$$(UNIT_RENDER:%=$(1)/%): UNIT_LIBS = $(1)/librender.a $(1)/libcore.a
$(1)/test_scenario $(1)/test_expect: $(addprefix $(1)/user/demo/,scenario.o reader.o outcome.o deed.o)
$(1)/test_expect: $(addprefix $(1)/user/demo/,expect.o compare.o edges.o)
$(1)/test_edges: $(1)/user/demo/edges.o
$(1)/test_capacity: $(1)/user/source/capacity.o
$(1)/test_counters: $(1)/user/counters.o
$(1)/test_recording: $$(READER:%.c=$(1)/%.o) $(1)/user/source/recorder.o
$(1)/test_recording: UNIT_LIBS = -lz
$(1)/test_zone: $(1)/user/zone.o
$(1)/test_confine: $(1)/user/confine.o
$(1)/test_confine: UNIT_LIBS = $$(CONFINE)
$(1)/test_vmlinux: UNIT_LIBS = $$(LIBBPF)

-include $$(wildcard $(1)/user/*.d $(1)/user/*/*.d $(1)/tests/*/*.d)
endef

$(CORE:%.c=$(B)/%.o) $(RENDER:%.c=$(B)/%.o): LTO_OBJECT = $(LTO) $(if $(LTO),-ffat-lto-objects)
$(B)/tcpstate-trace $(B)/cost: LTO_LINK = $(LTO)

$(eval $(call variant,$(B),$(FORTIFY),))
$(eval $(call variant,$(B)/san,$(SANITIZE),$(SANITIZE)))

$(eval $(call variant,$(B)/fuzz,$(FUZZING),$(FUZZING)))

# Targets of libFuzzer, which has main(); clang's, as gcc has none.
$(B)/fuzz/%: CC = $(CLANG)
$(FUZZ:%=$(B)/fuzz/fuzz-%): $(B)/fuzz/fuzz-%: $(B)/fuzz/tests/fuzz/%.o $(B)/fuzz/librender.a $(B)/fuzz/libunit.a $(B)/fuzz/libcore.a
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer,address,undefined $(FUZZ_LINK) $(filter %.o,$^) $(filter %.a,$^) -o $@ $(FUZZ_LIBS)
$(B)/fuzz/fuzz-record: $(B)/fuzz/user/source/layout.o
DRAWN := tracker ladder picture
$(DRAWN:%=$(B)/fuzz/fuzz-%): $(PROPERTY:%.c=$(B)/fuzz/%.o)
$(DRAWN:%=$(B)/fuzz/fuzz-%): FUZZ_LIBS = -lcmocka -lm
$(B)/fuzz/fuzz-http: $(B)/fuzz/user/exporter.o $(B)/fuzz/user/http.o
$(B)/fuzz/fuzz-http: FUZZ_LINK = -Wl,--wrap=socket -Wl,--wrap=bind
$(B)/fuzz/fuzz-replay: $(READER:%.c=$(B)/fuzz/%.o) $(B)/fuzz/user/join.o $(B)/fuzz/user/reel.o
$(B)/fuzz/fuzz-replay: FUZZ_LIBS = -lz
$(B)/fuzz/fuzz-command: $(PROGRAM:%.c=$(B)/fuzz/%.o)
$(B)/fuzz/fuzz-command: FUZZ_LIBS = $(LIBBPF) $(CURSES) $(CONFINE)
$(B)/fuzz/fuzz-command: FUZZ_LINK = -Wl,--wrap=exit -Wl,--wrap=argp_parse -Wl,--wrap=options_parse $(foreach run,trace replay demo why feature census schema,\
	-Wl,--defsym=__wrap_$(run)_run=__wrap_run -Wl,--wrap=$(run)_run)
$(B)/fuzz/user/main.o: ALL_CFLAGS += -Dmain=program_main -Wno-missing-prototypes

# Properties: random events, as many as take a few seconds.
$(B)/property: $(B)/tests/property/property.o $(PROPERTY:%.c=$(B)/%.o) $(B)/libunit.a $(B)/librender.a $(B)/libcore.a
	$(CC) $(ALL_LDFLAGS) $^ -o $@ -lcmocka

$(B)/faults: $(FAULTS:%=$(B)/tests/faults/%.o)
	$(CC) $(ALL_LDFLAGS) $^ -o $@
$(B)/faults.so: tests/faults/preload.c tests/faults/mark.h
	@mkdir -p $(B)
	$(CC) $(ALL_CFLAGS) -fPIC -shared $< -o $@

# Unpacked, not installed: it would start a service.
$(B)/prometheus:
	@mkdir -p $(B)
	@tests/lib/unpack.sh $@ prometheus ./usr/bin/prometheus ./usr/bin/promtool

.PHONY: build-check
build-check: | $(B)/prometheus
build-check: build $(UNIT:%=$(B)/%) $(UNIT:%=$(B)/san/%) $(PROGRAMS:%=$(B)/san/%) $(LIVE:%=$(B)/%) $(LIVE:%=$(B)/san/%) \
	$(HERE:%=$(B)/%) $(HERE:%=$(B)/san/%) \
	$(BENCH:%=$(B)/%) $(BENCH:%=$(B)/san/%) $(B)/cost $(B)/screens $(B)/san/screens $(B)/guest-programs \
	$(B)/property $(FUZZ:%=$(B)/fuzz/fuzz-%) $(B)/faults $(B)/faults.so

# What a virtual machine's guest runs, as a list for tests/vm, which comes with the programs.
$(B)/guest-programs: $(GUEST:%=$(B)/%) Makefile
	printf '%s\n' $(GUEST) > $@

# ---- running -------------------------------------------------------------------------------------

.PHONY: fuzz
TIME ?= 60
fuzz: need-check	## each fuzzer for TIME seconds (60), two at a time; what crashes one is kept in build/fuzz
	@$(AS_USER) $(MAKE) --no-print-directory -s -j2 $(FUZZ:%=$(B)/fuzz/fuzz-%)
	@$(AS_USER) tests/fuzz/check.sh $(TIME)

.PHONY: faults
EVERY ?= 1
faults: need-check	## (root) each allocation and each system call fails in turn; EVERY=16 is what `make check` does
	@$(AS_USER) $(MAKE) --no-print-directory -s -j2 build $(B)/faults $(B)/faults.so $(B)/visitor $(B)/san/tcpstate-trace
	@tests/faults/check.sh $(EVERY)

.PHONY: demo check lint unit golden property cost cost-keep valgrind sanitize live check-live
demo: need-demo	## (root) play closes of connections live, and explain them; takes 70 s
	@$(AS_USER) $(MAKE) --no-print-directory -s build
	@$(B)/tcpstate-trace demo --fast $(ARTICLE)

check: need-check	## (root) all tests, and a line that counts them
	@$(AS_USER) $(MAKE) --no-print-directory -s -j2 build-check
	@BEGAN=$(BEGAN) tests/run.sh $(SUITES)

lint unit golden property cost valgrind sanitize live: need-check	## one suite of the tests alone; live needs root
	@$(AS_USER) $(MAKE) --no-print-directory -s -j2 build-check
	@BEGAN=$(BEGAN) tests/run.sh $@

check-live: live	## (root) the live tests on this kernel, in less than two minutes

cost-keep: need-check	## what the core costs now is what `make cost` compares with
	@$(AS_USER) $(MAKE) --no-print-directory -s $(B)/cost
	@$(AS_USER) env BUILD=$(B) tests/cost/check.sh --keep

.PHONY: check-vm
check-vm: need-vm	## the live tests on other kernels, in virtual machines; VM=6.1 for one; no root
	@$(AS_USER) $(MAKE) --no-print-directory -s -j2 build $(B)/guest-programs
	@$(AS_USER) tests/vm/check.sh $(B)

# CONNECTIONS, PAIRS and TOOLS are the options of tests/bench/bench.py.
.PHONY: bench
bench: need-bench	## (root) what it costs and loses beside tcpstates and bpftrace; some minutes
	@$(AS_USER) $(MAKE) --no-print-directory -s build $(BENCH:%=$(B)/%) $(B)/storm
	@tests/bench/bench.py --build $(B) --json $(B)/bench.json $(if $(CONNECTIONS),--connections $(CONNECTIONS)) \
		$(if $(PAIRS),--pairs $(PAIRS)) $(if $(TOOLS),--tools '$(TOOLS)')

# ---- installing ----------------------------------------------------------------------------------

PREFIX	?= /usr/local

# What goes where below PREFIX. The programs are first.
INSTALLED := $(B)/tcpstate-trace:sbin $(B)/echo-server:bin $(B)/echo-client:bin \
	$(B)/tcpstate-trace.8:share/man/man8 $(B)/tcpstate-trace-scenarios.7:share/man/man7 \
	user/man/echo-server.1:share/man/man1 user/man/echo-client.1:share/man/man1 \
	$(PROGRAMS:%=user/completion/%:share/bash-completion/completions) \
	user/package/tcpstate-trace.service:lib/systemd/system \
	README.md:share/doc/tcpstate-trace LICENSE:share/doc/tcpstate-trace

.PHONY: install uninstall deb check-deb
install: need-build	## below PREFIX (/usr/local), and below DESTDIR, if that is given
	@$(AS_USER) $(MAKE) --no-print-directory -s build
	@set -e; for pair in $(INSTALLED); do \
		case $$pair in *:*bin) mode=755 ;; *) mode=644 ;; esac; \
		install -D -m $$mode -t "$(DESTDIR)$(PREFIX)/$${pair#*:}" "$${pair%%:*}"; \
	done

uninstall:		## remove what `make install` has put there
	@set -e; for pair in $(INSTALLED); do \
		file=$${pair%%:*}; \
		rm -f "$(DESTDIR)$(PREFIX)/$${pair#*:}/$${file##*/}"; \
	done; \
	rmdir "$(DESTDIR)$(PREFIX)/share/doc/tcpstate-trace" 2>/dev/null || true

# Those of the README are among them.
.PHONY: pictures
pictures: need-build	## draw the recordings of tests/golden anew
	@$(AS_USER) $(MAKE) --no-print-directory -s build
	@$(AS_USER) env FORMS=svg tests/golden/check.sh --update

.PHONY: screenshots
screenshots: need-check	## (root) pictures of the default screen in build/screenshots, to be looked at; some minutes
	@$(AS_USER) $(MAKE) --no-print-directory -s build $(B)/storm
	@BUILD=$(B) tests/looks/screenshots.sh

deb: need-deb		## a Debian package in build/, without root
	@$(AS_USER) user/package/deb.sh $(B)

check-deb: need-check-deb	## (root, network) install that package in a bare Debian 12, play, remove it
	@$(AS_USER) user/package/deb.sh $(B)
	@tests/package/bare.sh $(B)

# ---- keeping it tidy -----------------------------------------------------------------------------

.PHONY: format format-check tidy clang-check analyze cppcheck clean
format:			## bring all C files into shape
	clang-format -i $(SOURCES)

format-check:
	clang-format --dry-run --Werror $(SOURCES)

tidy: $(SKELETONS) $(SCENARIOS)
	printf '%s\n' $(filter user/%.c,$(SOURCES)) | xargs -P $$(nproc) -n 8 sh -c \
		'clang-tidy --quiet "$$@" -- -std=gnu11 -D_GNU_SOURCE -Iuser -Iinclude -isystem $(B)' sh

# The second compiler: the same sources, the same warnings, none allowed.
clang-check: $(SKELETONS) $(SCENARIOS)
	printf '%s\n' $(filter user/%.c,$(SOURCES)) | xargs -P $$(nproc) -n 1 \
		$(CLANG) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -Werror -Iuser -Iinclude -isystem $(B) -fsyntax-only

# gcc takes what stands first in a struct, and is returned by its address, for lost; leaks are ASan's and valgrind's business.
ANALYZE := -O1 -fanalyzer -Wno-analyzer-malloc-leak -Werror
analyze: $(SKELETONS) $(SCENARIOS)
	printf '%s\n' $(filter user/%.c,$(SOURCES)) | xargs -P $$(nproc) -n 1 \
		gcc -std=gnu11 -D_GNU_SOURCE $(ANALYZE) -Iuser -Iinclude -isystem $(B) -o /dev/null -c

cppcheck:
	printf '%s\n' $(filter user/%.c,$(SOURCES)) | xargs -P $$(nproc) -n 8 \
		cppcheck -q --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 \
		-D_GNU_SOURCE '-DLIBBPF_OPTS(type, name, ...)=struct type name = {0}' '-Dbpf_object__for_each_program(each, object)=while ((each = 0))' -Iuser -Iinclude

clean:			## remove build/
	rm -rf $(B)

help:			## print this
	@sed -n 's/^\([a-z][a-z -]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{printf "  %-36s %s\n", "make " $$1, $$2}'
