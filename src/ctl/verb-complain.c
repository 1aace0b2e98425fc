/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/own-rules.h"
#include "ctl/verbs.h"
#include "policy/files.h"

/* A profile that has the flag itself stays in complain mode whatever is kept elsewhere. */
static void
warn_of_flag(Ctl *ctl, const OwnTarget *target)
{
    g_autofree char *pattern =
        g_strdup_printf("^profile %s[ \t][^{\n]*\\bcomplain\\b", target->profile);
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(PolicyDir) dir = policy_dir_open(ctl->config->helper.policy_dir, NULL);
    g_autofree char *text = NULL;

    if (dir && policy_read(dir, target->profile, &text, NULL) &&
        g_regex_match(regex, text, 0, NULL))
        output_warning(ctl->output,
                       _("the profile has the flag \"complain\" itself, and stays in complain "
                         "mode: take it out "
                         "of %s/%s"),
                       policy_dir_path(dir), target->profile);
}

static gboolean
set_mode(Ctl *ctl, const char *domain, gboolean virtiofsd, gboolean complain, gboolean dry_run,
         GError **error)
{
    g_auto(OwnTarget) target = {0};
    g_auto(Own) before = {0};
    g_auto(Own) wanted = {0};
    g_autoptr(Reload) reload = NULL;

    if (!own_target_find(ctl, domain, virtiofsd, &target, error))
        return FALSE;
    reload = own_target_open(ctl, &target, dry_run, error);
    if (!reload || !own_target_read(ctl, &target, &before, error))
        return FALSE;
    wanted = (Own){g_strdup(before.path), g_strdup(before.rules), complain};
    if (!own_change(ctl, &target, reload, &before, &wanted, dry_run, error))
        return FALSE;
    if (!complain)
        warn_of_flag(ctl, &target);
    return TRUE;
}

static CtlStatus
run_mode(Ctl *ctl, const CtlVerb *verb, gboolean complain, int argc, char **argv, GError **error)
{
    gboolean virtiofsd = FALSE;
    gboolean dry_run = FALSE;
    const GOptionEntry entries[] = {
        {"virtiofsd", 0, 0, G_OPTION_ARG_NONE, &virtiofsd, N_("the VM's virtiofsd, not QEMU"),
         NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_("show what would change"), NULL},
        {0},
    };

    if (!ctl_parse(ctl, verb, entries, &argc, &argv, 1, 1, error))
        return CTL_FAILED;
    return set_mode(ctl, argv[1], virtiofsd, complain, dry_run, error) ? CTL_GOOD : CTL_FAILED;
}

static CtlStatus
run_complain(Ctl *ctl, int argc, char **argv, GError **error)
{
    return run_mode(ctl, &verb_complain, TRUE, argc, argv, error);
}

static CtlStatus
run_enforce(Ctl *ctl, int argc, char **argv, GError **error)
{
    return run_mode(ctl, &verb_enforce, FALSE, argc, argv, error);
}

const CtlVerb verb_complain = {"complain", "DOMAIN", N_("log what would be denied, and allow it"),
                               run_complain};
const CtlVerb verb_enforce = {"enforce", "DOMAIN", N_("the opposite of complain"), run_enforce};
