/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "ctl/chain-private.h"

/* libvirt's qemu.conf, beside our own file. */
static char *
conf_path(const CtlConfig *config)
{
    g_autofree char *folder = g_path_get_dirname(config->helper.settings_file);

    return g_build_filename(folder, "qemu.conf", NULL);
}

/* (transfer full) (nullable): the value of @key in @text, which may go over several lines in brackets */
static char *
value_of(const char *text, const char *key)
{
    g_autofree char *pattern =
        g_strdup_printf("^[ \\t]*%s[ \\t]*=[ \\t]*(\\[[^\\]]*\\]|[^\\n#]*)", key);
    g_autoptr(GRegex) line = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) found = NULL;

    return g_regex_match(line, text, 0, &found) ? g_strstrip(g_match_info_fetch(found, 1)) : NULL;
}

/* What libvirt is told to do. Returns: whether that is no reason for it to confine nothing */
static gboolean
check_conf(Chain *chain, const char *path, const char *text)
{
    g_autofree char *driver = value_of(text, "security_driver");
    g_autofree char *confined = value_of(text, "security_default_confined");
    g_autofree char *remedy =
        g_strdup_printf(_("take the line out of %s, and restart libvirtd"), path);

    if (driver && !strstr(driver, "\"apparmor\"")) {
        finding_add(chain->findings, FINDING_UNCONFINED, "security-driver", remedy,
                    _("libvirt confines no VM: security_driver = %s"), driver);
        return FALSE;
    }
    if (confined && strcmp(confined, "0") == 0) {
        finding_add(chain->findings, FINDING_UNCONFINED, "security-driver", remedy, "%s",
                    _("libvirt confines no VM that does not ask for it: "
                      "security_default_confined = 0"));
        return FALSE;
    }
    return TRUE;
}

/* What libvirt does, which is what counts. Only its QEMU driver has security drivers. */
static void
ask_libvirt(Chain *chain)
{
    g_autofree char *drivers = NULL;
    g_autoptr(GError) problem = NULL;

    if (!chain->ask || !g_str_has_prefix(chain->ctl->uri, "qemu"))
        return;
    drivers = chain->ask(chain->ctl->uri, &problem);
    if (!drivers)
        finding_add(chain->findings, FINDING_UNKNOWN, "security-driver", "systemctl start libvirtd",
                    _("whether libvirt uses AppArmor is unknown: %s"), problem->message);
    else if (!strstr(drivers, "apparmor"))
        finding_add(chain->findings, FINDING_UNCONFINED, "security-driver",
                    "systemctl restart libvirtd",
                    _("libvirt confines no VM: its security drivers are: %s"), drivers);
    else
        finding_add(chain->findings, FINDING_GOOD, "security-driver", NULL,
                    _("libvirt uses AppArmor: %s"), drivers);
}

void
chain_driver(Chain *chain)
{
    g_autofree char *path = conf_path(chain->config);
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    gboolean read = base_read_file_at(AT_FDCWD, path, LIMIT_FILE_BYTES, &text, NULL, &problem);

    /* A distribution's own is root's to read; what libvirt itself says is enough. */
    if (!read || check_conf(chain, path, text))
        ask_libvirt(chain);
}
