# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=75
#: limit=1500
#
# Proves that a running virtiofsd that is taken over adds to no other VM's log,
# and does not fill the disk where virtlogd keeps its own: whatever it writes
# stays in that, of virtlogd's size. Where libvirt gives it the file itself
# (stdio_handler = "file") it can write over what stands in it, as a descriptor
# forgets by fcntl(F_SETFL) that it only appends; it neither empties nor opens
# it, and changes neither its owner nor its mode.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

prepare_victims
start_vm mine "share=one:$shares/mine"
confined mine 1
expect_attack_records mine
note "virtlogd keeps the log"
pid=$(virtiofsd_of mine "$shares/mine" | head -n 1)
journalctl --sync
lines=$(journalctl -q -o cat | grep -c 'e2e-forged' || true)
for round in $(seq 20); do
	"$inject" "$pid" "zeros=@zeros:200000" "write(2, '\ne2e-forged: libvirtd: all is well\n', 35)" \
		"write(2, %zeros, 200000)" > /dev/null || note "round $round: refused"
done
size=$(cat /var/log/libvirt/qemu/mine-fs0-virtiofsd.log* | wc -c)
note "its log has $size bytes"
check "4 MB came to no more than virtlogd keeps" test "$size" -le $((4 * 2100000))
check "what it wrote is in its own log" grep -qa e2e-forged /var/log/libvirt/qemu/mine-fs0-virtiofsd.log*
refuse "it is in another log" grep -qlsa e2e-forged /var/log/libvirt/qemu/theirs* /var/log/libvirt/qemu/mine.log
journalctl --sync
check "it is not in the journal" test "$(journalctl -q -o cat | grep -c 'e2e-forged' || true)" = "$lines"
stop_vm mine

note "the log is a file that it has"
cp -p /etc/libvirt/qemu.conf "$state/qemu.conf"
put_back() {
	cp -p "$state/qemu.conf" /etc/libvirt/qemu.conf
	systemctl restart libvirtd.service
}
at_end put_back
echo 'stdio_handler = "file"' >> /etc/libvirt/qemu.conf
systemctl restart libvirtd.service
run_vm mine
confined mine 1
my_log=/var/log/libvirt/qemu/mine-fs0-virtiofsd.log
check "its log is the file" test "$(readlink "/proc/$(virtiofsd_of mine "$shares/mine" | head -n 1)/fd/2")" = "$my_log"
echo "the first line" > "$my_log"
watch_pid_file "$(echo /run/libvirt/qemu/*-mine-fs0-fs.pid)"

begin_rows
attack mine table_descriptors
end_rows
confined mine 1
no_effects "mine-fs0-virtiofsd.log: (write at its start|times) \\("
stop_vm mine
stop_vm theirs
