#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installing keeps what an administrator has edited, and into a package's tree installs everything.
#
# install.sh INSTALL_CONFIGURATION BUILD_ROOT DATADIR SYSCONFDIR APPARMOR_DIR DOCDIR
set -eu

script=$1
build=$2
datadir=$3
sysconfdir=$4
apparmor_dir=$5
docdir=$6
unset DESTDIR
umask 077
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# has FILE TEXT: what is in the file, or nothing where there must be none
has() {
    found=$(cat "$dir/etc/$1" 2>/dev/null || true)
    [ "$found" = "$2" ] || fail "$step: $1 has '$found', not '$2'"
}

# release TEXT: installs a release whose two files have this text
release() {
    for name in one two; do
        echo "$1" >"$dir/new/$name"
    done
    "$script" "$dir/share/record" "$dir/new/one" "$dir/etc/a" "$dir/new/two" "$dir/etc/b c" >"$dir/said"
}

mkdir "$dir/new"
step="first installation"
release 1
has a/one 1
has "b c/two" 1
[ "$(stat -c %a "$dir/etc/a" "$dir/etc/a/one" "$dir/share/record" | tr '\n' ' ')" = '755 644 644 ' ] ||
    fail "$step: modes"

step="what was not edited is replaced"
release 2
has a/one 2
has a/one.dpkg-dist ''
[ ! -s "$dir/said" ] || fail "$step: it said: $(cat "$dir/said")"

step="what was edited stays"
echo mine >"$dir/etc/a/one"
release 3
has a/one mine
has a/one.dpkg-dist 3
has "b c/two" 3
grep -q "etc/a/one was edited" "$dir/said" || fail "$step: nothing was said"

step="and stays"
release 4
has a/one mine
has a/one.dpkg-dist 4

step="the new version was taken"
mv "$dir/etc/a/one.dpkg-dist" "$dir/etc/a/one"
release 5
has a/one 5
has a/one.dpkg-dist ''

step="an edit taken back by hand"
echo 6 >"$dir/etc/a/one"
release 6
has a/one 6
has a/one.dpkg-dist ''

step="a link"
rm "$dir/etc/a/one"
ln -s ../../elsewhere "$dir/etc/a/one"
release 7
[ -L "$dir/etc/a/one" ] || fail "$step: it was replaced"
has a/one.dpkg-dist 7

step="a file that was removed"
rm "$dir/etc/a/one" "$dir/etc/a/one.dpkg-dist"
release 8
has a/one 8

step="no record of what was installed"
rm "$dir/share/record"
release 9
has a/one 8
has a/one.dpkg-dist 9

# Before meson does it with this machine's own directories.
step="a tree of its own"
DESTDIR=$dir/tree "$script" "$dir/share/tree-record" "$dir/new/one" "$dir/etc/a"
has a/one 8
[ "$(cat "$dir/tree$dir/etc/a/one")" = 9 ] || fail "$step: $(find "$dir/tree")"
[ ! -e "$dir/share/tree-record" ] || fail "$step: a record was written"

step="nothing half done"
[ -z "$(find "$dir" -name '*.dpkg-new')" ] || fail "$step: $(find "$dir" -name '*.dpkg-new')"
rm -r "$dir/tree"
echo "ok: edits are kept"

if ! command -v meson >/dev/null; then
    echo "SKIP: the rest needs a command called meson" >&2
    exit 0
fi
# "ninja uninstall" goes by the log of the last installation, which this is not.
log=$build/meson-logs/install-log.txt
install_tree() {
    mv "$log" "$dir/log" 2>/dev/null || true
    status=0
    DESTDIR=$dir/tree meson install -C "$build" --no-rebuild >"$dir/said" 2>&1 || status=$?
    rm -f "$log"
    mv "$dir/log" "$log" 2>/dev/null || true
    [ "$status" = 0 ] || fail "$step: $(cat "$dir/said")"
}
step="a package's tree"
install_tree
for file in "$sysconfdir/libvirt/virt-aa-virtiofs.conf" "$apparmor_dir/virt-aa-virtiofsd" \
    "$apparmor_dir/libvirt/TEMPLATE.virtiofsd" "$apparmor_dir/abstractions/libvirt-virtiofsd" \
    "$apparmor_dir/abstractions/virt-aa-helper-virtiofs" "$docdir/NEWS" "$docdir/COPYING" \
    "$datadir/qemu/vhost-user/40-virt-aa-virtiofsd.json"; do
    [ "$(stat -c %a "$dir/tree$file" 2>&1)" = 644 ] || fail "$step: $file: $(stat -c %a "$dir/tree$file" 2>&1)"
done
conf=$dir/tree$sysconfdir/libvirt/virt-aa-virtiofs.conf
cp "$conf" "$dir/conf"
echo edited >"$conf"
install_tree
cmp "$conf" "$dir/conf" || fail "$step: it is not installed anew"
[ -z "$(find "$dir/tree" -name '*.dpkg-*' -o -name '*.sha256')" ] || fail "$step: more than a package wants"
echo "ok: a package's tree"
