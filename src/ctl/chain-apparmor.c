/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/additions.h"
#include "ctl/chain-private.h"

/* The names under which libvirt asks for the profile of its own daemon, and old ones with the path. */
static const char *const daemons[] = {"libvirtd", "virtqemud"};
static const char *const folders[] = {"", "/usr/sbin/", "/sbin/"};

/* (nullable): under which name the profile of libvirt's daemon @daemon is loaded */
static const char *
loaded_name(const Chain *chain, const char *daemon)
{
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *name = g_strconcat(folders[i], daemon, NULL);

        if (g_hash_table_contains(chain->loaded, name))
            return g_intern_string(name);
    }
    return NULL;
}

/* libvirt uses AppArmor only where a profile of its own daemon is loaded (use_apparmor() of its AppArmor
 * driver), and otherwise starts VMs without a label. */
static void
check_daemons(Chain *chain)
{
    g_autoptr(GPtrArray) additions = NULL;
    gboolean found = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(daemons); i++)
        found = loaded_name(chain, daemons[i]) || found;
    if (!found) {
        finding_add(chain->findings, FINDING_UNCONFINED, "libvirtd-profile",
                    "apparmor_parser --replace /etc/apparmor.d/usr.sbin.libvirtd && "
                    "systemctl restart libvirtd",
                    "%s",
                    _("no profile of libvirtd or virtqemud is loaded: libvirt confines no VM"));
        return;
    }
    additions = chain_additions(chain, "libvirtd-profile", additions_of_daemons);
    if (!additions)
        return;
    for (guint i = 0; i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);
        const char *daemon = strrchr(addition->profile, '.') + 1;
        ChainProfile profile = {
            .link = "libvirtd-profile",
            .file = addition->profile,
            .name = loaded_name(chain, daemon),
            .remedy = "virt-aa-ctl update",
            .unloaded = FINDING_NOTE,
            .complain = FINDING_NOTE,
        };

        if (!profile.name)
            profile.name = daemon;
        chain_check_profile(chain, &profile);
    }
    if (additions->len == 0)
        finding_add(chain->findings, FINDING_GOOD, "libvirtd-profile", NULL, "%s",
                    _("a profile of libvirt's daemon is loaded"));
}

void
chain_apparmor(Chain *chain)
{
    if (chain->loaded) {
        finding_add(chain->findings, FINDING_GOOD, "apparmor", NULL, "%s",
                    _("AppArmor is in this kernel"));
        check_daemons(chain);
    } else if (g_error_matches(chain->not_loaded, BASE_ERROR, BASE_ERROR_DENIED)) {
        finding_add(chain->findings, FINDING_UNKNOWN, "apparmor", NULL, "%s",
                    _("which profiles are loaded is unknown: needs root"));
    } else if (g_error_matches(chain->not_loaded, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        finding_add(chain->findings, FINDING_UNCONFINED, "apparmor",
                    _("boot with apparmor=1 security=apparmor, or mount securityfs"),
                    _("nothing is confined: AppArmor is not in this kernel, or not to be seen in "
                      "%s"),
                    chain->config->apparmorfs);
    } else {
        finding_add(chain->findings, FINDING_UNKNOWN, "apparmor", NULL, "%s",
                    chain->not_loaded->message);
    }
}
