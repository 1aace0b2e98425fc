# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=55
#
# Proves that what a definition says about virtiofsd reaches it, except the
# sandbox, which is always chroot; that an <idmap> either has a confined VM or
# a start refused in words; and that a <binary path>, which libvirt runs
# instead of the launcher, is refused unless the administrator allowed it, and
# then runs as it would without us. And that options of the configuration file
# reach it, and the profile follows them.

mkdir -p "$shares/one"
with_options() { # NAME INNER-XML
	vm_xml "$1" "devices=$(filesystem_xml one "$shares/one" "$2")" > "$state/$1.xml"
	virsh -q define "$state/$1.xml"
}
arguments() { # NAME
	tr '\0' ' ' < "/proc/$(virtiofsd_pids "$1" | head -n 1)/cmdline"
}

with_options options "<binary xattr='on'><cache mode='always'/><sandbox mode='namespace'/></binary>"
run_vm options
confined options 1
note "$(arguments options)"
check "the cache mode arrives" grep -qE 'cache(=| )always' <(arguments options)
check "extended attributes arrive" grep -q xattr <(arguments options)
check "its root is the share" test \
	"$(readlink "/proc/$(virtiofsd_pids options | head -n 1)/root")" = "$shares/one"
stop_vm options

if [ "$RELEASE" != bookworm ]; then
	with_options mapped "<idmap><uid start='0' target='100000' count='65536'/><gid start='0' target='100000' count='65536'/></idmap>"
	if run_vm mapped > "$state/start.out" 2>&1; then
		confined mapped 1
		note "it starts: $(arguments mapped)"
		stop_vm mapped
	else
		cat "$state/start.out"
		cat /var/log/libvirt/qemu/mapped*.log 2> /dev/null >> "$state/start.out" || true
		check "the refusal names the map" grep -qiE 'idmap|uid-map|map' "$state/start.out"
		nothing_of mapped
	fi
fi

binary=$(distribution_virtiofsd)
with_options binary "<binary path='$binary'/>"
denied_start binary
with_unconfined "$binary"
run_vm binary
untouched binary 1
stop_vm binary
without_unconfined

# The configuration's options: the profile follows them.
if [ "$RELEASE" = bookworm ]; then
	options='-o modcaps=+sys_admin:-mknod'
else
	options='--modcaps=+sys_admin:-mknod'
fi
with_conf "[vm conf*]
options = $options"
start_vm configured "share=one:$shares/one"
confined configured 1
note "$(arguments configured)"
effective=$(awk '$1 == "CapEff:" { print $2 }' "/proc/$(virtiofsd_pids configured | head -n 1)/status")
note "capabilities: $effective"
check "it keeps sys_admin" test $(((16#$effective >> 21) & 1)) -eq 1
check "it has dropped mknod" test $(((16#$effective >> 27) & 1)) -eq 0
label=$(fs_label configured)
permitted "$label" create "$shares/one/new"
denied "$label" 'capname="mknod"' mknod "$shares/one/null" 1 3
mkdir "$shares/one/dir"
denied "$label" 'operation="mount"' mount /etc "$shares/one/dir"
stop_vm configured

if [ "$RELEASE" != bookworm ]; then
	with_conf "[vm conf*]
options = --readonly"
	start_vm configured "share=one:$shares/one"
	confined configured 1
	permitted "$label" read "$shares/one/new"
	denied "$label" "$(in_record "$shares/one/new")" write "$shares/one/new"
	stop_vm configured
fi
