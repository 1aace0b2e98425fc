/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/diversion.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"

void
diversion_clear(Diversion *diversion)
{
    g_free(diversion->to);
    g_free(diversion->by);
    *diversion = (Diversion){NULL};
}

gboolean
diversion_find(const char *dpkg_dir, const char *path, Diversion *diversion, GError **error)
{
    g_autofree char *file = g_build_filename(dpkg_dir, "diversions", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) problem = NULL;

    *diversion = (Diversion){NULL};
    if (!base_read_file_at(AT_FDCWD, file, LIMIT_FILE_BYTES, &text, NULL, &problem)) {
        if (g_error_matches(problem, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i] && *lines[i]; i += 3) {
        if (!lines[i + 1] || !lines[i + 2] || !*lines[i + 2])
            return base_set_error(error, BASE_ERROR_DAMAGED, _("%s is damaged"), file);
        if (strcmp(lines[i], path) != 0)
            continue;
        diversion->to = g_strdup(lines[i + 1]);
        diversion->by = strcmp(lines[i + 2], ":") == 0 ? NULL : g_strdup(lines[i + 2]);
        break;
    }
    return TRUE;
}
