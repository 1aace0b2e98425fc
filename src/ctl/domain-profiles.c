/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "ctl/domain-state.h"

static const char *
state_text(ProfileState state)
{
    switch (state) {
    case PROFILE_IN_FORCE:
    case PROFILE_UNKNOWN:
        break;
    case PROFILE_NO_FILE:
        return _("it is loaded, and its files are lost or damaged");
    case PROFILE_CHANGED:
        return _("its files were changed after they were loaded, and are not in force");
    case PROFILE_FOREIGN:
        return _(
            "in force is another policy than on disk, which was loaded by somebody else, as by "
            "libvirt's own helper before virt-aa-virtiofs was switched on");
    case PROFILE_UNFINISHED:
        return _("a change of it was cut off: what is in force may not be what is on disk");
    }
    return "";
}

static void
judge_profile(const Ctl *ctl, const HostState *host, DomainState *state, const char *profile,
              const char *ending, const char *template, const char *loaded)
{
    g_autofree char *rules_file = g_strconcat(state->profile, ending, NULL);
    g_autofree char *again = domain_state_restart(state);
    g_auto(Own) own = {0};
    g_autoptr(GError) unread = NULL;
    ProfileAsked asked = {state->profile, profile, rules_file, template, loaded, &own};
    gboolean outdated = FALSE;
    ProfileState found;

    if (!host->looker)
        return;
    if (!own_read(ctl->config->apparmor_dir, profile, &own, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_DENIED))
            finding_add(state->findings, FINDING_UNKNOWN, "own-rules", host_state_remedy(),
                        _("%s: %s"), host_state_unknown(), unread->message);
        else
            finding_add(state->findings, FINDING_STALE, "own-rules", NULL,
                        _("the next start and the next change fail: %s"), unread->message);
        return;
    }
    found = profile_look(host->looker, &asked, &outdated);
    if (found == PROFILE_UNKNOWN)
        finding_add(state->findings, FINDING_UNKNOWN, "profile", host_state_remedy(),
                    _("%s: whether the profile %s is in force as it is on disk"),
                    host_state_unknown(), profile);
    else if (found != PROFILE_IN_FORCE)
        finding_add(state->findings, FINDING_STALE, "profile", again, _("the profile %s: %s"),
                    profile, state_text(found));
    if (!outdated || own.complain)
        return;
    if (profile == state->profile)
        finding_add(state->findings, FINDING_STALE, "template", again,
                    _("the profile %s was made of an older %s, or was edited; the next start makes "
                      "it anew"),
                    profile, template);
    else
        finding_add(state->findings, FINDING_STALE, "template", NULL,
                    _("the profile %s was made of an older %s, or was edited; it is made anew at "
                      "the next start if %s/%s is removed before"),
                    profile, template, ctl->config->helper.policy_dir, profile);
}

void
domain_state_judge_profiles(const Ctl *ctl, const HostState *host, DomainState *state)
{
    const VmRecord *record = vm_records_of(host->records, state->profile);
    const char *virtiofsd = state->virtiofsd_profile;

    if (host_state_users(host, state->profile))
        judge_profile(ctl, host, state, state->profile, ".files", "TEMPLATE.qemu",
                      record ? record->qemu_loaded : NULL);
    /* without shares it has no rules, until the last virtiofsd has ended and it goes */
    if (state->shares->len > 0 && host_state_users(host, virtiofsd))
        judge_profile(ctl, host, state, virtiofsd, ".virtiofsd", "TEMPLATE.virtiofsd",
                      record ? record->virtiofsd_loaded : NULL);
}
