/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/limits.h"

struct _PolicyDir {
    AutoFd fd;
    char *path;
    char *owner; /* NULL: all files are of VMs whose locks their names are under */
};

/* ---- the directory ---- */

PolicyDir *
policy_dir_open(const char *path, GError **error)
{
    /* O_PATH: the profile that distributions have for the helper lets it use files in the directory,
     * but not read the directory itself */
    g_auto(AutoFd) fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    PolicyDir *dir;

    if (fd < 0) {
        const gboolean is_other = errno == ENOTDIR;

        base_set_errno_error(error, errno, _("cannot open the policy directory %s"), path);
        if (error && is_other)
            (*error)->code = BASE_ERROR_DAMAGED;
        return NULL;
    }
    dir = g_new0(PolicyDir, 1);
    dir->fd = autofd_steal(&fd);
    dir->path = g_strdup(path);
    return dir;
}

void
policy_dir_free(PolicyDir *dir)
{
    autofd_close(dir->fd);
    g_free(dir->path);
    g_free(dir->owner);
    g_free(dir);
}

int
policy_dir_fd(const PolicyDir *dir)
{
    return dir->fd;
}

const char *
policy_dir_path(const PolicyDir *dir)
{
    return dir->path;
}

void
policy_dir_share(PolicyDir *dir, const char *owner)
{
    g_free(dir->owner);
    dir->owner = g_strdup(owner);
}

char *
policy_dir_beside(const PolicyDir *dir, const char *name)
{
    return dir->owner ? g_strconcat(name, POLICY_OWNER_MARK, dir->owner, NULL) : g_strdup(name);
}

gboolean
policy_is_named(const PolicyDir *dir, const char *name, int fd)
{
    struct stat open_st;
    struct stat name_st;

    if (fstat(fd, &open_st) < 0)
        return FALSE;
    if (fstatat(dir->fd, name, &name_st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT)
            errno = EAGAIN;
        return FALSE;
    }
    if (open_st.st_ino == name_st.st_ino && open_st.st_dev == name_st.st_dev)
        return TRUE;
    errno = EAGAIN;
    return FALSE;
}

gboolean
policy_exists(const PolicyDir *dir, const char *name)
{
    struct stat st;

    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

gboolean
policy_read(const PolicyDir *dir, const char *name, char **text, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) unread = NULL;
    gsize len = 0;

    if (!base_read_trusted_at(dir->fd, name, LIMIT_FILE_BYTES, &bytes, &len, &unread)) {
        /* we write none so large */
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_LIMIT))
            unread->code = BASE_ERROR_DAMAGED;
        g_propagate_prefixed_error(error, g_steal_pointer(&unread), "%s: ", dir->path);
        return FALSE;
    }
    if (memchr(bytes, '\0', len))
        return base_set_error(error, BASE_ERROR_DAMAGED, _("%s/%s contains a NUL byte"), dir->path,
                              name);
    *text = g_steal_pointer(&bytes);
    return TRUE;
}

gboolean
policy_remove_name(const PolicyDir *dir, const char *name)
{
    if (unlinkat(dir->fd, name, 0) == 0)
        return TRUE;
    return errno == EISDIR && unlinkat(dir->fd, name, AT_REMOVEDIR) == 0;
}

gboolean
policy_unlink(const PolicyDir *dir, const char *name, GError **error)
{
    if (FAULT("unlink") || (!policy_remove_name(dir, name) && errno != ENOENT))
        return base_set_errno_error(error, errno, _("cannot remove %s/%s"), dir->path, name);
    return TRUE;
}
