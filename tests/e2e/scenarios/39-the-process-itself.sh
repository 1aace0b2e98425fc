# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves what stands beside the label: the real virtiofsd lives in a chroot on
# its share, under its own seccomp filter and the launcher's, without the
# capabilities that would undo either. The launcher's is on every thread; its
# own is not in QEMU's daemon, whose RCU thread starts before it. And writes down, without judging, what this kernel's AppArmor
# does not mediate: extended attributes and times of a file that the process can
# name.

mkdir -p "$shares/one"
echo mine > "$shares/outside"
start_vm self "share=one:$shares/one"
confined self 1
label=$(fs_label self)

has_cap() { # PID NUMBER
	local mask
	mask=$(awk '$1 == "CapEff:" { print $2 }' "/proc/$1/status")
	[ $(((16#$mask >> $2) & 1)) -eq 1 ]
}
for pid in $(virtiofsd_pids self); do
	grep -E '^(Cap(Eff|Prm|Bnd)|NoNewPrivs|Seccomp):' "/proc/$pid/status"
	check "its root is the share" test "$(readlink "/proc/$pid/root")" = "$shares/one"
	check "it has a seccomp filter" grep -qE '^Seccomp:[[:space:]]*2' "/proc/$pid/status"
	for thread in /proc/"$pid"/task/*; do
		note "thread ${thread##*/}: $(cat "$thread/comm") $(
			grep -E '^(CapEff|Seccomp_filters):' "$thread/status" | tr '\n\t' '  ')"
		check "no socket" "$e2e/seccomp-calls" "${thread##*/}" socket connect io_uring_setup
		# so that a filter that refuses everything, or a reader that does, is noticed
		refuse "openat refused as well" "$e2e/seccomp-calls" "${thread##*/}" openat
		[ "$RELEASE $(awk '$1 == "Seccomp_filters:" { print $2 }' "$thread/status")" != 'bookworm 1' ] ||
			[ "${thread##*/}" = "$pid" ] || continue
		check "its own filter" "$e2e/seccomp-calls" "${thread##*/}" bind listen execve execveat \
			ptrace process_vm_readv mount move_mount open_tree umount2 pivot_root chroot \
			setns init_module bpf
	done
	# net_admin, net_raw, sys_module, sys_rawio, sys_ptrace, sys_admin, sys_boot,
	# mac_override, mac_admin, bpf
	for number in 12 13 16 17 19 21 22 32 33 39; do
		refuse "it has capability $number" has_cap "$pid" $number
	done
done
for action in setxattr filecap utime; do
	status=0
	"$probe" try "$label" $action "$shares/outside" || status=$?
	note "outside the share, $action: $([ $status -eq 0 ] && echo "not mediated" || echo "refused")"
done
expect_denial "profile=\"$label\".*comm=\"probe\""
stop_vm self
