# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A virtiofsd that somebody has taken over: tables of what is tried in a thread
# of the running daemon (inject.c), and what of it shows on the host. Sourced by
# the scenarios that attack.
#
# A table is a function of "row"s, with these at hand:
#   $pid $tid   the daemon and its thread
#   $up         the host's root, for calls on $proc_fd
#   $proc_fd    as %proc_fd in statements: the daemon's descriptor on /proc/self/fd, which
#               both daemons keep; for a process without one, of the share's root
# and the victims below. A row's effect on the host fails the scenario, whatever
# the calls said; which layer stood before it is written down.

readonly inject=$e2e/inject
readonly loot=e2e-secret
readonly outside=/etc/e2e-shared # what clean_up removes

# An ELF program that does nothing but wait: pause() in a loop.
tiny_program='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00'
tiny_program+='\x02\x00\x3e\x00\x01\x00\x00\x00\x78\x00\x40\x00\x00\x00\x00\x00'
tiny_program+='\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
tiny_program+='\x00\x00\x00\x00\x40\x00\x38\x00\x01\x00\x00\x00\x00\x00\x00\x00'
tiny_program+='\x01\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
tiny_program+='\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00'
tiny_program+='\x81\x00\x00\x00\x00\x00\x00\x00\x81\x00\x00\x00\x00\x00\x00\x00'
tiny_program+='\x00\x10\x00\x00\x00\x00\x00\x00\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7'
readonly tiny_program tiny_size=129

# Directories with a file and an empty directory each.
victim_dirs=("$outside" "$shares/second" "$shares/theirs")

# --- victims ---------------------------------------------------------------

# A stand-in for /etc/shadow and the like, a share of the same VM, one of
# another VM, that VM's log, pid file and memory, and processes. The VM "mine"
# is the one that attacks; it shares $shares/mine and $shares/second.
prepare_victims() {
	mkdir -p "${victim_dirs[@]}" "$shares/mine"
	start_vm theirs "share=one:$shares/theirs" memory=file
	their_pid_file=$(echo /run/libvirt/qemu/*-theirs-fs0-fs.pid)
	their_log=/var/log/libvirt/qemu/theirs-fs0-virtiofsd.log
	their_memory=$(find /var/lib/libvirt/qemu/ram -type f | head -n 1)
	[ -n "$their_memory" ] || fail "the other VM has no memory in a file"
	[ -e "$their_pid_file" ] || fail "the other VM has no pid file"
	keep_pid_file "$their_pid_file"
	at_end end_victims
	prepare_share
	restore_victims
	restore_processes
	remember_victims
}

# libvirt knows a virtiofsd by the lock on its pid file: the file itself has to
# come back, so it is kept by another name.
keep_pid_file() { # FILE
	ln -f "$1" "$state/${1##*/}"
	cp -p "$1" "$state/${1##*/}.content"
}

restore_pid_file() { # FILE
	ln -f "$state/${1##*/}" "$1" 2> /dev/null || true
	cmp -s "$state/${1##*/}.content" "$1" || cat "$state/${1##*/}.content" > "$1"
	setfattr -x user.e2e "$1" 2> /dev/null || true
	setfattr -x security.capability "$1" 2> /dev/null || true
	setfacl -b "$1"
	chown --reference="$state/${1##*/}.content" "$1"
	chmod --reference="$state/${1##*/}.content" "$1"
}

# The VM whose virtiofsd attacks: its pid file for the share "mine" is watched
# too.
watch_pid_file() { # FILE
	my_pid_file=$1
	keep_pid_file "$1"
	remember_victims
}

# By number: the machine has no other processes of alice's.
end_victims() {
	pkill -9 -u alice
	kill -9 "$root_victim"
}

be_a_victim() { # USER; a new process, of its own session
	setpriv --reuid "$1" --regid "$1" --clear-groups --no-new-privs setsid sleep 100000 &
}

# What the attacks use in the share itself: what a guest could have made there,
# and device nodes, which the host has made.
prepare_share() {
	local disk
	disk=$(stat -c '%Hr %Lr' /dev/vda)
	mkdir -p "$shares/mine/mount" "$shares/mine/tmpfs" "$shares/mine/mounted"
	rm -f "$shares/mine/"{fifo,program,disk,kmsg}
	mkfifo "$shares/mine/fifo"
	printf '%b' "$tiny_program" > "$shares/mine/program"
	chmod 755 "$shares/mine/program"
	# shellcheck disable=SC2086
	mknod "$shares/mine/disk" b $disk
	mknod "$shares/mine/kmsg" c 1 11
	disk_number=$((${disk% *} << 8 | ${disk#* }))
}

# Each as it was; after an attack that did something.
restore_victims() {
	local dir
	for dir in "${victim_dirs[@]}"; do
		rm -rf "${dir:?}"/*
		mkdir -p "$dir/empty"
		echo "$loot $dir" > "$dir/file"
		chmod 640 "$dir/file"
		setfattr -n user.secret -v "$loot" "$dir/file"
	done
	rm -rf "${their_log:?}" "$shares/mine/"{linked,swap}
	echo "$loot log" > "$their_log"
	restore_pid_file "$their_pid_file"
	[ -z "${my_pid_file:-}" ] || restore_pid_file "$my_pid_file"
	[ -z "${my_log:-}" ] || echo "the first line" > "$my_log"
	chmod 666 /dev/null
	setfattr -x system.posix_acl_access /dev/null 2> /dev/null || true
}

# Whatever was done to them, they are new.
restore_processes() {
	[ -z "${victim:-}" ] || kill -9 "$victim" "$root_victim" 2> /dev/null || true
	be_a_victim alice
	victim=$!
	be_a_victim root
	root_victim=$!
	disown -a
	eventually 10 both_sleep
}

both_sleep() {
	[ "$(cat "/proc/$victim/comm" "/proc/$root_victim/comm" | sort -u)" = sleep ]
}

# One line for each: a change of content, owner, mode, attributes or links shows
# in the times; a name that comes or goes in the directory's. As few programs as
# can be are run for it, as it is done for every row.
look_at_victims() {
	local process limits field first
	# shellcheck disable=SC2086
	stat -c '%n %i %f %u %g %s %y %z %h' "${victim_dirs[@]}" "${victim_dirs[@]/%//file}" \
		"${victim_dirs[@]/%//empty}" "$their_log" "$their_pid_file" "$their_memory" /dev/null \
		${my_pid_file:-} 2>&1 || true
	if [ -n "${my_log:-}" ]; then
		stat -c '%n %i %f %u %g %h' "$my_log" 2>&1 || true
		read -r first < "$my_log" || true
		echo "$my_log: $first"
	fi
	for process in "$victim" "$root_victim"; do
		if ! [ -e "/proc/$process/stat" ] || ! read -r -a field < "/proc/$process/stat"; then
			echo "process $process is gone"
			continue
		fi
		[ "${field[2]}" != Z ] || field[2]="gone"
		IFS= read -r -d '' limits < "/proc/$process/limits" || true
		# shellcheck disable=SC2086
		# Runs or sleeps; priority, nice value, real-time priority and policy.
		echo "process $process ${field[2]/R/S} ${field[17]} ${field[18]} ${field[39]} ${field[40]}" $limits
	done
}

remember_victims() {
	look_at_victims > "$state/victims"
	IFS= read -r -d '' victims < "$state/victims" || true
}

# --- rows ------------------------------------------------------------------

# What is an effect, besides what shows at the victims: "made", that all calls
# of the row succeeded; "past_permissions", that none failed for a permission,
# where the arguments were chosen to do no harm; "host" and "signalled", nothing;
# "allowed", nothing either, and it is written down only. "kernel" is "made" for
# what the kernel lets nobody do, or this one may not have: the control asks for
# neither of the last two.
made() { [ "$row_status" -eq 0 ]; }
kernel() { made; }
host() { false; }
signalled() { sleep 0.1; false; }
allowed() { false; }
past_permissions() { made || ! [[ $row_output =~ ' = '(EPERM|EACCES|EROFS|not made)|'(filter)' ]]; }

row() { # EFFECT WHAT STATEMENT...
	local effect=$1 what=$2 row_output='' row_done=no now
	shift 2
	row_number=$((row_number + 1))
	row_status=0
	row_start=$EPOCHREALTIME
	# shellcheck disable=SC2086
	"$inject" ${inject_options:-} -v "proc_fd=$proc_fd_number" "$tid" "$@" > "$state/row" 2>&1 ||
		row_status=$?
	IFS= read -r -d '' row_output < "$state/row" || true
	if [ "$row_status" -eq 2 ]; then
		echo "$row_output"
		[ -d "/proc/$tid" ] || fail "$what: the thread is gone"
		fail "$what: the attack could not be tried"
	fi
	if "$effect" || [[ $row_output == *"$loot"* ]]; then
		row_done=yes
	fi
	look_at_victims > "$state/victims.now"
	IFS= read -r -d '' now < "$state/victims.now" || true
	if [ "$now" != "$victims" ]; then
		row_done=yes
		make_good
	fi
	row_answer
	# Should the table's end not be reached.
	echo "row $row_number: $what: $answer, ${row_done/yes/DONE}"
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$row_start" "$row_number" "$row_done" "$effect" "$row_thread" \
		"$what" "$answer" >> "$state/rows"
}

# What has changed is said, and put back.
make_good() {
	{ diff "$state/victims" "$state/victims.now" || true; } | sed -n "s/^[<>]/row $row_number: &/p" |
		cut -c 1-240 | tee "$state/changes"
	! grep -q '[<>] process' "$state/changes" || restore_processes
	! grep -q '[<>] [^p]' "$state/changes" || restore_victims
	remember_victims
}

# The first call that failed, or else the last.
row_answer() { # sets $answer
	local line
	answer=
	while IFS= read -r line; do
		case $line in
		'' | 'print: '* | *' = not made'*) continue ;;
		esac
		answer=$line
		case $line in
		*' = '[A-Z]* | *' = killed'* | *' = errno'*) return ;;
		esac
	done <<< "$row_output"
}

begin_rows() {
	: > "$state/rows"
	row_number=0
	mark
	rows_line=$mark_line
}

# Which layer an answer comes from. That EACCES without a record is Landlock,
# and EPERM without one a capability that is not there, Landlock or a control
# group, is concluded, not read.
layer_of() { # ANSWER RECORDS DONE
	case $1 in
	*'(filter)') echo 'seccomp filter' ;;
	*' = EROFS') echo 'read-only mount' ;;
	*' = EACCES' | *' = EPERM')
		if [ -n "$2" ]; then
			echo "label ($2)"
		elif [[ $1 == *EACCES ]]; then
			echo 'Landlock or mount flags'
		else
			echo 'capability, Landlock or control group'
		fi
		;;
	*' = EXDEV') echo 'mount (EXDEV)' ;;
	*' = '[A-Z]*) echo 'kernel' ;;
	*) [ "$3" = yes ] || echo 'nothing came of it' ;;
	esac
}

# The kernel's log has the time of each record: it is of the last row that had
# begun by then. "ROW OPERATION" for the first of each row.
row_records() {
	tail -n "+$rows_line" "$state/klog" | awk '
		FNR == NR { begin[++rows] = $1; next }
		/apparmor="(DENIED|ALLOWED)"/ && match($0, /audit\([0-9.]+/) {
			time = substr($0, RSTART + 6, RLENGTH - 6)
			for (row = rows; row > 0 && begin[row] > time + 0; row--)
				continue
			match($0, /operation="[^"]*"/)
			if (row && !seen[row]++)
				print row, substr($0, RSTART + 11, RLENGTH - 12)
		}' "$state/rows" -
}

# Prints the table and leaves the rows that had an effect in $state/effects and
# those that had none in $state/held.
end_rows() {
	local number row_done effect thread what answer record layer
	local -A denials=()
	mark
	while read -r number record; do
		denials[$number]=$record
	done < <(row_records)
	: > "$state/effects"
	: > "$state/held"
	printf '%-24s %-58s %-30s %-34s %s\n' THREAD TRIED ANSWER LAYER EFFECT
	while IFS=$'\t' read -r _ number row_done effect thread what answer; do
		layer=$(layer_of "$answer" "${denials[$number]:-}" "$row_done")
		printf '%-24s %-58s %-30s %-34s %s\n' "$thread" "$what" "$answer" "$layer" "${row_done/yes/DONE}"
		if [ "$row_done" = yes ]; then
			printf '%s: %s (%s)\n' "$thread" "$what" "$answer" >> "$state/effects"
		else
			printf '%s\t%s\t%s\n' "$effect" "$thread: $what ($answer)" "$layer" >> "$state/held"
		fi
	done < "$state/rows"
	echo "$row_number rows, $(grep -c '' "$state/effects" || true) with an effect"
}

# What only Landlock keeps from happening, for a machine whose kernel is without it
# ("run --kernel-args lsm=apparmor"): SECURITY.md.
landlock_alone="(another share of the VM|the read-only share(, attached)?): (read|list the directory) "
landlock_alone+="|: /proc/PID/(status|mountinfo) "
readonly landlock_alone

has_landlock() {
	grep -q landlock /sys/kernel/security/lsm
}

# No attack had an effect, except those that may have.
no_effects() { # [EXTENDED-REGEX]
	local effects may=${1:-^$}
	has_landlock || may+="|$landlock_alone"
	effects=$(grep -vE "$may" "$state/effects" || true)
	[ -z "$effects" ] ||
		fail "$(grep -c '' <<< "$effects") attacks had an effect: $(paste -s -d ';' <<< "$effects")"
}

# For the control: each row has shown its effect.
all_effects() {
	local missing
	missing=$(awk -F '\t' '$1 != "kernel" && $1 != "allowed" { print $2 }' "$state/held")
	[ -z "$missing" ] || fail "$(grep -c '' <<< "$missing") attacks show nothing: $(paste -s -d ';' <<< "$missing")"
}

# --- threads ---------------------------------------------------------------

descriptor_on() { # PID TARGET; a descriptor's number
	local fd
	for fd in "/proc/$1/fd"/*; do
		[ "$(readlink "$fd")" != "$2" ] || { echo "${fd##*/}"; return; }
	done
}

# Where the daemon's descriptor on /proc/self/fd is, and how it names the root
# from there.
find_proc_fd() { # PID
	local fd
	for fd in "/proc/$1/fd"/*; do
		case $(readlink "$fd") in
		/proc/*/fd | /"$1"/fd)
			proc_fd_number=${fd##*/}
			return
			;;
		esac
	done
	return 1
}

# The tables, in every thread of every virtiofsd of the VM.
attack() { # VM TABLE...
	local name=$1 task table pids
	shift
	pids=$(virtiofsd_pids "$name")
	[ -n "$pids" ] || fail "$name has no virtiofsd"
	for pid in ${attack_only:-$pids}; do
		for task in "/proc/$pid/task"/*; do
			attack_thread "$pid" "${task##*/}" "$@"
		done
	done
}

attack_thread() { # PID TID TABLE...
	local table
	pid=$1 tid=$2
	shift 2
	up=../../..
	find_proc_fd "$pid" || fail "virtiofsd $pid keeps no descriptor on /proc/self/fd: $(ls -l "/proc/$pid/fd")"
	row_thread="$pid/$tid $(< "/proc/$pid/task/$tid/comm")"
	note "attacking in $row_thread, $(grep Seccomp_filters "/proc/$pid/task/$tid/status" | tr '\t' ' ')"
	for table; do
		"$table"
	done
}

# --- files outside the share -----------------------------------------------

readonly acl='{u32:2, u16:1, u16:6, u32:-1, u16:4, u16:4, u32:-1, u16:0x20, u16:6, u32:-1}'
readonly file_capability='{u32:0x02000001, u32:0x80, u32:0, u32:0, u32:0}'

# A call that knows no directory descriptor, by the working directory: the
# daemon's threads have one of their own, or it is put back.
from_up() { # EFFECT WHAT CALL
	row "$1" "$2" "old=openat(AT_FDCWD, '.', O_PATH)" "fchdir(%proc_fd)" "$3" "fchdir(%old)"
}

# Everything that is done to a file and the directory that it lies in.
attack_file() { # WHAT DIR
	local what=$1 dir=$up$2 file=$up$2/file
	row made "$what: stat" "statx(%proc_fd, '$file', 0, STATX_ALL, @buf)"
	row made "$what: list the directory" "d=openat(%proc_fd, '$dir', O_RDONLY|O_DIRECTORY)" \
		"getdents64(%d, @buf:4096, 4096)" "close(%d)"
	attack_content "$what" "$2/file"
	row made "$what: create beside it" "f=openat(%proc_fd, '$dir/new', O_WRONLY|O_CREAT, 0600)" "close(%f)"
	row made "$what: a file without a name" "f=openat(%proc_fd, '$dir', O_WRONLY|O_TMPFILE, 0600)" "close(%f)"
	row made "$what: mkdir" "mkdirat(%proc_fd, '$dir/new', 0700)"
	row made "$what: rmdir" "unlinkat(%proc_fd, '$dir/empty', AT_REMOVEDIR)"
	row made "$what: FIFO" "mknodat(%proc_fd, '$dir/new', S_IFIFO|0600, 0)"
	row made "$what: symlink" "symlinkat('/etc/shadow', %proc_fd, '$dir/new')"
	row made "$what: hard link beside it" "linkat(%proc_fd, '$file', %proc_fd, '$dir/new', 0)"
	row made "$what: hard link into the share" \
		"linkat(%proc_fd, '$file', %proc_fd, '$up$shares/mine/linked', 0)"
	row made "$what: rename" "renameat(%proc_fd, '$file', %proc_fd, '$dir/new')"
	row made "$what: a file of the share in its place" \
		"f=openat(%proc_fd, '$up$shares/mine/swap', O_WRONLY|O_CREAT, 0600)" "close(%f)" \
		"renameat(%proc_fd, '$up$shares/mine/swap', %proc_fd, '$file')"
	row made "$what: exchange with a file of the share" \
		"f=openat(%proc_fd, '$up$shares/mine/swap', O_WRONLY|O_CREAT, 0600)" "close(%f)" \
		"renameat2(%proc_fd, '$up$shares/mine/swap', %proc_fd, '$file', RENAME_EXCHANGE)"
	attack_attributes "$what" "$2/file"
	attack_knowledge "$what" "$2"
}

attack_content() { # WHAT PATH
	local what=$1 file=$up$2
	row made "$what: read" "f=openat(%proc_fd, '$file', O_RDONLY)" "n=read(%f, @buf, 200)" \
		"close(%f)" "print(@buf, %n)"
	row made "$what: write" "f=openat(%proc_fd, '$file', O_WRONLY)" "write(%f, 'taken\n', 6)" "close(%f)"
	row made "$what: append" "f=openat(%proc_fd, '$file', O_WRONLY|O_APPEND)" \
		"write(%f, 'forged\n', 7)" "close(%f)"
	row made "$what: truncate by open" "f=openat(%proc_fd, '$file', O_WRONLY|O_TRUNC)" "close(%f)"
	row made "$what: O_PATH, then again by /proc/self/fd" "f=openat(%proc_fd, '$file', O_PATH)" \
		"w=openat(%proc_fd, '%{f}', O_RDWR)" "close(%w)" "close(%f)"
	row made "$what: unlink" "unlinkat(%proc_fd, '$file', 0)"
}

# What AppArmor mediates, and what it does not.
attack_attributes() { # WHAT PATH
	local what=$1 file=$up$2
	row made "$what: chmod" "fchmodat(%proc_fd, '$file', 0666)"
	row made "$what: chown" "fchownat(%proc_fd, '$file', 1000, 1000, 0)"
	row made "$what: times" "utimensat(%proc_fd, '$file', {u64:1, u64:0, u64:1, u64:0}, 0)"
	from_up made "$what: truncate" "truncate('$file', 0)"
	from_up made "$what: POSIX ACL" "setxattr('$file', 'system.posix_acl_access', $acl, 28, 0)"
	from_up "${user_attribute:-made}" "$what: user attribute" "setxattr('$file', 'user.e2e', '1', 1, 0)"
	from_up made "$what: security.capability" \
		"setxattr('$file', 'security.capability', $file_capability, 20, 0)"
}

# An attribute is read of what was never opened: AppArmor and Landlock do not
# mediate that, and a mount that is read-only lets it happen. The seccomp filter
# refuses it where the share has no extended attributes.
attack_knowledge() { # WHAT DIR
	local what=$1 file=$up$2/file
	from_up "${knowledge:-made}" "$what: read an attribute" "n=getxattr('$file', 'user.secret', @buf, 100)" \
		"print(@buf, %n)"
}

table_files() {
	attack_file "outside" "$outside"
	attack_file "another share of the VM" "$shares/second"
	attack_file "another VM's share" "$shares/theirs"
	local name path user_attribute
	for name in "another VM's log:$their_log" "another VM's pid file:$their_pid_file"; do
		path=${name#*:} name=${name%%:*} user_attribute=made
		# tmpfs has user attributes since Linux 6.6
		[ "$RELEASE" != bookworm ] || [ "$path" = "$their_log" ] || user_attribute=kernel
		attack_content "$name" "$path"
		attack_attributes "$name" "$path"
		row made "$name: a symlink in its place" "unlinkat(%proc_fd, '$up$path', 0)" \
			"symlinkat('/etc/cron.d/e2e', %proc_fd, '$up$path')"
	done
	name="another VM's memory" path=$up$their_memory
	row made "$name: read" "f=openat(%proc_fd, '$path', O_RDONLY)" "read(%f, @buf, 16)" "close(%f)"
	row made "$name: write" "f=openat(%proc_fd, '$path', O_WRONLY)" "close(%f)"
	from_up made "$name: POSIX ACL" "setxattr('$path', 'system.posix_acl_access', $acl, 28, 0)"
	row made "$name: times" "utimensat(%proc_fd, '$path', {u64:1, u64:0, u64:1, u64:0}, 0)"
	row made "/dev/null: chmod" "fchmodat(%proc_fd, '$up/dev/null', 0600)"
	row made "/dev/null: times" "utimensat(%proc_fd, '$up/dev/null', {u64:1, u64:0, u64:1, u64:0}, 0)"
	from_up made "/dev/null: POSIX ACL" "setxattr('$up/dev/null', 'system.posix_acl_access', $acl, 28, 0)"
	row made "/etc/shadow: read" "f=openat(%proc_fd, '$up/etc/shadow', O_RDONLY)" \
		"read(%f, @buf, 16)" "close(%f)"
	row made "a file handle from outside" "h={u32:128, zero:140}" \
		"name_to_handle_at(%proc_fd, '$up$outside/file', %h, @id, 0)" \
		"m=openat(%proc_fd, '$up$shares/mine', O_RDONLY|O_DIRECTORY)" \
		"f=open_by_handle_at(%m, %h, O_RDONLY)" "n=read(%f, @buf, 100)" "print(@buf, %n)"
}

# --- descriptors that it has -----------------------------------------------

# A file that libvirt left open. A log can be added to, and nothing else.
attack_descriptor() { # NUMBER TARGET
	local fd=$1 what="descriptor $1 ${2##*/}" content=host add=host
	[ "$2" != /dev/null ] || content=allowed add=allowed
	[[ $2 != *.log ]] || add=allowed
	row $add "$what: write" "write($fd, '1', 1)"
	row $content "$what: write at its start" "fcntl($fd, F_SETFL, 0)" "pwrite64($fd, '1', 1, 0)"
	row $content "$what: truncate" "ftruncate($fd, 0)"
	row allowed "$what: make it longer" "fallocate($fd, 0, 0, 65536)"
	row made "$what: chmod" "fchmod($fd, 0666)"
	row made "$what: chown" "fchown($fd, 1000, 1000)"
	row made "$what: POSIX ACL" "fsetxattr($fd, 'system.posix_acl_access', $acl, 28, 0)"
	row made "$what: times" "utimensat($fd, 0, {u64:1, u64:0, u64:1, u64:0}, 0)"
	row $add "$what: opened again to write" "f=openat(%proc_fd, '$fd', O_WRONLY)" "write(%f, '1', 1)" "close(%f)"
	row $content "$what: opened again to read and write" "f=openat(%proc_fd, '$fd', O_RDWR)" \
		"write(%f, '1', 1)" "close(%f)"
	row $content "$what: emptied by opening" "f=openat(%proc_fd, '$fd', O_WRONLY|O_TRUNC)" "close(%f)"
	[ $content = allowed ] || row made "$what: linked into the share" \
		"linkat($fd, '', %proc_fd, '$up${2%/*}/e2e-linked', AT_EMPTY_PATH)"
	rm -f "${2%/*}/e2e-linked"
}

# What libvirt left open, the share's root and whatever else is there, and each
# opened again.
table_descriptors() {
	local fd target what
	for fd in "/proc/$pid/fd"/*; do
		target=$(readlink "$fd") || continue
		fd=${fd##*/}
		what="descriptor $fd ${target##*/}"
		case $target in
		*.pid | *.log | /dev/null) attack_descriptor "$fd" "$target" ;;
		/proc/*/fd | /"$pid"/fd)
			row made "$what: attributes" "fsetxattr($fd, 'user.e2e', '1', 1, 0)"
			row made "$what: list" "d=openat($fd, '..', O_RDONLY|O_DIRECTORY)" "getdents64(%d, @buf:4096, 4096)" ;;
		socket:*)
			row made "$what: FIOSETOWN" "ioctl($fd, FIOSETOWN, {u32:$victim})"
			row made "$what: SIOCSPGRP" "ioctl($fd, SIOCSPGRP, {u32:$victim})"
			row made "$what: connect elsewhere" "old=openat(AT_FDCWD, '.', O_PATH)" "fchdir(%proc_fd)" \
				"connect($fd, {u16:1, '$up/run/libvirt/libvirt-sock', zero:60}, 60)" "fchdir(%old)" ;;
		esac
	done
	if [ "$(readlink "/proc/$pid/root")" = "$shares/mine" ]; then
		row made "the share's root: .." "f=openat(AT_FDCWD, '/../../../..$outside/file', O_RDONLY)"
		row made "chroot further in, and out" "old=openat(AT_FDCWD, '/', O_RDONLY|O_DIRECTORY)" "chroot('/mount')" \
			"fchdir(%old)" "f=openat(AT_FDCWD, '../../..$outside/file', O_RDONLY)"
	fi
}

# --- processes -------------------------------------------------------------

# A process is a number, or the name of a variable, as the victims are new after
# each attack that ended one.

# SIGKILL for processes that are there for it, SIGCONT for the others.
attack_signals() { # WHAT PID SIGNAL
	row made "$1: kill" "kill($(($2)), $3)"
	row made "$1: tgkill" "tgkill($(($2)), $(($2)), $3)"
	row made "$1: tkill" "tkill($(($2)), $3)"
	row made "$1: rt_sigqueueinfo" "rt_sigqueueinfo($(($2)), $3, {u32:$3, u32:0, u32:-1, zero:116})"
	row made "$1: by a pidfd" "p=pidfd_open($(($2)), 0)" "pidfd_send_signal(%p, $3, 0, 0)" "close(%p)"
}

# The kernel sends it. The FIFO is the share's own.
attack_by_sigio() { # WHAT PID
	local open="f=openat(%proc_fd, '$up$shares/mine/fifo', O_RDWR|O_NONBLOCK)"
	local last=("fcntl(%f, F_SETSIG, SIGKILL)" "fcntl(%f, F_SETFL, O_ASYNC|O_NONBLOCK)" "write(%f, '1', 1)"
		"close(%f)")
	row signalled "$1: SIGIO, F_SETOWN" "$open" "fcntl(%f, F_SETOWN, $(($2)))" "${last[@]}"
	row signalled "$1: SIGIO, F_SETOWN_EX" "$open" "fcntl(%f, F_SETOWN_EX, {u32:1, u32:$(($2))})" "${last[@]}"
	# Without another's number the signal would be for the thread itself.
	row signalled "$1: SIGIO of a directory" \
		"f=openat(%proc_fd, '$up$shares/mine', O_RDONLY|O_DIRECTORY)" \
		"own=fcntl(%f, F_SETOWN, $(($2)))" "fcntl(%f, F_SETSIG, SIGKILL)" \
		"fcntl(%f, F_NOTIFY, DN_CREATE|DN_MULTISHOT|%own)" \
		"mkdirat(%proc_fd, '$up$shares/mine/made-$tid', 0700|%own)" "close(%f)"
	rm -rf "$shares/mine/made-$tid"
}

attack_limits() { # WHAT PID
	row made "$1: prlimit of its time" "prlimit64($(($2)), RLIMIT_CPU, {u64:0, u64:0}, 0)"
	row made "$1: prlimit of its files" "prlimit64($(($2)), RLIMIT_NOFILE, {u64:3, u64:3}, 0)"
	row made "$1: its limits" "prlimit64($(($2)), RLIMIT_CORE, 0, @buf)"
	row made "$1: nice" "setpriority(PRIO_PROCESS, $(($2)), 19)"
	row made "$1: real-time" "sched_setscheduler($(($2)), SCHED_FIFO, {u32:1})"
	row made "$1: idle" "sched_setscheduler($(($2)), SCHED_IDLE, {u32:0})"
	row made "$1: sched_setattr" "sched_setattr($(($2)), {u32:48, u32:5, zero:40}, 0)"
	row made "$1: processors" "sched_setaffinity($(($2)), 8, {u64:1})"
	row made "$1: input and output" "ioprio_set(1, $(($2)), 0x6000)"
	row kernel "$1: process group" "setpgid($(($2)), $(($2)))"
}

attack_memory() { # WHAT PID
	local top
	top=0x$(awk '/\[stack\]/ { split($1, part, "-"); print part[2]; exit }' "/proc/$(($2))/maps")
	row made "$1: PTRACE_SEIZE" "ptrace(PTRACE_SEIZE, $(($2)), 0, 0)" \
		"ptrace(PTRACE_INTERRUPT, $(($2)), 0, 0)" "wait4($(($2)), 0, __WALL, 0)" "ptrace(PTRACE_DETACH, $(($2)), 0, 0)"
	row made "$1: read memory" "process_vm_readv($(($2)), {u64:@buf, u64:8}, 1, {u64:$((top - 8)), u64:8}, 1, 0)"
	row made "$1: write memory" "process_vm_writev($(($2)), {u64:@buf, u64:8}, 1, {u64:$((top - 8)), u64:8}, 1, 0)"
	row made "$1: take a descriptor" "p=pidfd_open($(($2)), 0)" "f=pidfd_getfd(%p, 0, 0)" "close(%f)" "close(%p)"
	row made "$1: compare descriptors" "kcmp($(($2)), $(($2)), 0, 0, 0)"
	row made "$1: move its pages" "migrate_pages($(($2)), 8, {u64:1}, {u64:1})"
	row made "$1: its robust list" "get_robust_list($(($2)), @head, @size)"
}

# Its files below /proc.
attack_proc() { # WHAT PID
	local file proc=$up/proc/$(($2))
	for file in status stat environ cmdline maps mountinfo limits attr/current; do
		row made "$1: /proc/PID/$file" "f=openat(%proc_fd, '$proc/$file', O_RDONLY)" \
			"read(%f, @buf, 64)" "close(%f)"
	done
	for file in mem exe root/etc/hostname cwd/. fd/0 ns/mnt pagemap; do
		row made "$1: /proc/PID/$file" "f=openat(%proc_fd, '$proc/$file', O_RDONLY)" "close(%f)"
	done
	for file in oom_score_adj mem attr/exec clear_refs; do
		row made "$1: write /proc/PID/$file" "f=openat(%proc_fd, '$proc/$file', O_WRONLY)" "close(%f)"
	done
	row made "$1: list its descriptors" "f=openat(%proc_fd, '$proc/fd', O_RDONLY|O_DIRECTORY)" \
		"getdents64(%f, @buf, 256)" "close(%f)"
}

table_processes() {
	attack_signals "alice's process" victim SIGKILL
	attack_signals "a root process" root_victim SIGKILL
	attack_by_sigio "alice's process" victim
	attack_by_sigio "a root process" root_victim
	# What a filter may take for another call.
	row kernel "alice's process: kill by its number in x32" "syscall($((0x40000000 + 62)), $victim, SIGKILL)"
	row signalled "alice's process: SIGIO, a number with more bits" \
		"f=openat(%proc_fd, '$up$shares/mine/fifo', O_RDWR|O_NONBLOCK)" \
		"fcntl(%f, $((0x500000000 + 8)), $victim)" "fcntl(%f, $((0x500000000 + 10)), SIGKILL)" \
		"fcntl(%f, F_SETFL, O_ASYNC|O_NONBLOCK)" "write(%f, '1', 1)" "close(%f)"
	row kernel "alice's process: timer" \
		"timer_create(CLOCK_REALTIME, {u64:0, u32:SIGKILL, u32:4, u32:$victim, zero:44}, @timer)" \
		"t=load(@timer, 0, 4)" "timer_settime(%t, 0, {u64:0, u64:0, u64:0, u64:1000000}, 0)"
	attack_limits "alice's process" victim
	row made "all of alice's: nice" "setpriority(PRIO_USER, 1000, 19)"
	attack_limits "a root process" root_victim
	attack_memory "a root process" root_victim
	attack_proc "a root process" root_victim
}

# Those that must not be harmed even by the control, and are not there for it.
table_other_processes() {
	local what number
	for what in "init:1" "libvirtd:$(pgrep -o -x libvirtd)" "its own QEMU:$(qemu_pid mine)" \
		"another VM's QEMU:$(qemu_pid theirs)" "another VM's virtiofsd:$(virtiofsd_pids theirs | head -n 1)" \
		"another virtiofsd of the VM:$(virtiofsd_pids mine | tail -n 1)"; do
		number=${what##*:} what=${what%:*}
		[ "$number" != "$pid" ] || continue
		attack_signals "$what" "$number" SIGCONT
		row made "$what: prlimit" "prlimit64($number, RLIMIT_CORE, 0, @buf)"
		[ "$number" = 1 ] || attack_memory "$what" "$number"
		attack_proc "$what" "$number"
	done
}

# --- the rest of the kernel ------------------------------------------------

table_sockets() {
	local kind
	local family type effect protocol
	for kind in AF_UNIX:SOCK_STREAM:made AF_UNIX:SOCK_DGRAM:made AF_INET:SOCK_STREAM:made AF_INET6:SOCK_DGRAM:made \
		AF_INET:SOCK_RAW:made AF_NETLINK:SOCK_RAW:made AF_PACKET:SOCK_RAW:kernel AF_VSOCK:SOCK_STREAM:kernel \
		AF_ALG:SOCK_SEQPACKET:kernel AF_KEY:SOCK_RAW:kernel AF_TIPC:SOCK_STREAM:kernel AF_CAN:SOCK_RAW:kernel; do
		IFS=: read -r family type effect <<< "$kind"
		protocol=0
		[ "$family$type" != AF_INETSOCK_RAW ] || protocol=1
		row "$effect" "socket $family $type" "s=socket($family, $type, $protocol)" "close(%s)"
	done
	row made "socketpair" "socketpair(AF_UNIX, SOCK_STREAM, 0, @pair)"
	row made "libvirtd's socket" "old=openat(AT_FDCWD, '.', O_PATH)" "s=socket(AF_UNIX, SOCK_STREAM, 0)" \
		"fchdir(%proc_fd)" \
		"connect(%s, {u16:1, '$up/run/libvirt/libvirt-sock', zero:60}, 60)" "close(%s)" "fchdir(%old)"
	row made "a socket of its own" "s=socket(AF_UNIX, SOCK_STREAM, 0)" "bind(%s, {u16:1}, 2)" "listen(%s, 1)" "close(%s)"
}

# A descriptor through the socket that QEMU listens to: O_PATH, which the label
# does not mediate, and one of the share. It is noticed at QEMU.
table_passing() {
	local fd target flags
	for target in "$outside/file:O_PATH" "$shares/mine/program:O_RDONLY"; do
		flags=${target#*:} target=${target%:*}
		for fd in "/proc/$pid/fd"/*; do
			[[ $(readlink "$fd") == socket:* ]] || continue
			passed=$target
			row passed "descriptor ${fd##*/} socket: pass $flags of ${target##*/} to QEMU" \
				"f=openat(%proc_fd, '$up$target', $flags)" \
				"sendmsg(${fd##*/}, {u64:0, u64:0, u64:{u64:'1', u64:1}, u64:1, u64:{u64:20, u32:1, u32:1, u32:%f}, u64:24, u64:0}, MSG_DONTWAIT|MSG_NOSIGNAL)" \
				"close(%f)"
		done
	done
}

passed() {
	sleep 0.2
	find "/proc/$(qemu_pid mine)/fd" -lname "$passed*" | grep -q .
}

table_kernel() {
	local call
	from_up made "bind mount" "mount('$up$shares/second', '$up$shares/mine/mount', 0, MS_BIND, 0)"
	# not over the other: a mount on what was bound there is one on the victim's directory as well
	from_up made "tmpfs" "mount('none', '$up$shares/mine/tmpfs', 'tmpfs', 0, 0)"
	umount -l "$shares/mine/mount" "$shares/mine/tmpfs" 2> /dev/null || true
	from_up made "remount of / writable" "mount(0, '$up', 0, MS_REMOUNT|MS_BIND, 0)"
	row made "mount_setattr of / writable" "mount_setattr(%proc_fd, '$up', AT_RECURSIVE, {u64:0, u64:1, u64:0, u64:0}, 32)"
	row made "open_tree" "t=open_tree(%proc_fd, '$up', OPEN_TREE_CLONE)" "close(%t)"
	row made "fsopen" "t=fsopen('tmpfs', 0)" "close(%t)"
	from_up made "umount" "umount2('$up$shares/mine/mounted', MNT_DETACH)"
	from_up past_permissions "pivot_root" "pivot_root('.', '.')"
	from_up made "chroot to the host's root" "chroot('$up')"
	row made "setns, /proc/1/ns/mnt" "f=openat(%proc_fd, '$up/proc/1/ns/mnt', O_RDONLY)" "setns(%f, CLONE_NEWNS)"
	row made "setns, pidfd" "p=pidfd_open(1, 0)" "setns(%p, CLONE_NEWNET)"
	for call in NEWNET NEWUTS NEWIPC NEWPID NEWCGROUP NEWNS; do
		row made "unshare $call" "unshare(CLONE_$call)"
	done
	row made "a device node" "mknodat(%proc_fd, '$up$shares/mine/made-$tid', S_IFBLK|0600, $disk_number)" \
		"f=openat(%proc_fd, '$up$shares/mine/made-$tid', O_RDONLY)" "read(%f, @buf, 16)" "close(%f)"
	rm -f "$shares/mine/made-$tid"
	for call in disk kmsg; do
		row made "a device node that the host made, $call" \
			"f=openat(%proc_fd, '$up$shares/mine/$call', O_RDONLY|O_NONBLOCK)" "close(%f)"
	done
	row made "/dev/vda" "f=openat(%proc_fd, '$up/dev/vda', O_RDONLY)" "read(%f, @buf, 16)" "close(%f)"
	row made "/dev/kmsg: forge a line" "f=openat(%proc_fd, '$up/dev/kmsg', O_WRONLY)" "close(%f)"
	for call in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /sys/kernel/security/apparmor/.remove \
		/sys/fs/cgroup/cgroup.procs /sys/kernel/mm/ksm/run; do
		row made "write $call" "f=openat(%proc_fd, '$up$call', O_WRONLY)" "close(%f)"
	done
	row past_permissions "another label" "f=openat(%proc_fd, '$up/proc/$pid/task/$tid/attr/current', O_WRONLY)" \
		"write(%f, 'changeprofile unconfined', 24)" "close(%f)"
	row past_permissions "another label for exec" "f=openat(%proc_fd, '$up/proc/$pid/task/$tid/attr/exec', O_WRONLY)" \
		"write(%f, 'exec unconfined', 15)" "close(%f)"
	row made "capset, all" "capset({u32:0x20080522, u32:0}, {u32:-1, u32:-1, u32:0, u32:0x1ff, u32:0x1ff, u32:0})"
	row made "add_key" "add_key('user', 'e2e', '1', 1, KEY_SPEC_PROCESS_KEYRING)"
	row made "keyctl" "keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1)"
	row made "bpf" "f=bpf(BPF_MAP_CREATE, {u32:2, u32:4, u32:4, u32:1, zero:100}, 72)" "close(%f)"
	row made "perf_event_open" "f=perf_event_open({u32:1, u32:64, zero:56}, $root_victim, -1, -1, 0)" "close(%f)"
	row made "io_uring_setup" "f=io_uring_setup(4, {zero:120})" "close(%f)"
	row made "userfaultfd" "f=userfaultfd(O_CLOEXEC)" "close(%f)"
	row made "fanotify_init" "f=fanotify_init(FAN_CLASS_CONTENT, 0)" "close(%f)"
	row made "inotify of a directory outside" "old=openat(AT_FDCWD, '.', O_PATH)" "f=inotify_init1(0)" "fchdir(%proc_fd)" \
		"inotify_add_watch(%f, '$up$outside', IN_ALL_EVENTS)" "close(%f)" "fchdir(%old)"
	row past_permissions "init_module" "init_module('', 0, '')"
	row past_permissions "delete_module" "delete_module('e2e', 0)"
	row past_permissions "kexec_load" "kexec_load(0, 0, 0, 0)"
	row past_permissions "reboot" "reboot(0xfee1dead, 672274793, 0x12345678, 0)"
	row past_permissions "swapon" "swapon('/e2e', 0)"
	row past_permissions "acct" "acct(0)"
	row made "syslog" "syslog(3, @buf, 256)"
	row made "sethostname" "sethostname('e2e', 3)"
	from_up made "execve" "execve('$up$shares/mine/program', 0, 0)"
	row made "exec of a host's program" "execveat(%proc_fd, '$up/usr/bin/sleep', {u64:'sleep', u64:'100000', u64:0}, 0, 0)"
	row made "exec of the share's program" "execveat(%proc_fd, '$up$shares/mine/program', 0, 0, 0)"
	row made "exec of memory" "m=memfd_create('e2e', 0)" "write(%m, '$tiny_program', $tiny_size)" \
		"execveat(%m, '', 0, 0, AT_EMPTY_PATH)"
	# The last, as it is another world afterwards. The kernel lets no process with threads.
	row "$(one_thread && echo made || echo kernel)" "unshare NEWUSER" "unshare(CLONE_NEWUSER)"
}

one_thread() {
	[ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
}

# --- the VM that attacks ---------------------------------------------------

# Its virtiofsd for that directory, which is its root.
virtiofsd_of() { # VM DIR
	local number
	for number in $(virtiofsd_pids "$1"); do
		[ "$(readlink "/proc/$number/root")" != "$2" ] || echo "$number"
	done
}

# Every record of an attack is one of its label, or has it as the other side.
expect_attack_records() { # VM
	expect_denial "profile=\"$(fs_label "$1")\""
	expect_denial "peer=\"$(fs_label "$1")\""
}
