# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: machines=2
#: limit=1500
#
# Proves a live migration between two hosts: on the one that it comes to, the
# VM's virtiofsd is confined before the guest runs there, under rules made
# there; on the one that it leaves, nothing stays; a guest that has a file of
# its share open goes on writing it; and where the share is not allowed on the
# other host, the VM stays where it was, as it was. Then the same way back.
#
# The hosts share no storage: each has a directory of the same name, so that it
# shows which one is written.
#
# Where QEMU cannot migrate a vhost-user-fs device (before 8.2) libvirt refuses,
# without us as well: that is then reported as a skip.

migrate() { # HOST, from the other one
	timeout 600 virsh migrate --live --persistent --undefinesource mover \
		"qemu+tcp://${link_address[$1]}/system" "tcp://${link_address[$1]}"
}

prepare() {
	mkdir -p "$shares/one"
	echo "from $(hostname)" > "$shares/one/file"
	: > "$shares/one/open"
}

peer_begin
prepare
start_vm mover guest "share=one:$shares/one"
wait_guest mover
guest_do mover 'grep e2e-1 /mnt/one/file'
keep_writing mover /mnt/one/open
still_writing "$shares/one/open"

# There the directory is a link to one that is not shared.
peer <<< "ln -s /etc $shares/one"
! migrate 2 > "$state/migrate.out" 2>&1 || fail "migrated to a host that does not allow the share"
cat "$state/migrate.out"
! grep -qiE 'non-migratable|migration with virtiofs' "$state/migrate.out" ||
	skip "$(grep -m 1 -iE 'migrat' "$state/migrate.out")"
check "the VM still runs here" test "$(state_of mover)" = running
confined mover 1
still_writing "$shares/one/open"
peer <<'P'
refuse "the VM is there" virsh -q domstate mover
journalctl --no-pager -q -o cat --since -120s > "$state/journal"
check "the reason is said" grep -q 'is not shared' "$state/journal"
nothing_of mover
rm "$shares/one"
P

peer <<< "$(declare -f prepare); prepare"
migrate 2
check "the VM has left" test -z "$(virsh -q list --all --name)"
eventually 20 no_virtiofsd mover || fail "virtiofsd outlives the VM that has left"
nothing_of mover
: > "$shares/one/open"
peer <<'P'
check "the VM runs" test "$(state_of mover)" = running
confined mover 1
still_writing "$shares/one/open"
guest mover <<'G'
echo 3 > /proc/sys/vm/drop_caches
grep e2e-2 /mnt/one/file
echo answer > /mnt/one/answer
G
check "the guest writes here" grep -q answer "$shares/one/answer"
echo secret > "$shares/outside"
denied "$(fs_label mover)" "$(in_record "$shares/outside")" read "$shares/outside"
P
refuse "the guest writes to the host that it left" test -s "$shares/one/open"

echo answer > "$shares/one/answer"
peer <<P
$(declare -f migrate)
migrate 1
check "the VM has left" test -z "\$(virsh -q list --all --name)"
eventually 20 no_virtiofsd mover
nothing_of mover
P
check "the VM is back" test "$(state_of mover)" = running
confined mover 1
still_writing "$shares/one/open"
stop_vm mover
nothing_of mover
peer_end
