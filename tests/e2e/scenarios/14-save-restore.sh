# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=160
#: limit=1500
#
# Proves that a VM saved to a file comes back with its virtiofsd confined, and
# that a guest which had the share mounted goes on using it. To libvirt a
# restore is the incoming side of a migration: QEMU is started with -incoming
# and virtiofsd gets its state from the stream.
#
# Where QEMU cannot migrate a vhost-user-fs device (before 8.2) libvirt refuses
# to save, without us as well: that is then reported as a skip.

mkdir -p "$shares/one"
echo before > "$shares/one/file"
start_vm saved guest "share=one:$shares/one"
wait_guest saved
guest saved <<'G'
cat /mnt/one/file
(
	exec 5>> /mnt/one/open
	while sleep 1; do
		echo tick >&5
	done
) > /dev/null 2>&1 < /dev/null &
G
eventually 60 grep -q tick "$shares/one/open" || fail "the guest does not write"
if ! virsh save saved "$vmdir/saved.image" > "$state/save.out" 2>&1; then
	cat "$state/save.out"
	! grep -qiE 'not supported|non-migratable|does not support|not yet supported|migration with' "$state/save.out" ||
		skip "$(grep -m 1 -iE 'operation|support|migrat' "$state/save.out")"
	fail "saving: $(grep -m 1 . "$state/save.out")"
fi
check "the saved VM is off" test "$(state_of saved)" = 'shut off'
eventually 20 no_virtiofsd saved || fail "virtiofsd outlives the saved VM"
: > "$shares/one/open"
virsh restore "$vmdir/saved.image"
confined saved 1
eventually 60 grep -q tick "$shares/one/open" || fail "the guest lost its open file"
guest saved <<'G'
cat /mnt/one/file
echo after > /mnt/one/answer
G
check "the restored guest writes" grep -q after "$shares/one/answer"
stop_vm saved
