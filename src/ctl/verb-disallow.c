/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "ctl/own-path.h"
#include "ctl/own-text.h"
#include "ctl/verbs.h"

/* A file in which nothing is left goes, so that the VM's policy is what it would be without it. */
static char *
rules_without(const Own *before, const OwnTarget *target, const OwnPath *path, GError **error)
{
    g_autofree char *header = own_text_header(target->domain, target->virtiofsd);
    g_autofree char *lines = own_path_all_rules(path, error);
    g_autofree char *left = NULL;

    if (!lines)
        return NULL;
    left = own_text_remove(before->rules ? before->rules : "", lines);
    if (!before->rules || g_str_equal(left, before->rules)) {
        base_set_error(
            error, BASE_ERROR_NOT_FOUND,
            _("%s has no rule of \"allow\" for %s: virt-aa-ctl rules %s shows what it has"),
            before->path, path->path, target->uuid);
        return NULL;
    }
    if (own_text_is_bare(left, header))
        return g_strdup("");
    return g_steal_pointer(&left);
}

static gboolean
disallow(Ctl *ctl, const char *domain, const char *typed, gboolean virtiofsd, gboolean dry_run,
         GError **error)
{
    g_auto(OwnTarget) target = {0};
    g_auto(OwnPath) path = {0};
    g_auto(Own) before = {0};
    g_auto(Own) wanted = {0};
    g_autoptr(Reload) reload = NULL;

    if (!own_target_find(ctl, domain, virtiofsd, &target, error) ||
        !own_path_resolve(ctl, typed, &path, error))
        return FALSE;
    reload = own_target_open(ctl, &target, dry_run, error);
    if (!reload || !own_target_read(ctl, &target, &before, error))
        return FALSE;
    wanted.rules = rules_without(&before, &target, &path, error);
    if (!wanted.rules)
        return FALSE;
    if (!*wanted.rules)
        g_clear_pointer(&wanted.rules, g_free);
    wanted.complain = before.complain;
    wanted.path = g_strdup(before.path);
    return own_change(ctl, &target, reload, &before, &wanted, dry_run, error);
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    gboolean virtiofsd = FALSE;
    gboolean dry_run = FALSE;
    const GOptionEntry entries[] = {
        {"virtiofsd", 0, 0, G_OPTION_ARG_NONE, &virtiofsd, N_("of the VM's virtiofsd, not of QEMU"),
         NULL},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_("show what would change"), NULL},
        {0},
    };

    if (!ctl_parse(ctl, &verb_disallow, entries, &argc, &argv, 2, 2, error))
        return CTL_FAILED;
    return disallow(ctl, argv[1], argv[2], virtiofsd, dry_run, error) ? CTL_GOOD : CTL_FAILED;
}

const CtlVerb verb_disallow = {"disallow", "DOMAIN PATH", N_("take back what allow has given"),
                               run};
