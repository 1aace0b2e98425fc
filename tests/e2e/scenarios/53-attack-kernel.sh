# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=70
#: limit=3000
#
# Proves that a running virtiofsd that is taken over, in each of its threads,
# makes no socket, mounts nothing, enters and makes no name space, opens no
# device, takes no other label, executes nothing, and gets none of what the
# kernel has for root besides: keys, bpf, perf, io_uring, modules, and so on.
# Writes down which layer refused each attempt. A handle that opens nothing
# (O_PATH) can be passed to QEMU, which may do with it what its own label allows.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

prepare_victims
mount -t tmpfs mounted "$shares/mine/mounted"
start_vm mine "share=one:$shares/mine" "share=two:$shares/second"
confined mine 2
expect_attack_records mine
remember_victims

begin_rows
attack_only=$(virtiofsd_of mine "$shares/mine")
attack mine table_sockets table_kernel
# The last: QEMU's protocol is out of step afterwards.
attack mine table_passing
end_rows
check "the mount is still there" mountpoint -q "$shares/mine/mounted"
allowed="pass O_PATH of "
# The C daemon's thread of QEMU's RCU keeps the capability; the root directory is no wall here.
[ "$RELEASE" != bookworm ] || allowed+="|: chroot to the host's root "
no_effects "$allowed"
stop_vm mine
stop_vm theirs
