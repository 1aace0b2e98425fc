# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#: needs=project
#: cost=700
#: spare=3
#: limit=3900
#
# Proves that a guest works in a share with git: clone, branch, commit, merge,
# repack and check, git itself being run from the share. With no denial.

# shellcheck source=tests/e2e/machine/guest-system.sh
. "$e2e/guest-system.sh"

system=$shares/system
guest_system "$system" /usr/bin/git
mkdir -p "$system/usr/lib" "$system/usr/share"
cp -a /usr/lib/git-core "$system/usr/lib/"
cp -a /usr/share/git-core "$system/usr/share/"
export GIT_AUTHOR_NAME=e2e GIT_AUTHOR_EMAIL=e2e@localhost GIT_COMMITTER_NAME=e2e GIT_COMMITTER_EMAIL=e2e@localhost
git init -q -b main "$shares/origin"
for i in $(seq 4); do
	mkdir -p "$shares/origin/dir$i"
	for j in $(seq 8); do
		printf '%s\n' "$i" "$j" > "$shares/origin/dir$i/file$j"
	done
	git -C "$shares/origin" add .
	git -C "$shares/origin" commit -q -m "commit $i"
done
git clone -q --bare "$shares/origin" "$system/origin.git"

start_vm coder guest "share=system:$system"
confined coder 1
wait_guest coder
guest_patience=3000
in_guest_system coder system <<'G'
git clone --no-local /origin.git /work
cd /work
git checkout -b topic
echo change >> dir1/file1
git mv dir2/file2 dir2/renamed
git rm -q dir3/file3
git commit -a -m topic
git checkout main
echo other > other
git add other
git commit -m other
git merge -m merge topic
git gc
git fsck --strict
git push origin main
git status
G
check "the work is whole" git -C "$system/work" fsck --strict
check "the commits have arrived" test "$(git --git-dir="$system/origin.git" log --oneline main | wc -l)" = 7
stop_vm coder
