# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Boots the machines, follows their second serial port and counts.
#
# Each of $jobs machines gets its part of the scenarios. Those that need two
# hosts ("#: machines=2") run on a pair of machines with a network between them,
# numbers $jobs and $jobs + 1. The pair is booted first: what other machines do at
# the end depends on the time that is left.

declare -A machine_pid=()
machines=() # the numbers of all that were booted

stop_machines() {
	local job
	for job in "${!machine_pid[@]}"; do
		kill "${machine_pid[$job]}" 2> /dev/null || true
		wait "${machine_pid[$job]}" 2> /dev/null || true
		unset "machine_pid[$job]"
	done
}

# Deal the scenarios to the machines: the costliest first, each to the machine
# that has least to do. Within a machine they run in their own order, those for
# which time need not be left ("#: spare=N") after the others, by that number.
deal() {
	local name cost job best spare
	local -a load=()
	for ((job = 0; job < jobs; job++)); do
		load[job]=0
		: > "$work/list.$job"
	done
	for name in "${singles[@]}"; do
		cost=$(scenario_field "$here/scenarios/$name.sh" cost)
		spare=$(scenario_field "$here/scenarios/$name.sh" spare)
		echo "${cost:-10} ${spare:-0} $name"
	done | sort -k2,2 -k1,1nr -k3,3 > "$work/costs"
	while read -r cost spare name; do
		best=0
		for ((job = 1; job < jobs; job++)); do
			[ "${load[job]}" -ge "${load[best]}" ] || best=$job
		done
		load[best]=$((load[best] + cost))
		echo "$spare $name" >> "$work/list.$best"
	done < "$work/costs"
	for ((job = 0; job < jobs; job++)); do
		sort "$work/list.$job" | cut -d ' ' -f 2 > "$work/list"
		mv "$work/list" "$work/list.$job"
	done
}

# One emulated processor each: two in one machine wait for each other more than
# they gain. Nehalem, because QEMU's "max" is a third slower (what it has more
# is costly to emulate), and because unstable's kernel panics on QEMU 7.2's.
#
# HOST is 1 or 2 for a machine of the pair: the first one's end of the network
# is a socket in $work, named without its directory because sockets' names are
# short.
boot_machine() { # JOB [HOST]
	local job=$1 host=${2:-} network=() left=
	[ -z "$within" ] || left=e2e.left=$((within - SECONDS))
	truncate -s 8M "$work/list.$job"
	truncate -s 256M "$work/logs.$job"
	: > "$results/console.$job"
	: > "$results/serial.$job"
	machines+=("$job")
	[ -z "$host" ] || network=(
		-netdev "stream,id=link,addr.type=unix,addr.path=link,server=$([ "$host" = 1 ] && echo on || echo off)"
		-device "virtio-net-pci,netdev=link,mac=52:54:00:e2:e0:0$host"
	)
	(cd "$work" && exec timeout --kill-after=10 "$timeout" qemu-system-x86_64 \
		-name "virt-aa-e2e-$release-$job" -machine q35 -accel tcg,thread=single \
		-cpu Nehalem -smp 1 -m 4096 -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$work/vmlinuz" -initrd "$work/initrd" \
		-append "root=/dev/vda rw console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off \
apparmor=1 security=apparmor audit=1 audit_backlog_limit=65536 log_buf_len=64M \
printk.devkmsg=on systemd.show_status=no ${host:+e2e.host=$host} $left $kernel_args" \
		-drive "file=$work/disk.img,if=virtio,format=raw,cache=unsafe,snapshot=on" \
		-drive "file=$work/list.$job,if=virtio,format=raw,readonly=on" \
		-drive "file=$work/logs.$job,if=virtio,format=raw,cache=unsafe" \
		-chardev "file,id=console,path=$results/console.$job" -serial chardev:console \
		-chardev "file,id=results,path=$results/serial.$job" -serial chardev:results \
		${network[@]+"${network[@]}"} \
		-device virtio-rng-pci < /dev/null > "$results/qemu.$job" 2>&1) &
	machine_pid[$job]=$!
}

# The first runs the scenarios, the second does what it is told.
boot_pair() {
	local tries
	say "booting a pair of machines for ${#pairs[@]} scenario(s)"
	printf '%s\n' "${pairs[@]}" > "$work/list.$jobs"
	: > "$work/list.$((jobs + 1))"
	boot_machine "$jobs" 1
	for ((tries = 0; tries < 100; tries++)); do
		[ ! -S "$work/link" ] || break
		sleep 0.1
	done
	boot_machine "$((jobs + 1))" 2
}

# A machine has ended: take over what it has left.
collect() { # JOB
	local job=$1
	wait "${machine_pid[$job]}" || true
	unset "machine_pid[$job]"
	follow "$job"
	mkdir -p "$results/logs"
	tar -C "$results/logs" --ignore-zeros -xf "$work/logs.$job" 2> /dev/null ||
		say "machine $job left no logs"
	[ ! -e "$results/logs/klog" ] || mv "$results/logs/klog" "$results/logs/klog.$job"
	# The first of the pair has told the second to end; without it nobody will.
	if [ "$job" = "$jobs" ] && [ -n "${machine_pid[$((jobs + 1))]:-}" ]; then
		timeout 60 tail --pid="${machine_pid[$((jobs + 1))]}" -f /dev/null ||
			kill "${machine_pid[$((jobs + 1))]}"
	fi
}

# Print what a machine has reported since the last time.
declare -A seen=()
follow() { # JOB
	local job=$1 lines
	lines=$(tr -d '\r' < "$results/serial.$job" | grep -c '' || true)
	[ "$lines" -gt "${seen[$job]:-0}" ] || return 0
	# The last line may be half written.
	tr -d '\r' < "$results/serial.$job" | sed -n "$((${seen[$job]:-0} + 1)),${lines}p" > "$work/new"
	[ -z "$(tail -c 1 "$results/serial.$job" | tr -d '\n')" ] || {
		lines=$((lines - 1))
		sed -i '$d' "$work/new"
	}
	grep -E '^(ok|FAIL|skip) ' "$work/new" || true
	grep -E '^[#|] ' "$work/new" >&2 || true
	seen[$job]=$lines
}

run_machines() {
	local job next=0 at_once=$((jobs > 2 ? jobs : 2))
	deal
	[ ${#pairs[@]} -eq 0 ] || boot_pair
	say "booting $jobs machine(s) for ${#singles[@]} scenario(s)"
	while [ ${#machine_pid[@]} -gt 0 ] || [ $next -lt "$jobs" ]; do
		while [ $next -lt "$jobs" ] && [ ${#machine_pid[@]} -lt $at_once ]; do
			boot_machine $next
			next=$((next + 1))
		done
		sleep 2
		for job in "${!machine_pid[@]}"; do
			if kill -0 "${machine_pid[$job]}" 2> /dev/null; then
				follow "$job"
			else
				collect "$job"
			fi
		done
	done
}

# A scenario without a line has failed: its machine did not get so far.
report() {
	local job name passed failed skipped broken=no
	cat "$results"/serial.* | tr -d '\r' | grep -E '^(ok|FAIL|skip) ' > "$results/lines" || true
	for job in "${machines[@]}"; do
		grep -q '^end of e2e' "$results/serial.$job" || {
			say "machine $job did not end properly: see $results/console.$job"
			broken=yes
		}
	done
	for name in "${scenarios[@]}"; do
		grep -qE "^(ok|FAIL|skip) $name( |:|\$)" "$results/lines" ||
			echo "FAIL $name: no result from the machine" | tee -a "$results/lines"
	done
	passed=$(grep -c '^ok ' "$results/lines" || true)
	failed=$(grep -c '^FAIL ' "$results/lines" || true)
	skipped=$(grep -c '^skip ' "$results/lines" || true)
	say "details: $results"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && [ $broken = no ]
}
