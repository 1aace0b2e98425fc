# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=30
#
# Proves that the template's complain mode carries over: virtiofsd runs under
# its label in complain mode, what would be denied is allowed and logged, and
# QEMU's own profile is still enforced. Without the flag it is enforce again.

template=$policy/TEMPLATE.virtiofsd
cp -p "$template" "$state/template"
if grep -qE '^profile LIBVIRT_TEMPLATE.*flags=\(' "$template"; then
	sed -i -E 's/^(profile LIBVIRT_TEMPLATE.*flags=\()/\1complain,/' "$template"
else
	sed -i -E 's/^(profile LIBVIRT_TEMPLATE[^ ]*)/\1 flags=(complain)/' "$template"
fi
grep '^profile' "$template"
mkdir -p "$shares/one"
echo outside > "$shares/outside"
status=0
(
	start_vm complain "share=one:$shares/one"
	confined complain 1 complain
	check "QEMU's profile is enforced" test \
		"$(label_of "$(qemu_pid complain)")" = "libvirt-$(uuid_of complain) (enforce)"
	expect_denial 'apparmor="ALLOWED".*comm="probe"'
	mark
	line=$mark_line
	permitted "$(fs_label complain)" read "$shares/outside"
	check "it is logged" grep -q "ALLOWED.*$(in_record "$shares/outside")" <(records_since "$line")
	stop_vm complain
) || status=$?
cp -p "$state/template" "$template"
[ $status -eq 0 ] || exit $status
start_vm complain "share=one:$shares/one"
confined complain 1
stop_vm complain
