# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that a device node made in a share opens no device of the host.
# AppArmor knows files by name and would allow it: it is the device control
# group, in which libvirt puts virtiofsd with the VM, that refuses it, without
# a record of AppArmor's. So the probe joins that group first.

mkdir -p "$shares/one"
start_vm nodes "share=one:$shares/one"
confined nodes 1
label=$(fs_label nodes)
numbers=$(stat -c '%Hr %Lr' /dev/vda)
# shellcheck disable=SC2086
mknod "$shares/one/host-made" b $numbers
pid=$(virtiofsd_pids nodes | head -n 1)
group=$(cut -d : -f 3 "/proc/$pid/cgroup")
note "virtiofsd's control group: $group"
check "virtiofsd is in its VM's control group" test "$group" = \
	"$(cut -d : -f 3 "/proc/$(qemu_pid nodes)/cgroup")" -o "${group/nodes/}" != "$group"

in_group() { # COMMAND...
	sh -c 'echo $$ > "/sys/fs/cgroup$1/cgroup.procs" && shift && exec "$@"' in_group "$group" "$@"
}
status=0
in_group "$probe" try "$label" read "$shares/one/host-made" || status=$?
[ $status -eq 1 ] || fail "the host's disk can be read through a node in the share"
# shellcheck disable=SC2086
in_group "$probe" try "$label" mknod "$shares/one/guest-made" $numbers || true
if [ -e "$shares/one/guest-made" ]; then
	status=0
	in_group "$probe" try "$label" read "$shares/one/guest-made" || status=$?
	[ $status -eq 1 ] || fail "the host's disk can be read through a node that the guest made"
fi
stop_vm nodes
