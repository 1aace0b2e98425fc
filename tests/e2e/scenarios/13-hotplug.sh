# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=185
#: limit=1500
#
# Proves that a share is attached to a running VM although the definition that
# the helper gets does not have it yet, that the guest uses it, that it is
# detached, and that its rules go: at the next start of a virtiofsd at the
# latest. What was attached before never loses its own rules.

mkdir -p "$shares/one" "$shares/two" "$shares/three"
echo one > "$shares/one/file"
echo two > "$shares/two/file"
start_vm plug guest "share=one:$shares/one"
label=$(fs_label plug)
denied "$label" "$(in_record "$shares/two/file")" read "$shares/two/file"
wait_guest plug

filesystem_xml two "$shares/two" > "$state/two.xml"
virsh attach-device plug "$state/two.xml" --live
confined plug 2
permitted "$label" read "$shares/two/file"
guest plug <<'G'
cat /mnt/one/file
mkdir -p /mnt/two
i=0
until mount -t virtiofs two /mnt/two; do
	i=$((i + 1))
	[ $i -lt 60 ]
	sleep 1
done
cat /mnt/two/file
echo answer > /mnt/two/answer
umount /mnt/two
G
check "the guest wrote into the new share" grep -q answer "$shares/two/answer"

virsh detach-device plug "$state/two.xml" --live
one_left() { [ "$(virtiofsd_pids plug | wc -l)" = "$1" ]; }
before=$(virtiofsd_pids plug | wc -l)
eventually 60 one_left $((before / 2)) || one_left 1 || note "virtiofsd of the detached share: $(virtiofsd_pids plug)"
confined plug 1

filesystem_xml three "$shares/three" > "$state/three.xml"
virsh attach-device plug "$state/three.xml" --live
confined plug 2
permitted "$label" create "$shares/three/new"
denied "$label" "$(in_record "$shares/two/file")" read "$shares/two/file"
permitted "$label" read "$shares/one/file"
guest_do plug 'cat /mnt/one/file'
stop_vm plug
