# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that guest memory in files and in huge pages, which virtiofsd maps
# from passed descriptors, is within the profile.

mkdir -p "$shares/one"
start_vm filemem "share=one:$shares/one" memory=file
confined filemem 1
stop_vm filemem

if sysctl -q vm.nr_hugepages=40 && [ "$(sysctl -n vm.nr_hugepages)" -ge 16 ]; then
	mkdir -p /dev/hugepages
	mountpoint -q /dev/hugepages || mount -t hugetlbfs hugetlbfs /dev/hugepages
	# libvirtd looks for huge pages when it starts.
	systemctl restart libvirtd.service
	start_vm hugemem "share=one:$shares/one" memory=hugepages
	confined hugemem 1
	stop_vm hugemem
	sysctl -q vm.nr_hugepages=0
else
	note "this kernel gave no huge pages"
fi
