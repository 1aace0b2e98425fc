# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=195
#: spare=1
#: limit=1500
#
# Proves that a real guest can do with a share what it could without us: create,
# write, rename, hard link, symlink, lock, chmod, chown, extended attributes,
# mknod of a FIFO (device nodes are kept from virtiofsd by libvirt's control
# group, see 38), mmap, holes, big directories, a directory mounted
# inside the share on the host, and a read-only share that stays read-only. A
# symlink that points out of the share leads to the guest's own file. Not one
# denial comes of it.

mkdir -p "$shares/rw/inner" "$shares/ro" "$shares/mounted"
echo "read me" > "$shares/ro/file"
ln -s /etc/shadow "$shares/rw/out"
echo "on the inner mount" > "$shares/mounted/file"
mount --bind "$shares/mounted" "$shares/rw/inner"
mkdir "$shares/rw/tmpfs"
mount -t tmpfs tmpfs "$shares/rw/tmpfs"

readonly_element=ro
# The C virtiofsd of Debian 12 has no read-only mode that libvirt 9.0 could ask for.
[ "$RELEASE" != bookworm ] || readonly_element=share
start_vm files guest "xattr=rw:$shares/rw" "$readonly_element=ro:$shares/ro"
confined files 2
wait_guest files
guest_patience=600
guest files <<'G'
cd /mnt/rw
echo one > file
cat file
mv file renamed
ln renamed linked
ln -s renamed soft
[ "$(cat soft)" = one ]
# In this order: changing the owner takes the set-user-id bit away.
chown 123:456 renamed
chmod 4750 renamed
[ "$(stat -c '%a %u %g' linked)" = '4750 123 456' ]
touch -d '2001-02-03 04:05:06' renamed
truncate -s 100000 renamed
dd if=/dev/zero of=big bs=64k count=32 2> /dev/null
sync
mkdir -p a/b/c/d
mv a/b moved
rmdir moved/c/d
# By a name that is gone: linked elsewhere, and only open.
echo three > before
ln before between
rm before
ln between after
[ "$(cat after)" = three ]
exec 3> gone
rm gone
chmod 600 /proc/self/fd/3
chown 123:456 /proc/self/fd/3
echo four >&3
[ "$(stat -L -c '%a %u %g %s' /proc/self/fd/3)" = '600 123 456 5' ]
exec 3>&-
mkfifo fifo
mknod node p
rm node
fsops flock lockfile
fsops fcntl lockfile
fsops setxattr lockfile user.e2e value
[ "$(fsops getxattr lockfile user.e2e)" = value ]
# not every virtiofsd has these two
fsops tmpfile . temporary || true
echo two > other
! fsops exchange other lockfile || [ "$(cat lockfile)" = two ]
fsops mmap mapped "through a mapping"
[ "$(cat mapped)" = "through a mapping" ]
fsops punch holes || true
mkdir lots
for i in $(seq 200); do echo $i > lots/$i; done
[ "$(ls lots | wc -l)" = 200 ]
rm -r lots
df . > /dev/null
G
guest files <<'G'
cd /mnt/rw
cat inner/file
echo answer > inner/answer
echo answer > tmpfs/answer
! cat out
G
guest files <<'G'
cat /mnt/ro/file
G
if [ "$readonly_element" = ro ]; then
	guest files <<-'G'
	! echo no > /mnt/ro/file
	! touch /mnt/ro/new
	! rm /mnt/ro/file
	G
	check "the read-only share is as it was" test "$(ls "$shares/ro")" = file
fi
check "inner mount: written by the guest" grep -q answer "$shares/mounted/answer"
check "inner tmpfs: written by the guest" grep -q answer "$shares/rw/tmpfs/answer"
check "owner as the guest said" test "$(stat -c '%u %g' "$shares/rw/renamed")" = '123 456'
check "hard link" test "$(stat -c %h "$shares/rw/renamed")" = 2
confined files 2
stop_vm files
