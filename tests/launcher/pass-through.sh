#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The built program where there is nothing to confine: as another user than root, and, where this
# kernel has no AppArmor, as root. The real virtiofsd, a script in a user's vhost-user directory or
# none, must get the arguments as they came, the descriptor, and the exit status must be its own.
#
# pass-through.sh LAUNCHER
set -eu

launcher=$1
umask 022
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

mkdir -p "$dir/config/qemu/vhost-user"
cat >"$dir/virtiofsd" <<'EOF'
#!/bin/sh
for argument; do printf '%s|' "$argument"; done
cat <&5
exit 42
EOF
chmod 755 "$dir/virtiofsd"
printf '{"type":"fs","binary":"%s/virtiofsd"}' "$dir" >"$dir/config/qemu/vhost-user/10.json"
cp "$launcher" "$dir/launcher"
chmod 755 "$dir/launcher"

# Runs as a user without rights: as this one, or through setpriv where this one is root.
unprivileged() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}

check() {
    wanted=$1
    shift
    status=0
    output=$(echo inherited | XDG_CONFIG_HOME=$dir/config unprivileged "$dir/launcher" "$@" \
        5<&0 2>"$dir/log") || status=$?
    [ "$status" = 42 ] || fail "status $status for $*: $(cat "$dir/log")"
    [ "$output" = "${wanted}inherited" ] || fail "'$output' for $*"
    [ ! -s "$dir/log" ] || fail "it said: $(cat "$dir/log")"
}

# In a user namespace of one user, root cannot become another.
unprivileged true 2>/dev/null || {
    echo "SKIP: this root can be no other user" >&2
    exit 77
}

check '--print-capabilities|' --print-capabilities
check '--fd=5|--shared-dir|/srv/a b|--sandbox|none|' --fd=5 --shared-dir '/srv/a b' --sandbox none
check '--fd=5|-o|source=/a,,b,sandbox=namespace|' --fd=5 -o source=/a,,b,sandbox=namespace
check '--uid-map=:0:1000:1:|--uid-map=:1:100000:65536:|' --uid-map=:0:1000:1: --uid-map=:1:100000:65536:
check '' # nothing at all
echo "ok: not root"

# Where standard input, output and error are closed, nothing else gets their numbers.
cat >"$dir/virtiofsd" <<'EOF'
#!/bin/sh
for number in 0 1 2; do
    found=$(readlink "/proc/$$/fd/$number" || echo closed)
    echo "$found" >&5
done
EOF
XDG_CONFIG_HOME=$dir/config unprivileged "$dir/launcher" --fd=5 --shared-dir /a 5>"$dir/open" <&- >&- 2>&-
[ "$(sort -u "$dir/open")" = /dev/null ] || fail "descriptors: $(cat "$dir/open")"
echo "ok: closed descriptors"

# A description that is not JSON stops it, in one line, as it stops libvirt.
echo '{' >"$dir/config/qemu/vhost-user/05.json"
status=0
XDG_CONFIG_HOME=$dir/config unprivileged "$dir/launcher" --version 5</dev/null 2>"$dir/log" || status=$?
[ "$status" = 1 ] || fail "status $status for a malformed description"
[ "$(wc -l <"$dir/log")" = 1 ] || fail "more than a line: $(cat "$dir/log")"
grep -q '05.json' "$dir/log" || fail "the file is not named: $(cat "$dir/log")"
echo "ok: malformed description"

[ "$(id -u)" = 0 ] || { echo "SKIP: the rest needs root" >&2; exit 0; }
if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
    echo "SKIP: the rest needs a kernel without AppArmor" >&2
    exit 0
fi

# As root the program's own list of places decides, and no variable of somebody's.
for real in /usr/libexec/virtiofsd /usr/lib/virtiofsd /usr/lib/qemu/virtiofsd; do
    [ -x "$real" ] && break
done
if [ ! -x "$real" ]; then
    echo "SKIP: the rest needs virtiofsd" >&2
    exit 0
fi
rm "$dir/config/qemu/vhost-user/05.json"
XDG_CONFIG_HOME=$dir/config "$dir/launcher" --print-capabilities >"$dir/ours"
"$real" --print-capabilities >"$dir/theirs"
cmp "$dir/ours" "$dir/theirs" || fail "other capabilities than virtiofsd's"
status=0
"$dir/launcher" --fd=77 --shared-dir /nonexistent --nonsense 2>"$dir/ours" || status=$?
real_status=0
"$real" --fd=77 --shared-dir /nonexistent --nonsense 2>"$dir/theirs" || real_status=$?
[ "$status" = "$real_status" ] || fail "status $status, virtiofsd's is $real_status"
grep -q virt-aa "$dir/ours" && fail "it said: $(cat "$dir/ours")"
echo "ok: root without AppArmor"
