/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/settings.h"

#include <glib/gi18n-lib.h>

#include "settings/modcaps.h"
#include "settings/patterns.h"
#include "settings/private.h"

GPtrArray *
settings_new_strings(void)
{
    return g_ptr_array_new_null_terminated(0, g_free, TRUE);
}

static void
daemon_free(Daemon *daemon)
{
    g_free(daemon->vm);
    g_free(daemon->binary);
    g_ptr_array_unref(daemon->options);
    g_free(daemon);
}

Settings *
settings_new(void)
{
    Settings *settings = g_new0(Settings, 1);

    settings->allow_read = settings_new_strings();
    settings->allow_write = settings_new_strings();
    settings->allow_unconfined = settings_new_strings();
    settings->daemons = g_ptr_array_new_with_free_func((GDestroyNotify)daemon_free);
    return settings;
}

Settings *
settings_new_unusable(void)
{
    Settings *settings = settings_new();

    settings->unusable = TRUE;
    return settings;
}

void
settings_free(Settings *settings)
{
    g_ptr_array_unref(settings->allow_read);
    g_ptr_array_unref(settings->allow_write);
    g_ptr_array_unref(settings->allow_unconfined);
    g_ptr_array_unref(settings->daemons);
    g_free(settings);
}

static gboolean
list_names(GPtrArray *patterns, const char *path)
{
    for (guint i = 0; i < patterns->len; i++)
        if (patterns_name(g_ptr_array_index(patterns, i), path))
            return TRUE;
    return FALSE;
}

gboolean
settings_allows_read(const Settings *settings, const char *path)
{
    return list_names(settings->allow_read, path) || list_names(settings->allow_write, path);
}

gboolean
settings_allows_write(const Settings *settings, const char *path)
{
    return list_names(settings->allow_write, path);
}

gboolean
settings_allows_unconfined(const Settings *settings, const char *path)
{
    return list_names(settings->allow_unconfined, path);
}

char *
settings_advice(const Settings *settings, const char *path, SettingsList list, const char *file)
{
    static const struct {
        const char *key;
        const char *group;
    } lists[] = {
        [SETTINGS_ALLOW_READ] = {"allow-read", "shares"},
        [SETTINGS_ALLOW_WRITE] = {"allow-write", "shares"},
        [SETTINGS_ALLOW_UNCONFINED] = {"allow-unconfined", "virtiofsd"},
    };
    g_autofree char *pattern = patterns_quote(path);

    if (settings->unusable)
        return g_strdup_printf(_("correct %s, which may allow it"), file);
    if (!pattern)
        return g_strdup_printf(_("write the path without '.', '..' and empty parts, which %s "
                                 "cannot allow"),
                               file);
    return g_strdup_printf(_("allow it with \"%s = %s\" in [%s] of %s"), lists[list].key, pattern,
                           lists[list].group, file);
}

gboolean
settings_refuses_unrecorded(const Settings *settings)
{
    return settings->refuse_unrecorded;
}

static gboolean
is_for(const Daemon *daemon, const char *name)
{
    return !daemon->vm || patterns_name_vm(daemon->vm, name);
}

const char *
settings_binary(const Settings *settings, const char *name)
{
    const Daemon *found = NULL;

    for (guint i = 0; i < settings->daemons->len; i++) {
        const Daemon *daemon = g_ptr_array_index(settings->daemons, i);

        /* [virtiofsd] gives way to any group of VMs, wherever in the file it is */
        if (daemon->binary && is_for(daemon, name) && (daemon->vm || !found))
            found = daemon;
    }
    return found ? found->binary : NULL;
}

GPtrArray *
settings_binaries(const Settings *settings)
{
    GPtrArray *binaries = settings_new_strings();

    for (guint i = 0; i < settings->daemons->len; i++) {
        const Daemon *daemon = g_ptr_array_index(settings->daemons, i);

        if (daemon->binary)
            g_ptr_array_add(binaries, g_strdup(daemon->binary));
    }
    return binaries;
}

GPtrArray *
settings_options(const Settings *settings, const char *name)
{
    GPtrArray *options = settings_new_strings();

    for (guint i = 0; i < settings->daemons->len; i++) {
        const Daemon *daemon = g_ptr_array_index(settings->daemons, i);

        for (guint j = 0; is_for(daemon, name) && j < daemon->options->len; j++)
            g_ptr_array_add(options, g_strdup(g_ptr_array_index(daemon->options, j)));
    }
    modcaps_merge(options);
    return options;
}
