# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=70
#
# Proves that a virtiofsd that libvirtd would run itself, unconfined, does not
# run: one that an attached share names, which the helper does not see, and one
# of a description that comes before the launcher's. That it is said why, that
# allow-unconfined lets it run, and that whoever else runs virtiofsd does not
# notice: a person, and the launcher for a VM without a label.

binary=$(distribution_virtiofsd)
foreign=/etc/qemu/vhost-user/10-foreign.json
mkdir -p "$shares/one" "$shares/two"
filesystem_xml two "$shares/two" "<binary path='$binary'/>" > "$state/two.xml"
refused_by_apparmor() {
	records_since | grep -F 'profile="libvirtd"' | grep -F "name=\"$binary\"" | grep -q 'requested_mask="x"'
}
no_other_virtiofsd() {
	local pid
	for pid in $(pgrep -x virtiofsd); do
		label_of "$pid" | grep -q '^libvirt-.*-virtiofsd (enforce)' || return 1
	done
}

start_vm named "share=one:$shares/one"
confined named 1
! virsh attach-device named "$state/two.xml" --live > "$state/attach.out" 2>&1 ||
	fail "a share that names $binary is attached"
cat "$state/attach.out" /var/log/libvirt/qemu/named-fs*-virtiofsd.log | tee "$state/said"
check "no virtiofsd runs without the VM's label" no_other_virtiofsd
check "the refusal is in the kernel's log" refused_by_apparmor
check "it is said what was refused" grep -q "$binary.*Permission denied" "$state/said"
confined named 1
filesystem_xml two "$shares/two" > "$state/plain.xml"
virsh attach-device named "$state/plain.xml" --live
confined named 2
stop_vm named

note "a description before ours"
mkdir -p "${foreign%/*}"
printf '{ "description": "foreign", "type": "fs", "binary": "%s" }\n' "$binary" > "$foreign"
at_end rm -f "$foreign"
define_vm foreign "share=one:$shares/one"
denied_start foreign
check "no virtiofsd runs without the VM's label" no_other_virtiofsd
says() { # VERB PATTERN
	local status=0
	virt-aa-ctl "$1" > "$state/status" || status=$?
	cat "$state/status"
	[ $status -eq 4 ] && grep -q "$2" "$state/status"
}
check "verify says who comes before us" says verify "$foreign comes before ours"
rm -f "$foreign"
run_vm foreign
confined foreign 1
check "verify is content again" virt-aa-ctl verify
stop_vm foreign

note "others than libvirtd"
mkdir -p "$shares/own"
label_by_hand() {
	if [ "$RELEASE" = bookworm ]; then
		"$binary" --socket-path="$vmdir/own.sock" -o source="$shares/own" > "$state/own.out" 2>&1 &
	else
		"$binary" --socket-path="$vmdir/own.sock" --shared-dir "$shares/own" > "$state/own.out" 2>&1 &
	fi
	eventually 30 test -S "$vmdir/own.sock" || fail "virtiofsd run by hand: $(cat "$state/own.out")"
	label_of $!
	kill $!
	wait $! || true
	rm -f "$vmdir/own.sock"
}
by_hand=$(label_by_hand)
note "run by hand: $by_hand"
check "run by hand it has the label that the distribution gives it" \
	grep -qxE 'unconfined|virtiofsd \(unconfined\)' <<< "$by_hand"
start_vm nolabel "share=one:$shares/one" "seclabel=<seclabel type='none' model='apparmor'/>"
untouched nolabel 1
virt-aa-ctl status > "$state/status"
check "status says so of the VM" grep -qE '^exempt +nolabel$' "$state/status"
check "and counts it" grep -q ' 1 exempt' "$state/status"
stop_vm nolabel

note "allowed"
with_unconfined "$binary"
start_vm named "share=one:$shares/one"
virsh attach-device named "$state/two.xml" --live
labels=$(for pid in $(virtiofsd_pids named); do label_of "$pid"; done | sort -u)
note "labels: $labels"
check "the one that is allowed runs, without a label of ours" \
	grep -qxE 'unconfined|virtiofsd \(unconfined\)' <<< "$labels"
check "the other is confined" grep -q "^$(fs_label named) (enforce)" <<< "$labels"
virt-aa-ctl status named | tee "$state/status"
check "status says so of that VM" grep -q 'is not confined, as allow-unconfined lets libvirtd run' "$state/status"
stop_vm named
without_unconfined
start_vm named "share=one:$shares/one"
refuse "it is attached when it is allowed no more" virsh attach-device named "$state/two.xml" --live
stop_vm named
