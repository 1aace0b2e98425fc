# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=120
#
# Proves that virt-aa-ctl why names the cause for which a VM does not start, of several, and nothing once it is
# mended; that a real denial of QEMU's is explained with the command that allows it, and is gone after it; and
# that what a virtiofsd is refused outside its share is said to be what it is, without a command.

# The cause of the VM's last start, and how virt-aa-ctl ends.
why_says() { # NAME WORD STATUS
	local status=0
	virt-aa-ctl why "$1" --json > "$state/why.json" || status=$?
	virt-aa-ctl why "$1" || true
	check "status $3, not $status" test "$status" = "$3"
	if [ "$2" = none ]; then
		check "no cause is found" grep -q '"cause" : null' "$state/why.json"
	else
		check "the cause is $2" grep -q "\"word\" : \"$2\"" "$state/why.json"
	fi
}

mkdir -p /etc/e2e-why "$shares/why" "$shares/iso"
virt-aa-ctl why --help > /dev/null || skip "virt-aa-ctl is not built here"

note "a restricted share"
define_vm why "share=one:/etc/e2e-why"
denied_start why
why_says why restricted 4

note "a directory that is not there"
define_vm why "share=one:$shares/none"
denied_start why
why_says why missing-directory 4

note "a template that does not compile"
define_vm why "share=one:$shares/why"
template=$policy/TEMPLATE.virtiofsd
cp -p "$template" "$state/template"
at_end cp -p "$state/template" "$template"
rm -f "$policy/$(fs_label why)"
echo 'this is no policy' >> "$template"
denied_start why
why_says why policy 4
check "the remedy says which" grep -q 'virt-aa-ctl verify' "$state/why.json"
virt-aa-ctl verify > "$state/verify" && fail "verify finds nothing wrong"
check "it is named there" grep -q "TEMPLATE.virtiofsd" "$state/verify"
cp -p "$state/template" "$template"

note "a mistake in the configuration"
with_conf "[shares]
allow-write = /srv/"
denied_start why
why_says why configuration 4
cp -p "$state/conf.saved" "$conf"

note "all is mended"
run_vm why
why_says why none 0

note "a virtiofsd that reaches beyond its share"
denied "$(fs_label why)" "$(in_record /etc/shadow)" read /etc/shadow
virt-aa-ctl denials why --since 5min | tee "$state/denials"
check "it is said what it is" grep -q 'may have tried to get out' "$state/denials"
refuse "no command allows it" grep -q 'virt-aa-ctl allow' "$state/denials"

note "QEMU lacks a file"
label=libvirt-$(uuid_of why)
echo data > "$shares/iso/a.iso"
denied "$label" "$(in_record "$shares/iso/a.iso")" read "$shares/iso/a.iso"
virt-aa-ctl denials why --since 5min | tee "$state/denials"
remedy=$(sed -n 's/^ *-> \(virt-aa-ctl allow why .*\)/\1/p' "$state/denials")
check "the remedy is a command" test -n "$remedy"
if virt-aa-ctl --help | grep -q '^  allow '; then
	eval "$remedy --yes" || eval "$remedy"
	permitted "$label" read "$shares/iso/a.iso"
	virt-aa-ctl denials why --since 5min | tee "$state/denials"
	check "it is allowed since" grep -q 'allowed since' "$state/denials"
	refuse "the remedy is still shown" grep -qF -- "-> $remedy" "$state/denials"
fi
stop_vm why
# nothing of it in /etc, which 80 compares
virsh -q undefine why
virt-aa-ctl gc --yes
rmdir /etc/e2e-why
