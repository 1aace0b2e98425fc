# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=120
#
# Proves that virt-aa-ctl status tells a confined VM, an unconfined one, one
# whose policy on disk is not what is in force, one in complain mode, and one
# that libvirt has lost, from each other, by what the kernel says; with exit
# statuses that go by it; and that a person who is not root is told so.

status_is() { # STATUS [ARGUMENT...]
	local want=$1 status=0
	shift
	virt-aa-ctl status "$@" > "$state/status" 2>&1 || status=$?
	cat "$state/status"
	[ $status -eq "$want" ] || fail "virt-aa-ctl status $*: $status, not $want"
}
says() { # PATTERN
	check "it says '$1'" grep -qE -e "$1" "$state/status"
}
field() { # EXPRESSION [ARGUMENT...]: of the first domain's JSON
	local expression=$1
	shift
	virt-aa-ctl status --json "$@" > "$state/status.json" || true
	python3 -c "import json; d = json.load(open('$state/status.json')); v = d['domains'][0]; print($expression)"
}

mkdir -p "$shares/one"
status_is 0
start_vm good "share=one:$shares/one"
status_is 0 good
says '^confined +good$'
says "^  QEMU +$(qemu_pid good) libvirt-$(uuid_of good) \(enforce\)$"
says "^  share +$shares/one -> one \(fs0\)$"
says "^  virtiofsd +[0-9]+ $(fs_label good) \(enforce\)$"
check "the JSON is the same" test "$(field "v['verdict'], v['qemu']['pid'], v['shares'][0]['recorded']" good)" = \
	"confined $(qemu_pid good) True"
check "virtiofsd is the one of libvirt's pid file" grep -qx "$(field "v['shares'][0]['virtiofsd']['pid']" good)" \
	<(virtiofsd_pids good)

note "who is not root"
su -s /bin/sh nobody -c 'virt-aa-ctl status' > "$state/status" 2>&1 || status=$?
cat "$state/status"
check "it is unknown to who is not root" test "${status:-0}" = 2
says 'unknown: needs root'

note "stale"
start_vm stale "share=one:$shares/one"
echo '  /nowhere r,' >> "$policy/libvirt-$(uuid_of stale).files"
status_is 3 stale
says '^stale +stale$'
says 'changed after they were loaded'
stop_vm stale
run_vm stale
status_is 0 stale

note "complain"
sed -i 's/flags=(/flags=(complain,/' "$policy/$(fs_label stale)"
apparmor_parser -r -K -I /etc/apparmor.d "$policy/$(fs_label stale)"
status_is 4 stale
says 'virtiofsd \(process [0-9]+\) is in complain mode'
says 'virt-aa-ctl enforce stale --virtiofsd'
stop_vm stale
rm "$policy/$(fs_label stale)"

note "unconfined"
start_vm open "share=one:$shares/one"
for profile in "libvirt-$(uuid_of open)" "$(fs_label open)"; do
	printf %s "$profile" > /sys/kernel/security/apparmor/.remove
done
note "labels now: $(label_of "$(qemu_pid open)"), $(virtiofsd_pids open | while read -r pid; do label_of "$pid"; done)"
status_is 4 open
says '^unconfined +open$'
says '-> virsh shutdown open'
says "QEMU \(process $(qemu_pid open)\) is not confined"
says "share 'fs0': virtiofsd \(process [0-9]+\) is not confined"
status_is 4
says '^confined +good$'
says '^domains: 1 confined, 0 exempt, 0 stale, 1 unconfined, 0 unknown, 1 off$'
stop_vm open

note "by definition"
start_vm nolabel "share=one:$shares/one" "seclabel=<seclabel type='none' model='apparmor'/>"
status_is 0 nolabel
says '^exempt +nolabel$'
stop_vm nolabel

note "libvirt is away"
status_is 2 --connect 'qemu+unix:///system?socket=/nowhere'
says 'it is not known which domains there are'
says "^  virtiofsd +[0-9]+ $(fs_label good) \(enforce\)$"

note "a domain that libvirt has lost"
qemu=$(qemu_pid good)
systemctl stop libvirtd.service
rm -f /run/libvirt/qemu/good.xml /etc/libvirt/qemu/good.xml
systemctl start libvirtd.service
status_is 0
says 'of a domain that libvirt does not know'
says "$(uuid_of good) \(good\)"
kill "$qemu"
eventually 20 no_virtiofsd good || fail "virtiofsd outlives QEMU"
status_is 0
check "nothing of it is listed any more" test -z "$(grep "$(uuid_of good)" "$state/status")"
"$libexec/virt-aa-helper" -D -u "libvirt-$(uuid_of good)"
rm -f "$policy/libvirt-$(uuid_of good)"* /run/libvirt/qemu/*-good-*.pid /run/libvirt/qemu/good.pid
