/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/own-path.h"
#include "ctl/own-text.h"
#include "ctl/verbs.h"

typedef struct {
    gboolean readonly;
    gboolean virtiofsd;
    gboolean dry_run;
} Asked;

static gboolean
allow(Ctl *ctl, const char *domain, const char *typed, const Asked *asked, GError **error)
{
    g_auto(OwnTarget) target = {0};
    g_auto(OwnPath) path = {0};
    g_auto(Own) before = {0};
    g_auto(Own) wanted = {0};
    g_autoptr(Reload) reload = NULL;
    g_autofree char *header = NULL;
    g_autofree char *lines = NULL;

    if (!own_target_find(ctl, domain, asked->virtiofsd, &target, error) ||
        !own_path_resolve(ctl, typed, &path, error) ||
        (asked->virtiofsd && !own_path_check_virtiofsd(&path, asked->readonly, error)))
        return FALSE;
    if (!asked->virtiofsd)
        own_path_warn(ctl, &path, asked->readonly);
    lines = own_path_rules(&path, asked->virtiofsd, asked->readonly, error);
    reload = lines ? own_target_open(ctl, &target, asked->dry_run, error) : NULL;
    if (!reload || !own_target_read(ctl, &target, &before, error))
        return FALSE;
    header = own_text_header(target.domain, target.virtiofsd);
    wanted.rules = own_text_add(before.rules, header, lines);
    wanted.complain = before.complain;
    wanted.path = g_strdup(before.path);
    return own_change(ctl, &target, reload, &before, &wanted, asked->dry_run, error);
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    Asked asked = {0};
    const GOptionEntry entries[] = {
        {"read-only", 'r', 0, G_OPTION_ARG_NONE, &asked.readonly, N_("for reading only"), NULL},
        {"virtiofsd", 0, 0, G_OPTION_ARG_NONE, &asked.virtiofsd,
         N_("for the VM's virtiofsd, not for QEMU"), NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &asked.dry_run, N_("show what would change"), NULL},
        {0},
    };

    if (!ctl_parse(ctl, &verb_allow, entries, &argc, &argv, 2, 2, error))
        return CTL_FAILED;
    return allow(ctl, argv[1], argv[2], &asked, error) ? CTL_GOOD : CTL_FAILED;
}

const CtlVerb verb_allow = {"allow", "DOMAIN PATH", N_("let one VM have a file or a directory"),
                            run};
