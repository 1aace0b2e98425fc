# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=stock
#: cost=10
#
# Proves that a VM whose definition says <seclabel type='none'/> starts exactly
# as without us: no profile, virtiofsd with libvirt's own arguments and without
# a label of ours.

mkdir -p "$shares/one"
start_vm nolabel "share=one:$shares/one" "seclabel=<seclabel type='none' model='apparmor'/>"
untouched nolabel 1
refuse "a profile was made" profile_loaded "$(fs_label nolabel)"
stop_vm nolabel
