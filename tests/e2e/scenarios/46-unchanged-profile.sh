# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=30
#
# Proves what happens where nobody extended the distribution's profile for
# virt-aa-helper: the helper then works as libvirt's does (the parser loads, a
# pid file locks), VMs without shares start, take a disk and stop;
# and a VM with a share is refused in words that say what it could not
# write, never started with an unconfined virtiofsd.

addition=/etc/apparmor.d/local/usr.lib.libvirt.virt-aa-helper
profile=/etc/apparmor.d/usr.lib.libvirt.virt-aa-helper
cp -p "$addition" "$state/addition"
put_back() {
	cp -p "$state/addition" "$addition"
	apparmor_parser -r "$profile"
}
at_end put_back
: > "$addition"
apparmor_parser -r "$profile"
# What the helper tries first, and does without.
expect_denial 'profile="virt-aa-helper"'
qemu-img create -q -f raw "$vmdir/one.img" 1M
qemu-img create -q -f raw "$vmdir/two.img" 1M
start_vm plain "devices=<disk type='file' device='disk'><driver name='qemu' type='raw'/>
	<source file='$vmdir/one.img'/><target dev='vda' bus='virtio'/></disk>"
check "QEMU has its label" test \
	"$(label_of "$(qemu_pid plain)")" = "libvirt-$(uuid_of plain) (enforce)"
virsh attach-disk plain "$vmdir/two.img" vdb --live
virsh detach-disk plain vdb --live || note "detach: needs a guest"
stop_vm plain
refuse "its profile is still loaded" profile_loaded "libvirt-$(uuid_of plain)"

mkdir -p "$shares/one"
define_vm shared "share=one:$shares/one"
denied_start shared
journalctl --no-pager -q -o cat --since -60s > "$state/journal"
cat "$state/start.out" /var/log/libvirt/qemu/shared*.log "$state/journal" > "$state/all" 2> /dev/null || true
check "it is said which directory it was" grep -q "$records" "$state/all"
put_back
start_vm shared "share=one:$shares/one"
confined shared 1
stop_vm shared
