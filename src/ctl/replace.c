/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"

void
replaced_clear(Replaced *old)
{
    g_free(old->bytes);
    *old = (Replaced){0};
}

gboolean
replaced_read(const char *path, Replaced *old, GError **error)
{
    g_auto(AutoFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    *old = (Replaced){0};
    if (fd < 0 && errno == ENOENT)
        return TRUE;
    if (fd < 0 || fstat(fd, &st) < 0)
        return base_set_errno_error(error, errno, _("cannot read %s"), path);
    if (!S_ISREG(st.st_mode))
        return base_set_error(error, BASE_ERROR_DAMAGED, _("%s is no file"), path);
    if (!base_read_fd(fd, LIMIT_FILE_BYTES, path, &old->bytes, &old->length, error))
        return FALSE;
    old->is_there = TRUE;
    old->mode = st.st_mode & 07777;
    old->uid = st.st_uid;
    old->gid = st.st_gid;
    return TRUE;
}

/* A name without its file being on the disk is a file of zeros after a power loss. */
static gboolean
sync_folder(const char *folder)
{
    g_auto(AutoFd) fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0;
}

gboolean
replace_file(const char *path, const char *bytes, gsize length, guint mode, const Replaced *like,
             GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *new = g_strdup_printf("%s/.%s.new", folder, name);
    g_auto(AutoFd) fd = -1;
    gboolean keep = like && like->is_there;

    (void)unlink(new);
    fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return base_set_errno_error(error, errno, _("cannot write %s"), path);
    if (!base_write_all(fd, path, bytes, length, error))
        goto failed;
    if ((keep && (like->uid != geteuid() || like->gid != getegid()) &&
         fchown(fd, like->uid, like->gid) < 0) ||
        fchmod(fd, keep ? like->mode : mode) < 0 || fsync(fd) < 0 || rename(new, path) < 0 ||
        !sync_folder(folder)) {
        base_set_errno_error(error, errno, _("cannot write %s"), path);
        goto failed;
    }
    return TRUE;
failed:
    (void)unlink(new);
    return FALSE;
}

/* Whether there is nothing to put back. */
static gboolean
is_still(const char *path, const Replaced *old)
{
    g_auto(Replaced) now = {0};

    return replaced_read(path, &now, NULL) && now.is_there && now.length == old->length &&
           memcmp(now.bytes, old->bytes, old->length) == 0 && now.mode == old->mode &&
           now.uid == old->uid && now.gid == old->gid;
}

gboolean
replaced_restore(const char *path, const Replaced *old, GError **error)
{
    if (old->is_there)
        return is_still(path, old) ||
               replace_file(path, old->bytes, old->length, old->mode, old, error);
    if (unlink(path) < 0 && errno != ENOENT)
        return base_set_errno_error(error, errno, _("cannot remove %s"), path);
    return TRUE;
}
