# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=225
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
guest_do saved 'cat /mnt/one/file'
keep_writing saved /mnt/one/open
still_writing "$shares/one/open"
if ! virsh save saved "$vmdir/saved.image" > "$state/save.out" 2>&1; then
	cat "$state/save.out"
	! grep -qiE 'not supported|non-migratable|does not support|not yet supported|migration with' "$state/save.out" ||
		skip "$(grep -m 1 -iE 'operation|support|migrat' "$state/save.out")"
	fail "saving: $(grep -m 1 . "$state/save.out")"
fi
check "the saved VM is off" test "$(state_of saved)" = 'shut off'
eventually 20 no_virtiofsd saved || fail "virtiofsd outlives the saved VM"
virsh restore "$vmdir/saved.image"
confined saved 1
still_writing "$shares/one/open"
guest saved <<'G'
cat /mnt/one/file
echo after > /mnt/one/answer
G
check "the restored guest writes" grep -q after "$shares/one/answer"
stop_vm saved
