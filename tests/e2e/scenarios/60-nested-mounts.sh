# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=220
#: spare=2
#: limit=1500
#
# Proves that what the host mounts inside a share is the guest's to use: mounted
# before the VM's start or while it runs, one in another, a read-only one
# remaining that, and gone when the host takes it away; for a share of the VM's
# start and for one that is attached. With no denial.

mkdir -p "$shares/one"/{before,after,ro} "$shares/two/inner" "$shares/source/deep" "$shares/more"
echo "from the source" > "$shares/source/file"
mount --bind "$shares/source" "$shares/one/before"
mount -t tmpfs deep "$shares/one/before/deep"
mount --bind "$shares/more" "$shares/one/ro"
mount -o remount,bind,ro "$shares/one/ro"
echo "cannot be changed" > "$shares/more/file"
mount -t tmpfs inner "$shares/two/inner"
start_vm nested guest "share=one:$shares/one"
confined nested 1
wait_guest nested
guest nested <<'G'
cd /mnt/one
cat before/file ro/file
echo answer > before/answer
echo answer > before/deep/answer
mv before/answer before/renamed
! echo no > ro/file
! touch ro/new
G
check "written through the bind mount" grep -q answer "$shares/source/renamed"
check "written into the mount inside the mount" grep -q answer "$shares/one/before/deep/answer"

note "mounted while the VM runs"
mount -t tmpfs after "$shares/one/after"
mkdir "$shares/one/after/deep"
mount --bind "$shares/source" "$shares/one/after/deep"
guest nested <<'G'
cd /mnt/one/after
cat deep/file
echo answer > answer
echo answer > deep/again
mkdir -p a/b
mv answer a/b/answer
chmod 640 a/b/answer
chown 12:34 a/b/answer
G
check "written into the new mount" grep -q answer "$shares/one/after/a/b/answer"
check "with the owner that the guest said" test "$(stat -c '%u %g %a' "$shares/one/after/a/b/answer")" = '12 34 640'
check "written into the mount inside it" grep -q answer "$shares/source/again"

note "attached, with a mount inside"
filesystem_xml two "$shares/two" > "$state/two.xml"
virsh attach-device nested "$state/two.xml" --live
confined nested 2
guest nested <<'G'
mkdir -p /mnt/two
i=0
until mount -t virtiofs two /mnt/two; do
	i=$((i + 1))
	[ $i -lt 60 ]
	sleep 1
done
echo answer > /mnt/two/inner/answer
G
check "written into the attached share's mount" grep -q answer "$shares/two/inner/answer"

note "taken away while the VM runs"
# Whoever in the guest looked at it last may have it open for a moment longer.
guest_do nested 'echo 3 > /proc/sys/vm/drop_caches'
for mounted in "$shares/one/after/deep" "$shares/one/after"; do
	eventually 20 umount "$mounted" || umount -l "$mounted"
done
guest nested <<'G'
i=0
while [ -e /mnt/one/after/a ]; do
	i=$((i + 1))
	[ $i -lt 30 ]
	echo 3 > /proc/sys/vm/drop_caches
	sleep 1
done
echo below > /mnt/one/after/below
G
check "the guest has what lies below" grep -q below "$shares/one/after/below"
stop_vm nested
