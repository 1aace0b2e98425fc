# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=300
#: spare=3
#: limit=2400
#
# Proves that a guest installs, replaces and removes a package in a share, with
# owners, set-user-id bits, hard and symbolic links and file capabilities, and
# unpacks an archive that has them as extended attributes: on the host each file
# is as the package says. With no denial.

# shellcheck source=tests/e2e/machine/guest-system.sh
. "$e2e/guest-system.sh"

system=$shares/system
for program in dpkg dpkg-deb dpkg-split dpkg-query rm mkdir tar diff ldconfig start-stop-daemon setcap getcap; do
	programs+=("$(command -v $program)")
done
guest_system "$system" "${programs[@]}"
mkdir -p "$system/var/lib/dpkg"/{info,updates,triggers} "$system/usr/share/dpkg" "$system/var/log"
: > "$system/var/lib/dpkg/status"
: > "$system/var/lib/dpkg/available"
cp -a /usr/share/dpkg "$system/usr/share/"

package=$shares/package
build_package() { # VERSION
	rm -rf "$package"
	mkdir -p "$package/DEBIAN" "$package/opt/e2e/bin" "$package/opt/e2e/group" "$package/etc"
	cat > "$package/DEBIAN/control" <<-C
	Package: e2e
	Version: $1
	Architecture: all
	Maintainer: e2e <e2e@localhost>
	Description: files of every kind
	C
	printf '#!/bin/sh\nset -e\nsetcap cap_net_raw+ep /opt/e2e/bin/capable\n' > "$package/DEBIAN/postinst"
	chmod 755 "$package/DEBIAN/postinst"
	echo /etc/e2e.conf > "$package/DEBIAN/conffiles"
	echo "version $1" > "$package/etc/e2e.conf"
	cp "$probe" "$package/opt/e2e/bin/capable"
	ln "$package/opt/e2e/bin/capable" "$package/opt/e2e/bin/linked"
	ln -s capable "$package/opt/e2e/bin/soft"
	echo setuid > "$package/opt/e2e/bin/setuid"
	chown 123:456 "$package/opt/e2e/bin/setuid" "$package/opt/e2e/group"
	chmod 4750 "$package/opt/e2e/bin/setuid"
	chmod 2775 "$package/opt/e2e/group"
	dpkg-deb --build "$package" "$system/tmp/e2e-$1.deb" > /dev/null
}
build_package 1
build_package 2
mkdir "$shares/archive"
cp "$probe" "$shares/archive/capable"
chown 12:34 "$shares/archive/capable"
setcap cap_net_bind_service+ep "$shares/archive/capable"
setfattr -n user.e2e -v value "$shares/archive/capable"
tar -C "$shares/archive" --xattrs --xattrs-include='*' --numeric-owner -cf "$system/tmp/archive.tar" capable

start_vm admin guest "xattr=system:$system"
confined admin 1
wait_guest admin
guest_patience=1500
as_packaged() {
	check "owner and mode" test "$(stat -c '%u %g %a' "$system/opt/e2e/bin/setuid")" = '123 456 4750'
	check "directory" test "$(stat -c '%u %g %a' "$system/opt/e2e/group")" = '123 456 2775'
	check "hard link" test "$(stat -c %h "$system/opt/e2e/bin/linked")" = 2
	check "symbolic link" test "$(readlink "$system/opt/e2e/bin/soft")" = capable
	check "file capability" grep -q 'cap_net_raw=ep' <(getcap "$system/opt/e2e/bin/capable")
}
in_guest_system admin system <<'G'
dpkg --unpack /tmp/e2e-1.deb
dpkg --configure e2e
getcap /opt/e2e/bin/capable
G
as_packaged
check "version 1" grep -q 'version 1' "$system/etc/e2e.conf"
in_guest_system admin system <<'G'
dpkg --install --force-confnew /tmp/e2e-2.deb
dpkg --verify e2e
mkdir /opt/archive
tar -C /opt/archive --xattrs --xattrs-include='*' --numeric-owner -xpf /tmp/archive.tar
getcap /opt/archive/capable
G
as_packaged
check "version 2" grep -q 'version 2' "$system/etc/e2e.conf"
check "the archive's capability" grep -q 'cap_net_bind_service=ep' <(getcap "$system/opt/archive/capable")
check "the archive's attribute" grep -q value <(getfattr -n user.e2e "$system/opt/archive/capable" 2>&1)
check "the archive's owner" test "$(stat -c '%u %g' "$system/opt/archive/capable")" = '12 34'
in_guest_system admin system <<'G'
dpkg --purge e2e
G
refuse "files of the package are left" test -e "$system/opt/e2e/bin"
stop_vm admin
