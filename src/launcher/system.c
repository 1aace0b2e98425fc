/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <assert.h>
#include <sys/apparmor.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/auto.h"
#include "launcher/descriptors.h"

static_assert(SYSTEM_MAY_WRITE == AA_MAY_WRITE && SYSTEM_MAY_READ == AA_MAY_READ,
              "the masks are libapparmor's");

static bool
linux_has_apparmor(void)
{
    /* ENOSYS: not built in; ECANCELED: switched off at boot. Anything else (no securityfs, a profile
     * that forbids to look) is a kernel that may well confine, and must not count as one that cannot. */
    return aa_is_enabled() || (errno != ENOSYS && errno != ECANCELED);
}

/*
 * Not aa_query_file_path(): up to libapparmor 4.1 at least, it forgets to count the byte of the class,
 * and so asks about the path without its last character, "/srv/share" for "/srv/share/".
 */
static SystemAnswer
linux_query(uint32_t mask, const char *label, const char *path)
{
    size_t label_bytes = strlen(label) + 1;
    size_t path_bytes = strlen(path);
    size_t size = AA_QUERY_CMD_LABEL_SIZE + label_bytes + 1 + path_bytes;
    AUTO_FREE char *query = malloc(size);
    int allowed = 0;
    int audited = 0;
    char *to;

    if (!query)
        return SYSTEM_ERROR;
    /* libapparmor fills in the command; then label, NUL, class, path */
    to = mempcpy(query + AA_QUERY_CMD_LABEL_SIZE, label, label_bytes);
    *to++ = AA_CLASS_FILE;
    memcpy(to, path, path_bytes);
    if (aa_query_label(mask, query, size, &allowed, &audited) == 0)
        return allowed ? SYSTEM_ALLOWED : SYSTEM_NOT_ALLOWED;
    return errno == ENOENT ? SYSTEM_NO_PROFILE : SYSTEM_ERROR;
}

static int
linux_get_exec_label(char **label, char **mode)
{
    return aa_getprocattr(getpid(), "exec", label, mode) < 0 ? -1 : 0;
}

static ssize_t
linux_namespace_name(const char *kind, char *name, size_t size)
{
    char path[64];
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
    length = readlink(path, name, size - 1);
    if (length >= 0)
        name[length] = '\0';
    return length;
}

static int
linux_open_directory(const char *path)
{
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_NO_SYMLINKS,
    };

    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int
linux_look_at(const char *path, SystemPlace *place)
{
    AUTO_FD int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct statx found;
    struct statvfs mount;
    struct stat file;

    if (fd < 0 || fstat(fd, &file) < 0 || fstatvfs(fd, &mount) < 0 ||
        statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) < 0)
        return -1;
    if (!(found.stx_mask & STATX_MNT_ID)) {
        errno = ENOSYS; /* before Linux 5.8 */
        return -1;
    }
    *place = (SystemPlace){file.st_dev, file.st_ino, found.stx_mnt_id, mount.f_flag};
    return 0;
}

static int
linux_clone_mounts(int directory)
{
    return (int)syscall(SYS_open_tree, directory, "",
                        AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static int
linux_set_mounts(int tree, const struct mount_attr *attr)
{
    return (int)syscall(SYS_mount_setattr, tree < 0 ? AT_FDCWD : tree, tree < 0 ? "/" : "",
                        AT_RECURSIVE | (tree < 0 ? 0 : AT_EMPTY_PATH), attr, sizeof(*attr));
}

static int
linux_attach_mounts(int tree, int directory)
{
    return (int)syscall(SYS_move_mount, tree, "", directory, "",
                        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int
linux_landlock_version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0ul, LANDLOCK_CREATE_RULESET_VERSION);
}

/* A kernel takes a longer description than it knows where the rest is zero. */
static int
linux_landlock_create(const SystemLandlock *attr)
{
    return (int)syscall(SYS_landlock_create_ruleset, attr, sizeof(*attr), 0u);
}

static int
linux_landlock_add(int rules, const struct landlock_path_beneath_attr *rule)
{
    return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, rule, 0u);
}

/* This too without "no new privileges". */
static int
linux_landlock_restrict(int rules, uint32_t flags)
{
    return (int)syscall(SYS_landlock_restrict_self, rules, flags);
}

static int
linux_read_directory(const char *path)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -1 : 0;
}

/* fs.nr_open of proc_sys_fs(5); its default, where /proc does not say. */
static uint64_t
linux_most_descriptors(void)
{
    AUTO_FD int fd = open("/proc/sys/fs/nr_open", O_RDONLY | O_CLOEXEC);
    char text[32] = "";

    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return 1024 * 1024;
    return strtoull(text, NULL, 10);
}

static int
linux_raise_descriptors(uint64_t count)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return -1;
    if (limit.rlim_max >= count)
        return 0;
    limit.rlim_max = count;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

static int
linux_may_gain(int capability)
{
    return prctl(PR_CAPBSET_READ, (unsigned long)capability, 0, 0, 0);
}

static int
linux_drop_capability(int capability)
{
    return prctl(PR_CAPBSET_DROP, (unsigned long)capability, 0, 0, 0);
}

/* Without "no new privileges", which would forbid the change of label: that takes CAP_SYS_ADMIN. */
static int
linux_add_filter(const struct sock_fprog *filter)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter);
}

/* Anybody may ask for a descriptor of his own process, pidfd_open(2), but not under that filter. */
static bool
linux_is_filtered(void)
{
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0u);

    if (fd < 0)
        return errno == EPERM;
    close(fd);
    return false;
}

const System system_linux = {
    .has_apparmor = linux_has_apparmor,
    .effective_user = geteuid,
    .query = linux_query,
    .set_exec_label = aa_change_onexec,
    .get_exec_label = linux_get_exec_label,
    .unshare = unshare,
    .namespace_name = linux_namespace_name,
    .open_directory = linux_open_directory,
    .look_at = linux_look_at,
    .clone_mounts = linux_clone_mounts,
    .set_mounts = linux_set_mounts,
    .attach_mounts = linux_attach_mounts,
    .landlock_version = linux_landlock_version,
    .landlock_create = linux_landlock_create,
    .landlock_add = linux_landlock_add,
    .landlock_restrict = linux_landlock_restrict,
    .read_directory = linux_read_directory,
    .hand_on = descriptors_hand_on,
    .most_descriptors = linux_most_descriptors,
    .raise_descriptors = linux_raise_descriptors,
    .may_gain = linux_may_gain,
    .drop_capability = linux_drop_capability,
    .add_filter = linux_add_filter,
    .is_filtered = linux_is_filtered,
    .exec = execve,
};
