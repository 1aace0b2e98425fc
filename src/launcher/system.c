/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/system.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <assert.h>
#include <sys/apparmor.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/auto.h"

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
    .add_filter = linux_add_filter,
    .is_filtered = linux_is_filtered,
    .exec = execve,
};
