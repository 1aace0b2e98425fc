# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=285
#: spare=1
#: limit=3000
#
# Proves that the attacks of 51 to 56 can succeed: each of their rows, tried in
# a root process that nothing confines and that has the descriptors of a
# virtiofsd, has its effect. And that a program into which they are injected
# goes on with the call that it was waiting in.

# shellcheck source=tests/e2e/machine/attack.sh
. "$e2e/attack.sh"

mkdir -p "$shares/mine"
prepare_victims
mount -t tmpfs mounted "$shares/mine/mounted"
my_log=/run/e2e-own.log my_pid_file=/run/e2e-own.pid
at_end rm -f "$my_log" "$my_pid_file"
echo "the first line" > "$my_log"
echo 1 > "$my_pid_file"
# Its process is the one of the shell, and so is the /proc/self/fd.
# shellcheck disable=SC2016
setsid sh -c 'exec 5>> "$1" 6> "$2" 7< /proc/self/fd; exec sleep 100000' sh "$my_log" "$my_pid_file" \
	< /dev/null > /dev/null 2>&1 &
stand_in=$!
at_end kill -9 "$stand_in"
eventually 10 grep -q sleep "/proc/$stand_in/comm"
echo 1 > "$my_pid_file"
watch_pid_file "$my_pid_file"

"$inject" "$stand_in" "getpid()"
"$inject" -f "$stand_in" "getpid()"
# clock_nanosleep, or the restart_syscall that goes on with it
check "it waits in the call that it was waiting in" grep -qE '^(230|219) ' "/proc/$stand_in/syscall"

begin_rows
attack_thread "$stand_in" "$stand_in" table_files table_descriptors table_processes table_sockets table_kernel
end_rows
all_effects
stop_vm theirs
