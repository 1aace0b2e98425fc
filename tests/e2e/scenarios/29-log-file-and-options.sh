# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=30
#
# Proves that virtiofsd keeps its log where libvirt gives it a file and not a
# pipe of virtlogd, and that it starts with the options that libvirt has no
# element for, without a denial: at a VM's start and for an attached share.

mkdir -p "$shares/one/inner" "$shares/two"
mount -t tmpfs inner "$shares/one/inner"
cp -p /etc/libvirt/qemu.conf "$state/qemu.conf"
put_back() {
	cp -p "$state/qemu.conf" /etc/libvirt/qemu.conf
	systemctl restart libvirtd.service
}
at_end put_back
echo 'stdio_handler = "file"' >> /etc/libvirt/qemu.conf
systemctl restart libvirtd.service

# Those that exclude each other are of two VMs.
if [ "$RELEASE" = bookworm ]; then
	logged='-o xattr,posix_acl,announce_submounts,xattrmap=:map::user.virtiofs.:'
	owner='-o no_posix_acl,killpriv_v2'
else
	logged='--posix-acl; --announce-submounts; --xattrmap=:map::user.virtiofs.:'
	owner='--translate-uid=map:0:1000:1; --translate-gid=map:0:1000:1; --killpriv-v2'
fi
with_conf "[vm logged]
options = $logged
[vm owner]
options = $owner"

for name in logged owner; do
	start_vm "$name" "share=one:$shares/one"
	confined "$name" 1
	filesystem_xml two "$shares/two" > "$state/two.xml"
	virsh attach-device "$name" "$state/two.xml" --live
	confined "$name" 2
	for pid in $(virtiofsd_pids "$name"); do
		arguments=$(tr '\0' ' ' < "/proc/$pid/cmdline")
		note "$arguments"
		check "the options of the configuration arrive" grep -qE 'xattrmap|translate-uid|killpriv_v2' <<< "$arguments"
		check "its log is a file" grep -q "^/var/log/libvirt/qemu/$name-fs[01]-virtiofsd.log$" \
			<(readlink "/proc/$pid/fd/2")
	done
	stop_vm "$name"
done
