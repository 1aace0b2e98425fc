/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/settings-file.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"

Settings *
settings_file_read(const CtlConfig *config, GError **error)
{
    const char *path = config->helper.settings_file;
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    gsize length;

    if (base_read_file_at(AT_FDCWD, path, LIMIT_FILE_BYTES, &text, &length, &problem))
        return settings_parse(text, length, path, error);
    if (g_error_matches(problem, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        return settings_new();
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}
