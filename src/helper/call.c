/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/call.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "helper/report.h"
#include "policy/profile.h"

/* Where there is no file, or the distribution's profile for the helper does not let us read it, the
 * defaults hold; they are the stricter ones. */
static Settings *
read_settings(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) unread = NULL;

    if (!path)
        return settings_new();
    if (base_read_file_at(AT_FDCWD, path, LIMIT_FILE_BYTES, &text, NULL, &unread))
        return settings_parse(text, path, error);
    if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_DENIED))
        report_warning(unread->message);
    else if (!g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&unread));
        return NULL;
    }
    return settings_new();
}

Call *
call_new(const HelperConfig *config, const Options *options)
{
    Call *call = g_new0(Call, 1);

    call->config = config;
    call->options = options;
    call->settings = read_settings(config->settings_file, &call->bad_settings);
    if (!call->settings)
        call->settings = settings_new();
    if (call->bad_settings)
        report_warning(call->bad_settings->message);
    return call;
}

gboolean
call_check_settings(const Call *call, GError **error)
{
    if (!call->bad_settings)
        return TRUE;
    g_propagate_error(error, g_error_copy(call->bad_settings));
    return FALSE;
}

static void
unit_clear(Unit *unit)
{
    g_free(unit->profile);
    g_free(unit->rules);
}

void
call_free(Call *call)
{
    /* takes back what is not kept, and only then lets others in */
    g_clear_pointer(&call->change, policy_change_free);
    g_clear_pointer(&call->lock, policy_unlock);
    g_clear_pointer(&call->dir, policy_dir_free);
    g_clear_pointer(&call->kernel, kernel_free);
    g_clear_pointer(&call->wanted, wanted_free);
    g_clear_pointer(&call->settings, settings_free);
    g_clear_error(&call->bad_settings);
    unit_clear(&call->qemu);
    unit_clear(&call->virtiofsd);
    g_free(call);
}

gboolean
call_read_xml(Call *call, GError **error)
{
    const Options *options = call->options;
    g_autoptr(Host) host = host_new(call->config->host_root, error);
    g_autofree char *xml = NULL;
    gsize len = 0;

    if (!host || !base_read_fd(call->config->input_fd, LIMIT_FILE_BYTES,
                               _("the XML on standard input"), &xml, &len, error))
        return FALSE;
    call->wanted =
        wanted_from_xml(xml, len, options->profile, options->add_file, host, call->settings, error);
    if (!call->wanted) {
        g_prefix_error(error, "%s: ", _("invalid VM definition"));
        return FALSE;
    }
    report_warnings(call->wanted->warnings);
    return (!call->wanted->has_shares && !call->wanted->socket) || call_check_settings(call, error);
}

gboolean
call_begin(Call *call, GError **error)
{
    const Wanted *wanted = call->wanted;
    const WantedProfile *both[] = {&wanted->qemu, &wanted->virtiofsd};
    KernelOptions options = {.parser = call->config->parser,
                             .include_dir = call->config->include_dir,
                             .apparmorfs = call->config->kernel_dir};

    call->dir = policy_dir_open(call->config->policy_dir, error);
    if (!call->dir)
        return FALSE;
    call->lock = policy_lock(call->dir, wanted->qemu.profile, LIMIT_LOCK_WAIT_MS, error);
    if (!call->lock)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        call->had_leftovers |= policy_clear_leftovers(call->dir, both[i]->profile);
        call->had_leftovers |= policy_clear_leftovers(call->dir, both[i]->rules_file);
    }
    call->kernel = kernel_new(&options);
    call->change = policy_change_new(call->dir);
    return TRUE;
}

char *
call_with_header(const GString *rules)
{
    return g_strconcat(RULES_HEADER, rules->str, NULL);
}

static char *
from_template(Call *call, const WantedProfile *names, GError **error)
{
    g_autofree char *template = NULL;
    g_autofree char *profile = NULL;

    if (!policy_read(call->dir, names->template, &template, error)) {
        g_prefix_error(error, "%s: ", _("template does not exist"));
        return NULL;
    }
    profile = profile_from_template(template, names->template, names->profile,
                                    call->wanted->has_rules ? names->rules_path : NULL, error);
    if (!profile || !policy_change_write(call->change, names->profile, profile, error))
        return NULL;
    return g_steal_pointer(&profile);
}

char *
call_profile(Call *call, const WantedProfile *names, gboolean existing_too, GError **error)
{
    g_autofree char *profile = NULL;
    g_autofree char *message = NULL;

    if (!existing_too || !policy_exists(call->dir, names->profile))
        return from_template(call, names, error);
    if (!policy_read(call->dir, names->profile, &profile, error))
        return NULL;
    if (profile_names(profile, names->profile))
        return g_steal_pointer(&profile);

    message = g_strdup_printf(_("%s/%s is empty or damaged; it is made anew from %s"),
                              policy_dir_path(call->dir), names->profile, names->template);
    report_warning(message);
    return from_template(call, names, error);
}

gboolean
call_read_rules(Call *call, const WantedProfile *names, char **rules, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *message = NULL;
    g_autoptr(GError) unread = NULL;

    *rules = NULL;
    if (!policy_read(call->dir, names->rules_file, &text, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    if (g_str_has_prefix(text, RULES_HEADER)) {
        *rules = g_steal_pointer(&text);
        return TRUE;
    }
    message = g_strdup_printf(_("%s/%s is empty or damaged; it is made anew from the XML"),
                              policy_dir_path(call->dir), names->rules_file);
    report_warning(message);
    return TRUE;
}

gboolean
call_rules(Call *call, const WantedProfile *names, const char *rules, const char *existing,
           GError **error)
{
    if (g_strcmp0(rules, existing) == 0)
        return TRUE;
    return policy_change_write(call->change, names->rules_file, rules, error);
}

static KernelPolicy *
compile(Call *call, const Unit *unit, GError **error)
{
    g_autofree char *text =
        profile_inline_rules(unit->profile, unit->names->rules_path, unit->rules);
    g_autofree char *messages = NULL;
    KernelPolicy *policy = kernel_compile(call->kernel, text, strlen(text), &messages, error);

    if (messages && *messages)
        report_text(messages);
    return policy;
}

gboolean
call_commit(Call *call, KernelHow how, GError **error)
{
    Unit *units[] = {&call->qemu, &call->virtiofsd};
    g_autoptr(KernelPolicy) all = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autoptr(KernelPolicy) policy = NULL;

        if (!units[i]->profile)
            continue;
        policy = compile(call, units[i], error);
        if (!policy)
            return FALSE;
        if (all)
            kernel_policy_append(all, policy);
        else
            all = g_steal_pointer(&policy);
    }
    if (!policy_change_publish(call->change, error))
        return FALSE;
    if (all && !kernel_commit(call->kernel, all, how, error))
        return FALSE;
    policy_change_keep(call->change);
    return TRUE;
}
