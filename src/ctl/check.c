/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/start-shares.h"
#include "ctl/words.h"

void
checked_free(Checked *checked)
{
    if (!checked)
        return;
    g_clear_pointer(&checked->start, start_free);
    g_ptr_array_unref(checked->findings);
    g_free(checked);
}

void
check_config(const HelperConfig *config, GPtrArray *findings)
{
    const char *file = config->settings_file;
    const Options options = {.command = COMMAND_NONE};
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) request = request_new(config, &options, &error);
    g_autofree char *word = file ? words_quote(file) : NULL;
    g_autofree char *remedy = word ? g_strdup_printf("${EDITOR:-vi} %s", word) : NULL;

    if (!request)
        finding_add(findings, FINDING_UNKNOWN, "config", NULL, "%s", error->message);
    else if (g_error_matches(request->bad_settings, BASE_ERROR, BASE_ERROR_DENIED))
        finding_add(findings, FINDING_UNKNOWN, "config", NULL, _("%s: unknown: needs root"), file);
    else if (request->bad_settings)
        finding_add(findings, FINDING_UNCONFINED, "config", remedy,
                    _("%s; no domain with a share starts"), request->bad_settings->message);
    else if (!file || !g_file_test(file, G_FILE_TEST_EXISTS))
        finding_add(findings, FINDING_GOOD, "config", NULL,
                    _("there is no configuration file, and none is needed"));
    else
        finding_add(findings, FINDING_GOOD, "config", NULL, _("%s is right"), file);
}

/* That of the configuration is said once. */
static void
add_refusals(Checked *checked, GPtrArray *refusals)
{
    const GError *config = checked->start->request->bad_settings;

    for (guint i = 0; i < refusals->len; i++) {
        const Finding *refusal = g_ptr_array_index(refusals, i);

        if (refusal->verdict == FINDING_UNKNOWN)
            finding_add(checked->findings, refusal->verdict, refusal->link, NULL, "%s",
                        refusal->text);
        else if (config && g_str_equal(refusal->text, config->message))
            finding_add(checked->findings, refusal->verdict, refusal->link, NULL, "%s",
                        _("it does not start while the configuration file is wrong"));
        else
            finding_add(checked->findings, refusal->verdict, refusal->link, refusal->remedy,
                        _("it does not start: %s"), refusal->text);
    }
}

static gboolean
has_share(const Domain *domain)
{
    const DomainFilesystem *fs;
    guint at = 0;

    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at)))
        if (fs->driver == DOMAIN_FS_VIRTIOFS && !fs->socket)
            return TRUE;
    return FALSE;
}

/* What the administrator has decided in the definition is no mistake, and "status" does not count it as one either.
 * virt-aa-helper is not run, and refuses nothing; the launcher asks it whether a VM that it does not know may share
 * (unconfined_check_unrecorded()). */
static void
check_exempt(Checked *checked)
{
    const Request *request = checked->start->request;
    g_autoptr(GPtrArray) refusals = findings_new();
    g_autoptr(GError) refused = NULL;

    if (g_strcmp0(checked->domain->label_type, "none") == 0)
        finding_add(checked->findings, FINDING_NOTE, "seclabel", NULL, "%s",
                    _("its definition has <seclabel type='none'>: neither QEMU nor virtiofsd is "
                      "confined"));
    else
        finding_add(checked->findings, FINDING_NOTE, "seclabel", NULL,
                    _("its definition has a static label: the profile is the administrator's, and "
                      "its virtiofsds have none of this program's"));
    if (request->domain && has_share(request->domain)) {
        if (!request_check_settings(request, &refused))
            finding_add(refusals, FINDING_UNCONFINED, "start", NULL, "%s", refused->message);
        else if (settings_refuses_unrecorded(request->settings))
            finding_add(refusals, FINDING_UNCONFINED, "start", NULL, "%s",
                        _("the VM has no AppArmor label, and the configuration says \"unrecorded = "
                          "refuse\""));
    }
    if (request->model)
        start_check_own_shares(request, refusals);
    add_refusals(checked, refusals);
}

Checked *
check_start(const HelperConfig *config, const CtlDomain *domain)
{
    Checked *checked = g_new0(Checked, 1);
    g_autoptr(GError) error = NULL;

    checked->domain = domain;
    checked->findings = findings_new();
    checked->start = start_new(config, domain->xml, strlen(domain->xml), domain->id, &error);
    if (!checked->start)
        finding_add(checked->findings, FINDING_UNCONFINED, "start", NULL,
                    _("it does not start: %s"), error->message);
    else if (ctl_domain_is_exempt(domain))
        check_exempt(checked);
    else
        add_refusals(checked, checked->start->refusals);
    return checked;
}
