# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that reloading the system's AppArmor policy, as a package's update
# does, takes nothing from a running VM: labels, rules and a later attach.

mkdir -p "$shares/one" "$shares/two"
echo secret > "$shares/secret"
start_vm reload "share=one:$shares/one"
confined reload 1
label=$(fs_label reload)
systemctl reload apparmor.service
confined reload 1
permitted "$label" create "$shares/one/new"
denied "$label" "$(in_record "$shares/secret")" read "$shares/secret"
filesystem_xml two "$shares/two" > "$state/two.xml"
virsh attach-device reload "$state/two.xml" --live
confined reload 2
stop_vm reload
