# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=stock
#: cost=25
#
# Proves that with security_driver = "none" in qemu.conf everything starts
# exactly as without us, and that confinement is back when the line is gone.

mkdir -p "$shares/one"
cp -p /etc/libvirt/qemu.conf "$state/qemu.conf"
put_back() {
	cp -p "$state/qemu.conf" /etc/libvirt/qemu.conf
	systemctl restart libvirtd.service
}
at_end put_back
echo 'security_driver = "none"' >> /etc/libvirt/qemu.conf
systemctl restart libvirtd.service
start_vm driver "share=one:$shares/one"
untouched driver 1
refuse "a profile was made" profile_loaded "$(fs_label driver)"
stop_vm driver
put_back
if [ "$PROJECT" = yes ]; then
	start_vm driver "share=one:$shares/one"
	confined driver 1
	stop_vm driver
fi
