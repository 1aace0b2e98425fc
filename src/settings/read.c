/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "settings/settings.h"

Settings *
settings_read(const char *path, gboolean *unread, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    gsize length = 0;

    if (unread)
        *unread = FALSE;
    if (base_read_trusted_at(AT_FDCWD, path, LIMIT_FILE_BYTES, &text, &length, &problem))
        return settings_parse(text, length, path, error);
    if (g_error_matches(problem, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        return settings_new();
    if (unread)
        *unread = TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}
