# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that a start in which the helper cannot do its work (no template, a
# template that does not compile, a policy directory that cannot be written) fails, leaves nothing behind, and that the next one works.

mkdir -p "$shares/one"
define_vm helper "share=one:$shares/one"
template=$policy/TEMPLATE.virtiofsd
cp -p "$template" "$state/template"
at_end cp -p "$state/template" "$template"

note "no template"
rm "$template"
denied_start helper
cp -p "$state/template" "$template"

note "a template that does not compile"
echo 'this is no policy' >> "$template"
denied_start helper
cp -p "$state/template" "$template"

note "a policy directory that cannot be written"
mount --bind "$policy" "$policy"
mount -o remount,bind,ro "$policy"
at_end umount -q "$policy"
denied_start helper
umount "$policy"

run_vm helper
confined helper 1
stop_vm helper
