# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=40
#
# Proves that it is said when libvirt's own helper is back in its place, as
# after an update by a package manager that knows no diversions: VMs then start
# without their virtiofsd being confined.

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
start_vm bare "share=one:$shares/one"
untouched bare 1
check "status counts what is not confined" status_says '^not confined: 1'
stop_vm bare
virt-aa-setup enable
check "status is content again" virt-aa-setup status
start_vm bare "share=one:$shares/one"
confined bare 1
stop_vm bare
