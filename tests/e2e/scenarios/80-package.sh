# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=400
#: spare=2
#: limit=2400
#
# Proves that a VM with a share goes on as it is, and that VMs start, get a share
# attached and stop, after each step in the packages' life: an upgrade with a
# configuration that was edited, libvirt installed once more, virt-aa-ctl's
# package removed alone, all removed, purged, installed again. With --long also
# after virtiofsd and AppArmor were installed once more and after a downgrade. When it is purged, /etc and /usr are as they
# were before it was installed, but for what VMs of libvirt's own leave.

package=virt-aa-virtiofs
ours=("$e2e/package.deb" "$e2e/package-tools.deb")
newer=("$e2e/newer.deb" "$e2e/newer-tools.deb")
mkdir -p "$shares/kept" "$shares/more" "$shares/one" "$shares/two"
filesystem_xml two "$shares/two" > "$state/two.xml"
filesystem_xml more "$shares/more" > "$state/more.xml"

say_dpkg() {
	note "dpkg $*"
	DEBIAN_FRONTEND=noninteractive dpkg "$@" < /dev/null > "$state/dpkg.log" 2>&1 || {
		cat "$state/dpkg.log"
		fail "dpkg $*"
	}
	eventually 60 virsh -q list > /dev/null || fail "libvirtd does not answer after dpkg $*"
}

again() { # FILE...; packages of others
	say_dpkg --force-confold -i "$@"
}

as_found() {
	local name installed
	for name in $package $package-tools; do
		installed=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$name" 2> /dev/null || true)
		[[ $installed == "installed "* && $installed != *99.0* ]] && continue
		DEBIAN_FRONTEND=noninteractive dpkg --force-confnew -i "${ours[@]}" < /dev/null
		break
	done
	virt-aa-ctl enable
	virt-aa-ctl gc --yes
}
at_end as_found

# The VM that runs all the while.
kept_is_confined() { # COUNT
	confined kept "$1"
	check "its rules hold" permitted "$(fs_label kept)" create "$shares/kept/new"
	denied "$(fs_label kept)" "$(in_record "$shares/one/new")" create "$shares/one/new"
	rm "$shares/kept/new"
}

# A VM is started, gets a share, and is stopped.
one_life() { # confined | untouched
	start_vm brief "share=one:$shares/one"
	"$1" brief 1
	virsh -q attach-device brief "$state/two.xml" --live
	"$1" brief 2
	stop_vm brief
}

ours() {
	"$libexec/virt-aa-helper" --version | grep -q '(virt-aa-virtiofs) '"${1:-}"
}

check "the package is installed and enabled" ours
start_vm kept "share=kept:$shares/kept"
kept_is_confined 1

echo "# mine" >> "$conf"
say_dpkg --force-confold -i "${newer[@]}"
check "libvirt has the new helper" ours 99.0
check "the edit is there" grep -q mine "$conf"
kept_is_confined 1
virsh -q attach-device kept "$state/more.xml" --live
kept_is_confined 2
one_life confined

again /opt/debs/libvirt*.deb
check "libvirt has our helper" ours 99.0
kept_is_confined 2
one_life confined

if [ "$LONG" = yes ]; then
	again /opt/debs/"$(dpkg -S "$(distribution_virtiofsd)" | cut -d : -f 1)"_*.deb
	note "$(readlink "/proc/$(virtiofsd_pids kept | head -n 1)/exe")"
	one_life confined
	again /opt/debs/apparmor_*.deb
	check "the label is there" test "$(label_of "$(virtiofsd_pids kept | head -n 1)")" = "$(fs_label kept) (enforce)"
	one_life confined
	say_dpkg --force-confold -i "${ours[@]}"
	refuse "the newer is there" ours 99.0
	one_life confined
	say_dpkg --force-confnew -i "${newer[@]}"
	one_life confined
fi

say_dpkg -r $package-tools
refuse "virt-aa-ctl is there" command -v virt-aa-ctl
check "libvirt has our helper" ours 99.0
kept_is_confined 2
one_life confined

say_dpkg -r $package
refuse "libvirt has our helper" ours
for pid in $(virtiofsd_pids kept); do
	check "it keeps its label" test "$(label_of "$pid")" = "$(fs_label kept) (enforce)"
done
one_life untouched
stop_vm kept
virsh -q undefine kept

say_dpkg -P $package
one_life untouched
virsh -q undefine brief
# What the last virtiofsd had of ours is nobody's until the package, or the machine, comes again.
refuse "the launcher's profile is loaded" profile_loaded libvirt-virtiofsd-launcher

"$e2e/list-files" > "$state/now"
LC_ALL=C comm -3 "$e2e/before-the-package" "$state/now" > "$state/differs"
cat "$state/differs"
check "/etc and /usr are as before" test ! -s "$state/differs"

as_found
one_life confined
if [ "$LONG" = yes ]; then
	# what a machine of its own and one that may break are asked for is this one
	say_dpkg -i /opt/debs/autopkgtest/*.deb
	check "autopkgtest passes" autopkgtest --ignore-restrictions=isolation-machine,breaks-testbed \
		"${ours[@]}" /usr/src/virt-aa-virtiofs -- null
else
	check "what autopkgtest runs passes" /usr/src/virt-aa-virtiofs/debian/tests/confined-vm
fi
