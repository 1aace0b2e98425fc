# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that nothing under the label makes a network socket, and that the real
# virtiofsd besides has a network, an IPC and a host-name space of its own.

mkdir -p "$shares/one"
start_vm net "share=one:$shares/one"
confined net 1
label=$(fs_label net)
for kind in inet inet6 udp raw packet netlink vsock unix-dgram; do
	denied "$label" 'operation="create"' socket "$kind"
done
# AppArmor 3.0's compiler makes "network unix stream" of the unix rules, without
# which virtiofsd would not keep QEMU's socket: there this is not refused by the
# label, and is only written down (39-the-process-itself shows what refuses it).
# Elsewhere the label must.
refused_unix() { # PATTERN ACTION ARGUMENT
	if [ "$RELEASE" != bookworm ]; then
		denied "$label" "$@"
	elif "$probe" try "$label" "${@:2}"; then
		note "not refused here: ${*:2}"
	fi
}
expect_denial "profile=\"$label\".*comm=\"probe\""
refused_unix 'operation="create"' socket unix
# Whoever can connect to libvirtd's socket as root owns the host. Kernels before
# 6.17 know such a socket by its family only, not by its path.
refused_unix 'family="unix"|name="/run/libvirt/libvirt-sock"' connect /run/libvirt/libvirt-sock
refused_unix 'family="unix"|name="/run/dbus/system_bus_socket"' connect /run/dbus/system_bus_socket
for pid in $(virtiofsd_pids net); do
	for space in net ipc uts; do
		refuse "virtiofsd $pid is in the host's $space name space" test \
			"$(readlink "/proc/$pid/ns/$space")" = "$(readlink "/proc/1/ns/$space")"
	done
done
stop_vm net
