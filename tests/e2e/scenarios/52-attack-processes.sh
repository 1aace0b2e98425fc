# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=75
#: limit=3000
#
# Proves that a running virtiofsd that is taken over, in each of its threads,
# neither ends, signals, limits, slows, traces nor looks into another process:
# one of a user, one of root, init, libvirtd, its own QEMU, another VM's QEMU and
# virtiofsd; by signals of its own, by those that the kernel sends for it, and by
# /proc. Writes down which layer refused each attempt.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

prepare_victims
start_vm mine "share=one:$shares/mine" "share=two:$shares/second"
confined mine 2
expect_attack_records mine
watch_pid_file "$(echo /run/libvirt/qemu/*-mine-fs0-fs.pid)"

begin_rows
attack_only=$(virtiofsd_of mine "$shares/mine")
attack mine table_processes table_other_processes
end_rows
confined mine 2
no_effects
stop_vm mine
stop_vm theirs
