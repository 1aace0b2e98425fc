# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=25
#
# Proves that nothing under the label writes to a share that the definition
# makes read-only, even where a writable share of the same VM encloses or
# neighbours it, and that a descriptor opened for reading cannot be opened
# again for writing.

[ "$RELEASE" != bookworm ] || skip "libvirt 9.0 refuses <readonly/> for virtiofs"
mkdir -p "$shares/ro" "$shares/rw"
echo file > "$shares/ro/file"
echo file > "$shares/rw/file"
start_vm readonly "ro=ro:$shares/ro" "share=rw:$shares/rw"
confined readonly 2
label=$(fs_label readonly)
permitted "$label" read "$shares/ro/file"
permitted "$label" list "$shares/ro"
permitted "$label" write "$shares/rw/file"
denied "$label" "$(in_record "$shares/ro/file")" write "$shares/ro/file"
denied "$label" "$(in_record "$shares/ro/new")" create "$shares/ro/new"
denied "$label" "$(in_record "$shares/ro/dir/")" mkdir "$shares/ro/dir"
denied "$label" "$(in_record "$shares/ro/file")" unlink "$shares/ro/file"
denied "$label" "$(in_record "$shares/ro/file")" chmod "$shares/ro/file"
denied "$label" "$(in_record "$shares/ro/file")" chown "$shares/ro/file"
denied "$label" "$(in_record "$shares/ro/file")" truncate "$shares/ro/file"
denied "$label" "$shares/ro/file" rename "$shares/ro/file" "$shares/rw/moved"
denied "$label" 'operation="link"' link "$shares/ro/file" "$shares/ro/linked"
denied "$label" 'operation="link"' link "$shares/ro/file" "$shares/rw/linked"
denied "$label" "$(in_record "$shares/ro/soft")" symlink /etc/passwd "$shares/ro/soft"
denied "$label" "$(in_record "$shares/ro/file")" reopen "$shares/ro/file"
check "the share is as it was" test "$(ls "$shares/ro")" = file
stop_vm readonly
