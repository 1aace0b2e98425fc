# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=20
#
# Proves that a share has no way out: symbolic links, hard links, renames,
# descriptors from outside its chroot, a second chroot, and file handles, which
# need no path.

mkdir -p "$shares/one" "$shares/two"
echo secret > "$shares/two/file"
echo mine > "$shares/one/file"
ln -s /etc/shadow "$shares/one/shadow"
ln -s ../two "$shares/one/neighbour"
start_vm links "share=one:$shares/one"
confined links 1
label=$(fs_label links)

note "symbolic links"
denied "$label" "$(in_record /etc/shadow)" read "$shares/one/shadow"
denied "$label" "$(in_record "$shares/two/file")" read "$shares/one/neighbour/file"
denied "$label" "$(in_record "$shares/two/new")" create "$shares/one/neighbour/new"

note "hard links and renames"
permitted "$label" link "$shares/one/file" "$shares/one/linked"
denied "$label" 'operation="link"' link "$shares/two/file" "$shares/one/stolen"
denied "$label" 'operation="link"' link "$shares/one/file" "$shares/two/planted"
denied "$label" 'operation="rename_(src|dest)"' rename "$shares/two/file" "$shares/one/stolen"
denied "$label" 'operation="rename_(src|dest)"' rename "$shares/one/file" "$shares/two/planted"

note "out of the chroot"
permitted "$label" escape "$shares/one" "${shares#/}/one/file"
denied "$label" "$(in_record /etc/shadow)" escape "$shares/one" etc/shadow
denied "$label" "$(in_record "$shares/two/file")" escape "$shares/one" "${shares#/}/two/file"
denied "$label" "$(in_record /etc/shadow)" climb "$shares/one" etc/shadow

note "file handles"
permitted "$label" handle "$shares/one/file" "$shares/one"
denied "$label" 'operation="open"' handle /etc/shadow "$shares/one"
denied "$label" 'operation="open"' handle "$shares/two/file" "$shares/one"
denied "$label" 'operation="open"' chroot-handle /etc/shadow "$shares/one"
# Not in the directory cache, so that the kernel has only the inode.
echo 2 > /proc/sys/vm/drop_caches
denied "$label" 'operation="open"' handle /etc/gshadow "$shares/one"
stop_vm links
