/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/dryrun.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "helper/report.h"
#include "policy/profile.h"

/* ---- compiling ---- */

/* Looks in --policy-dir first, and then where the real thing is. */
static gboolean
read_policy(const Call *call, const char *name, char **text, GError **error)
{
    const char *dirs[] = {call->options->policy_dir, call->config->policy_dir};

    for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autoptr(PolicyDir) dir = dirs[i] ? policy_dir_open(dirs[i], NULL) : NULL;

        if (dir && policy_read(dir, name, text, NULL))
            return TRUE;
    }
    return base_set_error(
        error, BASE_ERROR_NOT_FOUND, _("template does not exist: %s/%s"),
        call->options->policy_dir ? call->options->policy_dir : call->config->policy_dir, name);
}

static char *
profile_text(const Call *call, const WantedProfile *names, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *template = NULL;

    if (call->options->command == COMMAND_REPLACE &&
        read_policy(call, names->profile, &text, NULL) && profile_names(text, names->profile))
        return g_steal_pointer(&text);
    if (!read_policy(call, names->template, &template, error))
        return NULL;
    return profile_from_template(template, names->template, names->profile,
                                 call->wanted->has_rules ? names->rules_path : NULL, error);
}

static gboolean
check(const Call *call, const WantedProfile *names, GError **error)
{
    g_autofree char *above = call->options->policy_dir
                                 ? g_path_get_dirname(call->options->policy_dir)
                                 : g_strdup(call->config->include_dir);
    KernelOptions options = {.parser = call->config->parser,
                             .include_dir = above,
                             .apparmorfs = call->config->kernel_dir};
    g_autoptr(Kernel) kernel = NULL;
    g_autoptr(KernelPolicy) policy = NULL;
    g_autofree char *profile = profile_text(call, names, error);
    g_autofree char *text = NULL;
    g_autofree char *messages = NULL;
    g_autofree char *verdict = NULL;

    if (!profile)
        return FALSE;
    text = profile_inline_rules(profile, names->rules_path, names->rules->str);
    kernel = kernel_new(&options);
    policy = kernel_compile(kernel, text, strlen(text), &messages, error);
    if (messages && *messages)
        report_text(messages);
    if (!policy)
        return FALSE;
    verdict = g_strdup_printf(_("The parser accepts the policy of %s."), names->profile);
    report_text(verdict);
    return TRUE;
}

static gboolean
check_all(const Call *call, GError **error)
{
    const Wanted *wanted = call->wanted;

    if (!call->options->check)
        return TRUE;
    return check(call, &wanted->qemu, error) &&
           (!wanted->has_shares || check(call, &wanted->virtiofsd, error));
}

/* ---- printing ---- */

static void
print_file(const Call *call, const char *name, const char *content)
{
    g_autofree char *file = g_build_filename(call->config->policy_dir, name, NULL);

    report_text(file);
    report_text(content);
}

static void
print_profile(const Call *call, const WantedProfile *names)
{
    g_autofree char *include = profile_include_line(names->rules_path);

    print_file(call, names->profile, names->profile);
    report_text(include);
}

gboolean
dryrun_create(Call *call, GError **error)
{
    const Wanted *wanted = call->wanted;
    g_autofree char *file = g_build_filename(call->config->policy_dir, wanted->qemu.profile, NULL);

    if (g_file_test(file, G_FILE_TEST_EXISTS))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile exists: %s"), file);
    print_file(call, wanted->qemu.rules_file, wanted->qemu.rules->str);
    print_profile(call, &wanted->qemu);
    if (wanted->has_shares) {
        print_file(call, wanted->virtiofsd.rules_file, wanted->virtiofsd.rules->str);
        print_profile(call, &wanted->virtiofsd);
    }
    return check_all(call, error);
}

gboolean
dryrun_replace(Call *call, GError **error)
{
    const Wanted *wanted = call->wanted;
    gboolean append = call->options->append && call->options->add_file;

    print_file(call, wanted->qemu.rules_file,
               append ? wanted->extra->str : wanted->qemu.rules->str);
    if (wanted->has_shares && !append)
        print_file(call, wanted->virtiofsd.rules_file, wanted->virtiofsd.rules->str);
    return check_all(call, error);
}

gboolean
dryrun_names(Call *call, const char *what, GError **error)
{
    const char *profile = call->wanted->qemu.profile;
    g_autofree char *file = g_build_filename(call->config->policy_dir, profile, NULL);
    g_autofree char *line = g_strdup_printf("%s %s", what, profile);

    if (!g_file_test(file, G_FILE_TEST_EXISTS))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile does not exist: %s"), file);
    report_text(line);
    return TRUE;
}
