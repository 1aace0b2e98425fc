# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=25
#: limit=1500
#
# Proves that a start in which apparmor_parser fails at the first, second, …
# call either fails and leaves nothing behind, or gives a VM that is confined
# as it should be, never one that is not; and that the next start works. The
# sweep ends with the first round in which the parser was not called so often.

parser=$(command -v apparmor_parser)
count=$state/parser-calls
at_end mv "$parser.real" "$parser"
mv "$parser" "$parser.real"
cat > "$parser" <<W
#!/bin/sh
# Stands in for the parser: fails at the call whose number is in the file.
PATH=/usr/bin:/bin
n=\$((\$(cat $count) + 1))
echo \$n > $count
[ \$n -ne "\$(cat $count.fail)" ] || { echo "apparmor_parser: failing as told" >&2; exit 1; }
exec $parser.real "\$@"
W
chmod 755 "$parser"
mkdir -p "$shares/one"
define_vm parser "share=one:$shares/one"
most=8
[ "$LONG" = no ] || most=50
for ((i = 1; i <= most; i++)); do
	echo 0 > "$count"
	echo $i > "$count.fail"
	if run_vm parser > "$state/start.out" 2>&1; then
		note "call $i failing: it starts, after $(cat "$count") calls"
		[ $i -ne 1 ] || fail "it starts although its profile could not be compiled"
		confined parser 1
		check "QEMU has its label" test \
			"$(label_of "$(qemu_pid parser)")" = "libvirt-$(uuid_of parser) (enforce)"
		stop_vm parser
	else
		note "call $i failing: $(paste -s -d ' ' "$state/start.out")"
		nothing_of parser
	fi
	[ "$(cat "$count")" -ge $i ] || break
done
echo 0 > "$count.fail"
run_vm parser
confined parser 1
stop_vm parser
