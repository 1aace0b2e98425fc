# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=stock
#: cost=5
#
# Proves that the rest means something: AppArmor is enforcing, libvirtd runs
# under its stock profile and uses AppArmor for its VMs, and a denial that a
# process under a profile causes is found by the suite.

check "AppArmor is in the kernel" test -d /sys/kernel/security/apparmor
virsh version
check "libvirt's security driver is AppArmor" grep -q '<model>apparmor</model>' <(virsh capabilities)
check "libvirtd is confined" grep -q '^libvirtd (enforce)' "/proc/$(pgrep -x libvirtd)/attr/current"
grep -E 'libvirt|virt|swtpm' "$loaded"

cat > "$state/control" <<'P'
profile virt-aa-e2e-control flags=(attach_disconnected) {
  /etc/hostname r,
}
P
apparmor_parser -r -K "$state/control"
permitted virt-aa-e2e-control read /etc/hostname
denied virt-aa-e2e-control 'operation="open".*name="/etc/shadow"' read /etc/shadow
apparmor_parser -R "$state/control"
