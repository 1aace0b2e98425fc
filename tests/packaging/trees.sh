# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Trees of Debian's to build and install packages in: made once, in $cache, for a $release and a list of packages.

# packaging_options ARGUMENT...: sets $asked_release, which may be empty, $release, $source_dir, $cache and $check; the
# rest are in the array $arguments
packaging_options() {
    asked_release=
    check=yes
    source_dir=$(cd "$here/../.." && pwd)
    cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/virt-aa-virtiofs-packaging
    arguments=()
    while [[ $# -gt 0 ]]; do
        case $1 in
        --release) asked_release=$2; shift ;;
        --source) source_dir=$(realpath "$2"); shift ;;
        --cache) cache=$(realpath -m "$2"); shift ;;
        --no-check) check=no ;;
        --help)
            usage
            exit 0
            ;;
        -*)
            usage >&2
            exit 2
            ;;
        *) arguments+=("$1") ;;
        esac
        shift
    done
    release=${asked_release:-bookworm}
}

# prepare_packaging TOOL...: skips where one is not here; takes the cache's lock; sets $results, which goes at the end
prepare_packaging() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed" >&2; exit 77; }
    done
    [[ $(id -u) = 0 ]] || { echo "SKIPPED: a tree needs root" >&2; exit 77; }
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    results=$(mktemp -d)
    trap 'rm -rf --one-file-system "$results"' EXIT
}

# tree NAME PACKAGE...: sets $tree
tree() {
    local name=$1 key
    shift
    key=$(printf '%s\n' "$@" | sha256sum | cut -c 1-8)
    tree=$cache/$name-$release-$key
    [[ ! -d $tree ]] || return 0
    say "making the tree $name of $release"
    rm -rf --one-file-system "$cache/$name-$release"-*
    debian "$release" minbase "$tree.new" "$@" >"$results/log" 2>&1 || { cat "$results/log" >&2; exit 1; }
    mv "$tree.new" "$tree"
}

# What the package is built in, with git; what lies in the tarball comes from there. Sets $tree.
tree_with_git() {
    # shellcheck disable=SC2046
    tree dist build-essential git faketime locales $(build_dependencies)
}

# What debian/control says, as names.
build_dependencies() {
    sed -n '/^Build-Depends:/,/^[^ #]/p' "$source_dir/debian/control" |
        sed -nE 's/^ ([a-z0-9.+-]+).*/\1/p' | sed 's/^debhelper-compat$/debhelper/'
}

# offline TREE USER COMMAND...: what a build may count on; a terminal can be had
offline() {
    local tree=$1 user=$2
    shift 2
    # shellcheck disable=SC2016
    in_tree "$tree" unshare --net --uts sh -c '
        mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx &&
        hostname "builder-$1" && user=$1 && shift &&
        exec setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all env HOME=/nonexistent "$@"' \
        offline "$user" "$@"
}

offline_as_nobody() {
    local tree=$1
    shift
    offline "$tree" 65534 "$@"
}
