# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=250
#: spare=2
#: limit=3000
#
# Proves that a guest does not notice when its virtiofsd is attacked through what
# the daemon has open, in each of its threads: it goes on writing to an open
# file, and both of its shares are there.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

prepare_victims
start_vm mine guest "share=one:$shares/mine" "share=two:$shares/second"
confined mine 2
watch_pid_file "$(echo /run/libvirt/qemu/*-mine-fs0-fs.pid)"
expect_attack_records mine
wait_guest mine
keep_writing mine /mnt/one/open

begin_rows
attack_only=$(virtiofsd_of mine "$shares/mine")
attack mine table_descriptors
end_rows

confined mine 2
still_writing "$shares/mine/open"
guest_do mine 'echo still > /mnt/one/still; cat /mnt/one/still; cat /mnt/two/file'
no_effects
stop_vm mine
stop_vm theirs
