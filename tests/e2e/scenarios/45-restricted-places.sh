# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=10
#
# Proves that a share in a restricted place is refused in words that name the
# administrator's way out, that nothing of the VM is left, that the allow list
# lets the same VM start, and that a mistake in the file is named by its line.

mkdir -p /etc/e2e-shared
define_vm restricted "share=one:/etc/e2e-shared"
denied_start restricted
journalctl --no-pager -q -o cat --since -60s > "$state/journal"
cat "$state/start.out" /var/log/libvirt/qemu/restricted*.log "$state/journal" > "$state/all" 2> /dev/null || true
check "it is said how to allow it" grep -q 'virt-aa-virtiofs.conf' "$state/all"

with_conf "[shares]
allow-write = /etc/e2e-shared"
run_vm restricted
confined restricted 1
permitted "$(fs_label restricted)" create /etc/e2e-shared/new
denied "$(fs_label restricted)" "$(in_record /etc/shadow)" read /etc/shadow
stop_vm restricted

with_conf "[shares]
allow-write /etc/e2e-shared"
denied_start restricted
journalctl --no-pager -q -o cat --since -60s > "$state/journal"
cat "$state/start.out" /var/log/libvirt/qemu/restricted*.log "$state/journal" > "$state/all" 2> /dev/null || true
check "the line is named" grep -qE 'virt-aa-virtiofs.conf.*2' "$state/all"
