# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The machine's file tree and disk: a plain Debian (kept in the cache), and on
# a copy of it the project, built and installed there.

# What every machine has besides Debian's minimal system.
machine_packages=(
	# the machine itself
	systemd systemd-sysv dbus udev kmod linux-image-cloud-amd64 initramfs-tools
	zstd apparmor libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils
	ovmf swtpm swtpm-tools passt
	# what the scenarios use
	auditd attr acl procps git sqlite3 iproute2 uidmap python3-minimal busybox-static cpio
	# what building the project needs
	gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev libxml2-dev
	libapparmor-dev libvirt-dev libjson-glib-dev libsystemd-dev check
	# and its package
	dpkg-dev debhelper dh-apparmor gettext
)

# Run a command inside a tree, with /proc, in name spaces of its own: nothing
# is left mounted or running when it ends.
in_tree() {
	local tree=$1
	shift
	# shellcheck disable=SC2016
	LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		unshare --mount --pid --fork --kill-child sh -c '
			mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" &&
			tree=$1 && shift && exec chroot "$tree" "$@"' in_tree "$tree" "$@"
}

# Where $foreign is set, packages of that architecture can be named too; $hook is run at the end.
debian() { # RELEASE VARIANT TARGET PACKAGE...
	local suite=$1 variant=$2 target=$3 mirror
	shift 3
	mirror=$(debian_mirror)
	# Unstable's index files outlive their date where a mirror is a snapshot.
	mmdebstrap --quiet --mode=root --variant="$variant" --include="$*" \
		${hook:+--customize-hook="$hook"} \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		${foreign:+--architectures="$(dpkg --print-architecture),$foreign"} \
		"$suite" "$target" "deb $mirror $suite main"
}

# The tree is made once for a release and a list of packages.
base_tree() { # RELEASE; sets $base
	local suite=$1 packages=("${machine_packages[@]}") key hook=$here/host/keep-debs
	# Before trixie QEMU brought its own virtiofsd, in C.
	[ "$suite" = bookworm ] || packages+=(virtiofsd)
	key=$(cat <(printf '%s\n' "${packages[@]}") "$hook" | sha256sum | cut -c 1-8)
	base=$cache/base-$suite-$key
	(
		flock 9
		[ "$fresh" = no ] || rm -rf --one-file-system "$base"
		[ -d "$base" ] || {
			say "building a $suite machine"
			rm -rf --one-file-system "$cache/base-$suite"-* "$base.tmp"
			debian "$suite" minbase "$base.tmp" "${packages[@]}" > "$results/mmdebstrap.log" 2>&1 || {
				tail -n 20 "$results/mmdebstrap.log" >&2
				die "mmdebstrap failed"
			}
			mv "$base.tmp" "$base"
		}
	) 9> "$cache/lock-$suite" || exit 1
}

# The nested guests run Debian 13's cloud kernel in every release: virtiofs is
# built into it, so that their initramfs needs no modules.
guest_kernel() { # sets $guest_vmlinuz
	local tree
	guest_vmlinuz=$cache/guest-vmlinuz
	(
		flock 9
		[ "$fresh" = no ] || rm -f "$guest_vmlinuz"
		[ -f "$guest_vmlinuz" ] || {
			if [ "$release" = trixie ]; then
				tree=$base
			else
				say "fetching the guests' kernel"
				tree=$work/kernel
				debian trixie extract "$tree" linux-image-cloud-amd64 > "$results/kernel.log" 2>&1
			fi
			cp "$tree"/boot/vmlinuz-* "$guest_vmlinuz.tmp"
			mv "$guest_vmlinuz.tmp" "$guest_vmlinuz"
		}
	) 9> "$cache/lock-kernel" || exit 1
}

# A copy of the base with the project, the scenarios and the guest in it.
machine_tree() { # TREE SOURCE
	local tree=$1 source=$2
	say "preparing the machine"
	cp -a --reflink=auto "$base" "$tree"
	mkdir -p "$tree/opt/e2e"
	cp -r "$here/machine/." "$here/scenarios" "$here/guest" "$tree/opt/e2e/"
	cp "$switch_on_file" "$tree/opt/e2e/switch-on"
	cp "$guest_vmlinuz" "$tree/opt/e2e/guest/vmlinuz"
	printf 'RELEASE=%s\nPROJECT=%s\nLONG=%s\nNEWER=%s\n' "$release" "$project" "$long" \
		"$([[ " ${scenarios[*]} " == *" 80-package "* ]] && echo yes || echo no)" > "$tree/opt/e2e/config"
	if [ "$project" = yes ]; then
		copy_source "$source" "$tree/usr/src/virt-aa-virtiofs"
	fi
	in_tree "$tree" bash /opt/e2e/provision > "$results/provision.log" 2>&1 || {
		tail -n 40 "$results/provision.log" >&2
		die "preparing the machine failed: $results/provision.log"
	}
	grep '^provision: ' "$results/provision.log" | sed 's/^provision: /# /' >&2 || true
}

# What git knows of, with changes that are not committed; a tree without git as
# it is.
copy_source() { # FROM TO
	mkdir -p "$2"
	if git -C "$1" rev-parse --is-inside-work-tree > /dev/null 2>&1; then
		(cd "$1" && git ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' file; do
				[ ! -e "$file" ] && [ ! -L "$file" ] || printf '%s\0' "$file"
			done | tar --null --no-recursion -T - -cf -) | tar -C "$2" -xf -
	else
		tar -C "$1" --exclude=./.git -cf - . | tar -C "$2" -xf -
	fi
	chown -R 0:0 "$2"
}

machine_disk() { # TREE IMAGE
	local size
	size=$(($(du -s --block-size=1M "$1" | cut -f 1) + 2048))
	say "making the disk"
	cp "$1"/boot/vmlinuz-* "$work/vmlinuz"
	cp "$1"/boot/initrd.img-* "$work/initrd"
	truncate -s "${size}M" "$2"
	mke2fs -q -t ext4 -O ^has_journal -L e2e -d "$1" "$2"
}
