#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installing keeps what an administrator has edited, switches nothing on, and into a package's tree installs
# everything.
#
# install.sh INSTALL_CONFIGURATION HIDE_LAUNCHER BUILD_ROOT DATADIR SYSCONFDIR APPARMOR_DIR DOCDIR [FILE...]
set -eu

script=$1
hide_launcher=$2
build=$3
datadir=$4
sysconfdir=$5
apparmor_dir=$6
docdir=$7
shift 7
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

# ---- installing switches nothing on, and nothing off ----

# helper NAME TEXT: a program that says it
helper() {
    mkdir -p "$dir/lib"
    printf '#!/bin/sh\necho "%s"\n' "$2" >"$dir/lib/$1"
    chmod +x "$dir/lib/$1"
}
mask=$dir/etc/qemu/mask.json
# hides WANTED: whether the launcher is hidden after an installation; the next step has no mask
hides() {
    "$hide_launcher" "$dir/lib/virt-aa-helper" "$mask" >"$dir/said"
    found=no
    [ ! -e "$mask" ] || found=yes
    [ "$found" = "$1" ] || fail "$step: hidden: $found"
    rm -f "$mask"
}

step="no libvirt"
hides yes
step="libvirt's helper"
helper virt-aa-helper "virt-aa-helper: 12.8.0"
"$hide_launcher" "$dir/lib/virt-aa-helper" "$mask" >"$dir/said"
grep -q "virt-aa-ctl enable" "$dir/said" || fail "$step: it said: $(cat "$dir/said")"
[ "$(stat -c '%a %s' "$mask")" = '644 0' ] || fail "$step: $(stat -c '%a %s' "$mask")"
rm "$mask"
"$hide_launcher" "$dir/lib/virt-aa-helper" "$mask" /lib/virt-aa-switch >"$dir/said"
grep -q ": /lib/virt-aa-switch enable" "$dir/said" || fail "$step: without virt-aa-ctl it said: $(cat "$dir/said")"
step="a description of the administrator's own"
echo own >"$mask"
"$hide_launcher" "$dir/lib/virt-aa-helper" "$mask" >"$dir/said"
[ "$(cat "$mask" "$dir/said")" = own ] || fail "$step: it has '$(cat "$mask")'"
rm "$mask"
step="a package's tree, with libvirt's helper"
DESTDIR=$dir/tree "$hide_launcher" "$dir/lib/virt-aa-helper" "$mask"
[ -z "$(find "$dir/tree" "$mask" 2>/dev/null)" ] || fail "$step: $(find "$dir/tree" "$mask" 2>/dev/null)"
step="our helper"
helper virt-aa-helper "virt-aa-helper 0.1.0 (virt-aa-virtiofs)"
hides no
step="libvirt's helper, put back in the place of ours"
helper virt-aa-helper.libvirt "virt-aa-helper: 12.8.0"
helper virt-aa-helper "virt-aa-helper: 12.8.0"
hides no
echo "ok: nothing is switched on"

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
    "$datadir/qemu/vhost-user/40-virt-aa-virtiofsd.json" "$@"; do
    [ "$(stat -c %a "$dir/tree$file" 2>&1)" = 644 ] || fail "$step: $file: $(stat -c %a "$dir/tree$file" 2>&1)"
done
conf=$dir/tree$sysconfdir/libvirt/virt-aa-virtiofs.conf
cp "$conf" "$dir/conf"
echo edited >"$conf"
install_tree
cmp "$conf" "$dir/conf" || fail "$step: it is not installed anew"
[ -z "$(find "$dir/tree" -name '*.dpkg-*' -o -name '*.sha256' -o -path '*/etc/qemu/*')" ] || fail "$step: more than a package wants"
echo "ok: a package's tree"
