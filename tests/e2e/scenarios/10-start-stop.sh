# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that a VM with a share starts with its virtiofsd under the VM's label
# in enforce mode, that stopping it takes processes, profile, files and record
# away, and that the same VM starts again.

mkdir -p "$shares/one"
define_vm life "share=one:$shares/one"
for round in 1 2; do
	note "round $round"
	run_vm life
	confined life 1
	check "QEMU has its own label" test \
		"$(label_of "$(qemu_pid life)")" = "libvirt-$(uuid_of life) (enforce)"
	check "the helper wrote the rules" test -s "$policy/libvirt-$(uuid_of life).virtiofsd"
	check "the helper wrote the profile" test -s "$policy/$(fs_label life)"
	check "there is a record of the socket" test -n "$(find "$records" -type f)"
	stop_vm life
	refuse "the profile is still loaded" profile_loaded "$(fs_label life)"
done
