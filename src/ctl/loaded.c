/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/loaded.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/command.h"

/* Reads @path of securityfs, in which there are links. */
static gboolean
read_kernel(const char *path, char **text, gsize *length, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (g_file_get_contents(path, text, length, &problem))
        return TRUE;
    if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return base_set_errno_error(error, ENOENT, "%s", path);
    if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_ACCES) ||
        g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_PERM))
        return base_set_errno_error(error, EACCES, "%s", path);
    return base_set_error(error, BASE_ERROR_FAILED, "%s", problem->message);
}

GHashTable *
loaded_read(const CtlConfig *config, GError **error)
{
    g_autoptr(GHashTable) profiles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *path = g_build_filename(config->apparmorfs, "profiles", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!read_kernel(path, &text, NULL, error))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i]; i++) {
        char *mode = strrchr(lines[i], '(');
        char *end = strrchr(lines[i], ')');

        if (!mode || mode == lines[i] || mode[-1] != ' ' || !end || end < mode)
            continue;
        mode[-1] = '\0';
        *end = '\0';
        g_hash_table_insert(profiles, g_strdup(lines[i]), g_strdup(mode + 1));
    }
    return g_steal_pointer(&profiles);
}

/* (nullable): the directory of the profile @name below @profiles, "NAME.NUMBER" with other slashes */
static char *
find_folder(const char *profiles, const char *name)
{
    g_autoptr(GDir) folders = g_dir_open(profiles, 0, NULL);
    const char *folder;
    gboolean plain = !strchr(name, '/');

    while (folders && (folder = g_dir_read_name(folders))) {
        g_autofree char *path = g_build_filename(profiles, folder, NULL);
        g_autofree char *file = g_build_filename(path, "name", NULL);
        g_autofree char *text = NULL;

        /* hosts have thousands of profiles */
        if (plain && !g_str_has_prefix(folder, name))
            continue;
        if (g_file_get_contents(file, &text, NULL, NULL) && strcmp(g_strchomp(text), name) == 0)
            return g_steal_pointer(&path);
    }
    return NULL;
}

static gboolean
compile(const CtlConfig *config, const char *file, GBytes **binary, GError **error)
{
    const char *const argv[] = {
        config->helper.parser, "--skip-cache", "--skip-kernel-load", "--stdout", file, NULL};
    g_autoptr(GError) problem = NULL;

    if (command_run(argv, binary, &problem))
        return TRUE;
    return base_set_error(error, BASE_ERROR_POLICY, "%s", problem->message);
}

gboolean
loaded_compare(const CtlConfig *config, const char *name, const char *file, LoadedAnswer *answer,
               GError **error)
{
    g_autofree char *profiles = g_build_filename(config->apparmorfs, "policy", "profiles", NULL);
    g_autofree char *folder = find_folder(profiles, name);
    g_autofree char *path = folder ? g_build_filename(folder, "raw_data", NULL) : NULL;
    g_autofree char *raw = NULL;
    g_autoptr(GBytes) binary = NULL;
    g_autoptr(GError) problem = NULL;
    gsize length = 0;

    if (!compile(config, file, &binary, error))
        return FALSE;
    *answer = LOADED_NOT_SHOWN;
    if (!path)
        return TRUE;
    if (!read_kernel(path, &raw, &length, &problem)) {
        if (g_error_matches(problem, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    *answer =
        length > 0 && memmem(g_bytes_get_data(binary, NULL), g_bytes_get_size(binary), raw, length)
            ? LOADED_SAME
            : LOADED_DIFFERENT;
    return TRUE;
}
