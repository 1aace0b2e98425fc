/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/descriptions.h"
#include "ctl/switch-private.h"

/* A description of the administrator's own, by the name of ours, that starts the launcher: to hide it would
 * be to destroy it. */
static gboolean
check_mask(const Ctl *ctl, GError **error)
{
    const char *mask = ctl->config->helper.launcher_mask;
    g_autoptr(GPtrArray) descriptions = descriptions_read(ctl->config, error);

    if (!descriptions)
        return FALSE;
    for (guint i = 0; i < descriptions->len; i++) {
        const Description *description = g_ptr_array_index(descriptions, i);

        if (g_str_has_prefix(description->path, ctl->config->sysconf_json_dir) &&
            g_strcmp0(description->binary, ctl->config->helper.launcher) == 0)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("%s is your own and starts the launcher: rm %s"),
                                  description->path, description->path);
        if (strcmp(description->path, mask) == 0)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("%s is your own, and an empty file is to be in its place: move "
                                    "it away"),
                                  mask);
    }
    return TRUE;
}

/* Before the helper goes: libvirt's own does not do what the launcher needs. */
static gboolean
hide_launcher(const Ctl *ctl, Changes *changes, GError **error)
{
    const char *mask = ctl->config->helper.launcher_mask;
    g_autofree char *folder = g_path_get_dirname(mask);

    return changes_make_folder(changes, folder, error) &&
           changes_write(changes, mask, "", 0, 0644, error);
}

/* Whether what is kept is libvirt's helper of today. It is not where an update that knew of no diversion has put
 * a newer one in the place, nor where libvirt has gone. */
static gboolean
belongs_back(const Ctl *ctl, const Place *place)
{
    if (place->is_there)
        return g_strcmp0(place->diversion.to, place->kept) == 0;
    return !place_lost_libvirt(place, ctl->config);
}

static gboolean
take_helper_back(const Ctl *ctl, Changes *changes, const Place *place, GError **error)
{
    gboolean done = TRUE;

    if (place->by_package || place->diversion.by)
        return TRUE;
    if (place->kept_is_there && (place->is_ours || belongs_back(ctl, place)))
        done = changes_rename(changes, place->kept, place->in_place, error);
    else if (place->kept_is_there)
        done = changes_remove(changes, place->kept, error);
    else if (place->is_ours && place_lost_libvirt(place, ctl->config))
        done = changes_remove(changes, place->in_place, error);
    else if (place->is_ours)
        return base_set_error(error, BASE_ERROR_NOT_FOUND,
                              _("%s, libvirt's own helper, is not there: install libvirt's package "
                                "that has virt-aa-helper again"),
                              place->kept);
    return done && (g_strcmp0(place->diversion.to, place->kept) != 0 ||
                    switch_divert(ctl, changes, place, "--remove", error));
}

/* The local additions of the helper's profile, and the profile with them. */
static gboolean
disallow_helper(const Ctl *ctl, Changes *changes, GError **error)
{
    g_autoptr(GPtrArray) additions = additions_of_helper(ctl->config, error);

    if (!additions)
        return FALSE;
    for (guint i = 0; i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);

        switch_reload_on_undo(ctl, changes, addition->profile);
    }
    if (!switch_drop_line(ctl, changes, ADDITION_HELPER, error))
        return FALSE;
    for (guint i = 0; i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);

        if (!switch_load(ctl, changes, addition->profile, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
carry_out(const Ctl *ctl, Changes *changes, const Place *place, GError **error)
{
    /* the first: without the launcher libvirtd has to run virtiofsd itself */
    return switch_drop_guard(ctl, changes, error) && hide_launcher(ctl, changes, error) &&
           take_helper_back(ctl, changes, place, error) && disallow_helper(ctl, changes, error);
}

gboolean
switch_off(Ctl *ctl, Changes *changes, GError **error)
{
    g_autoptr(Place) place = place_look(ctl->config, error);

    return place && check_mask(ctl, error) && switch_may_change(ctl, changes, error) &&
           switch_settle(changes, carry_out(ctl, changes, place, error), error);
}
