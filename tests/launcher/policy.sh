#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The policy compiles: the profile of the launcher as it is installed, and that of a VM's virtiofsd as
# virt-aa-helper makes it from the template, for kernels with and without mediation of unix sockets.
#
# policy.sh PARSER APPARMOR_DIR SOURCE_DIR LAUNCHER_PROFILE
set -eu

parser=$1
base=$2
source=$3
profile=$4

if [ ! -x "$parser" ] || [ ! -e "$base/abi/3.0" ]; then
    echo "apparmor_parser and its policy directory are not here" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/abstractions" "$dir/features"
cp "$source/apparmor.d/abstractions/libvirt-virtiofsd" "$dir/abstractions"

vm=libvirt-01234567-89ab-cdef-0123-456789abcdef
sed -e "s/LIBVIRT_TEMPLATE/$vm-virtiofsd/" \
    -e "/include <abstractions/a\\
  \"/srv/a share/\" r,\\
  \"/srv/a share/**\" rwlk,\\
  unix (send, receive) type=stream peer=(label=$vm)," \
    "$source/apparmor.d/libvirt/TEMPLATE.virtiofsd" >"$dir/$vm-virtiofsd"
grep -q '/srv/a share/' "$dir/$vm-virtiofsd"
cp "$profile" "$dir/launcher"

# unix sockets mediated in detail; as a network family only; network not at all
cp "$base/abi/3.0" "$dir/features/unix"
cp "$base/abi/kernel-5.4-vanilla" "$dir/features/none"
[ ! -e /usr/share/apparmor-features/features ] ||
    cp /usr/share/apparmor-features/features "$dir/features/family"

for features in "$dir"/features/*; do
    for policy in "$dir/$vm-virtiofsd" "$dir/launcher"; do
        "$parser" --config-file /dev/null -q -Q -K \
            -I "$dir" --base "$base" -M "$features" "$policy" || {
            echo "FAIL: ${policy##*/} for a kernel with ${features##*/}" >&2
            exit 1
        }
        echo "ok: ${policy##*/} for a kernel with ${features##*/}"
    done
done

# What the launcher may change to, and what its name must be for libvirtd to signal it.
names=$("$parser" --config-file /dev/null -K -I "$dir" --base "$base" -N "$dir/launcher" 2>/dev/null)
case $names in
libvirt-*) echo "ok: $names is one of libvirt-*" ;;
*) echo "FAIL: libvirtd may not signal $names" >&2; exit 1 ;;
esac
