/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/own-rules.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/domains.h"
#include "ctl/json-members.h"
#include "ctl/output-json.h"
#include "ctl/own-text.h"
#include "helper/report.h"
#include "virtiofsd/label.h"

/* (transfer full) */
static char *
profile_of(const char *uuid, gboolean virtiofsd)
{
    g_autofree char *qemu = g_strconcat("libvirt-", uuid, NULL);

    return virtiofsd ? label_from_profile(qemu) : g_steal_pointer(&qemu);
}

gboolean
own_rules_exist(const Ctl *ctl, const char *uuid)
{
    for (int virtiofsd = 0; virtiofsd < 2; virtiofsd++) {
        g_autofree char *profile = profile_of(uuid, virtiofsd);
        g_autofree char *path = own_path(ctl->config->apparmor_dir, profile);
        struct stat found;

        if (lstat(path, &found) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
own_rules_complain(const Ctl *ctl, const char *uuid, gboolean virtiofsd)
{
    g_autofree char *profile = profile_of(uuid, virtiofsd);

    return own_is_complaining(ctl->config->apparmor_dir, profile);
}

/* ---- which profile ---- */

void
own_target_clear(OwnTarget *target)
{
    g_clear_pointer(&target->domain, g_free);
    g_clear_pointer(&target->uuid, g_free);
    g_clear_pointer(&target->qemu, g_free);
    g_clear_pointer(&target->profile, g_free);
}

/* A label of the administrator's, or none: what is written down here would be without effect. */
static void
warn_of_label(Ctl *ctl, const CtlDomain *domain)
{
    if (g_strcmp0(domain->label_type, "none") == 0)
        output_warning(
            ctl->output,
            _("%s has <seclabel type='none'/>: it is not confined, and rules have no effect"),
            domain->name);
    else if (g_strcmp0(domain->label_type, "static") == 0)
        output_warning(
            ctl->output,
            _("%s has a <seclabel> of type 'static': its profile is the one that is named "
              "there, and rules for libvirt-%s have no effect"),
            domain->name, domain->uuid);
}

gboolean
own_target_find(Ctl *ctl, const char *domain, gboolean virtiofsd, OwnTarget *target, GError **error)
{
    g_autoptr(GError) unknown = NULL;
    g_autoptr(CtlDomain) found = domains_find(ctl->uri, domain, &unknown);
    g_autofree char *small = g_ascii_strdown(domain, -1);
    g_autofree char *qemu = profile_of(small, FALSE);

    if (!found &&
        (g_error_matches(unknown, BASE_ERROR, BASE_ERROR_NOT_FOUND) || !label_is_profile(qemu))) {
        g_propagate_error(error, g_steal_pointer(&unknown));
        return FALSE;
    }
    if (found)
        warn_of_label(ctl, found);
    else
        output_warning(ctl->output, _("%s; going on with the UUID"), unknown->message);
    target->domain = g_strdup(found ? found->name : small);
    target->uuid = g_strdup(found ? found->uuid : small);
    target->qemu = profile_of(target->uuid, FALSE);
    target->profile = profile_of(target->uuid, virtiofsd);
    target->virtiofsd = virtiofsd;
    return TRUE;
}

void
own_target_virtiofsd(const OwnTarget *qemu, OwnTarget *target)
{
    *target = (OwnTarget){
        .domain = g_strdup(qemu->domain),
        .uuid = g_strdup(qemu->uuid),
        .qemu = g_strdup(qemu->qemu),
        .profile = label_from_profile(qemu->qemu),
        .virtiofsd = TRUE,
    };
}

Reload *
own_target_open(Ctl *ctl, const OwnTarget *target, gboolean dry_run, GError **error)
{
    Reload *reload;

    /* the helper's rooms say some of their warnings themselves */
    report_init("virt-aa-ctl", NULL);
    reload = reload_open(&ctl->config->helper, target->qemu, target->virtiofsd, dry_run, error);
    if (!reload && geteuid() != 0)
        g_prefix_error(error, "%s: ", _("this needs root"));
    return reload;
}

gboolean
own_target_read(const Ctl *ctl, const OwnTarget *target, Own *own, GError **error)
{
    return own_read(ctl->config->apparmor_dir, target->profile, own, error);
}

/* ---- changing it ---- */

static void
add_missing(JsonBuilder *builder, const char *member, const char *from, const char *in)
{
    g_auto(GStrv) rules = own_text_rules(from);
    g_auto(GStrv) there = own_text_rules(in);

    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (char **rule = rules; *rule; rule++)
        if (!g_strv_contains((const char *const *)there, *rule))
            json_add_element(builder, *rule);
    json_builder_end_array(builder);
}

static JsonNode *
to_json(const OwnTarget *target, const Own *before, const Own *wanted, gboolean changed,
        gboolean in_force)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_add_string(builder, "domain", target->domain);
    json_add_string(builder, "uuid", target->uuid);
    json_add_string(builder, "profile", target->profile);
    json_add_string(builder, "file", before->path);
    add_missing(builder, "added", wanted->rules, before->rules);
    add_missing(builder, "removed", before->rules, wanted->rules);
    json_add_boolean(builder, "complain", wanted->complain);
    json_add_boolean(builder, "changed", changed);
    json_add_boolean(builder, "in_force", in_force);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}

static void
say_difference(Ctl *ctl, const OwnTarget *target, const Own *before, const Own *wanted)
{
    if (g_strcmp0(before->rules, wanted->rules) != 0)
        own_text_diff(ctl->output, before->path, before->rules, wanted->rules);
    if (before->complain == wanted->complain)
        return;
    if (wanted->complain)
        output_line(ctl->output, COLOUR_NOTE,
                    _("%s: complain mode: nothing is denied, and what would be is logged"),
                    target->profile);
    else
        output_line(ctl->output, COLOUR_GOOD, _("%s: enforce mode"), target->profile);
}

static void
say_outcome(Ctl *ctl, const OwnTarget *target, ReloadOutcome outcome)
{
    switch (outcome) {
    case RELOAD_IN_FORCE:
        output_line(ctl->output, COLOUR_GOOD, _("In force."));
        return;
    case RELOAD_LATER:
        output_line(ctl->output, COLOUR_PLAIN,
                    _("%s is not loaded: this counts from the next start on."), target->profile);
        return;
    }
    g_assert_not_reached();
}

gboolean
own_change(Ctl *ctl, const OwnTarget *target, Reload *reload, const Own *before, const Own *wanted,
           gboolean dry_run, GError **error)
{
    const gboolean changed =
        g_strcmp0(before->rules, wanted->rules) != 0 || before->complain != wanted->complain;
    ReloadOutcome outcome = RELOAD_LATER;

    say_difference(ctl, target, before, wanted);
    if (!changed)
        output_line(ctl->output, COLOUR_PLAIN, _("Nothing changes: it is so already."));
    /* all the same: what is loaded may be older than the file */
    if (dry_run ? !reload_check(reload, wanted, error)
                : !reload_apply(reload, wanted, &outcome, error)) {
        if (geteuid() != 0)
            g_prefix_error(error, "%s: ", _("this needs root"));
        return FALSE;
    }
    if (dry_run)
        output_line(ctl->output, COLOUR_PLAIN, _("It compiles. Nothing was changed: --dry-run."));
    else
        say_outcome(ctl, target, outcome);
    output_json(ctl->output, to_json(target, before, wanted, changed && !dry_run,
                                     !dry_run && outcome == RELOAD_IN_FORCE));
    return TRUE;
}
