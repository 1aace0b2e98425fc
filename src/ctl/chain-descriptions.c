/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/chain-private.h"
#include "ctl/descriptions.h"
#include "ctl/words.h"

static void
check_launcher(Chain *chain)
{
    const char *launcher = chain->config->helper.launcher;

    if (access(launcher, X_OK) != 0)
        finding_add(chain->findings, FINDING_UNCONFINED, "launcher", _("install the project again"),
                    _("%s is not there or cannot be run"), launcher);
    else
        finding_add(chain->findings, FINDING_GOOD, "launcher", NULL, _("%s is there"), launcher);
}

/* Any that libvirt cannot read keeps it from taking one. Returns: whether there is none */
static gboolean
check_damage(Chain *chain, GPtrArray *descriptions)
{
    gboolean whole = TRUE;

    for (guint i = 0; i < descriptions->len; i++) {
        const Description *description = g_ptr_array_index(descriptions, i);
        g_autofree char *path = NULL;
        g_autofree char *remedy = NULL;

        if (!description->problem)
            continue;
        whole = FALSE;
        if (description->denied) {
            finding_add(chain->findings, FINDING_UNKNOWN, "description", NULL,
                        _("%s: unknown: needs root"), description->problem);
            continue;
        }
        path = words_quote(description->path);
        remedy = path ? g_strdup_printf(_("correct it, or remove it: rm %s"), path) : NULL;
        finding_add(chain->findings, FINDING_UNCONFINED, "description", remedy,
                    _("libvirt cannot read %s, and then starts no VM with a share: %s"),
                    description->path, description->problem);
    }
    return whole;
}

/* An empty file in /etc hides what a package has; what the administrator has is his to move. */
static char *
remedy_of_first(const CtlConfig *config, const Description *first)
{
    g_autofree char *name = g_path_get_basename(first->path);
    g_autofree char *folder = g_path_get_dirname(first->path);

    const gboolean is_own = strcmp(folder, config->sysconf_json_dir) == 0;
    g_autofree char *path = words_quote(first->path);
    g_autofree char *to =
        g_strdup_printf("%s/%s%s", config->sysconf_json_dir, is_own ? "50-" : "", name);
    g_autofree char *quoted = words_quote(to);

    if (!path || !quoted)
        return NULL;
    return is_own ? g_strdup_printf("mv %s %s", path, quoted) : g_strdup_printf("touch %s", quoted);
}

static void
check_first(Chain *chain, const Description *first)
{
    const CtlConfig *config = chain->config;
    g_autofree char *remedy = NULL;

    if (first && g_strcmp0(first->binary, config->helper.launcher) == 0) {
        finding_add(chain->findings, FINDING_GOOD, "description", NULL,
                    _("libvirtd starts %s for each share: %s"), config->helper.launcher,
                    first->path);
        return;
    }
    if (descriptions_hide_launcher(config)) {
        finding_add(chain->findings, FINDING_NOTE, "description", "virt-aa-ctl enable",
                    _("%s is empty and hides the launcher: libvirtd starts each virtiofsd itself, "
                      "unconfined"),
                    config->helper.launcher_mask);
        return;
    }
    if (!first) {
        finding_add(chain->findings, FINDING_UNCONFINED, "description",
                    _("install the project again"), _("%s is not there, nor another description"),
                    config->helper.launcher_json);
        return;
    }
    remedy = remedy_of_first(config, first);
    finding_add(chain->findings, FINDING_UNCONFINED, "description", remedy,
                _("libvirtd does not start the launcher: %s comes before ours and names %s"),
                first->path, first->binary);
}

void
chain_descriptions(Chain *chain)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GPtrArray) descriptions = descriptions_read(chain->config, &problem);

    check_launcher(chain);
    if (!descriptions)
        finding_add(chain->findings, FINDING_UNKNOWN, "description", NULL, "%s", problem->message);
    else if (check_damage(chain, descriptions))
        check_first(chain, descriptions_first(descriptions));
}
