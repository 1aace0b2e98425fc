# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=stock
#: cost=155
#: spare=2
#: limit=1500
#
# Proves that a nested guest really mounts a share and that commands run in it:
# the ground that the other guest scenarios stand on.

mkdir -p "$shares/one"
echo "from the host" > "$shares/one/hello"
start_vm stock guest "share=one:$shares/one"
for pid in $(virtiofsd_pids stock); do
	note "virtiofsd $pid: $(label_of "$pid"): $(tr '\0' ' ' < "/proc/$pid/cmdline")"
done
wait_guest stock
guest stock <<'G'
cat /mnt/one/hello
uname -r
cut -d ' ' -f 1 /proc/uptime
echo "from the guest" > /mnt/one/answer
G
check "the guest's file is on the host" grep -q 'from the guest' "$shares/one/answer"
stop_vm stock
