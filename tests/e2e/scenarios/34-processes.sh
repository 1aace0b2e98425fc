# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=30
#
# Proves that nothing under the label traces, reads or signals another process:
# its own QEMU, another VM's QEMU and virtiofsd, libvirtd, init.

mkdir -p "$shares/mine" "$shares/theirs"
start_vm mine "share=one:$shares/mine"
start_vm theirs "share=one:$shares/theirs"
confined mine 1
confined theirs 1
label=$(fs_label mine)
targets=("$(qemu_pid theirs)" "$(virtiofsd_pids theirs | head -n 1)" "$(qemu_pid mine)"
	"$(pgrep -o -x libvirtd)" 1)
for pid in "${targets[@]}"; do
	note "target: $pid $(cat "/proc/$pid/comm") $(label_of "$pid")"
	# A capability may be asked first, and then that is what is logged.
	denied "$label" 'operation="(ptrace|capable)"' ptrace "$pid"
	denied "$label" 'operation="(ptrace|capable)"' vmread "$pid" 1000
	denied "$label" 'operation="(signal|capable)"' signal "$pid"
done
check "the other VM lives" test "$(state_of theirs)" = paused
stop_vm mine
stop_vm theirs
