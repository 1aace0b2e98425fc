# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=240
#: spare=2
#: limit=1500
#
# Proves that what the kernel allows is what a VM's definition says, after each of many random calls of the helper,
# one in four of which fails or is killed half-way: the model of the suite "life", on this kernel.

steps=100
[ "$LONG" = no ] || steps=300
python3 /usr/src/virt-aa-virtiofs/tests/life/model.py "$e2e/helper-on-kernel" --real-kernel --steps $steps --seed 1
