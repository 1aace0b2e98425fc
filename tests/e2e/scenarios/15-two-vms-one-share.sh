# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=25
#
# Proves that two VMs can share one directory, each virtiofsd under its own
# VM's label, that neither reaches what the other alone has, and that stopping
# one takes nothing from the other.

mkdir -p "$shares/common" "$shares/left" "$shares/right"
echo secret > "$shares/left/file"
echo secret > "$shares/right/file"
start_vm left "share=common:$shares/common" "share=own:$shares/left"
start_vm right "share=common:$shares/common" "share=own:$shares/right"
confined left 2
confined right 2
permitted "$(fs_label left)" create "$shares/common/from-left"
permitted "$(fs_label right)" read "$shares/common/from-left"
denied "$(fs_label left)" "$(in_record "$shares/right/file")" read "$shares/right/file"
denied "$(fs_label right)" "$(in_record "$shares/left/file")" read "$shares/left/file"
stop_vm left
confined right 2
permitted "$(fs_label right)" create "$shares/common/from-right"
stop_vm right
