# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=25
#
# Proves that the profiles know the label "virtqemud" as they know "libvirtd":
# a VM starts, is extended, and is stopped under a daemon with that label.
# Debian has no virtqemud, so it is libvirtd that gets it, with libvirtd's own
# rules, which libvirt gives to both. A profile "libvirtd" stays, for nobody:
# libvirtd uses AppArmor only where one of its name is loaded, which
# virt-aa-ctl verify tells, with another URI so that it starts no libvirtd to
# ask it.

profile=/etc/apparmor.d/usr.sbin.libvirtd
put_back() {
	systemctl stop libvirtd.service
	apparmor_parser -R "$state/virtqemud" || true
	apparmor_parser -r "$profile"
	systemctl start libvirtd.service
}
sed -e 's/^profile libvirtd /profile virtqemud /' -e 's/\(peer\|label\)=libvirtd/\1=virtqemud/' \
	"$profile" > "$state/virtqemud"
sed 's/^profile libvirtd [^ ]*/profile libvirtd/' "$profile" > "$state/libvirtd"
at_end put_back
systemctl stop libvirtd.service
said_unconfined() { # [COMMAND...]
	"$@" virt-aa-ctl verify -c test:///default > "$state/status" || [ $? -gt 1 ] || fail "virt-aa-ctl verify failed"
	grep -q 'libvirt confines no VM' "$state/status"
}
refuse "libvirtd is said to have no profile" said_unconfined
apparmor_parser -R "$profile"
check "it is said when libvirtd has no profile" said_unconfined
refuse "it is said to who may not see the profiles" said_unconfined runuser -u nobody --
apparmor_parser -r "$state/virtqemud"
refuse "virtqemud is said to have no profile" said_unconfined
apparmor_parser -r "$state/libvirtd"
systemctl start libvirtd.service
daemon_labelled() {
	label_of "$(pidof libvirtd)" | grep -q '^virtqemud (enforce)'
}
check "the daemon has the label" eventually 30 daemon_labelled

mkdir -p "$shares/one" "$shares/two"
start_vm modular "share=one:$shares/one"
confined modular 1
label=$(fs_label modular)
permitted "$label" create "$shares/one/new"
filesystem_xml two "$shares/two" > "$state/two.xml"
virsh attach-device modular "$state/two.xml" --live
confined modular 2
permitted "$label" create "$shares/two/new"
stop_vm modular
