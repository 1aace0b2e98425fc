# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=40
#
# Proves that a process under the VM's virtiofsd label reads and writes its own
# share and no other file: not another VM's share, its own VM's disk,
# /etc/shadow, its own profile, other processes' /proc, or devices;
# each attempt is logged.

mkdir -p "$shares/mine" "$shares/theirs"
echo mine > "$shares/mine/file"
echo theirs > "$shares/theirs/file"
qemu-img create -q -f raw "$vmdir/disk.img" 1M
start_vm mine "share=one:$shares/mine" "devices=<disk type='file' device='disk'>
	<driver name='qemu' type='raw'/><source file='$vmdir/disk.img'/><target dev='vda' bus='virtio'/></disk>"
start_vm theirs "share=one:$shares/theirs"
confined mine 1
confined theirs 1
label=$(fs_label mine)

permitted "$label" read "$shares/mine/file"
permitted "$label" create "$shares/mine/new"
permitted "$label" list "$shares/mine"

refused_file() { # ACTION PATH
	local name=$2
	# AppArmor ends a directory's name with a slash.
	[ ! -d "$2" ] || name=${2%/}/
	denied "$label" "$(in_record "$name")" "$1" "$2"
}
refused_file read "$shares/theirs/file"
refused_file list "$shares/theirs"
refused_file create "$shares/theirs/new"
refused_file unlink "$shares/theirs/file"
refused_file list "$shares"
refused_file create "$shares/beside"
refused_file create "$shares/mine2"
refused_file read "$vmdir/disk.img"
refused_file read /etc/shadow
refused_file write /etc/shadow
refused_file chmod /usr/bin/true
refused_file truncate /etc/hostname
refused_file list /root
refused_file list /
refused_file create /tmp/new
refused_file create /etc/profile.d/new
refused_file create /dev/shm/new
refused_file read "$policy/$label"
refused_file write "$policy/$label"
refused_file write "$policy/libvirt-$(uuid_of mine).virtiofsd"
refused_file list "$policy"
refused_file read "/etc/libvirt/qemu/mine.xml"
refused_file read /proc/1/environ
refused_file read "/proc/$(qemu_pid mine)/mem"
refused_file read "/proc/$(qemu_pid mine)/maps"
refused_file read /sys/kernel/security/apparmor/profiles
refused_file write /proc/sys/kernel/core_pattern
refused_file write /proc/sysrq-trigger
refused_file read /dev/mem
refused_file read /dev/vda
refused_file read /dev/kmsg
stop_vm mine
stop_vm theirs
