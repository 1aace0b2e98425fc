# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the scenarios are written with. Sourced by the runner; a scenario is
# sourced after it, in a shell of its own with "set -euo pipefail".

readonly e2e=/opt/e2e
readonly shares=/srv/e2e      # the shared directories; emptied before each scenario
readonly vmdir=/var/lib/e2e   # the VMs' consoles, sockets and disks
readonly state=/run/e2e       # the runner's own
readonly probe=$e2e/probe
readonly libexec=/usr/lib/libvirt
readonly policy=/etc/apparmor.d/libvirt
readonly records=/run/virt-aa-virtiofs
readonly conf=/etc/libvirt/virt-aa-virtiofs.conf
readonly loaded=/sys/kernel/security/apparmor/profiles

export LIBVIRT_DEFAULT_URI=qemu:///system

# --- results ---------------------------------------------------------------

note() {
	printf '%4d s  %s\n' $SECONDS "$*"
}

fail() {
	echo "FAIL: $*"
	echo "$*" > "$state/reason"
	exit 1
}

skip() {
	echo "skip: $*"
	echo "$*" > "$state/reason"
	exit 77
}

# Passes where the command succeeds.
check() { # WHAT COMMAND...
	local what=$1
	shift
	note "check: $what"
	"$@" || fail "$what"
}

# Passes where the command fails.
refuse() { # WHAT COMMAND...
	local what=$1
	shift
	note "refuse: $what"
	! "$@" || fail "$what"
}

# What the scenario changed of the machine is put back when it ends, however it
# ends; the last change first.
at_end() { # COMMAND...
	ending="$(printf '%q ' "$@") 2> /dev/null || true"$'\n'${ending:-}
	# shellcheck disable=SC2064
	trap "$ending" EXIT
}

# Try a command again until it succeeds.
eventually() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.5
	done
}

# --- the kernel's log ------------------------------------------------------

# Everything that the kernel logged before is in the follower's file when this
# returns: the mark goes the way that AppArmor's records go. Sets $mark_line.
mark() {
	local word
	word=e2e-mark-$BASHPID-$RANDOM-$SECONDS
	auditctl -m "$word" > /dev/null
	eventually 20 grep -q "$word" "$state/klog" || fail "the kernel's log does not arrive"
	mark_line=$(grep -n "$word" "$state/klog" | tail -n 1 | cut -d : -f 1)
}

# All AppArmor records since the scenario's start (or since line $1).
records_since() {
	mark
	tail -n "+${1:-$scenario_line}" "$state/klog" | grep -E 'apparmor="(DENIED|ALLOWED|ERROR)"' || true
}

# Those of profiles that are ours to answer for.
our_records() {
	records_since "$@" | grep -E \
		'profile="(libvirt-[^"]*|virt-aa-[^"]*|[^"]*/virt-aa-[^"]*)"' || true
}

# A scenario says beforehand which records it will cause; every other record of
# ours fails it.
expect_denial() { # EXTENDED-REGEX
	echo "$1" >> "$state/expected"
}

unexpected_records() {
	if [ -s "$state/expected" ]; then
		our_records | grep -vE -f "$state/expected" || true
	else
		our_records
	fi
}

# The action of the probe is refused, and the log says so. The pattern is
# looked for in the records of that label since the attempt.
denied() { # LABEL PATTERN ACTION [ARGUMENT...]
	local label=$1 pattern=$2 status=0 line
	shift 2
	expect_denial "profile=\"$label\".*comm=\"probe\""
	# The other side's profile may say no as well.
	expect_denial "comm=\"probe\".*peer=\"$label\""
	mark
	line=$mark_line
	"$probe" try "$label" "$@" || status=$?
	[ $status -ne 0 ] || fail "$*: not refused under $label"
	[ $status -eq 1 ] || fail "$*: failed, but not for want of a permission"
	# The kernel logs the want of one capability once and is then silent for a
	# while: an earlier record of the scenario counts for those.
	[[ $pattern != *cap* ]] || line=$scenario_line
	records_since "$line" | grep -F "profile=\"$label\"" | grep -qE "$pattern" || {
		records_since "$line"
		fail "$*: refused, but no record has $pattern"
	}
}

# The counterpart, so that a denial proves something.
permitted() { # LABEL ACTION [ARGUMENT...]
	local label=$1
	shift
	"$probe" try "$label" "$@" || fail "$*: not possible under $label"
}

# A file name as it stands in a record.
in_record() { # PATH
	if [[ $1 =~ [^!#-~] ]]; then
		printf 'name=%s' "$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)"
	else
		printf 'name="%s"' "$1"
	fi
}

# --- VMs -------------------------------------------------------------------

# The same name always has the same UUID.
uuid_of() { # NAME
	local hash
	hash=$(printf '%s' "$1" | md5sum | cut -c 1-32)
	echo "${hash:0:8}-${hash:8:4}-4${hash:13:3}-8${hash:17:3}-${hash:20:12}"
}

fs_label() { # NAME
	echo "libvirt-$(uuid_of "$1")-virtiofsd"
}

filesystem_xml() { # TAG DIR [INNER-XML]
	local attributes="type='mount' accessmode='passthrough'" inner=${3:-} dir=$2
	dir=${dir//&/&amp;}
	dir=${dir//</&lt;}
	dir=${dir//\'/&apos;}
	cat <<-XML
	    <filesystem $attributes>
	      <driver type='virtiofs'/>
	      <source dir='$dir'/>
	      <target dir='$1'/>
	      $inner
	    </filesystem>
	XML
}

# The definition of a VM, on standard output.
#   share=TAG:DIR     a share; may be repeated; shareNAME=… below for its XML
#   ro=TAG:DIR        a share with <readonly/>
#   guest             boots the nested guest, which mounts the shares
#   memory=KIND       memfd (default), file or hugepages
#   firmware=KIND     <os firmware=…>: libvirt chooses the files
#   seclabel=XML      a <seclabel> element
#   devices=XML       more devices
#   commandline=ARG   an argument of <qemu:commandline>, without ' < and &; may be repeated
vm_xml() { # NAME [OPTION...]
	local name=$1 option guest=no memory=memfd seclabel='' devices='' fs='' arguments='' tags='' boot='' firmware='' i
	local backing="<source type='memfd'/>" ports=''
	shift
	for option; do
		case $option in
		share=* | ro=* | xattr=*)
			local value=${option#*=} inner=''
			case $option in
			ro=*) inner='<readonly/>' ;;
			xattr=*) inner="<binary xattr='on'/>" ;;
			esac
			fs+=$(filesystem_xml "${value%%:*}" "${value#*:}" "$inner")
			tags+=${tags:+,}${value%%:*}
			;;
		guest) guest=yes ;;
		memory=*) memory=${option#*=} ;;
		firmware=*) firmware="firmware='${option#*=}'" ;;
		seclabel=*) seclabel=${option#*=} ;;
		devices=*) devices+=${option#*=} ;;
		commandline=*) arguments+="<qemu:arg value='${option#*=}'/>" ;;
		*) fail "vm_xml: $option" ;;
		esac
	done
	case $memory in
	memfd) ;;
	file) backing="<source type='file'/>" ;;
	hugepages) backing='<hugepages/>' ;;
	esac
	if [ $guest = yes ]; then
		boot="<kernel>$e2e/guest/vmlinuz</kernel><initrd>$e2e/guest/initramfs</initrd>
		<cmdline>console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr tsc=reliable nosoftlockup no_timer_check cryptomgr.notests e2e.tags=$tags</cmdline>"
		devices+="
		<serial type='file'><source path='$vmdir/$name.console'/><target port='0'/></serial>
		<serial type='unix'><source mode='bind' path='$vmdir/$name.sock'/><target port='1'/></serial>"
	fi
	[ -z "$arguments" ] || arguments="<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
		$arguments</qemu:commandline>"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		ports+="<controller type='pci' index='$i' model='pcie-root-port'/>"
	done
	cat <<-XML
	<domain type='qemu'>
	  <name>$name</name>
	  <uuid>$(uuid_of "$name")</uuid>
	  <memory unit='MiB'>$([ $guest = yes ] && echo 192 || echo 32)</memory>
	  <memoryBacking>$backing<access mode='shared'/></memoryBacking>
	  <vcpu>1</vcpu>
	  <os $firmware><type arch='x86_64' machine='q35'>hvm</type>$boot</os>
	  <features><acpi/></features>
	  <clock offset='utc'/>
	  <on_poweroff>destroy</on_poweroff>
	  <on_reboot>destroy</on_reboot>
	  <on_crash>destroy</on_crash>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <controller type='pci' index='0' model='pcie-root'/>$ports
	    <controller type='usb' model='none'/>
	    <memballoon model='none'/>
	$fs
	$devices
	  </devices>
	$seclabel
	$arguments
	</domain>
	XML
}

define_vm() { # NAME [OPTION...]
	vm_xml "$@" > "$state/$1.xml"
	virsh -q define "$state/$1.xml"
}

# Defines and starts; without "guest" the VM stays paused before its firmware.
start_vm() { # NAME [OPTION...]
	define_vm "$@"
	run_vm "$1"
}

run_vm() { # NAME
	if grep -q '<kernel>' "$state/$1.xml"; then
		virsh -q start "$1"
	else
		virsh -q start --paused "$1"
	fi
}

# The VM does not start, and nothing of it is left behind. What virsh said is
# in $state/start.out.
denied_start() { # NAME
	! run_vm "$1" > "$state/start.out" 2>&1 || fail "$1 starts"
	cat "$state/start.out"
	check "$1 is off" test "$(state_of "$1")" = 'shut off'
	nothing_of "$1"
}

# What libvirt lets go of is gone. When a start fails at virtiofsd, libvirt 9 to
# 12 leave QEMU's profile loaded and do not call the helper again, without us as
# well: then virtiofsd's policy stays beside it, until the VM's next start and
# stop. No process is under it.
nothing_of() { # NAME
	local uuid
	uuid=$(uuid_of "$1")
	eventually 20 no_virtiofsd "$1" || fail "$1: a virtiofsd is left"
	if profile_loaded "libvirt-$uuid"; then
		note "$1: libvirt left QEMU's profile loaded"
		return
	fi
	refuse "$1: virtiofsd's profile is left in the kernel" profile_loaded "libvirt-$uuid-virtiofsd"
	refuse "$1: a record is left" grep -rqs "$uuid" "$records"
}

stop_vm() { # NAME
	virsh -q destroy "$1"
	eventually 20 no_virtiofsd "$1" || fail "$1: its virtiofsd outlives it"
}

no_virtiofsd() { # NAME
	[ -z "$(virtiofsd_pids "$1")" ]
}

state_of() { # NAME
	virsh domstate "$1" 2> /dev/null | head -n 1
}

is_off() { # NAME
	[ "$(state_of "$1")" = 'shut off' ]
}

qemu_pid() { # NAME
	cat "/run/libvirt/qemu/$1.pid"
}

# Every process that serves a share of the VM: those whose pid libvirt wrote
# down, and their children.
virtiofsd_pids() { # NAME
	local file pid child
	for file in /run/libvirt/qemu/*-"$1"-fs*.pid; do
		[ -e "$file" ] || continue
		pid=$(cat "$file")
		[ -d "/proc/$pid" ] || continue
		echo "$pid"
		for child in $(pgrep -P "$pid" || true); do
			echo "$child"
		done
	done
}

label_of() { # PID
	cat "/proc/$1/attr/current"
}

# All of the VM's virtiofsd carry its label, as many as there should be.
confined() { # NAME COUNT [MODE]
	local name=$1 mode=${3:-enforce} pid pids label
	pids=$(virtiofsd_pids "$name")
	# shellcheck disable=SC2086
	[ "$(echo $pids | wc -w)" -ge "$2" ] || fail "$name: $2 virtiofsd expected, there is: ${pids:-none}"
	for pid in $pids; do
		label=$(label_of "$pid")
		[ "$label" = "$(fs_label "$name") ($mode)" ] ||
			fail "$name: virtiofsd $pid has the label '$label'"
		[ "$(basename "$(readlink "/proc/$pid/exe")")" = virtiofsd ] ||
			fail "$name: process $pid is not virtiofsd: $(readlink "/proc/$pid/exe")"
	done
	note "$name: confined: $(echo "$pids" | tr '\n' ' ')"
}

# The VM's virtiofsd run as libvirt alone would have started them: no label of
# ours, no sandbox but libvirt's choice.
untouched() { # NAME COUNT
	local name=$1 pid pids label arguments
	pids=$(virtiofsd_pids "$name")
	# shellcheck disable=SC2086
	[ "$(echo $pids | wc -w)" -ge "$2" ] || fail "$name: $2 virtiofsd expected, there is: ${pids:-none}"
	for pid in $pids; do
		label=$(label_of "$pid")
		arguments=$(tr '\0' ' ' < "/proc/$pid/cmdline")
		note "virtiofsd $pid: $label: $arguments"
		case $label in
		libvirt-*-virtiofsd* | virt-aa-*) fail "$name: virtiofsd $pid has the label '$label'" ;;
		esac
		case $arguments in
		*chroot*) fail "$name: virtiofsd $pid has other arguments than libvirt's: $arguments" ;;
		esac
	done
}

profile_loaded() { # NAME
	grep -qF "$1 (" "$loaded"
}

# The log of the VM's virtiofsd and of its QEMU, for messages.
vm_logs() { # NAME
	cat /var/log/libvirt/qemu/"$1"*.log 2> /dev/null || true
}

# --- nested guests ---------------------------------------------------------

# A kernel that panics before it is up is the emulator's doing (an emulated
# processor in an emulated one; seen once, on Debian 12): such a VM is started
# again.
wait_guest() { # NAME
	local tries
	for tries in 1 2 3; do
		note "waiting for the guest of $1"
		! "$e2e/guestctl" wait "$vmdir/$1.sock" 600 || break
		tail -n 20 "$vmdir/$1.console"
		if [ $tries -eq 3 ] || ! grep -q 'Kernel panic' "$vmdir/$1.console"; then
			fail "$1: the guest did not come up"
		fi
		eventually 20 is_off "$1" || fail "$1: the guest panicked and is still there"
		run_vm "$1"
	done
	! grep -q '^e2e: mounting' "$vmdir/$1.console" || fail "$1: the guest could not mount a share"
}

# Run the script on standard input in the guest, as "sh -ex".
guest() { # NAME
	{ echo 'set -ex'; cat; } | "$e2e/guestctl" run "$vmdir/$1.sock" "${guest_patience:-300}"
}

# The guest opens the file and goes on writing to it.
keep_writing() { # NAME FILE-IN-THE-GUEST
	guest "$1" <<- G
		(
			exec 5>> $2
			while sleep 1; do
				echo tick >&5
			done
		) > /dev/null 2>&1 < /dev/null &
	G
}

# It still does, as the host sees it.
still_writing() { # FILE
	: > "$1"
	eventually 60 grep -q tick "$1" || fail "the guest no longer writes to its open file"
}

# One command in the guest.
guest_do() { # NAME COMMAND
	guest "$1" <<< "$2"
}

# --- the second host -------------------------------------------------------

# Scenarios with "#: machines=2" run on the first of two machines that have a
# network between them; each is a host of its own, with nothing shared.
# shellcheck disable=SC2034
readonly link_address=('' 10.55.0.1 10.55.0.2) # by a host's number
readonly peer_port=7777 peer_end_of_script='-- end of the script'

# Runs the script on standard input on the second host, as a scenario is run
# here: with these functions, and ended by the first command that fails. Prints
# its output and takes over its status.
peer() {
	local line fd
	eventually 180 peer_answers || fail "the second host does not answer"
	exec {fd}<> "/dev/tcp/${link_address[2]}/$peer_port"
	{ cat; echo "$peer_end_of_script"; } >&"$fd"
	while IFS= read -r line <&"$fd"; do
		case $line in
		"$peer_end_of_script "*)
			exec {fd}>&-
			return "${line##* }"
			;;
		*) printf '2| %s\n' "$line" ;;
		esac
	done
	fail "the second host hung up"
}

peer_answers() {
	local fd
	{ exec {fd}<> "/dev/tcp/${link_address[2]}/$peer_port"; } 2> /dev/null || return 1
	echo "$peer_end_of_script" >&"$fd"
	IFS= read -r _ <&"$fd"
	exec {fd}>&-
}

# What the runner does around a scenario, on the second host.
peer_begin() {
	peer <<- 'PEER'
		rm -f "$state/expected"
		clean_up
		mark
		echo "$mark_line" > "$state/scenario-line"
	PEER
}

peer_end() {
	peer <<- 'PEER'
		bad=$(unexpected_records)
		echo "$bad"
		check "the second host has no unexpected records" test -z "$bad"
		clean_up
		eventually 10 test -z "$(leftovers)" || left=$(leftovers)
		check "nothing is left on the second host: ${left:-}" test -z "${left:-}"
		sweep
	PEER
}

# --- configuration ---------------------------------------------------------

# The administrator's file says this, until the scenario's end.
with_conf() { # TEXT
	[ -e "$state/conf.saved" ] || cp -p "$conf" "$state/conf.saved"
	printf '%s\n' "$1" > "$conf"
}

# So does libvirtd's profile, once it is told: these programs are run by libvirtd
# itself.
with_unconfined() { # PATH
	with_conf "[virtiofsd]
allow-unconfined = $1"
	at_end without_unconfined
	virt-aa-ctl update > /dev/null
}

without_unconfined() {
	cp -p "$state/conf.saved" "$conf"
	virt-aa-ctl update > /dev/null
}

# The virtiofsd of the distribution.
distribution_virtiofsd() {
	if [ -x /usr/libexec/virtiofsd ]; then
		echo /usr/libexec/virtiofsd
	else
		echo /usr/lib/qemu/virtiofsd
	fi
}

# --- around each scenario --------------------------------------------------

clean_up() {
	local name dir
	[ ! -e "$state/conf.saved" ] || mv "$state/conf.saved" "$conf"
	for name in $(virsh list --name --all 2> /dev/null); do
		virsh -q destroy "$name" > /dev/null 2>&1 || true
		virsh -q managedsave-remove "$name" > /dev/null 2>&1 || true
		virsh -q undefine "$name" > /dev/null 2>&1 || true
	done
	while read -r dir; do
		umount -l "$dir"
	done < <(awk -v top="$shares/" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort -r)
	rm -rf --one-file-system "$shares" "$vmdir" /etc/e2e-shared
	rm -f /var/log/libvirt/qemu/*.log
	mkdir -p "$shares" "$vmdir"
	chown libvirt-qemu "$vmdir" 2> /dev/null || true
}

# With no VM there is nothing of ours but what was installed: see nothing_of.
leftovers() {
	local name
	{ pgrep -l -x virtiofsd; pgrep -l qemu-system; } | sed 's/^/process: /' || true
	[ "$PROJECT" = yes ] || return 0
	grep -oE '^libvirt-[0-9a-f-]{36}-virtiofsd' "$loaded" | while read -r name; do
		profile_loaded "${name%-virtiofsd}" || echo "loaded: $name"
	done
	# libvirt lets files lie for the next start, and takes them when the VM is
	# undefined or not at all, by its version: ours go with QEMU's.
	find "$policy" -name 'libvirt-*virtiofsd' -printf '%f\n' | while read -r name; do
		[ -e "$policy/${name:0:44}" ] || echo "file: $name"
	done
	grep -rhosE 'libvirt-[0-9a-f-]{36}' "$records" | sort -u | while read -r name; do
		profile_loaded "$name" || echo "record: $name"
	done
}

# So that one scenario's failure is not the next one's.
sweep() {
	local name pid
	for pid in $(pgrep -x virtiofsd; pgrep qemu-system); do
		kill -9 "$pid" || true
	done
	while read -r name; do
		echo -n "$name" > /sys/kernel/security/apparmor/.remove || true
	done < <(sed -nE 's/^(libvirt-[0-9a-f]{8}-[^ /]*) .*/\1/p' "$loaded")
	find "$policy" -name 'libvirt-*-*' -delete
	[ ! -d "$records" ] || find "$records" -type f -delete
}
