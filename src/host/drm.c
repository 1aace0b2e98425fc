/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/drm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"

#define DRI_DIR "/dev/dri"

static gboolean
is_render_node(const char *name)
{
    const char *digits;

    if (!g_str_has_prefix(name, "renderD"))
        return FALSE;
    digits = name + strlen("renderD");
    return *digits != '\0' && digits[strspn(digits, "0123456789")] == '\0';
}

/* host_list() would sort. Sets errno to 0 where the directory has been read to its end. */
static char *
first_render_node(DIR *dir)
{
    struct dirent *entry;

    do {
        errno = 0;
        entry = readdir(dir);
    } while (entry && !is_render_node(entry->d_name));
    return entry ? g_strdup_printf(DRI_DIR "/%s", entry->d_name) : NULL;
}

char *
host_drm_render_node(Host *host, GError **error)
{
    g_auto(AutoFd) fd = host_open(host, DRI_DIR, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    char *node;

    if (!dir) {
        base_set_errno_error(error, errno, _("cannot look for a render node in %s"), DRI_DIR);
        return NULL;
    }
    (void)autofd_steal(&fd);

    node = first_render_node(dir);
    if (!node && errno)
        base_set_errno_error(error, errno, _("cannot look for a render node in %s"), DRI_DIR);
    else if (!node)
        base_set_error(error, BASE_ERROR_NOT_FOUND, _("%s has no render node"), DRI_DIR);
    closedir(dir);
    return node;
}
