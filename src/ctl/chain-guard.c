/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/additions.h"
#include "ctl/chain-private.h"
#include "ctl/descriptions.h"
#include "ctl/guard.h"

#define UPDATE "virt-aa-ctl update"

gboolean
chain_has_guard(const CtlConfig *config)
{
    g_autofree char *path = guard_path(config);

    return !chain_is_empty(path);
}

/* Whether each profile that libvirt's daemons may have includes the guard; else says which does not. */
static gboolean
check_includes(Chain *chain)
{
    g_autoptr(GPtrArray) additions = chain_additions(chain, "guard", additions_of_daemons);
    gboolean good = additions != NULL;

    for (guint i = 0; additions && i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);
        g_autofree char *text = NULL;
        gboolean seen = !addition->file || chain_read(chain, "guard", addition->file, &text);

        if (text && additions_has(text, ADDITION_GUARD))
            continue;
        good = FALSE;
        if (!seen)
            continue;
        if (addition->file)
            finding_add(chain->findings, FINDING_UNCONFINED, "guard", UPDATE,
                        _("libvirtd may run another virtiofsd itself, unconfined: %s does not have "
                          "the line \"%s\""),
                        addition->file, ADDITION_GUARD);
        else
            finding_add(chain->findings, FINDING_UNCONFINED, "guard", NULL,
                        _("libvirtd may run another virtiofsd itself, unconfined: %s takes no "
                          "local additions: add to it \"%s\""),
                        addition->profile, ADDITION_GUARD);
    }
    return good;
}

/* Whether the guard names what it has to. */
static void
check_rules(Chain *chain, const char *path, const char *wanted)
{
    g_autofree char *text = NULL;

    if (!chain_read(chain, "guard", path, &text))
        return;
    if (!text || !*text)
        finding_add(chain->findings, FINDING_UNCONFINED, "guard", UPDATE,
                    _("libvirtd may run another virtiofsd itself, unconfined: %s is not there"),
                    path);
    else if (!guard_covers(text, wanted))
        finding_add(chain->findings, FINDING_UNCONFINED, "guard", UPDATE,
                    _("libvirtd is not kept from all that %s has to name by now"), path);
    else if (strcmp(text, wanted) != 0)
        finding_add(chain->findings, FINDING_STALE, "guard", UPDATE,
                    _("libvirtd is kept from more than it has to be by now: %s"), path);
    else if (check_includes(chain))
        finding_add(chain->findings, FINDING_GOOD, "guard", NULL,
                    _("libvirtd is kept from running another virtiofsd itself: %s"), path);
}

static void
check_odd(Chain *chain, GPtrArray *odd)
{
    for (guint i = 0; i < odd->len; i++)
        finding_add(chain->findings, FINDING_NOTE, "guard", NULL,
                    _("libvirtd is not kept from running %s, for its name"),
                    (const char *)g_ptr_array_index(odd, i));
}

void
chain_guard(Chain *chain)
{
    g_autofree char *path = guard_path(chain->config);
    g_autoptr(GError) problem = NULL;
    g_autoptr(Settings) settings =
        settings_read(chain->config->helper.settings_file, NULL, &problem);
    g_autoptr(GPtrArray) descriptions = descriptions_read(chain->config, NULL);
    g_autoptr(GPtrArray) odd = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *wanted = NULL;

    if (chain_is_hidden(problem)) {
        chain_add_unread(chain, "configuration", problem);
        return;
    }
    if (!settings) {
        finding_add(chain->findings, FINDING_UNCONFINED, "configuration", _("correct the file"),
                    _("VMs with a share do not start: %s"), problem->message);
        return;
    }
    finding_add(chain->findings, FINDING_GOOD, "configuration", NULL, _("%s has no mistake"),
                chain->config->helper.settings_file);
    if (!chain->launcher_on) {
        if (chain_has_guard(chain->config))
            finding_add(chain->findings, FINDING_UNCONFINED, "guard", UPDATE,
                        _("VMs with a share do not start: libvirtd is kept from running virtiofsd "
                          "by %s, and does not see the launcher"),
                        path);
        return;
    }
    if (!descriptions)
        return;
    wanted = guard_text(chain->config, settings, descriptions, odd);
    check_rules(chain, path, wanted);
    check_odd(chain, odd);
}
