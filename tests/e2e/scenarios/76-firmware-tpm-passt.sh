# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=150
#
# Proves that a VM starts with what other programs do for QEMU: UEFI firmware with
# variables of the VM's own, a TPM that swtpm emulates, and a network by passt; that
# swtpm and passt are connected to, and that nothing is denied; a second time, with
# what the first start has left.

# ends_in PATH PID: the process holds a file of that name
ends_in() {
	find "/proc/$2/fd" -lname "$1" 2> /dev/null | grep -q .
}

# connected SOCKET: somebody has connected to it
connected() {
	[ -n "$(ss -Hx state established src "$1")" ]
}

again() { # NAME WHAT FUNCTION
	run_vm "$1"
	check "$1: QEMU is under its own label" test \
		"$(label_of "$(qemu_pid "$1")")" = "libvirt-$(uuid_of "$1") (enforce)"
	check "$1: $2" "$3" "$1"
	stop_vm "$1"
	run_vm "$1"
	check "$1, started again: $2" "$3" "$1"
	stop_vm "$1"
}

variables_open() {
	ends_in "/var/lib/libvirt/qemu/nvram/$1_VARS*" "$(qemu_pid "$1")"
}
define_vm uefi firmware=efi
at_end virsh -q undefine --nvram uefi
again uefi "its variables are open" variables_open

swtpm_connected() {
	connected "$(find /run/libvirt/qemu/swtpm -name "*-$1-swtpm.sock")"
}
mkdir -p "$shares/one"
define_vm tpm "share=one:$shares/one" devices="<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
at_end virsh -q undefine --tpm tpm
again tpm "swtpm serves it" swtpm_connected

passt_connected() {
	connected "$(find /run/libvirt/qemu/passt -name "*-$1-net0.socket")"
}
define_vm passt devices="<interface type='user'><backend type='passt'/><model type='virtio'/></interface>"
again passt "passt serves it" passt_connected
