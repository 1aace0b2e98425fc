/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
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
    g_autofree char *remedy = word ? g_strdup_printf("$EDITOR %s", word) : NULL;

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
add_refusals(Checked *checked)
{
    const GError *config = checked->start->request->bad_settings;

    for (guint i = 0; i < checked->start->refusals->len; i++) {
        const Finding *refusal = g_ptr_array_index(checked->start->refusals, i);

        if (config && g_str_equal(refusal->text, config->message))
            finding_add(checked->findings, refusal->verdict, refusal->link, NULL, "%s",
                        _("it does not start while the configuration file is wrong"));
        else
            finding_add(checked->findings, refusal->verdict, refusal->link, refusal->remedy,
                        _("it does not start: %s"), refusal->text);
    }
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
    else
        add_refusals(checked);
    if (g_strcmp0(domain->label_type, "none") == 0)
        finding_add(checked->findings, FINDING_UNCONFINED, "seclabel", NULL, "%s",
                    _("its definition has <seclabel type='none'>: neither QEMU nor virtiofsd is "
                      "confined"));
    return checked;
}
