# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=25
#
# Proves that a share's directory which becomes a symbolic link to /etc between
# definition and start, or while the VM runs, opens /etc to nothing, and that a
# share which is a link to an ordinary directory works by what it leads to.

mkdir -p "$shares/real"
ln -s "$shares/real" "$shares/link"
start_vm good "share=one:$shares/link"
confined good 1
permitted "$(fs_label good)" create "$shares/real/new"
permitted "$(fs_label good)" create "$shares/link/newer"
label=$(fs_label good)

note "changed while the VM runs"
rm "$shares/link"
ln -s /etc "$shares/link"
denied "$label" "$(in_record /etc/shadow)" read "$shares/link/shadow"
denied "$label" "$(in_record /etc/new)" create "$shares/link/new"
confined good 1
stop_vm good
denied_start good

note "changed between definition and start"
mkdir -p "$shares/victim"
define_vm swapped "share=one:$shares/victim"
mv "$shares/victim" "$shares/victim.old"
ln -s /etc "$shares/victim"
denied_start swapped
refuse "/etc is in any rules" grep -rqE '"?/etc/(\*\*|")' "$policy" --include='*.virtiofsd'

note "the directory is back"
rm "$shares/victim"
mv "$shares/victim.old" "$shares/victim"
run_vm swapped
confined swapped 1
stop_vm swapped
