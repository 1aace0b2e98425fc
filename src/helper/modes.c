/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/modes.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "helper/dryrun.h"
#include "helper/report.h"
#include "helper/wanted.h"
#include "policy/files.h"
#include "policy/lock.h"
#include "policy/profile.h"
#include "rules/rules.h"

/* ---- what the modes share ---- */

static Wanted *
read_wanted(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Host) host = host_new(config->host_root, error);
    g_autofree char *xml = NULL;
    gsize len = 0;
    g_autoptr(Wanted) wanted = NULL;

    if (!host || !base_read_fd(config->input_fd, LIMIT_FILE_BYTES, _("the XML on standard input"),
                               &xml, &len, error))
        return NULL;
    wanted = wanted_from_xml(xml, len, options->profile, options->add_file, host, error);
    if (!wanted) {
        g_prefix_error(error, "%s: ", _("invalid VM definition"));
        return NULL;
    }
    report_warnings(wanted->warnings);
    return g_steal_pointer(&wanted);
}

static Kernel *
open_kernel(const HelperConfig *config)
{
    KernelOptions options = {.parser = config->parser,
                             .include_dir = config->include_dir,
                             .apparmorfs = config->kernel_dir};

    return kernel_new(&options);
}

/* The VM's policy for this call alone, without what an earlier one that crashed left lying about. */
static PolicyLock *
begin(const PolicyDir *dir, const Wanted *wanted, GError **error)
{
    PolicyLock *lock = policy_lock(dir, wanted->profile, LIMIT_LOCK_WAIT_MS, error);

    if (lock) {
        policy_clear_leftovers(dir, wanted->profile);
        policy_clear_leftovers(dir, wanted->rules_file);
    }
    return lock;
}

static void
report_parser(const char *messages)
{
    if (messages && *messages)
        report_text(messages);
}

/* Compiles @profile_text with @rules in it, publishes @change, loads, and keeps all of it or nothing. */
static gboolean
compile_and_load(const HelperConfig *config, const Wanted *wanted, const char *profile_text,
                 const char *rules, PolicyChange *change, KernelHow how, GError **error)
{
    g_autoptr(Kernel) kernel = open_kernel(config);
    g_autofree char *text = profile_inline_rules(profile_text, wanted->rules_path, rules);
    g_autofree char *messages = NULL;
    g_autoptr(KernelPolicy) policy = kernel_compile(kernel, text, strlen(text), &messages, error);

    report_parser(messages);
    if (!policy)
        return FALSE;
    if (!policy_change_publish(change, error) || !kernel_commit(kernel, policy, how, error))
        return FALSE;
    policy_change_keep(change);
    return TRUE;
}

static char *
make_profile(const PolicyDir *dir, const Wanted *wanted, GError **error)
{
    g_autofree char *template = NULL;

    if (!policy_read(dir, wanted->template, &template, error)) {
        g_prefix_error(error, "%s: ", _("template does not exist"));
        return NULL;
    }
    return profile_from_template(template, wanted->template, wanted->profile,
                                 wanted->has_rules ? wanted->rules_path : NULL, error);
}

static char *
with_header(const Wanted *wanted)
{
    return g_strconcat(RULES_HEADER, wanted->rules->str, NULL);
}

/* ---- create ---- */

gboolean
mode_create(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Wanted) wanted = read_wanted(config, options, error);
    g_autoptr(PolicyDir) dir = NULL;
    g_autoptr(PolicyLock) lock = NULL;
    g_autoptr(PolicyChange) change = NULL;
    g_autofree char *profile = NULL;
    g_autofree char *rules = NULL;

    if (!wanted)
        return FALSE;
    if (options->dry_run)
        return dryrun_create(config, options, wanted, error);

    dir = policy_dir_open(config->policy_dir, error);
    lock = dir ? begin(dir, wanted, error) : NULL;
    if (!lock)
        return FALSE;
    if (policy_exists(dir, wanted->profile))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("profile exists: %s/%s (--replace changes it)"),
                              policy_dir_path(dir), wanted->profile);

    profile = make_profile(dir, wanted, error);
    if (!profile)
        return FALSE;
    rules = with_header(wanted);
    change = policy_change_new(dir);
    if (wanted->has_rules && !policy_change_write(change, wanted->rules_file, rules, error))
        return FALSE;
    return policy_change_write(change, wanted->profile, profile, error) &&
           compile_and_load(config, wanted, profile, rules, change, KERNEL_REPLACE, error);
}

/* ---- replace ---- */

/*
 * The rules that are to be on disk. With --append-file they are those that are there and one more,
 * because libvirtd names by --append-file what the XML does not have (yet); a file that is missing or
 * was never ours is made from the XML instead.
 */
static char *
replaced_rules(const PolicyDir *dir, const Options *options, const Wanted *wanted, char **existing,
               GError **error)
{
    g_autoptr(GError) missing = NULL;
    char *appended;

    if (!policy_read(dir, wanted->rules_file, existing, &missing) &&
        !g_error_matches(missing, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return NULL;
    }
    if (*existing && !g_str_has_prefix(*existing, RULES_HEADER)) {
        g_autofree char *message =
            g_strdup_printf(_("%s/%s is empty or damaged; it is made anew from the XML"),
                            policy_dir_path(dir), wanted->rules_file);

        report_warning(message);
        g_clear_pointer(existing, g_free);
    }
    if (!options->append || !*existing)
        return with_header(wanted);
    appended = rules_append_missing(*existing, wanted->extra->str);
    return appended ? appended : g_strdup(*existing);
}

/* The profile that is on disk, or, where that is no profile, a new one, which is staged. */
static char *
replaced_profile(const PolicyDir *dir, const Wanted *wanted, PolicyChange *change, GError **error)
{
    g_autofree char *profile = NULL;
    g_autofree char *message = NULL;

    if (!policy_read(dir, wanted->profile, &profile, error)) {
        g_prefix_error(error, "%s: ", _("profile does not exist"));
        return NULL;
    }
    if (profile_names(profile, wanted->profile))
        return g_steal_pointer(&profile);

    message = g_strdup_printf(_("%s/%s is empty or damaged; it is made anew from %s"),
                              policy_dir_path(dir), wanted->profile, wanted->template);
    report_warning(message);
    g_free(profile);
    profile = make_profile(dir, wanted, error);
    if (!profile || !policy_change_write(change, wanted->profile, profile, error))
        return NULL;
    return g_steal_pointer(&profile);
}

gboolean
mode_replace(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Wanted) wanted = read_wanted(config, options, error);
    g_autoptr(PolicyDir) dir = NULL;
    g_autoptr(PolicyLock) lock = NULL;
    g_autoptr(PolicyChange) change = NULL;
    g_autofree char *profile = NULL;
    g_autofree char *existing = NULL;
    g_autofree char *rules = NULL;

    if (!wanted)
        return FALSE;
    if (options->dry_run)
        return dryrun_replace(config, options, wanted, error);

    dir = policy_dir_open(config->policy_dir, error);
    lock = dir ? begin(dir, wanted, error) : NULL;
    if (!lock)
        return FALSE;
    change = policy_change_new(dir);
    profile = replaced_profile(dir, wanted, change, error);
    rules = profile ? replaced_rules(dir, options, wanted, &existing, error) : NULL;
    if (!rules)
        return FALSE;
    if (wanted->has_rules && g_strcmp0(rules, existing) != 0 &&
        !policy_change_write(change, wanted->rules_file, rules, error))
        return FALSE;
    return compile_and_load(config, wanted, profile, rules, change, KERNEL_REPLACE, error);
}

/* ---- add, remove, delete ---- */

gboolean
mode_add(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Wanted) wanted = wanted_names(options->profile);
    g_autoptr(PolicyDir) dir = NULL;
    g_autoptr(PolicyLock) lock = NULL;
    g_autoptr(PolicyChange) nothing = NULL;
    g_autofree char *profile = NULL;
    g_autofree char *rules = NULL;

    dir = policy_dir_open(config->policy_dir, error);
    if (!dir)
        return FALSE;
    if (!policy_read(dir, wanted->profile, &profile, error)) {
        g_prefix_error(error, "%s: ", _("profile does not exist"));
        return FALSE;
    }
    if (options->dry_run)
        return dryrun_say(_("would load"), wanted->profile);
    lock = begin(dir, wanted, error);
    if (!lock)
        return FALSE;
    if (!policy_read(dir, wanted->rules_file, &rules, NULL))
        rules = g_strdup("");
    nothing = policy_change_new(dir);
    return compile_and_load(config, wanted, profile, rules, nothing, KERNEL_ADD, error);
}

static gboolean
unload(const HelperConfig *config, const PolicyDir *dir, const char *profile, GError **error)
{
    g_autoptr(Kernel) kernel = NULL;
    gboolean was_loaded = FALSE;

    if (!policy_exists(dir, profile))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile does not exist: %s/%s"),
                              policy_dir_path(dir), profile);
    kernel = open_kernel(config);
    if (!kernel_remove(kernel, profile, &was_loaded, error))
        return FALSE;
    if (!was_loaded)
        report_warning(_("unable to unload already unloaded profile"));
    return TRUE;
}

gboolean
mode_remove(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Wanted) wanted = wanted_names(options->profile);
    g_autoptr(PolicyDir) dir = policy_dir_open(config->policy_dir, error);
    g_autoptr(PolicyLock) lock = NULL;

    if (!dir)
        return FALSE;
    if (options->dry_run)
        return dryrun_remove(dir, _("would unload"), wanted->profile, error);
    lock = begin(dir, wanted, error);
    return lock && unload(config, dir, wanted->profile, error);
}

gboolean
mode_delete(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Wanted) wanted = wanted_names(options->profile);
    g_autoptr(PolicyDir) dir = policy_dir_open(config->policy_dir, error);
    g_autoptr(PolicyLock) lock = NULL;
    gboolean unloaded;

    if (!dir)
        return FALSE;
    if (options->dry_run)
        return dryrun_remove(dir, _("would unload and delete the rules of"), options->profile,
                             error);
    lock = begin(dir, wanted, error);
    if (!lock)
        return FALSE;
    /* the rules go even if the kernel keeps the profile: they are of a VM that is off */
    unloaded = unload(config, dir, wanted->profile, error);
    return policy_unlink(dir, wanted->rules_file, unloaded ? error : NULL) && unloaded;
}
