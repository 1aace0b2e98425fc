/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/descriptions.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "virtiofsd/description.h"

static void
description_free(Description *description)
{
    g_free(description->path);
    g_free(description->type);
    g_free(description->binary);
    g_free(description->problem);
    g_free(description);
}

/* @files: name → path. What has a dot in front is nothing to libvirt. */
static gboolean
add_folder(GHashTable *files, const char *folder, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GDir) entries = g_dir_open(folder, 0, &problem);
    const char *name;

    if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
    if (!entries)
        return base_set_error(error, BASE_ERROR_FAILED, "%s", problem->message);
    while ((name = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (name[0] != '.' && g_file_test(path, G_FILE_TEST_IS_REGULAR))
            g_hash_table_insert(files, g_strdup(name), g_steal_pointer(&path));
    }
    return TRUE;
}

/* By the launcher's parser: what one of the two took for something else would be another daemon. */
static void
parse(Description *description, const char *text, gsize length)
{
    char *type = NULL;
    char *binary = NULL;

    if (length > DESCRIPTION_MAX_BYTES)
        description->problem = g_strdup(_("it is too large"));
    else if (!description_parse(text, length, &type, &binary))
        description->problem = g_strdup(_("it is not one JSON object, or has a \"type\" or "
                                          "\"binary\" that is no string or is there twice"));
    else if (!type || !binary)
        description->problem = g_strdup(_("it has no \"type\" or no \"binary\""));
    description->type = g_strdup(type);
    description->binary = g_strdup(binary);
    free(type);
    free(binary);
}

/* (nullable): NULL where @path is an empty file, which hides what has its name */
static Description *
read_one(const char *path)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = NULL;
    Description *description;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, &problem)) {
        description = g_new0(Description, 1);
        description->problem = g_strdup(problem->message);
        description->denied =
            geteuid() != 0 && g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_ACCES);
    } else if (length == 0) {
        return NULL;
    } else {
        description = g_new0(Description, 1);
        parse(description, text, length);
    }
    description->path = g_strdup(path);
    return description;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

GPtrArray *
descriptions_read(const CtlConfig *config, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)description_free);
    g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GList) names = NULL;

    if (!add_folder(files, config->data_json_dir, error) ||
        !add_folder(files, config->sysconf_json_dir, error))
        return NULL;
    names = g_list_sort(g_hash_table_get_keys(files), by_name);
    for (GList *name = names; name; name = name->next) {
        Description *description = read_one(g_hash_table_lookup(files, name->data));

        if (description)
            g_ptr_array_add(list, description);
    }
    return g_steal_pointer(&list);
}

const Description *
descriptions_first(GPtrArray *descriptions)
{
    for (guint i = 0; i < descriptions->len; i++) {
        const Description *description = g_ptr_array_index(descriptions, i);

        if (g_strcmp0(description->type, "fs") == 0)
            return description;
    }
    return NULL;
}

gboolean
descriptions_hide_launcher(const CtlConfig *config)
{
    struct stat st;

    return stat(config->helper.launcher_mask, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}
