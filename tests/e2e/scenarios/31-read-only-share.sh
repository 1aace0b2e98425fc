# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=135
#: limit=1200
#
# Proves that nothing under the label writes to a share that the definition
# makes read-only, even where a writable share of the same VM is beside it, and
# that a descriptor opened for reading cannot be opened again for writing. And
# that a VM with nothing but read-only shares, whose profile has fewer
# capabilities, reads all of them, whoever owns the files.
#
# libvirt before 11.0 refuses such a definition, and says so: a skip.

mkdir -p "$shares/ro" "$shares/rw"
echo file > "$shares/ro/file"
echo file > "$shares/rw/file"
if ! start_vm readonly "ro=ro:$shares/ro" "share=rw:$shares/rw" > "$state/readonly.out" 2>&1; then
	cat "$state/readonly.out"
	! grep -q 'virtiofs does not yet support read-only mode' "$state/readonly.out" ||
		skip "$(grep -m 1 'read-only mode' "$state/readonly.out")"
	fail "$(grep -m 1 . "$state/readonly.out")"
fi
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

mkdir -p "$shares/ro/closed"
echo theirs > "$shares/ro/closed/file"
chmod 000 "$shares/ro/closed/file"
chown -R alice "$shares/ro/closed"
chmod 700 "$shares/ro/closed"
start_vm reader guest "ro=ro:$shares/ro"
confined reader 1
label=$(fs_label reader)
for capability in chown fsetid mknod setfcap; do
	refuse "capability $capability" grep -q "capability $capability," "$policy/${label%-virtiofsd}.virtiofsd"
done
wait_guest reader
guest reader <<'G'
cd /mnt/ro
ls -lR .
cat file closed/file
df .
! touch new
! chown 1 file
! sh -c 'echo more >> file'
G
stop_vm reader
