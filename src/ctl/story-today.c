/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * What a start of the domain would end with today, by the rooms that the helper is made of, and by what the
 * launcher refuses. Nothing of a log is in it. "virt-aa-ctl plan" says more.
 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/descriptions.h"
#include "ctl/story.h"
#include "domain/domain.h"
#include "model/model.h"
#include "settings/settings.h"

static void
found(Story *story, CauseId cause, const char *message)
{
    story->now_cause = cause;
    story->now_message = g_strdup(message);
}

static Settings *
read_settings(Story *story, const char *path)
{
    g_autoptr(GError) error = NULL;
    gboolean unread = FALSE;
    Settings *settings = settings_read(path, &unread, &error);

    if (unread) {
        story->forbidden |= g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED);
        g_ptr_array_add(story->unread, g_strdup(error->message));
    } else if (!settings) {
        found(story, CAUSE_CONFIGURATION, error->message);
    }
    return settings;
}

/* unconfined_check(): whether libvirtd is set up to run the launcher. Where it is not, it runs what it likes. */
static gboolean
launcher_is_on(const CtlConfig *config)
{
    return g_file_test(config->helper.launcher_json, G_FILE_TEST_EXISTS) &&
           !descriptions_hide_launcher(config);
}

/* What the launcher refuses, share by share. */
static void
look_at_shares(Story *story, const Model *model, Host *host, const Settings *settings,
               const CtlConfig *config)
{
    const gboolean is_on = launcher_is_on(config);

    for (guint i = 0; i < model->shares->len && story->now_cause == CAUSE_NONE; i++) {
        const Share *share = g_ptr_array_index(model->shares, i);
        g_autofree char *real = share->binary ? host_realpath(host, share->binary) : NULL;
        g_autofree char *message = NULL;

        if (!host_is_dir(host, share->dir)) {
            message = g_strdup_printf(_("the shared directory %s is not there"), share->dir);
            found(story, CAUSE_DIRECTORY, message);
        } else if (is_on && share->binary &&
                   g_strcmp0(share->binary, config->helper.launcher) != 0 &&
                   !settings_allows_unconfined(settings, real ? real : share->binary)) {
            message = g_strdup_printf(_("<binary path='%s'> is not what the launcher runs"),
                                      share->binary);
            found(story, CAUSE_FOREIGN_BINARY, message);
        }
    }
}

/* Of a share that libvirt runs a virtiofsd for, as the launcher refuses it. */
static gboolean
has_idmap(const Domain *domain)
{
    const DomainFilesystem *fs;
    guint at = 0;

    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at)))
        if (fs->driver == DOMAIN_FS_VIRTIOFS && !fs->socket && fs->idmap)
            return TRUE;
    return FALSE;
}

void
story_look_today(Story *story, const CtlConfig *config)
{
    const HelperConfig *helper = &config->helper;
    const char *xml = story->domain->xml;
    g_autoptr(Settings) settings = read_settings(story, helper->settings_file);
    g_autoptr(GError) error = NULL;
    g_autoptr(Domain) domain = domain_parse(xml, strlen(xml), &error);
    g_autoptr(Host) host = domain ? host_new(helper->host_root, &error) : NULL;
    g_autoptr(Model) model = NULL;

    /* libvirt's test driver stands for QEMU's */
    if (domain && g_strcmp0(domain->virt_name, "test") == 0)
        domain->virt = DOMAIN_VIRT_KVM;
    if (!settings || !host || (domain->virt != DOMAIN_VIRT_QEMU && domain->virt != DOMAIN_VIRT_KVM))
        return;
    model = model_build(domain, host, settings, NULL, &error);
    if (!model) {
        CauseId cause = cause_of(error->message);

        story->forbidden |= g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED);
        if (!g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED))
            found(story, cause == CAUSE_UNKNOWN ? CAUSE_DEFINITION : cause, error->message);
        return;
    }
    if (has_idmap(domain))
        found(story, CAUSE_IDMAP, _("a <filesystem> has an <idmap>"));
    look_at_shares(story, model, host, settings, config);
}
