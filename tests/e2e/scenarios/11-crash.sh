# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that both sides survive the other's death: after virtiofsd is killed
# the VM can be stopped and started again; after QEMU is killed nothing of the
# VM is left, and it starts again.

mkdir -p "$shares/one"
define_vm crash "share=one:$shares/one"

run_vm crash
confined crash 1
for pid in $(virtiofsd_pids crash); do
	kill -9 "$pid" 2> /dev/null || true
done
eventually 20 no_virtiofsd crash || fail "virtiofsd cannot be killed"
note "after virtiofsd's death the VM is: $(state_of crash)"
[ "$(state_of crash)" = 'shut off' ] || virsh -q destroy crash

run_vm crash
confined crash 1
kill -9 "$(qemu_pid crash)"
shut_off() { [ "$(state_of crash)" = 'shut off' ]; }
eventually 30 shut_off || fail "libvirtd does not see that QEMU died"
eventually 30 no_virtiofsd crash || fail "virtiofsd outlives QEMU"

run_vm crash
confined crash 1
stop_vm crash
