# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that a VM with eight shares starts, all eight virtiofsd confined, with
# directory names that would be patterns to AppArmor if they were not escaped:
# each is reachable as it is written, and what it would match is not.

names=('back\slash' 'with space' 'st*r' 'que?y' 'br[a]cket' 'cur{l,y}' 'quo"te' 'ütf-8 ^@{HOME}')
options=()
for i in "${!names[@]}"; do
	mkdir -p "$shares/${names[i]}"
	options+=("share=fs$i:$shares/${names[i]}")
done
# What the names would mean as patterns.
decoys=(star quely bracket curl cury)
for decoy in "${decoys[@]}"; do
	mkdir -p "$shares/$decoy"
	echo secret > "$shares/$decoy/file"
done
start_vm many "${options[@]}"
confined many 8
label=$(fs_label many)
for name in "${names[@]}"; do
	permitted "$label" create "$shares/$name/file"
done
for decoy in "${decoys[@]}"; do
	denied "$label" "$(in_record "$shares/$decoy/file")" read "$shares/$decoy/file"
done
stop_vm many
