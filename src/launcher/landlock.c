/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>

#include "basic/auto.h"
#include "basic/message.h"

/* linux/landlock.h of Linux 6.12; that of the oldest release that is built for ends at version 2. */
#define ACCESS_TRUNCATE  (1ULL << 14)
#define ACCESS_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP     (1ULL << 0)
#define NET_CONNECT_TCP  (1ULL << 1)
#define SCOPE_ABSTRACT   (1ULL << 0)
#define SCOPE_SIGNAL     (1ULL << 1)
#define LOG_OFF          (1U << 0) /* what this program is refused before exec: it tries */
#define LOG_ON           (1U << 1) /* what virtiofsd is refused: a denial without a trace is a riddle */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUN  (READ | LANDLOCK_ACCESS_FS_EXECUTE)

/* What a rule about a file may say; the rest is about directories. */
#define OF_FILES                                                                                 \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
     ACCESS_TRUNCATE)

/* All that version 1 knows, and REFER of version 2. */
#define FIRST_RIGHTS ((LANDLOCK_ACCESS_FS_REFER << 1) - 1)

/*
 * What both daemons open when they start, from traces of them; the profile says it in more detail. Not
 * all of it is on every host.
 */
static const struct {
    const char *path;
    uint64_t rights;
} needed[] = {
    {"/usr", RUN}, /* itself, the loader, libraries; what a distribution installs is no secret */
    {"/lib", RUN},
    {"/lib64", RUN},
    {"/etc/ld.so.cache", READ},
    {"/etc/ld.so.preload", READ},
    {"/etc/localtime", READ},
    /* its own: "self" leads to the directory of this process, which exec does not change */
    {"/proc/self", READ},
    {"/proc/sys/fs", READ},
    {"/proc/sys/kernel/cap_last_cap", READ},
    {"/sys/devices/system/cpu", READ},
    {"/sys/devices/system/node", READ},
    {"/sys/kernel/mm/transparent_hugepage", READ},
    {"/dev/null", READ | LANDLOCK_ACCESS_FS_WRITE_FILE},
};

/* A set of rules that is being made. */
typedef struct {
    const System *system;
    int fd;
    uint64_t handled;
} Rules;

static const char *
todo_landlock(void)
{
    return _(
        "see landlock in the kernel's log; booted without it in lsm=, the kernel leaves it out");
}

/* One path; @optional ones need not be there. */
static bool
add(const Rules *rules, const char *path, uint64_t rights, bool optional, Failure *failure)
{
    AUTO_FD int fd = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    struct stat found;

    if (fd < 0 && optional && errno == ENOENT)
        return true;
    if (fd < 0 || fstat(fd, &found) < 0)
        return failure_errno(failure, errno, NULL, _("cannot open %s for Landlock"), path);
    rule.allowed_access = rights & rules->handled;
    if (!S_ISDIR(found.st_mode))
        rule.allowed_access &= OF_FILES;
    if (rules->system->landlock_add(rules->fd, &rule) < 0)
        return failure_errno(failure, errno, todo_landlock(), _("cannot give %s to Landlock"),
                             path);
    return true;
}

static bool
add_all(const Rules *rules, const LandlockWanted *wanted, Failure *failure)
{
    /* nothing of a share is executed, and no device node in it is for anybody but the guest */
    uint64_t all = rules->handled & ~(uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | ACCESS_IOCTL_DEV);

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (!add(rules, needed[i].path, needed[i].rights, true, failure))
            return false;
    return add(rules, wanted->binary, RUN, false, failure) &&
           add(rules, wanted->share, wanted->readonly ? READ : all, false, failure);
}

static SystemLandlock
describe(int abi)
{
    SystemLandlock attr = {.files = FIRST_RIGHTS};

    if (abi >= 3)
        attr.files |= ACCESS_TRUNCATE;
    if (abi >= 4)
        attr.net = NET_BIND_TCP | NET_CONNECT_TCP;
    if (abi >= 5)
        attr.files |= ACCESS_IOCTL_DEV;
    if (abi >= 6)
        attr.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
    return attr;
}

/* Unless it lies in what is shared, a directory that could be read before cannot be now. */
static bool
verify(const System *system, const LandlockWanted *wanted, Failure *failure)
{
    size_t length = strlen(wanted->share);

    while (length > 0 && wanted->share[length - 1] == '/')
        length--;
    if (strncmp(wanted->refused, wanted->share, length) == 0 &&
        (wanted->refused[length] == '/' || wanted->refused[length] == '\0'))
        return true;
    if (system->read_directory(wanted->refused) < 0 && errno == EACCES)
        return true;
    return failure_set(failure, todo_landlock(), _("Landlock does not refuse %s"), wanted->refused);
}

bool
landlock_set(const System *system, const LandlockWanted *wanted, bool *active, Failure *failure)
{
    int abi = system->landlock_version();
    SystemLandlock attr = describe(abi);
    Rules rules = {.system = system, .handled = attr.files};
    AUTO_FD int fd = -1;

    *active = false;
    /* ENOSYS: not built in; EOPNOTSUPP: switched off */
    if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
        return failure_errno(failure, errno, todo_landlock(), _("cannot ask for Landlock"));
    if (abi < LANDLOCK_MIN_ABI)
        return true;
    fd = rules.fd = system->landlock_create(&attr);
    if (fd < 0)
        return failure_errno(failure, errno, todo_landlock(), _("cannot make rules of Landlock"));
    if (!add_all(&rules, wanted, failure))
        return false;
    if (system->landlock_restrict(fd, abi >= 7 ? LOG_OFF | LOG_ON : 0) < 0)
        return failure_errno(failure, errno, todo_landlock(), _("cannot come under Landlock"));
    *active = true;
    return verify(system, wanted, failure);
}
