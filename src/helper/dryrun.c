/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/dryrun.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "helper/report.h"
#include "policy/profile.h"

/* The profile that would be there: the one that is, or one from the template. */
static char *
profile_text(const HelperConfig *config, const Options *options, const Wanted *wanted,
             GError **error)
{
    g_autoptr(PolicyDir) dir =
        policy_dir_open(options->policy_dir ? options->policy_dir : config->policy_dir, error);
    g_autofree char *text = NULL;
    g_autofree char *template = NULL;

    if (!dir)
        return NULL;
    if (options->command == COMMAND_REPLACE && policy_read(dir, wanted->profile, &text, NULL) &&
        profile_names(text, wanted->profile))
        return g_steal_pointer(&text);
    if (!policy_read(dir, wanted->template, &template, error)) {
        g_prefix_error(error, "%s: ", _("template does not exist"));
        return NULL;
    }
    return profile_from_template(template, wanted->template, wanted->profile,
                                 wanted->has_rules ? wanted->rules_path : NULL, error);
}

static gboolean
check(const HelperConfig *config, const Options *options, const Wanted *wanted, GError **error)
{
    g_autofree char *above = options->policy_dir ? g_path_get_dirname(options->policy_dir)
                                                 : g_strdup(config->include_dir);
    KernelOptions kernel_options = {.parser = config->parser, .include_dir = above};
    g_autoptr(Kernel) kernel = NULL;
    g_autoptr(KernelPolicy) policy = NULL;
    g_autofree char *profile = profile_text(config, options, wanted, error);
    g_autofree char *text = NULL;
    g_autofree char *messages = NULL;

    if (!profile)
        return FALSE;
    text = profile_inline_rules(profile, wanted->rules_path, wanted->rules->str);
    kernel = kernel_new(&kernel_options);
    policy = kernel_compile(kernel, text, strlen(text), &messages, error);
    if (messages && *messages)
        report_text(messages);
    if (!policy)
        return FALSE;
    report_text(_("The parser accepts this policy."));
    return TRUE;
}

static void
print_rules(const HelperConfig *config, const Wanted *wanted, const char *rules)
{
    g_autofree char *file = g_build_filename(config->policy_dir, wanted->rules_file, NULL);

    report_text(file);
    report_text(rules);
}

gboolean
dryrun_create(const HelperConfig *config, const Options *options, const Wanted *wanted,
              GError **error)
{
    g_autofree char *file = g_build_filename(config->policy_dir, wanted->profile, NULL);
    g_autofree char *include = profile_include_line(wanted->rules_path);

    if (g_file_test(file, G_FILE_TEST_EXISTS))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile exists: %s"), file);
    print_rules(config, wanted, wanted->rules->str);
    report_text(file);
    report_text(wanted->profile);
    report_text(include);
    return !options->check || check(config, options, wanted, error);
}

gboolean
dryrun_replace(const HelperConfig *config, const Options *options, const Wanted *wanted,
               GError **error)
{
    print_rules(config, wanted,
                options->append && options->add_file ? wanted->extra->str : wanted->rules->str);
    return !options->check || check(config, options, wanted, error);
}

gboolean
dryrun_remove(const PolicyDir *dir, const char *what, const char *profile, GError **error)
{
    if (!policy_exists(dir, profile))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile does not exist: %s/%s"),
                              policy_dir_path(dir), profile);
    return dryrun_say(what, profile);
}

gboolean
dryrun_say(const char *what, const char *profile)
{
    g_autofree char *line = g_strdup_printf("%s %s", what, profile);

    report_text(line);
    return TRUE;
}
