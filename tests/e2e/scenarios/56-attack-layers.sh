# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=305
#: spare=2
#: limit=3000
#
# Proves what each layer around a running virtiofsd is worth: one after the other
# is taken away, and what 51 to 53 try is tried again. With AppArmor in complain
# mode, without the seccomp filters, and with every mount of its name space
# writable again, what is named in "alone" below happens, and nothing else: for
# all other attempts a second layer stands.
#
# Landlock cannot be taken from a process. A machine that is booted without it
# ("run --kernel-args lsm=apparmor") shows what it is worth.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

prepare_victims
mount -t tmpfs mounted "$shares/mine/mounted"
start_vm mine "share=one:$shares/mine" "share=two:$shares/second"
confined mine 2
expect_attack_records mine
watch_pid_file "$(echo /run/libvirt/qemu/*-mine-fs0-fs.pid)"
# What one layer alone keeps from happening, or none. Nothing of AppArmor's and Landlock's is about looking
# at what a file is and at its attributes, and what they say of writing is not about times.
elsewhere="(outside|share of the VM|VM's share)"
alone_filter="$elsewhere: (stat|read an attribute) |descriptor [0-9]+ socket:.*: (FIOSETOWN|SIOCSPGRP) "
alone_filter+="|: a root process: its limits |: (add_key|keyctl|io_uring_setup) |: inotify of a directory outside "
alone_label="$elsewhere: stat |: descriptor [0-9]+ fd: list "
alone_mounts="$elsewhere: stat |: [^()]*: times |: another share of the VM: (chmod|chown) "
# Before Linux 6.12 Landlock knows no signals, and before 6.2 no truncation; AppArmor 3.0 takes any unix
# socket for the one to QEMU; and the C daemon's thread of QEMU's RCU keeps the capability for chroot.
if [ "$RELEASE" = bookworm ]; then
	alone_filter+="|: SIGIO|: a socket of its own |: libvirtd's socket |: socket AF_UNIX |: socketpair |: chroot to "
	alone_label+="|: chroot to "
	alone_mounts+="|: chroot to |: another share of the VM: truncate "
fi
attack_only=$(virtiofsd_of mine "$shares/mine")
label=$(fs_label mine)

without() { # LAYER ALONE-REGEX TABLE...
	local layer=$1 alone=$2
	shift 2
	note "without $layer"
	begin_rows
	attack mine "$@"
	end_rows
	grep -vE "$alone" "$state/effects" | sed "s/^/without $layer: /" >> "$state/alone" || true
}
: > "$state/alone"

inject_options=-f
without "the seccomp filters" "$alone_filter" table_files table_descriptors table_processes table_sockets table_kernel
inject_options=

apparmor_parser -r -K -C "$policy/$label"
check "the label is in complain mode" test "$(label_of "$attack_only")" = "$label (complain)"
without "the label" "$alone_label" table_files table_descriptors table_processes table_sockets table_kernel
apparmor_parser -r -K "$policy/$label"
check "the label is enforced again" test "$(label_of "$attack_only")" = "$label (enforce)"

if [ "$(readlink "/proc/$attack_only/ns/mnt")" != "$(readlink /proc/1/ns/mnt)" ]; then
	# Each mount by itself; those that are meant to be read-only on the host too do no harm.
	# shellcheck disable=SC2016
	nsenter --target "$attack_only" --mount sh -c 'cut -d " " -f 5 /proc/self/mountinfo |
		while read -r where; do mount -o remount,bind,rw "$where"; done' 2> /dev/null || true
	without "read-only mounts" "$alone_mounts" table_files table_descriptors table_kernel
fi
confined mine 2
[ ! -s "$state/alone" ] || fail "$(grep -c '' "$state/alone") attacks had one layer only before them: $(paste -s -d ';' "$state/alone")"
stop_vm mine
stop_vm theirs
