# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=60
#
# Proves that what "virt-aa-ctl plan" says before a start is what is on disk
# and in the kernel after it, for VMs with shares, disks and guest memory in
# files; that what it says of a path is what the kernel says, and what a process
# under the label then meets; and that "check" has nothing to say of them, and
# says what somebody changed behind the kernel's back.

ctl=virt-aa-ctl

# The rules of a plan, without their origin, sorted.
planned() { # SIDE PLAN-ARGUMENT...
	local side=$1
	shift
	"$ctl" plan "--$side" "$@" | sed -nE 's/^  ((deny )?"|unix |capability )/\1/p' |
		sed -E 's/,  *# .*/,/' | sort
}

# Those of a rules file.
on_disk() { # FILE
	sed -E 's/^ +//; /^#/d; /^$/d' "$1" | sort
}

mkdir -p "$shares/one" "$shares/two" "$shares/other"
echo secret > "$shares/other/file"
ln -sfn "$shares/one" "$shares/link"
qemu-img create -q -f qcow2 "$vmdir/base.qcow2" 16M
qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 "$vmdir/top.qcow2"
qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 "$vmdir/plain.qcow2"
disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
	<source file='$vmdir/top.qcow2'/><target dev='vda' bus='virtio'/></disk>"

define_vm plain "devices=${disk/top.qcow2/plain.qcow2}"
# libvirt before 11.0 has no read-only shares
second="ro=two:$shares/two"
[ "$RELEASE" != bookworm ] || second="share=two:$shares/two"
define_vm sharing "share=one:$shares/one" "$second" "devices=$disk"
define_vm in-files memory=file "share=one:$shares/one"

for vm in plain sharing in-files; do
	uuid=$(uuid_of $vm)
	virsh dumpxml --inactive $vm > "$state/$vm.off.xml"
	check "$vm: it would start, and compile" "$ctl" plan $vm --check
	run_vm $vm
	id=$(virsh domid $vm)
	# as it was before: the definition of a VM that is off, with the id that it got
	for side in qemu virtiofsd; do
		file=$policy/libvirt-$uuid.$([ $side = qemu ] && echo files || echo virtiofsd)
		planned $side "$state/$vm.off.xml" --id "$id" > "$state/planned"
		if [ $side = virtiofsd ] && [ $vm = plain ]; then
			refuse "$vm: there are rules for a virtiofsd" test -e "$file"
			refuse "$vm: rules for a virtiofsd are planned" test -s "$state/planned"
			continue
		fi
		on_disk "$file" > "$state/disk"
		diff "$state/planned" "$state/disk" || fail "$vm: what was planned for $side is not on disk"
	done
	check "$vm: the kernel has what is planned" "$ctl" plan $vm --diff
	"$ctl" plan $vm --diff | tee "$state/diff"
	check "$vm: and it says so" grep -q '^kernel: the same$' "$state/diff"
done

# What is allowed at a start is in force, line for line.
for path in "$shares/one" "$shares/link" "$shares/two/file" "$shares/other/file" "$vmdir/top.qcow2" \
	"$vmdir/base.qcow2" /etc/shadow /dev/null /usr/bin/qemu-system-x86_64 / "$vmdir"; do
	"$ctl" plan sharing --path "$path" | tee "$state/path"
	diff <(sed -n 's/^  at a start: //p' "$state/path") <(sed -n 's/^  in force now: //p' "$state/path") ||
		fail "$path: what is in force is not what is planned"
done

# What it says is what a process meets.
label=$(fs_label sharing)
may() { # SIDE PATH: the words for it
	"$ctl" plan sharing "--$1" --path "$2" | sed -n 's/^  in force now: //p'
}
check "the share may be written" grep -q 'what is in it: .*write' <(may virtiofsd "$shares/one")
permitted "$label" create "$shares/one/new"
check "the other share may be read" grep -q '^read' <(may virtiofsd "$shares/two/file")
if [ "$RELEASE" != bookworm ]; then
	refuse "the read-only share may be written" grep -q 'write' <(may virtiofsd "$shares/two/file")
	denied "$label" "$(in_record "$shares/two/new")" create "$shares/two/new"
fi
check "what is not shared may not be read" grep -q '^nothing$' <(may virtiofsd "$shares/other/file")
denied "$label" "$(in_record "$shares/other/file")" read "$shares/other/file"
check "QEMU may only read what a disk lies upon" grep -q '^read, lock$' <(may qemu "$vmdir/base.qcow2")
denied "libvirt-$(uuid_of sharing)" "$(in_record "$vmdir/base.qcow2")" write "$vmdir/base.qcow2"

# All of them at once; the rules of one are then changed, and nobody loads them. That two VMs share a
# directory is noted, and is no mistake.
check "nothing is wrong" "$ctl" check
file=$policy/libvirt-$(uuid_of sharing).virtiofsd
cp -p "$file" "$state/rules"
echo "  \"$shares/other/\" r," >> "$file"
status=0
"$ctl" check > "$state/check" || status=$?
cat "$state/check"
check "that is stale" test $status -eq 3
check "it is said of which profile" grep -q "^stale .*$label" "$state/check"
cp -p "$state/rules" "$file"
check "nothing is wrong again" "$ctl" check

for vm in plain sharing in-files; do
	stop_vm $vm
done

# And what would not start.
define_vm restricted "share=one:/etc"
status=0
"$ctl" plan restricted > "$state/refused" || status=$?
check "it would not start" test $status -eq 4
denied_start restricted
virsh -q undefine restricted
