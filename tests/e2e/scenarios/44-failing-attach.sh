# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that an attach which fails in the middle, or which names a restricted
# place, leaves the running VM as it was: its share goes on working under its
# label, the refused directory is open to nothing, and the next attach works.

mkdir -p "$shares/one" "$shares/two"
echo two > "$shares/two/file"
start_vm attach "share=one:$shares/one"
confined attach 1
label=$(fs_label attach)
before=$(virtiofsd_pids attach)
filesystem_xml two "$shares/two" > "$state/two.xml"
filesystem_xml etc /etc > "$state/etc.xml"

note "a restricted place"
refuse "/etc can be attached" virsh attach-device attach "$state/etc.xml" --live
denied "$label" "$(in_record /etc/shadow)" read /etc/shadow

note "a failing parser"
parser=$(command -v apparmor_parser)
at_end mv "$parser.real" "$parser"
mv "$parser" "$parser.real"
printf '#!/bin/sh\necho "apparmor_parser: failing as told" >&2\nexit 1\n' > "$parser"
chmod 755 "$parser"
status=0
virsh attach-device attach "$state/two.xml" --live || status=$?
mv "$parser.real" "$parser"
[ $status -ne 0 ] || fail "the share was attached although its rules could not be compiled"
denied "$label" "$(in_record "$shares/two/file")" read "$shares/two/file"

confined attach 1
check "the first virtiofsd is the same" test "$(virtiofsd_pids attach)" = "$before"
permitted "$label" create "$shares/one/new"
virsh attach-device attach "$state/two.xml" --live
confined attach 2
permitted "$label" read "$shares/two/file"
stop_vm attach
