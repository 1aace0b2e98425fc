# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=100
#: limit=1500
#
# Writes down every call of the helper in the lives of VMs, and what was loaded in it. Proves that a start
# compiles once what QEMU is to have (and once what virtiofsd is), and that of what was foreseen libvirtd has
# announced every rule in the end.

calls=$state/libvirtd.calls

# libvirtd says what it runs; its own log, so that the helper runs as it always does.
log_commands() {
	cp -p /etc/libvirt/libvirtd.conf "$state/libvirtd.conf"
	at_end systemctl restart libvirtd.service
	at_end cp -p "$state/libvirtd.conf" /etc/libvirt/libvirtd.conf
	printf 'log_filters="1:util.command"\nlog_outputs="1:file:%s"\n' "$calls" >> /etc/libvirt/libvirtd.conf
	systemctl restart libvirtd.service
}

# The arguments of each call about the VM since the mark, without the quotes that libvirt's log has.
calls_of() { # NAME
	sed -n "$((calls_line + 1)),\$s|.*About to run.*/virt-aa-helper ||p" "$calls" | tr -d "'" |
		grep -F "$(uuid_of "$1")" || true
}

# How often the kernel got a profile of that name since the mark.
loads_of() { # PROFILE
	mark
	tail -n "+$begun_line" "$state/klog" |
		grep -cE "apparmor=\"STATUS\" operation=\"profile_(load|replace)\".* name=\"$1\"" || true
}

begin() {
	mark
	begun_line=$mark_line
	calls_line=$(wc -l < "$calls")
}

# What a phase of the VM's life took.
report() { # PHASE NAME
	note "$1: $(calls_of "$2" | wc -l) calls, loads: $(loads_of "libvirt-$(uuid_of "$2")") of QEMU's," \
		"$(loads_of "$(fs_label "$2")") of virtiofsd's"
	calls_of "$2" | sed 's/^/          /'
}

loads() { # NAME QEMUS VIRTIOFSDS
	local found
	found="$(loads_of "libvirt-$(uuid_of "$1")") $(loads_of "$(fs_label "$1")")"
	[ "$found" = "$2 $3" ] || fail "$1: loads of QEMU's profile and of virtiofsd's: $found, not $2 $3"
}

# Each rule under the heading has the argument of a call that asks for it.
all_was_asked_for() { # NAME
	local file path
	file=$policy/libvirt-$(uuid_of "$1").files
	grep -q '# foreseen' "$file" || fail "$1: nothing was foreseen"
	sed '1,/# foreseen/d' "$file" | sed -n 's/^  "\(.*\)" rwk,$/\1/p' | while read -r path; do
		calls_of "$1" | grep -qF -- "-F $path" || echo "$path"
	done > "$state/unasked"
	[ ! -s "$state/unasked" ] || fail "$1: foreseen, and never announced: $(cat "$state/unasked")"
}

log_commands
mkdir -p "$shares/one" "$shares/two"
nic="<interface type='ethernet'><model type='virtio'/></interface>"
channel="<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
truncate -s 1M "$vmdir/calls.img" "$vmdir/hot.img"
disk="<disk type='file' device='disk'><source file='$vmdir/calls.img'/><target dev='vda' bus='virtio'/></disk>"

begin
start_vm plain "devices=$nic$channel$disk"
report "start, no share" plain
loads plain 1 0
all_was_asked_for plain
begin
virsh -q attach-disk plain "$vmdir/hot.img" vdb --live
report "attach of a disk" plain
loads plain 1 0
begin
virsh -q detach-disk plain vdb --live || note "not detached"
report "detach of a disk" plain
begin
virsh -q snapshot-create-as plain one --disk-only --no-metadata || note "no snapshot"
report "snapshot" plain
begin
virsh -q save plain "$state/plain.save"
report "save" plain
begin
virsh -q restore "$state/plain.save" --paused
report "restore" plain
all_was_asked_for plain
begin
stop_vm plain
report "stop" plain

for memory in memfd file; do
	begin
	start_vm "calls$memory" "share=one:$shares/one" "devices=$nic$nic$channel" memory=$memory
	report "start, a share, $memory" "calls$memory"
	confined "calls$memory" 1
	loads "calls$memory" 1 1
	all_was_asked_for "calls$memory"
	begin
	filesystem_xml two "$shares/two" > "$state/two.xml"
	virsh -q attach-device "calls$memory" "$state/two.xml" --live
	report "attach of a share" "calls$memory"
	loads "calls$memory" 0 1
	stop_vm "calls$memory"
done

# again, where profiles are there already
begin
run_vm callsfile
report "second start" callsfile
loads callsfile 1 1
all_was_asked_for callsfile

# somebody else's policy under the name is never taken for ours
apparmor_parser -r "$policy/libvirt-$(uuid_of callsfile)"
begin
virsh -q attach-disk callsfile "$vmdir/hot.img" vdb --live
report "attach of a disk after a reload" callsfile
loads callsfile 1 0
stop_vm callsfile
