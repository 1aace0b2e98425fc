# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=400
#: spare=3
#: limit=2400
#
# Writes down what a guest waits for in a share whose virtiofsd is confined, and
# in one whose virtiofsd is as libvirt alone starts it, in turn: a big file
# written and read, small files made, read and removed. Proves that the share is
# whole in both; times of an emulated processor say something only beside one
# another.

rounds=1 megabytes=16 files=100
[ "$LONG" = no ] || rounds=6 megabytes=64 files=400
ours=/etc/qemu/vhost-user/40-virt-aa-virtiofsd.json
mkdir -p "$shares/one" "${ours%/*}"
cat > "$shares/one/work" <<'G'
now() { cut -d ' ' -f 1 /proc/uptime; }
step() { # NAME COMMAND
	echo 3 > /proc/sys/vm/drop_caches
	sync
	begin=$(now)
	$2 > /dev/null 2>&1
	echo "measured $1 $begin $(now)" >> times
}
write_big() { dd if=/dev/zero of=big bs=1M count=$megabytes conv=fsync; }
read_big() { dd if=big of=/dev/null bs=1M; }
make_small() { for i in $(seq $files); do echo $i > small/$i; done; }
read_small() { cat small/*; }
remove_small() { rm -r small; }
mkdir small
step write write_big
step read read_big
step create make_small
step open read_small
step remove remove_small
rm big
G

measure() { # NAME
	start_vm "$1" guest "share=one:$shares/one"
	wait_guest "$1"
	: > "$shares/one/times"
	guest "$1" <<- G
		cd /mnt/one
		megabytes=$megabytes
		files=$files
		. ./work
	G
	check "$1: the share is whole" test "$(cd "$shares/one" && echo *)" = 'times work'
	sed "s/^measured/$1/" "$shares/one/times" >> "$state/times"
}

guest_patience=900
for round in $(seq "$rounds"); do
	note "round $round"
	rm -f "$ours"
	virt-aa-ctl update > /dev/null
	measure confined
	confined confined 1
	stop_vm confined
	at_end virt-aa-ctl update
	at_end rm -f "$ours"
	touch "$ours"
	virt-aa-ctl update > /dev/null
	measure stock
	untouched stock 1
	stop_vm stock
done
python3 - "$state/times" <<'P'
import collections, statistics, sys
times = collections.defaultdict(list)
for line in open(sys.argv[1], encoding="utf8"):
    which, step, begin, end = line.split()
    times[step, which].append(float(end) - float(begin))
print("seconds, median (least to most) of", len(next(iter(times.values()))))
for step in dict.fromkeys(step for step, _ in times):
    row = [times[step, which] for which in ("stock", "confined")]
    print(f"{step:8}", *(f"{statistics.median(t):7.2f} ({min(t):.2f}-{max(t):.2f})" for t in row),
          f"{statistics.median(row[1]) / max(statistics.median(row[0]), 0.01):.2f}")
P
