/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/program.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"

static gboolean
look_at(Host *host, const char *path, struct stat *st, GError **error)
{
    g_auto(AutoFd) fd = host_open(host, path, O_PATH | O_NOFOLLOW);

    if (fd < 0 || fstat(fd, st) < 0)
        return base_set_errno_error(error, errno, _("cannot look at %s"), path);
    if (st->st_uid != host_owner(host) || st->st_mode & (S_IWGRP | S_IWOTH))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s is not only root's to write; make it so, by chown and chmod"),
                              path);
    return TRUE;
}

gboolean
host_program_check(Host *host, const char *path, GError **error)
{
    const mode_t needed = S_IRUSR | S_IRGRP | S_IROTH | S_IXUSR | S_IXGRP | S_IXOTH;
    g_autofree char *dir = g_path_get_dirname(path);
    struct stat st;

    if (!look_at(host, path, &st, error))
        return FALSE;
    /* a rule for what not all may read could open a secret, with a program's name for a pretext */
    if (!S_ISREG(st.st_mode) || (st.st_mode & needed) != needed)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s is not a program that all may read and run"), path);
    while (!g_str_equal(dir, "/")) {
        char *above;

        if (!look_at(host, dir, &st, error))
            return FALSE;
        above = g_path_get_dirname(dir);
        g_free(dir);
        dir = above;
    }
    return TRUE;
}
