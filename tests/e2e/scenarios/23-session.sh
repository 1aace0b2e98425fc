# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=stock
#: cost=10
#
# Proves that a VM of a user's own libvirtd (qemu:///session) starts exactly as
# without us: its virtiofsd is not root and has libvirt's own arguments.
#
# libvirt before 10.0 has no virtiofs there, and says so: a skip.

user=alice
runtime=/run/user/$(id -u $user)
share=/home/$user/share
as_user() {
	runuser -u $user -- env HOME=/home/$user XDG_RUNTIME_DIR="$runtime" \
		LIBVIRT_DEFAULT_URI=qemu:///session "$@"
}
install -d -o $user -g $user -m 700 "$runtime"
install -d -o $user -g $user "$share"
vm_xml session "share=one:$share" > "$state/session.xml"
chmod 644 "$state/session.xml"
chmod 755 "$state"
if ! as_user virsh -q define "$state/session.xml" > "$state/session.out" 2>&1 ||
	! as_user virsh -q start --paused session > "$state/session.out" 2>&1; then
	cat "$state/session.out"
	! grep -q 'virtiofs is not yet supported in session mode' "$state/session.out" ||
		skip "$(grep -m 1 'session mode' "$state/session.out")"
	cat /home/$user/.cache/libvirt/qemu/log/session*.log || true
	fail "$(grep -m 1 . "$state/session.out")"
fi
pids=$(pgrep -u $user -x virtiofsd)
for pid in $pids; do
	note "virtiofsd $pid: $(label_of "$pid"): $(tr '\0' ' ' < "/proc/$pid/cmdline")"
	[[ $(label_of "$pid") != libvirt-* ]] || fail "a label of ours in session mode"
done
as_user virsh -q destroy session
as_user virsh -q undefine session
pkill -u $user -x libvirtd || true
pkill -u $user -x virtlogd || true
