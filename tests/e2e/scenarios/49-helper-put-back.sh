# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=40
#
# Proves that it is said when libvirt's own helper is back in its place, as
# after an update by a package manager that knows no diversions, and that no
# virtiofsd is started unconfined then: a VM that shares something does not
# start, and its log has the remedy; one that shares nothing does.

mkdir -p "$shares/one"
check "status is content" virt-aa-setup status
at_end virt-aa-setup enable
cp -p "$libexec/virt-aa-helper.libvirt" "$libexec/virt-aa-helper"
status_says() { # PATTERN
	local status=0
	virt-aa-setup status > "$state/status" || status=$?
	cat "$state/status"
	[ $status -eq 1 ] && grep -q "$1" "$state/status"
}
check "status says that the helper is libvirt's" status_says 'put back'
start_vm plain
stop_vm plain
define_vm bare "share=one:$shares/one"
denied_start bare
check "the remedy is in its log" grep -q 'virt-aa-setup enable' /var/log/libvirt/qemu/bare-fs0-virtiofsd.log
virt-aa-setup enable
check "status is content again" virt-aa-setup status
start_vm bare "share=one:$shares/one"
confined bare 1
stop_vm bare
