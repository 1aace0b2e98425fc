# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A small Debian in a share, of programs of this machine, for the guest to run:
# what people do all day is done with their tools. Sourced by scenarios.

# Each program at its own path, with the libraries that it needs.
guest_system() { # DIR PROGRAM...
	local dir=$1 program
	shift
	mkdir -p "$dir"/{dev,etc,proc,root,tmp,bin}
	for program in /bin/sh /bin/rm /bin/cat /bin/mv /bin/ls "$@"; do
		# Some are static.
		{ ldd "$program" 2> /dev/null | grep -oE '/[^ ]+' || true; } |
			while read -r library; do
				cp -L --parents "$library" "$dir"
			done
		cp -L --parents "$program" "$dir"
	done
	echo 'root:x:0:0:root:/root:/bin/sh' > "$dir/etc/passwd"
	echo 'root:x:0:' > "$dir/etc/group"
}

# Runs the script on standard input there, in the guest, as "sh -ex".
in_guest_system() { # VM TAG
	local script
	script=$(printf 'export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C %s\n' \
		"GIT_AUTHOR_NAME=e2e GIT_AUTHOR_EMAIL=e2e@localhost GIT_COMMITTER_NAME=e2e GIT_COMMITTER_EMAIL=e2e@localhost"
		cat)
	guest "$1" <<-G || guest_system_failed "$2"
	grep -q ' /mnt/$2/dev ' /proc/mounts || mount -o bind /dev /mnt/$2/dev
	grep -q ' /mnt/$2/proc ' /proc/mounts || mount -t proc proc /mnt/$2/proc
	cat > /mnt/$2/tmp/script <<'SCRIPT'
	$script
	SCRIPT
	chroot /mnt/$2 /bin/sh -ex /tmp/script > /mnt/$2/tmp/output 2>&1
	G
}

# How far it came, be it that its time was over.
guest_system_failed() { # TAG
	tail -n 20 "$shares/$1/tmp/output"
	fail "in the guest: $(tail -n 1 "$shares/$1/tmp/output")"
}
