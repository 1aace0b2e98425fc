# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=60
#: limit=1500
#
# Proves that a running virtiofsd of a read-only share, of the VM's start or
# attached later, that is taken over changes nothing in it, whatever a writable
# share of the same VM may; and that neither does the writable share's.
#
# libvirt before 11.0 has no read-only shares: a skip.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

[ "$RELEASE" != bookworm ] || skip "libvirt 9.0 has no read-only shares"
mkdir -p "$shares/attached"
prepare_victims
start_vm mine "share=one:$shares/mine" "ro=two:$shares/second"
confined mine 2
filesystem_xml three "$shares/attached" "<readonly/>" > "$state/three.xml"
# It is looked at as another VM's share is.
victim_dirs+=("$shares/attached")
restore_victims
remember_victims
virsh attach-device mine "$state/three.xml" --live
confined mine 3
expect_attack_records mine

table_second() { attack_file "its read-only share" "$shares/second"; }
table_attached() { attack_file "its read-only share" "$shares/attached"; }
table_both() {
	attack_file "the read-only share" "$shares/second"
	attack_file "the read-only share, attached" "$shares/attached"
}
begin_rows
attack_only=$(virtiofsd_of mine "$shares/second")
attack mine table_second
attack_only=$(virtiofsd_of mine "$shares/attached")
attack mine table_attached
attack_only=$(virtiofsd_of mine "$shares/mine")
attack mine table_both
end_rows
confined mine 3
# The writable share's may not even read, but for what SECURITY.md says.
no_effects ": its read-only share: (list the directory|read) |: stat \\("
stop_vm mine
stop_vm theirs
