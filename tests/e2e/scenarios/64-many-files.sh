# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=300
#: spare=3
#: limit=3900
#
# Proves that a guest makes, lists, changes and removes many files, and that its
# virtiofsd may have as many of them open as it needs: 2,000 files, with --long
# 100,000. With no denial.

dirs=4
[ "$LONG" = no ] || dirs=200
mkdir -p "$shares/one"
start_vm many guest "share=one:$shares/one"
confined many 1
pid=$(virtiofsd_pids many | tail -n 1)
grep 'open files' "/proc/$pid/limits"
wait_guest many
guest_patience=1800
[ "$LONG" = no ] || guest_patience=7200
guest many <<G
cd /mnt/one
for i in \$(seq $dirs); do
	mkdir dir\$i
	(cd dir\$i && seq 500 | xargs touch)
done
[ "\$(find . -type f | wc -l)" = $((dirs * 500)) ]
G
most=0
for number in $(virtiofsd_pids many); do
	count=$(find "/proc/$number/fd" -mindepth 1 | wc -l)
	note "virtiofsd $number has $count descriptors"
	[ "$count" -le "$most" ] || most=$count
done
check "it had as many files open as the guest knows" test "$most" -gt $((dirs * 500 / 2))
guest many <<G
cd /mnt/one
find . -type f | xargs chmod 600
for i in \$(seq $dirs); do
	mv dir\$i moved\$i
done
echo 3 > /proc/sys/vm/drop_caches
[ "\$(find . -type f -perm 600 | wc -l)" = $((dirs * 500)) ]
rm -r moved*
G
check "all are gone" test -z "$(ls "$shares/one")"
confined many 1
stop_vm many
