/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/modes.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "helper/call.h"
#include "helper/dryrun.h"
#include "helper/report.h"
#include "helper/virtiofsd.h"
#include "rules/rules.h"

/* ---- create ---- */

gboolean
mode_create(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Call) call = call_new(config, options);
    const WantedProfile *qemu;

    if (!call_read_xml(call, error))
        return FALSE;
    if (options->dry_run)
        return dryrun_create(call, error);
    if (!call_begin(call, error))
        return FALSE;
    qemu = &call->wanted->qemu;
    if (policy_exists(call->dir, qemu->profile))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("profile exists: %s/%s (--replace changes it)"),
                              policy_dir_path(call->dir), qemu->profile);

    call->qemu.names = qemu;
    call->qemu.rules = call_with_header(qemu->rules);
    if (call->wanted->has_rules && !call_rules(call, qemu, call->qemu.rules, NULL, error))
        return FALSE;
    call->qemu.profile = call_profile(call, qemu, FALSE, error);
    return call->qemu.profile && virtiofsd_replace(call, NULL, error) &&
           call_commit(call, KERNEL_REPLACE, error);
}

/* ---- replace ---- */

/*
 * The rules that are to be on disk. With --append-file they are those that are there and one more,
 * because libvirtd names by --append-file what the XML does not have (yet); a file that is missing or
 * was never ours is made from the XML instead.
 */
static char *
replaced_rules(const Call *call, const char *existing)
{
    char *appended;

    if (!call->options->append || !existing)
        return call_with_header(call->wanted->qemu.rules);
    appended = rules_append_missing(existing, call->wanted->extra->str);
    return appended ? appended : g_strdup(existing);
}

/* Whether @rules are what is loaded already: on disk, published by a call that did not crash, and the
 * profile is there. What cannot be told is not so. */
static gboolean
is_in_force(Call *call, const char *rules, const char *existing)
{
    gboolean loaded = FALSE;

    return call->options->append && !call->had_leftovers && g_strcmp0(rules, existing) == 0 &&
           kernel_has_profile(call->kernel, call->wanted->qemu.profile, &loaded, NULL) && loaded;
}

static gboolean
ready_qemu(Call *call, const char *existing, GError **error)
{
    const WantedProfile *qemu = &call->wanted->qemu;
    g_autofree char *rules = replaced_rules(call, existing);

    if (is_in_force(call, rules, existing))
        return TRUE;
    call->qemu.names = qemu;
    call->qemu.rules = g_steal_pointer(&rules);
    if (call->wanted->has_rules && !call_rules(call, qemu, call->qemu.rules, existing, error))
        return FALSE;
    call->qemu.profile = call_profile(call, qemu, TRUE, error);
    return call->qemu.profile != NULL;
}

gboolean
mode_replace(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Call) call = call_new(config, options);
    g_autofree char *existing = NULL;
    gboolean append;

    if (!call_read_xml(call, error))
        return FALSE;
    if (options->dry_run)
        return dryrun_replace(call, error);
    if (!call_begin(call, error))
        return FALSE;
    if (!policy_exists(call->dir, call->wanted->qemu.profile))
        return base_set_error(error, BASE_ERROR_NOT_FOUND, _("profile does not exist: %s/%s"),
                              policy_dir_path(call->dir), call->wanted->qemu.profile);

    if (!call_read_rules(call, &call->wanted->qemu, &existing, error))
        return FALSE;
    append = options->append && existing;
    if (!ready_qemu(call, existing, error))
        return FALSE;
    if (append ? !virtiofsd_append(call, existing, error)
               : !virtiofsd_replace(call, existing, error))
        return FALSE;
    if (!call_commit(call, KERNEL_REPLACE, error) || !virtiofsd_record(call, error))
        return FALSE;
    return append || call->wanted->has_shares ||
           virtiofsd_unload(call, VIRTIOFSD_KEEP_NOTHING, error);
}

gboolean
mode_add_share(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Call) call = call_new(config, options);

    call->wanted = wanted_names(options->profile);
    return call_check_settings(call, error) && call_begin(call, error) &&
           virtiofsd_add_share(call, error) && call_commit(call, KERNEL_REPLACE, error);
}

/* ---- add, remove, delete ---- */

/* Readies what is on disk. */
static gboolean
ready_as_is(Call *call, const WantedProfile *names, Unit *unit, GError **error)
{
    unit->names = names;
    if (!policy_read(call->dir, names->profile, &unit->profile, error)) {
        g_prefix_error(error, "%s: ", _("profile does not exist"));
        return FALSE;
    }
    if (!policy_read(call->dir, names->rules_file, &unit->rules, NULL))
        unit->rules = g_strdup("");
    return TRUE;
}

gboolean
mode_add(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Call) call = call_new(config, options);

    call->wanted = wanted_names(options->profile);
    if (options->dry_run)
        return dryrun_names(call, _("would load"), error);
    if (!call_begin(call, error) || !ready_as_is(call, &call->wanted->qemu, &call->qemu, error))
        return FALSE;
    if (policy_exists(call->dir, call->wanted->virtiofsd.rules_file) &&
        policy_exists(call->dir, call->wanted->virtiofsd.profile) &&
        !ready_as_is(call, &call->wanted->virtiofsd, &call->virtiofsd, error))
        return FALSE;
    return call_commit(call, KERNEL_ADD, error);
}

static gboolean
unload(Call *call, GError **error)
{
    const char *profile = call->wanted->qemu.profile;
    gboolean was_loaded = FALSE;

    if (!policy_exists(call->dir, profile))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile does not exist: %s/%s"),
                              policy_dir_path(call->dir), profile);
    if (!kernel_remove(call->kernel, profile, &was_loaded, error))
        return FALSE;
    if (!was_loaded)
        report_warning(_("unable to unload already unloaded profile"));
    return TRUE;
}

gboolean
mode_remove(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Call) call = call_new(config, options);

    call->wanted = wanted_names(options->profile);
    if (options->dry_run)
        return dryrun_names(call, _("would unload"), error);
    return call_begin(call, error) && unload(call, error) &&
           virtiofsd_unload(call, VIRTIOFSD_KEEP_FILES, error);
}

gboolean
mode_delete(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Call) call = call_new(config, options);
    gboolean done;

    call->wanted = wanted_names(options->profile);
    if (options->dry_run)
        return dryrun_names(call, _("would unload and delete the rules of"), error);
    if (!call_begin(call, error))
        return FALSE;
    /* the rules go even if the kernel keeps the profile: they are of a VM that is off */
    done = unload(call, error);
    done = virtiofsd_unload(call, VIRTIOFSD_KEEP_PROFILE, done ? error : NULL) && done;
    return policy_unlink(call->dir, call->wanted->qemu.rules_file, done ? error : NULL) && done;
}
