/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/mounts.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "basic/auto.h"
#include "basic/message.h"

static const char *
todo_kernel(void)
{
    return _("see that the kernel is Linux 5.12 or later, and that profile "
             "libvirt-virtiofsd-launcher is loaded as it was installed");
}

static bool
is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* A share that virtiofsd itself, the loader or libraries are in must stay executable. */
static bool
holds_programs(const MountsWanted *wanted)
{
    return is_below(wanted->share, "/usr") || is_below(wanted->share, "/lib") ||
           is_below(wanted->share, "/lib64") || is_below(wanted->binary, wanted->share);
}

static bool
set(const System *system, int tree, uint64_t attributes, uint64_t propagation, const char *what,
    Failure *failure)
{
    struct mount_attr attr = {.attr_set = attributes, .propagation = propagation};

    if (system->set_mounts(tree, &attr) == 0)
        return true;
    return failure_errno(failure, errno, todo_kernel(), _("cannot set the mounts of %s"), what);
}

/*
 * The share by its name once more: a descriptor from before the namespace is of the host's mount, which
 * cannot be cloned here. What has that name now must be what was checked.
 */
static bool
open_again(const System *system, const MountsWanted *wanted, int *directory, Failure *failure)
{
    struct stat here;
    AUTO_FD int fd = system->open_directory(wanted->share);

    if (fd < 0)
        return failure_errno(failure, errno, todo_kernel(), _("cannot open the directory again"));
    if (fstat(fd, &here) < 0)
        return failure_errno(failure, errno, NULL, _("cannot look at the directory"));
    if (wanted->held->device != here.st_dev || wanted->held->inode != here.st_ino)
        return failure_set(failure, _("start the VM again"),
                           _("another directory took its place just now"));
    *directory = fd;
    fd = -1;
    return true;
}

static bool
look(const System *system, const char *path, SystemPlace *place, Failure *failure)
{
    if (system->look_at(path, place) == 0)
        return true;
    return failure_errno(failure, errno, NULL, _("cannot look at the mount of %s"), path);
}

static bool
check_readonly(const System *system, const char *path, Failure *failure)
{
    SystemPlace place;

    if (!look(system, path, &place, failure))
        return false;
    return place.flags & ST_RDONLY ||
           failure_set(failure, NULL, _("%s did not become read-only"), path);
}

/* The directory's name leads to the copy, the copy is as it was made, and beside it nothing is written. */
static bool
verify(const System *system, const MountsWanted *wanted, const SystemPlace *before,
       unsigned long flags, Failure *failure)
{
    AUTO_FREE char *above =
        strndup(wanted->share, (size_t)(strrchr(wanted->share, '/') - wanted->share));
    bool readonly = wanted->readonly || before->flags & ST_RDONLY;
    SystemPlace place;

    if (!above)
        return failure_errno(failure, ENOMEM, NULL, _("cannot look at the directory"));
    if (!look(system, wanted->share, &place, failure))
        return false;
    if (place.device != before->device || place.inode != before->inode ||
        place.mount == before->mount)
        return failure_set(failure, NULL, _("the directory's name does not lead to its mount"));
    if ((place.flags & flags) != flags || readonly != !!(place.flags & ST_RDONLY))
        return failure_set(failure, NULL, _("the directory's mount has other flags than were set"));
    return check_readonly(system, "/", failure) &&
           check_readonly(system, *above ? above : "/", failure);
}

/* There is no outside, and a mount over "/" would be one over everything that virtiofsd needs. */
static bool
set_root(const System *system, const MountsWanted *wanted, Failure *failure)
{
    uint64_t attributes = MOUNT_ATTR_NOSUID | (wanted->readonly ? MOUNT_ATTR_RDONLY : 0);

    return set(system, -1, 0, MS_SLAVE, "/", failure) &&
           set(system, -1, attributes, 0, "/", failure) &&
           (!wanted->readonly || check_readonly(system, "/", failure));
}

bool
mounts_set(const System *system, const MountsWanted *wanted, Failure *failure)
{
    bool noexec = !holds_programs(wanted);
    uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (noexec ? MOUNT_ATTR_NOEXEC : 0) |
                          (wanted->readonly ? MOUNT_ATTR_RDONLY : 0);
    unsigned long flags = ST_NOSUID | ST_NODEV | (noexec ? ST_NOEXEC : 0);
    AUTO_FD int directory = -1;
    AUTO_FD int tree = -1;
    SystemPlace before;

    if (strcmp(wanted->share, "/") == 0)
        return set_root(system, wanted, failure);
    if (!open_again(system, wanted, &directory, failure) ||
        !look(system, wanted->share, &before, failure))
        return false;
    /* first, so that the copy is a slave too and nothing that is done to either shows on the host */
    if (!set(system, -1, 0, MS_SLAVE, "/", failure))
        return false;
    tree = system->clone_mounts(directory);
    if (tree < 0)
        return failure_errno(failure, errno, todo_kernel(),
                             _("cannot copy the directory's mounts"));
    if (!set(system, tree, attributes, 0, wanted->share, failure) ||
        !set(system, -1, MOUNT_ATTR_RDONLY, 0, "/", failure))
        return false;
    if (system->attach_mounts(tree, directory) < 0)
        return failure_errno(failure, errno, todo_kernel(), _("cannot mount the directory"));
    return verify(system, wanted, &before, flags, failure);
}
