# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that a device node made in a share opens no device of the host: for
# the virtiofsd of the VM's start and for one of a share that was attached.
# AppArmor knows files by name and would allow it: it is the device control
# group, in which libvirt puts each virtiofsd with the VM, that refuses it,
# without a record of AppArmor's. So the probe joins each of these groups first.

mkdir -p "$shares/one" "$shares/two"
start_vm nodes "share=one:$shares/one"
confined nodes 1
filesystem_xml two "$shares/two" > "$state/two.xml"
virsh attach-device nodes "$state/two.xml" --live
confined nodes 2
label=$(fs_label nodes)
numbers=$(stat -c '%Hr %Lr' /dev/vda)
# shellcheck disable=SC2086
mknod "$shares/one/host-made" b $numbers

in_group() { # GROUP COMMAND...
	sh -c 'echo $$ > "/sys/fs/cgroup$1/cgroup.procs" || exit 3; shift; exec "$@"' in_group "$@"
}
refused_to() { # GROUP FILE
	local status=0
	in_group "$1" "$probe" try "$label" read "$2" || status=$?
	[ $status -eq 1 ] || fail "reading the host's disk through $2 in $1 was not refused (status $status)"
}

for pid in $(virtiofsd_pids nodes); do
	group=$(cut -d : -f 3 "/proc/$pid/cgroup")
	note "virtiofsd $pid is in $group"
	check "virtiofsd $pid is in its VM's control group" test "${group/nodes.scope/}" != "$group"
	refused_to "$group" "$shares/one/host-made"
	# shellcheck disable=SC2086
	in_group "$group" "$probe" try "$label" mknod "$shares/two/made-$pid" $numbers || true
	[ ! -e "$shares/two/made-$pid" ] || refused_to "$group" "$shares/two/made-$pid"
done
# What refuses it is that group: outside of it the same attempt succeeds.
check "the probe can read the disk outside of the group" "$probe" try "$label" read "$shares/one/host-made"
stop_vm nodes
