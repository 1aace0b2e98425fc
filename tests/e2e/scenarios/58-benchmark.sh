# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=90
#: spare=3
#: limit=2400
#
# Replays VMs' lives with real loads through libvirt's own helper and through this one, in turn, and writes the
# times down. Proves nothing: times of an emulated processor say something only beside one another.

theirs=$libexec/virt-aa-helper.libvirt
[ -x "$theirs" ] || skip "libvirt's own helper is not beside ours"
rounds=3 together=4
[ "$LONG" = no ] || rounds=15 together=50
python3 /usr/src/virt-aa-virtiofs/benchmarks/run --kernel --rounds $rounds --together $together \
	--theirs "$theirs" --ours "$libexec/virt-aa-helper" --save "$state/life.json"
cat "$state/life.json"
