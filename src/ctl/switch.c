/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/switch.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/guard.h"
#include "ctl/loaded.h"
#include "ctl/switch-private.h"

gboolean
switch_may_change(const Ctl *ctl, const Changes *changes, GError **error)
{
    const char *const folders[] = {ctl->config->apparmor_dir, ctl->config->libexecdir};

    if (changes_is_dry_run(changes))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (access(folders[i], W_OK) == 0)
            continue;
        if (errno == EACCES)
            return base_set_error(error, BASE_ERROR_DENIED,
                                  _("this needs root: %s is not yours to change"), folders[i]);
        return base_set_errno_error(error, errno, _("cannot change %s"), folders[i]);
    }
    return TRUE;
}

/* ---- profiles ---- */

static gboolean
has_apparmor(const Ctl *ctl)
{
    g_autofree char *policy = g_build_filename(ctl->config->apparmorfs, "policy", NULL);

    return g_file_test(policy, G_FILE_TEST_IS_DIR);
}

static gboolean
is_for_loading(const Ctl *ctl, const char *file)
{
    return has_apparmor(ctl) && g_file_test(file, G_FILE_TEST_EXISTS);
}

gboolean
switch_load(const Ctl *ctl, Changes *changes, const char *file, GError **error)
{
    const char *const argv[] = {ctl->config->helper.parser, "--replace", "--skip-read-cache", file,
                                NULL};

    return !is_for_loading(ctl, file) || changes_run(changes, "load", file, argv, NULL, error);
}

void
switch_reload_on_undo(const Ctl *ctl, Changes *changes, const char *file)
{
    const char *const argv[] = {ctl->config->helper.parser, "--replace", "--skip-read-cache", file,
                                NULL};

    if (is_for_loading(ctl, file))
        changes_run_again_on_undo(changes, argv);
}

/* Whether the profile of the daemon, whose name the file's ends with, is loaded, under whatever path. */
static gboolean
is_loaded(GHashTable *loaded, const char *file)
{
    const char *daemon = strrchr(file, '.') + 1;
    g_autofree char *sbin = g_strconcat("/usr/sbin/", daemon, NULL);

    return g_hash_table_contains(loaded, daemon) || g_hash_table_contains(loaded, sbin) ||
           g_hash_table_contains(loaded, sbin + strlen("/usr"));
}

/* (element-type utf8) (nullable): the files of the daemons' profiles that are loaded */
static GPtrArray *
loaded_daemons(const Ctl *ctl, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) loaded = loaded_read(ctl->config, NULL);
    g_autoptr(GPtrArray) additions = additions_of_daemons(ctl->config, error);

    if (!additions)
        return NULL;
    for (guint i = 0; loaded && i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);

        if (is_loaded(loaded, addition->profile))
            g_ptr_array_add(files, g_strdup(addition->profile));
    }
    return g_steal_pointer(&files);
}

gboolean
switch_load_daemons(const Ctl *ctl, Changes *changes, GError **error)
{
    g_autoptr(GPtrArray) files = loaded_daemons(ctl, error);

    for (guint i = 0; files && i < files->len; i++) {
        if (!switch_load(ctl, changes, g_ptr_array_index(files, i), error))
            return FALSE;
    }
    return files != NULL;
}

gboolean
switch_reload_daemons_on_undo(const Ctl *ctl, Changes *changes, GError **error)
{
    g_autoptr(GPtrArray) files = loaded_daemons(ctl, error);

    for (guint i = 0; files && i < files->len; i++)
        switch_reload_on_undo(ctl, changes, g_ptr_array_index(files, i));
    return files != NULL;
}

/* ---- dpkg ---- */

gboolean
switch_divert(const Ctl *ctl, Changes *changes, const Place *place, const char *action,
              GError **error)
{
    const CtlConfig *config = ctl->config;
    gboolean add = strcmp(action, "--add") == 0;
    g_autofree char *program = g_build_filename(config->dpkg_bin, "dpkg-divert", NULL);
    const char *argv[] = {program,       "--admindir", config->dpkg_dir, "--quiet", "--local",
                          "--no-rename", "--divert",   place->kept,      action,    place->in_place,
                          NULL};
    const char *undo[G_N_ELEMENTS(argv)];

    if (!place->has_dpkg || add == (place->diversion.to != NULL))
        return TRUE;
    memcpy(undo, argv, sizeof(argv));
    undo[8] = add ? "--remove" : "--add";
    return changes_run(changes, add ? "divert" : "undivert", place->in_place, argv, undo, error);
}

/* ---- local additions ---- */

static gboolean
drop_from(Changes *changes, const char *file, const char *line, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gboolean whole = TRUE;
    g_autofree char *text = additions_read(file, &whole, &problem);
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *left = NULL;
    gboolean made_dir = FALSE;

    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (!text || !additions_has(text, line))
        return TRUE;
    if (!additions_check_whole(file, whole, error))
        return FALSE;
    left = additions_without(text, line, &made_dir);
    if (left)
        return changes_write(changes, file, left, strlen(left), 0644, error);
    if (!changes_remove(changes, file, error))
        return FALSE;
    if (made_dir)
        changes_remove_folder(changes, folder);
    return TRUE;
}

gboolean
switch_drop_line(const Ctl *ctl, Changes *changes, const char *line, GError **error)
{
    g_autoptr(GPtrArray) files = additions_list(ctl->config, error);

    if (!files)
        return FALSE;
    for (guint i = 0; i < files->len; i++) {
        if (!drop_from(changes, g_ptr_array_index(files, i), line, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
switch_drop_guard(const Ctl *ctl, Changes *changes, GError **error)
{
    g_autofree char *guard = guard_path(ctl->config);

    return switch_reload_daemons_on_undo(ctl, changes, error) &&
           switch_drop_line(ctl, changes, ADDITION_GUARD, error) &&
           changes_remove(changes, guard, error) && switch_load_daemons(ctl, changes, error);
}

gboolean
switch_settle(Changes *changes, gboolean done, GError **error)
{
    g_autoptr(GError) left = NULL;

    if (done)
        return TRUE;
    if (changes_take_back(changes, &left))
        g_prefix_error(error, "%s: ", _("nothing has changed"));
    else
        g_prefix_error(error, _("not all that was done could be taken back (%s): "), left->message);
    return FALSE;
}
