# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=90
#
# Proves that what a real QEMU is denied is allowed by virt-aa-ctl at once, for
# that VM alone, and still after restarts of the VM and of libvirtd; that
# disallow shuts it again, complain lasts, edit refuses what does not compile,
# a damaged file keeps the VM from starting, and gc takes what is left of it.

local_rules=/etc/apparmor.d/local
at_end rm -f "$local_rules/libvirt-$(uuid_of own)" "/etc/apparmor.d/force-complain/libvirt-$(uuid_of own)"
label=libvirt-$(uuid_of own)
image=$vmdir/by-hand.img
truncate -s 1M "$image"
chmod 666 "$image"

# The running QEMU opens the image, asked by hand. Succeeds where it may.
opens() { # VM
	local said
	number=$((${number-0} + 1))
	said=$(virsh qemu-monitor-command "$1" "{\"execute\":\"blockdev-add\",\"arguments\":
		{\"driver\":\"file\",\"node-name\":\"hand$number\",\"filename\":\"$image\"}}")
	echo "$1: $said"
	[[ $said == *'"return"'* ]]
}
expect_denial "profile=\"libvirt-[^\"]*\".*$(in_record "$image")"

start_vm own
start_vm other
refuse "QEMU opens it without a rule" opens own
virt-aa-ctl allow own "$image" --dry-run
refuse "a dry run allows it" opens own
virt-aa-ctl allow own "$image" | tee "$state/allow.out"
check "it says so" grep -q 'In force' "$state/allow.out"
check "QEMU opens it at once" opens own
refuse "another VM's QEMU opens it" opens other

stop_vm own
run_vm own
check "QEMU opens it after a restart of the VM" opens own
systemctl restart libvirtd.service
eventually 30 virsh domstate own
stop_vm own
run_vm own
check "QEMU opens it after a restart of libvirtd" opens own
virt-aa-ctl rules own

virt-aa-ctl disallow own "$image"
refuse "QEMU opens it after disallow" opens own
refuse "the file is left" test -e "$local_rules/$label"
refuse "its include is left" grep -q '<local/' "$policy/$label"

# What is not denied in complain mode is logged.
expect_denial "apparmor=\"ALLOWED\".*profile=\"$label\""
virt-aa-ctl complain own
check "complain at once" test "$(label_of "$(qemu_pid own)")" = "$label (complain)"
check "QEMU opens it in complain mode" opens own
stop_vm own
run_vm own
check "complain after a restart" test "$(label_of "$(qemu_pid own)")" = "$label (complain)"
virt-aa-ctl enforce own
check "enforce at once" test "$(label_of "$(qemu_pid own)")" = "$label (enforce)"
refuse "QEMU opens it in enforce mode" opens own

# edit
# not below /run, where nothing is executed
editor=/usr/local/bin/e2e-editor
at_end rm -f "$editor"
cat > "$editor" <<'EDITOR'
#!/bin/sh
echo "  nonsense here," >> "$1"
EDITOR
chmod +x "$editor"
refuse "edit takes what does not compile" env EDITOR="$editor" virt-aa-ctl edit own
refuse "it is written" test -e "$local_rules/$label"
sed -i "s|nonsense here|\\\\\"$image\\\\\" rwk|" "$editor"
EDITOR="$editor" virt-aa-ctl edit own
check "QEMU opens what was written by hand" opens own

# A file that is wrong, by other hands than ours.
echo 'nonsense here,' >> "$local_rules/$label"
stop_vm own
refuse "it starts with rules that do not compile" run_vm own
journalctl --no-pager -q -o cat --since -60s > "$state/journal"
check "file, line and remedy are said" \
	grep -q "$local_rules/$label, line 4: .*virt-aa-ctl edit $(uuid_of own)" "$state/journal"
sed -i '$d' "$local_rules/$label"
chmod 666 "$local_rules/$label"
refuse "it starts with rules that anybody may write" run_vm own
chmod 644 "$local_rules/$label"
run_vm own
check "QEMU opens it when the file is right again" opens own

# gc
stop_vm own
virt-aa-ctl gc --yes
check "the rules of a domain that is defined stay" test -e "$local_rules/$label"
virsh -q undefine own
virt-aa-ctl gc
check "it only shows" test -e "$local_rules/$label"
virt-aa-ctl gc --yes
refuse "own rules are left" test -e "$local_rules/$label"
refuse "the profile is left" test -e "$policy/$label"
check "the other VM has its label" test \
	"$(label_of "$(qemu_pid other)")" = "libvirt-$(uuid_of other) (enforce)"
stop_vm other
