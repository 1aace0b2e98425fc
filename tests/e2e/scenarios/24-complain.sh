# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=15
#
# Proves that the template's complain mode carries over: virtiofsd runs under
# its label in complain mode, what would be denied is allowed and logged, and
# QEMU's own profile is still enforced. A profile made without the flag enforces
# again.

template=$policy/TEMPLATE.virtiofsd
cp -p "$template" "$state/template"
at_end cp -p "$state/template" "$template"
if grep -qE '^profile LIBVIRT_TEMPLATE.*flags=\(' "$template"; then
	sed -i -E 's/^(profile LIBVIRT_TEMPLATE.*flags=\()/\1complain,/' "$template"
else
	sed -i -E 's/^(profile LIBVIRT_TEMPLATE[^ ]*)/\1 flags=(complain)/' "$template"
fi
grep '^profile' "$template"
mkdir -p "$shares/one"
echo outside > "$shares/outside"
start_vm complain "share=one:$shares/one"
confined complain 1 complain
check "QEMU's profile is enforced" test \
	"$(label_of "$(qemu_pid complain)")" = "libvirt-$(uuid_of complain) (enforce)"
# virtiofsd, too, then does what it otherwise is kept from without a line.
expect_denial 'apparmor="ALLOWED".*comm="(probe|virtiofsd)"'
mark
line=$mark_line
permitted "$(fs_label complain)" read "$shares/outside"
records_since "$line" > "$state/records"
check "it is logged" grep -q "ALLOWED.*$(in_record "$shares/outside")" "$state/records"
stop_vm complain
cp -p "$state/template" "$template"
# A profile is made once, like QEMU's: to have it made anew, it goes.
rm "$policy/libvirt-$(uuid_of complain)-virtiofsd"
start_vm complain "share=one:$shares/one"
confined complain 1
stop_vm complain
