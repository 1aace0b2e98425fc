# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=25
#
# Proves that the launcher, run by somebody else than libvirtd, gives no VM
# more than it has: with another VM's socket and a directory of its own
# choosing, with no socket, with a closed descriptor, with a directory that no
# definition names. It either refuses in one line, or serves as a plain
# virtiofsd to a socket that no VM has; the VM's rules stay as they were.

launcher=$libexec/virt-aa-virtiofsd
mkdir -p "$shares/mine" "$shares/theirs" "$shares/unnamed"
echo secret > "$shares/theirs/file"
echo secret > "$shares/unnamed/file"
start_vm mine "share=one:$shares/mine"
start_vm theirs "share=one:$shares/theirs"
confined mine 1
confined theirs 1
label=$(fs_label mine)
rules=$policy/libvirt-$(uuid_of mine).virtiofsd
cp "$rules" "$state/rules"
socket=$(find "/var/lib/libvirt/qemu/domain-$(virsh domid mine | head -n 1)-mine" -name '*fs0-fs.sock' | head -n 1)
check "libvirt's socket is where it was expected" test -n "$socket"

# The launcher's status, or 200 where it went on to serve.
launch() { # SOCKET ARGUMENT...
	local path=$1 pid status=0
	shift
	"$probe" listen "$path" "$launcher" "$@" > "$state/launch.out" 2>&1 &
	pid=$!
	if eventually 15 gone $pid; then
		wait $pid || status=$?
	else
		status=200
		note "it serves as: $(label_of $pid): $(tr '\0' ' ' < /proc/$pid/cmdline)"
		launched_label=$(label_of $pid)
		pkill -9 -P $pid || true
		kill -9 $pid
		wait $pid || true
	fi
	note "status $status: $(head -n 3 "$state/launch.out")"
	launched=$status
}
# Status 0 would mean that a virtiofsd served and ended.
must_refuse() { # WHAT
	case $launched in
	0 | 200) fail "$1" ;;
	esac
}
gone() { ! kill -0 "$1" 2> /dev/null; }

note "another VM's directory, with my VM's socket"
mv "$socket" "$socket.aside"
launch "$socket" --fd='{fd}' --shared-dir "$shares/theirs"
must_refuse "the launcher serves another VM's directory"
denied "$label" "$(in_record "$shares/theirs/file")" read "$shares/theirs/file"

note "a directory that no definition names"
launch "$socket" --fd='{fd}' --shared-dir "$shares/unnamed"
must_refuse "the launcher serves a directory that nobody named"
denied "$label" "$(in_record "$shares/unnamed/file")" read "$shares/unnamed/file"

note "a restricted directory"
launch "$socket" --fd='{fd}' --shared-dir /etc
must_refuse "the launcher serves /etc"
denied "$label" "$(in_record /etc/shadow)" read /etc/shadow

note "a closed descriptor"
launch "$socket" --fd='{closed}' --shared-dir "$shares/mine"
must_refuse "the launcher takes a closed descriptor"

note "no socket"
launch "$socket" --shared-dir "$shares/mine"
must_refuse "the launcher does without a socket"

rm -f "$socket"
mv "$socket.aside" "$socket"
check "the VM's rules are as they were" diff "$state/rules" "$rules"
confined mine 1
confined theirs 1
stop_vm mine
stop_vm theirs
