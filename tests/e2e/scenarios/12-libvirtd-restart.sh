# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that a VM which runs while libvirtd is restarted keeps its label and
# its policy, can have a share attached afterwards, and can be stopped.

mkdir -p "$shares/one" "$shares/two"
start_vm again "share=one:$shares/one"
confined again 1
before=$(virtiofsd_pids again)
systemctl restart libvirtd.service
check "the VM is still there" eventually 30 virsh domstate again
check "its virtiofsd is the same" test "$(virtiofsd_pids again)" = "$before"
confined again 1
check "its profile is loaded" profile_loaded "$(fs_label again)"
permitted "$(fs_label again)" create "$shares/one/after-restart"
filesystem_xml two "$shares/two" > "$state/two.xml"
if virsh attach-device again "$state/two.xml" --live > "$state/attach.out" 2>&1; then
	confined again 2
	permitted "$(fs_label again)" create "$shares/two/after-attach"
else
	# libvirt 9.0 forgets over its restart which memory the machine type has.
	cat "$state/attach.out"
	check "libvirt itself refuses" grep -q 'requires shared memory' "$state/attach.out"
fi
stop_vm again
