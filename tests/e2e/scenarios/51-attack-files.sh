# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=170
#: limit=3000
#
# Proves that a running virtiofsd that is taken over, in each of its threads,
# does nothing to files that are not its share's: a stand-in for /etc/shadow,
# another share of its VM, another VM's share, log, pid file and memory, what
# libvirt left open in it; neither by /proc/self/fd/.. nor by opening again what
# it has. Writes down which layer refused each attempt. What nothing here
# mediates is what a file is like: its size, owner and times can be asked for by
# name.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

prepare_victims
start_vm mine "share=one:$shares/mine" "share=two:$shares/second"
confined mine 2
watch_pid_file "$(echo /run/libvirt/qemu/*-mine-fs0-fs.pid)"
expect_attack_records mine

begin_rows
attack_only=$(virtiofsd_of mine "$shares/mine")
attack mine table_files table_descriptors
end_rows

confined mine 2
no_effects ": stat \\("
stop_vm mine
stop_vm theirs
