/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/unconfined.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "base/error.h"

/* An empty file of the name in /etc hides the description (QEMU's docs/interop/vhost-user.json). */
static gboolean
launcher_is_on(const HelperConfig *config)
{
    struct stat st;

    if (!config->launcher || !g_file_test(config->launcher_json, G_FILE_TEST_EXISTS))
        return FALSE;
    return !config->launcher_mask || stat(config->launcher_mask, &st) < 0 || st.st_size > 0;
}

/* The program that the XML names for the device @alias, or NULL. */
static const char *
named_binary(const Model *model, const char *alias)
{
    for (guint i = 0; i < model->shares->len; i++) {
        const Share *share = g_ptr_array_index(model->shares, i);

        if (g_strcmp0(share->alias, alias) == 0)
            return share->binary;
    }
    return NULL;
}

gboolean
unconfined_check(const Request *request, GError **error)
{
    const HelperConfig *config = request->config;
    g_autofree char *resolved = NULL;
    g_autofree char *advice = NULL;
    const char *binary;

    if (!request_announces(request, ANNOUNCED_VIRTIOFSD_SOCKET) || !launcher_is_on(config))
        return TRUE;
    binary = named_binary(request->model, request->announcement->alias);
    if (!binary || g_str_equal(binary, config->launcher))
        return TRUE;
    /* by its own name, and not by one that leads to another place */
    resolved = host_realpath(request->host, binary);
    if (settings_allows_unconfined(request->settings, resolved ? resolved : binary))
        return TRUE;
    advice = settings_advice(request->settings, resolved ? resolved : binary,
                             SETTINGS_ALLOW_UNCONFINED, config->settings_file);
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("libvirtd would run %s itself, unconfined: remove <binary path=…> from "
                            "the domain, or %s"),
                          binary, advice);
}

gboolean
unconfined_check_unrecorded(const Request *request, GError **error)
{
    if (!request_check_settings(request, error))
        return FALSE;
    if (!settings_refuses_unrecorded(request->settings))
        return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("the VM of the socket %s has no AppArmor label, and %s says "
                            "\"unrecorded = refuse\" in [virtiofsd]"),
                          request->options->unrecorded, request->config->settings_file);
}
