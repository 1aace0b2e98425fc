# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=stock
#: cost=5
#
# Proves that a VM with a static label, whose profile is the administrator's,
# starts exactly as without us.

# libvirt takes the profile's name from the UUID here as well.
static=libvirt-$(uuid_of static)
cat > "$state/static" <<-P
	abi <abi/3.0>,
	profile $static flags=(attach_disconnected) {
	  file, capability, network, mount, umount, pivot_root, ptrace, signal, unix, dbus,
	}
P
apparmor_parser -r -K "$state/static"
mkdir -p "$shares/one"
start_vm static "share=one:$shares/one" \
	"seclabel=<seclabel type='static' model='apparmor' relabel='no'><label>$static</label></seclabel>"
check "QEMU has the static label" test "$(label_of "$(qemu_pid static)")" = "$static (enforce)"
untouched static 1
stop_vm static
apparmor_parser -R "$state/static"
