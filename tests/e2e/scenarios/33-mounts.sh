# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that nothing under the label mounts, unmounts, remounts, pivots, enters
# or makes name spaces, not even through a user name space, and that it has
# none of the capabilities that would undo its confinement.

mkdir -p "$shares/one/dir" "$shares/bound"
mount --bind "$shares/bound" "$shares/bound"
start_vm mounts "share=one:$shares/one"
confined mounts 1
label=$(fs_label mounts)
denied "$label" 'operation="(mount|capable)"' mount /etc "$shares/one/dir"
denied "$label" 'operation="(mount|capable)"' tmpfs "$shares/one/dir"
denied "$label" 'operation="(mount|capable)"' remount /
denied "$label" 'operation="(umount|capable)"' umount "$shares/bound"
denied "$label" 'operation="(pivotroot|capable)"' pivot "$shares/one"
denied "$label" 'operation="capable".*capname="sys_admin"' unshare mount
denied "$label" 'operation="capable".*capname="sys_admin"' unshare net
denied "$label" 'operation="capable".*capname="sys_admin"' sethostname e2e-taken
denied "$label" 'operation="(userns_create|mount|capable)"' userns-mount "$shares/one/dir"
denied "$label" 'operation="(open|ptrace|capable)"' setns /proc/1/ns/mnt
denied "$label" 'capname="sys_module"' module
denied "$label" 'capname="(bpf|sys_admin)"' bpf
denied "$label" 'capname="sys_boot"' reboot
check "the mount is still there" mountpoint -q "$shares/bound"
stop_vm mounts
