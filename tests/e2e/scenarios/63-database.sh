# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=600
#: spare=3
#: limit=3900
#
# Proves that a database in a share keeps what was committed: with locks between
# two writers, with fsync, a rollback journal and a write-ahead log, and a writer
# that is killed. With no denial.

# shellcheck source=tests/e2e/machine/guest-system.sh
. "$e2e/guest-system.sh"

system=$shares/system
guest_system "$system" /usr/bin/sqlite3 "$(command -v sleep)"
mkdir -p "$system/db"
start_vm database guest "share=system:$system"
confined database 1
wait_guest database
guest_patience=3000
rows=8
[ "$LONG" = no ] || { rows=50; guest_patience=7200; }
echo "rows=$rows" > "$system/db/rows"
in_guest_system database system <<'G'
. /db/rows
for mode in delete wal; do
	sqlite3 /db/$mode.db "pragma journal_mode=$mode; pragma synchronous=full; create table t (writer, number);"
	for writer in 1 2; do
		(
			i=0
			while [ $i -lt $rows ]; do
				i=$((i + 1))
				sqlite3 -cmd '.timeout 60000' /db/$mode.db "begin immediate; insert into t values ($writer, $i); commit;"
			done
		) &
	done
	wait
	[ "$(sqlite3 /db/$mode.db 'select count(*) from t')" = $((2 * rows)) ]
	(while :; do echo 'insert into t values (3, 1);'; done) | sqlite3 /db/$mode.db &
	writer=$!
	sleep 2
	kill -9 $writer
	wait $writer || true
	sqlite3 -cmd '.timeout 60000' /db/$mode.db 'pragma integrity_check; vacuum; select count(*) from t'
done
G
for mode in delete wal; do
	check "the database is whole ($mode)" test "$(sqlite3 "$system/db/$mode.db" 'pragma integrity_check')" = ok
	check "what was committed is there ($mode)" test \
		"$(sqlite3 "$system/db/$mode.db" 'select count(*) from t where writer < 3')" = $((2 * rows))
done
stop_vm database
