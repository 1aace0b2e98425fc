/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/chain.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/additions.h"
#include "ctl/chain-private.h"
#include "ctl/descriptions.h"
#include "ctl/loaded.h"

gboolean
chain_is_empty(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0;
}

gboolean
chain_is_hidden(const GError *problem)
{
    return geteuid() != 0 && g_error_matches(problem, BASE_ERROR, BASE_ERROR_DENIED);
}

void
chain_add_unread(Chain *chain, const char *link, const GError *problem)
{
    finding_add(chain->findings, FINDING_UNKNOWN, link, NULL,
                chain_is_hidden(problem) ? _("%s: unknown: needs root") : "%s", problem->message);
}

gboolean
chain_read(Chain *chain, const char *link, const char *file, char **text)
{
    g_autoptr(GError) problem = NULL;
    gboolean whole = TRUE;
    g_autofree char *read = additions_read(file, &whole, &problem);

    if (problem) {
        chain_add_unread(chain, link, problem);
        return FALSE;
    }
    if (!additions_check_whole(file, whole, &problem)) {
        finding_add(chain->findings, FINDING_UNCONFINED, link, NULL, "%s", problem->message);
        return FALSE;
    }
    *text = g_steal_pointer(&read);
    return TRUE;
}

GPtrArray *
chain_additions(Chain *chain, const char *link,
                GPtrArray *(*list)(const CtlConfig *config, GError **error))
{
    g_autoptr(GError) problem = NULL;
    GPtrArray *additions = list(chain->config, &problem);

    if (!additions)
        chain_add_unread(chain, link, problem);
    return additions;
}

/* Whether @line is in any file of local additions. What may not be read is looked at, and said, where all is on. */
static gboolean
has_line(const CtlConfig *config, const char *line)
{
    g_autoptr(GPtrArray) files = additions_list(config, NULL);

    for (guint i = 0; files && i < files->len; i++) {
        g_autofree char *text = additions_read(g_ptr_array_index(files, i), NULL, NULL);

        if (text && additions_has(text, line))
            return TRUE;
    }
    return FALSE;
}

/* Whether anything is as "enable" makes it. Not one trace alone, for it is the others that may be lost. */
static gboolean
is_on(const Chain *chain)
{
    const Place *place = chain->place;

    return chain->launcher_on || (place->is_ours && !place->by_package) || place->kept_is_there ||
           g_strcmp0(place->diversion.to, place->kept) == 0 ||
           has_line(chain->config, ADDITION_HELPER) || has_line(chain->config, ADDITION_GUARD);
}

static void
check_off(Chain *chain)
{
    finding_add(chain->findings, FINDING_NOTE, "switch", "virt-aa-ctl enable", "%s",
                _("switched off: libvirt uses its own helper, and libvirtd starts each "
                  "virtiofsd itself, unconfined"));
    if (chain_has_guard(chain->config))
        finding_add(chain->findings, FINDING_UNCONFINED, "guard", "virt-aa-ctl disable", "%s",
                    _("libvirtd may be kept from running virtiofsd although all is switched off: "
                      "VMs with a share do not start"));
}

static void
check_on(Chain *chain)
{
    finding_add(chain->findings, FINDING_GOOD, "switch", NULL, "%s", _("switched on"));
    chain_helper(chain);
    chain_profiles(chain);
    chain_descriptions(chain);
    chain_guard(chain);
    chain_apparmor(chain);
    chain_driver(chain);
}

GPtrArray *
chain_check(const Ctl *ctl, ChainAsk ask)
{
    const CtlConfig *config = ctl->config;
    Chain chain = {.ctl = ctl, .config = config, .findings = findings_new(), .ask = ask};
    g_autoptr(GError) problem = NULL;

    chain.place = place_look(config, &problem);
    if (!chain.place) {
        finding_add(chain.findings, FINDING_UNKNOWN, "diversion", NULL, "%s", problem->message);
        return chain.findings;
    }
    chain.launcher_on = !descriptions_hide_launcher(config) &&
                        !chain_is_empty(config->helper.launcher_json) &&
                        access(config->helper.launcher, X_OK) == 0;
    chain.loaded = loaded_read(config, &chain.not_loaded);
    if (is_on(&chain))
        check_on(&chain);
    else
        check_off(&chain);
    g_clear_pointer(&chain.loaded, g_hash_table_unref);
    g_clear_error(&chain.not_loaded);
    place_free(chain.place);
    return chain.findings;
}
