# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=50
#
# Proves that a start in which the helper cannot do its work (no template, a
# template that does not compile, a policy directory that cannot be written, no
# place for records) fails, leaves nothing behind, and that the next one works.

mkdir -p "$shares/one"
define_vm helper "share=one:$shares/one"
template=$policy/TEMPLATE.virtiofsd
status=0
cp -p "$template" "$state/template"

note "no template"
rm "$template"
( denied_start helper ) || status=$?
cp -p "$state/template" "$template"
[ $status -eq 0 ] || exit $status

note "a template that does not compile"
echo 'this is no policy' >> "$template"
( denied_start helper ) || status=$?
cp -p "$state/template" "$template"
[ $status -eq 0 ] || exit $status

note "a policy directory that cannot be written"
chattr +i "$policy"
( denied_start helper ) || status=$?
chattr -i "$policy"
[ $status -eq 0 ] || exit $status

run_vm helper
confined helper 1
stop_vm helper
