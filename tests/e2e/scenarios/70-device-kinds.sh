# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=40
#
# Proves that VMs start with the kinds of devices of which libvirt's helper knows
# nothing, that QEMU has in its hands what their XML names, and that nothing of it
# is denied: a ROM file, a directory as a disk, a disk of a storage pool with a
# backing file elsewhere, sound into a file, a vsock, a SCSI device of the host,
# and what <qemu:commandline> names: images with a backing file, in both forms, a
# file of firmware, a character device into a file; and a tap that is attached to
# a VM with and to one without an interface of its own.

works=/srv/e2e-kinds
mkdir -p $works/{roms,fat,pool,templates,sound}
at_end rm -rf $works

# has_open VM PATH: QEMU holds it open, under whatever name
has_open() {
	find "/proc/$(qemu_pid "$1")/fd" -lname "$2" 2> /dev/null | grep -q .
}

starts() { # NAME DEVICES [OPTION...]
	define_vm "$1" devices="$2" "${@:3}"
	run_vm "$1"
	check "$1: QEMU is under its own label" test \
		"$(label_of "$(qemu_pid "$1")")" = "libvirt-$(uuid_of "$1") (enforce)"
}

head -c 4096 /dev/urandom > $works/roms/card.rom
starts rom "<interface type='user'><model type='virtio'/><rom file='$works/roms/card.rom'/></interface>"
stop_vm rom

echo answers > $works/fat/unattend.txt
starts vvfat "<disk type='dir' device='disk'><driver name='qemu' type='fat'/><source dir='$works/fat'/>
	<target dev='vda' bus='virtio'/><readonly/></disk>"
stop_vm vvfat

chown libvirt-qemu $works/sound
starts sound "<sound model='ac97'/><audio id='1' type='file' path='$works/sound/out.wav'/>"
check "QEMU writes the sound" test -e $works/sound/out.wav
stop_vm sound

if command -v qemu-img > /dev/null; then
	qemu-img create -q -f qcow2 $works/templates/base.qcow2 8M
	qemu-img create -q -f qcow2 -F qcow2 -b $works/templates/base.qcow2 $works/pool/vm.qcow2
	virsh -q pool-create-as e2e-kinds dir --target $works/pool
	at_end virsh -q pool-destroy e2e-kinds
	starts volume "<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/>
		<source pool='e2e-kinds' volume='vm.qcow2'/><target dev='vda' bus='virtio'/></disk>"
	check "the volume is open" has_open volume $works/pool/vm.qcow2
	check "its backing file is open" has_open volume $works/templates/base.qcow2
	stop_vm volume

	qemu-img create -q -f vmdk -o subformat=monolithicFlat $works/pool/flat.vmdk 8M
	# libvirt gives QEMU's user the text only
	chown libvirt-qemu $works/pool/flat-flat.vmdk
	starts vmdk "<disk type='file' device='disk'><driver name='qemu' type='vmdk'/>
		<source file='$works/pool/flat.vmdk'/><target dev='vda' bus='virtio'/></disk>"
	check "the part of the image is open" has_open vmdk $works/pool/flat-flat.vmdk
	stop_vm vmdk

	# libvirt looks after the owner of none of these
	mkdir $works/words
	qemu-img create -q -f qcow2 $works/words/below.qcow2 8M
	qemu-img create -q -f qcow2 -F qcow2 -b below.qcow2 "$works/words/a,drive.qcow2"
	qemu-img create -q -f raw $works/words/node.raw 1M
	echo firmware > $works/words/config
	chown -R libvirt-qemu $works/words
	starts words '' commandline=-drive \
		"commandline=file=$works/words/a,,drive.qcow2,if=none,id=e2e-drive,format=qcow2" \
		commandline=-blockdev \
		"commandline={\"driver\":\"raw\",\"node-name\":\"e2e-node\",\"file\":{\"driver\":\"file\",\"filename\":\"$works/words/node.raw\"}}" \
		commandline=-fw_cfg "commandline=name=opt/org.e2e,file=$works/words/config" \
		commandline=-chardev "commandline=file,id=e2e-chardev,path=$works/words/out"
	check "the drive's image is open" has_open words "$works/words/a,drive.qcow2"
	check "what lies below it is open" has_open words $works/words/below.qcow2
	check "the node's file is open" has_open words $works/words/node.raw
	check "the character device's file is open" has_open words $works/words/out
	stop_vm words
else
	note "no qemu-img: no volume and no VMDK image"
fi

if modprobe vhost_vsock 2> /dev/null; then
	starts vsock "<vsock model='virtio'><cid auto='yes'/></vsock>"
	check "the vsock's device is open" has_open vsock /dev/vhost-vsock
	stop_vm vsock
else
	note "no vhost_vsock in this kernel"
fi

if modprobe -a sg scsi_debug 2> /dev/null && eventually 20 test -e /dev/sg0; then
	at_end rmmod scsi_debug
	adapter=$(basename /sys/bus/pseudo/drivers/scsi_debug/adapter0/host*)
	starts scsi "<controller type='scsi' model='virtio-scsi'/>
		<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_$adapter'/>
		<address bus='0' target='0' unit='0'/></source></hostdev>"
	check "the SCSI device is open" has_open scsi '/dev/sg*'
	stop_vm scsi
else
	note "no scsi_debug in this kernel"
fi

nic="<interface type='ethernet'><model type='virtio'/></interface>"
echo "$nic" > "$state/nic.xml"
for own in '' "$nic"; do
	starts tap "$own"
	virsh -q attach-device tap "$state/nic.xml" --live
	check "the tap's device is open" has_open tap /dev/net/tun
	stop_vm tap
done
