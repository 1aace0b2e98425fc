/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "ctl/descriptions.h"
#include "ctl/guard.h"
#include "ctl/libvirt-dir.h"
#include "ctl/loaded.h"
#include "ctl/switch-private.h"

#define LAUNCHER "libvirt-virtiofsd-launcher"

/* What is known before the first step. */
typedef struct {
    Ctl *ctl;
    Changes *changes;
    Place *place;
    Settings *settings;
    char *launcher_profile; /* its file */
} Plan;

static void
plan_clear(Plan *plan)
{
    g_clear_pointer(&plan->place, place_free);
    g_clear_pointer(&plan->settings, settings_free);
    g_free(plan->launcher_profile);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

/* ---- what is refused, before anything is changed ---- */

/* That all of ours is installed: nothing is switched on that would refuse to start VMs. */
static gboolean
check_installed(const Plan *plan, GError **error)
{
    const CtlConfig *config = plan->ctl->config;
    g_autofree char *template =
        g_build_filename(config->helper.policy_dir, "TEMPLATE.virtiofsd", NULL);
    g_autofree char *abstraction =
        g_build_filename(config->apparmor_dir, "abstractions", "libvirt-virtiofsd", NULL);
    g_autofree char *helper =
        g_build_filename(config->apparmor_dir, "abstractions", "virt-aa-helper-virtiofs", NULL);
    const char *const files[] = {plan->place->ours,
                                 config->helper.launcher,
                                 config->helper.launcher_json,
                                 plan->launcher_profile,
                                 template,
                                 abstraction,
                                 helper};

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        if (!g_file_test(files[i], G_FILE_TEST_IS_REGULAR))
            return base_set_error(error, BASE_ERROR_NOT_FOUND,
                                  _("%s is not there: install the project again"), files[i]);
    }
    return TRUE;
}

/* Another's diversion is another's replacement of libvirt's helper. */
static gboolean
check_diversion(const Place *place, GError **error)
{
    if (place->is_ours || !place->diversion.to ||
        (!place->diversion.by && strcmp(place->diversion.to, place->kept) == 0))
        return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("%s is diverted to %s by %s, and what is there now is not ours: remove "
                            "that first"),
                          place->in_place, place->diversion.to,
                          place->diversion.by ? place->diversion.by : _("the administrator"));
}

static gboolean
check(const Plan *plan, gboolean update, GError **error)
{
    const char *remedy = NULL;
    g_autofree char *problem = libvirt_dir_problem(plan->ctl->config, plan->place, &remedy);

    if (update && !plan->place->is_ours)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s is libvirt's own: virt-aa-ctl enable"), plan->place->in_place);
    /* libvirt may have been removed for a while; who updates then is the package manager */
    if (problem && !update)
        return base_set_error(error, BASE_ERROR_FAILED, "%s: %s", problem, remedy);
    return check_installed(plan, error) && check_diversion(plan->place, error);
}

/* ---- steps ---- */

/* The launcher's profile is there before anything runs the launcher. */
static gboolean
load_launcher_profile(const Plan *plan, GError **error)
{
    const CtlConfig *config = plan->ctl->config;
    const char *const load[] = {config->helper.parser, "--replace", "--skip-read-cache",
                                plan->launcher_profile, NULL};
    const char *const unload[] = {config->helper.parser, "--remove", plan->launcher_profile, NULL};
    g_autoptr(GHashTable) loaded = loaded_read(config, NULL);

    if (!loaded)
        return TRUE;
    return changes_run(plan->changes, "load", plan->launcher_profile, load,
                       g_hash_table_contains(loaded, LAUNCHER) ? NULL : unload, error);
}

static gboolean
add_line(const Plan *plan, const char *file, const char *line, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gboolean whole = TRUE;
    g_autofree char *text = additions_read(file, &whole, &problem);
    g_autofree char *folder = g_path_get_dirname(file);
    gboolean new_dir = !g_file_test(folder, G_FILE_TEST_IS_DIR);
    g_autofree char *with = additions_with(text, line, new_dir);

    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    return additions_check_whole(file, whole, error) &&
           changes_make_folder(plan->changes, folder, error) &&
           changes_write(plan->changes, file, with, strlen(with), 0644, error);
}

/* The distribution's profile for virt-aa-helper has a place for additions, and ours is one line in it. */
static gboolean
allow_helper(const Plan *plan, GError **error)
{
    g_autoptr(GPtrArray) additions = additions_of_helper(plan->ctl->config, error);

    if (!additions)
        return FALSE;
    for (guint i = 0; i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);

        if (!addition->file)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("%s takes no local additions: add to it \"%s\""),
                                  addition->profile, ADDITION_HELPER);
        switch_reload_on_undo(plan->ctl, plan->changes, addition->profile);
        if (!add_line(plan, addition->file, ADDITION_HELPER, error) ||
            !switch_load(plan->ctl, plan->changes, addition->profile, error))
            return FALSE;
    }
    return TRUE;
}

/* Copied, not linked: AppArmor goes by the path of the file that is executed. dpkg has to know, or the next
 * update of libvirt would bring its own helper back. */
static gboolean
put_helper(const Plan *plan, GError **error)
{
    const Place *place = plan->place;
    g_autofree char *bytes = NULL;
    gsize length;

    if (place->by_package)
        return TRUE;
    if (!base_read_file_at(AT_FDCWD, place->ours, LIMIT_FILE_BYTES, &bytes, &length, error))
        return FALSE;
    /* what is in the place is the newest of libvirt's: an update may have put it there */
    if (place->is_there && !place->is_ours &&
        !changes_link(plan->changes, place->in_place, place->kept, error))
        return FALSE;
    return switch_divert(plan->ctl, plan->changes, place, "--add", error) &&
           changes_write(plan->changes, place->in_place, bytes, length, 0755, error);
}

/* An empty file is what hides the launcher's description; another one is the administrator's. */
static gboolean
show_launcher(const Plan *plan, GError **error)
{
    return !descriptions_hide_launcher(plan->ctl->config) ||
           changes_remove(plan->changes, plan->ctl->config->helper.launcher_mask, error);
}

/* From here on libvirtd has the launcher or nothing. */
static gboolean
put_guard(const Plan *plan, GError **error)
{
    const CtlConfig *config = plan->ctl->config;
    g_autoptr(GPtrArray) descriptions = descriptions_read(config, error);
    g_autoptr(GPtrArray) additions = descriptions ? additions_of_daemons(config, error) : NULL;
    g_autofree char *path = guard_path(config);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *text = NULL;

    if (!additions)
        return FALSE;
    text = guard_text(config, plan->settings, descriptions, NULL);
    if (!switch_reload_daemons_on_undo(plan->ctl, plan->changes, error) ||
        !changes_make_folder(plan->changes, folder, error) ||
        !changes_write(plan->changes, path, text, strlen(text), 0644, error))
        return FALSE;
    for (guint i = 0; i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);

        if (addition->file && !add_line(plan, addition->file, ADDITION_GUARD, error))
            return FALSE;
    }
    return switch_load_daemons(plan->ctl, plan->changes, error);
}

static gboolean
carry_out(const Plan *plan, gboolean update, GError **error)
{
    if (!load_launcher_profile(plan, error) || !allow_helper(plan, error) ||
        !put_helper(plan, error))
        return FALSE;
    if (update && descriptions_hide_launcher(plan->ctl->config))
        return switch_drop_guard(plan->ctl, plan->changes, error);
    return show_launcher(plan, error) && put_guard(plan, error);
}

/* An installation of a new version is not to fail for a mistake in the file, which keeps VMs from starting as
 * it is. Nothing is allowed to run unconfined then. */
static Settings *
read_settings(Ctl *ctl, gboolean update, GError **error)
{
    g_autoptr(GError) problem = NULL;
    Settings *settings = settings_read(ctl->config->helper.settings_file, NULL, &problem);

    if (!settings && update) {
        output_warning(ctl->output, "%s", problem->message);
        return settings_new_unusable();
    }
    if (!settings)
        g_propagate_error(error, g_steal_pointer(&problem));
    return settings;
}

gboolean
switch_on(Ctl *ctl, Changes *changes, gboolean update, GError **error)
{
    g_auto(Plan) plan = {.ctl = ctl, .changes = changes};

    plan.place = place_look(ctl->config, error);
    plan.launcher_profile = g_build_filename(ctl->config->apparmor_dir, "virt-aa-virtiofsd", NULL);
    if (!plan.place || !check(&plan, update, error) || !switch_may_change(ctl, changes, error))
        return FALSE;
    plan.settings = read_settings(ctl, update, error);
    if (!plan.settings)
        return FALSE;
    return switch_settle(changes, carry_out(&plan, update, error), error);
}
