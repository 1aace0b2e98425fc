# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=35
#
# Proves that it is said when libvirt's own helper is back in its place, as
# after an update by a package manager that knows no diversions, and that no
# virtiofsd is started unconfined then: a VM that shares something does not
# start, and its log has the remedy; one that shares nothing does.

mkdir -p "$shares/one"
check "verify is content" virt-aa-ctl verify
at_end virt-aa-ctl enable
cp -p "$libexec/virt-aa-helper.libvirt" "$libexec/virt-aa-helper"
verify_says() { # PATTERN
	local status=0
	virt-aa-ctl verify > "$state/status" || status=$?
	cat "$state/status"
	[ $status -eq 4 ] && grep -q "$1" "$state/status"
}
check "verify says that the helper is libvirt's" verify_says 'put back'
refuse "the unit does not fail" systemctl start virt-aa-verify.service
check "it is among those that failed" grep -q virt-aa-verify.service <<< "$(systemctl --failed --plain)"
start_vm plain
stop_vm plain
define_vm bare "share=one:$shares/one"
denied_start bare
check "the remedy is in its log" grep -q 'virt-aa-ctl enable' /var/log/libvirt/qemu/bare-fs0-virtiofsd.log
virt-aa-ctl enable
check "verify is content again" virt-aa-ctl verify
check "the unit succeeds again" systemctl start virt-aa-verify.service
start_vm bare "share=one:$shares/one"
confined bare 1
stop_vm bare
