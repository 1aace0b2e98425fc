# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=55
#: limit=900
#
# Proves that switching off never takes the profile from under a virtiofsd,
# whatever its program is called, replaced since, or which of its threads has
# the label; that it takes those of which nobody is left, also where there are
# many; that libvirtd runs virtiofsd as before then; and that switching off
# leaves every file as it was before switching on.

sums() {
	find /etc/apparmor.d /etc/qemu "$libexec" -type f ! -path "$policy/libvirt-*" \
		! -name 40-virt-aa-virtiofsd.json -exec sha256sum {} + | sort -k 2
}
set_up() { # COMMAND
	virt-aa-ctl "$1" > "$state/setup.out" || fail "virt-aa-ctl $1 failed"
	cat "$state/setup.out"
}
back() {
	cp -p "$state/conf.saved" "$conf"
	virt-aa-ctl enable
}
at_end back

own=/usr/local/libexec/e2e-share-daemon
install -D -m 0755 "$(distribution_virtiofsd)" $own
at_end rm -f $own
with_conf "[virtiofsd]
binary = $own"
virt-aa-ctl update
mkdir -p "$shares/one"
start_vm renamed "share=one:$shares/one"
pid=$(virtiofsd_pids renamed | head -n 1)
label=$(fs_label renamed)
check "another program is confined" test "$(label_of "$pid")" = "$label (enforce)"
rm -f $own
note "$(readlink "/proc/$pid/exe")"
check "status knows it and is content" virt-aa-ctl status

# 200 profiles of nobody, 100 processes more, and one that has set its label for
# its next exec: what kernels tell of that differs, and it must not matter to
# the rest.
for i in $(seq 200); do
	printf 'profile libvirt-00000000-0000-4000-8000-%012d-virtiofsd { }\n' "$i"
done > "$state/many"
apparmor_parser --replace --skip-cache "$state/many"
waiting=libvirt-00000000-0000-4000-8000-000000000007-virtiofsd
mkfifo "$state/fifo"
at_end rm -f "$state/fifo"
exec 7<> "$state/fifo"
(
	echo "exec $waiting" > "/proc/$BASHPID/attr/exec"
	read -r _ <&7
) &
waiter=$!
sleepers=
for i in $(seq 100); do
	sleep 600 &
	sleepers="$sleepers $!"
done
at_end sh -c "kill $waiter $sleepers"
sleep 1
seen=$(cat "/proc/$waiter/attr/apparmor/exec" 2> /dev/null || cat "/proc/$waiter/attr/exec" 2> /dev/null || true)
note "the label for the next exec, as others see it: '${seen:-none}'"

begin=$SECONDS
set_up disable
note "switched off in $((SECONDS - begin)) s"
check "the profile in use stays" profile_loaded "$label"
check "its daemon keeps it" test "$(label_of "$pid")" = "$label (enforce)"
check "it is said" grep -q "^stay  *$label " "$state/setup.out"
[ -z "$seen" ] || check "the profile of the next exec stays" profile_loaded "$waiting"
left=$(grep -c '^libvirt-00000000-0000-4000-8000-.*-virtiofsd ' "$loaded") || true
check "those of nobody are gone: $left left" test "$left" -le 1
sums > "$state/off"

note "as before us"
define_vm before "share=one:$shares/one"
run_vm before
untouched before 1
stop_vm before
stop_vm renamed
kill "$waiter"
wait "$waiter" || true
set_up disable
check "what was left goes when it is switched off again" \
	test -z "$(grep '^libvirt-.*-virtiofsd ' "$loaded")"
refuse "a record is left" grep -rqs . "$records"

note "on and off again"
cp -p "$state/conf.saved" "$conf"
set_up enable
sums > "$state/on"
refuse "switching on changed nothing" cmp -s "$state/off" "$state/on"
start_vm again "share=one:$shares/one"
pid=$(virtiofsd_pids again | head -n 1)
check "again it is confined" test "$(label_of "$pid")" = "$(fs_label again) (enforce)"
stop_vm again
set_up disable
sums > "$state/off2"
diff "$state/off" "$state/off2" || fail "switching off leaves other files than before"
