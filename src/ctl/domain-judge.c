/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/domain-state.h"
#include "ctl/words.h"

/*
 * What of a domain is not as it should be. The kernel's word counts: a label that libvirt, a record or a pid
 * file names is where to look, and never that something is confined.
 */

char *
domain_state_restart(const DomainState *state)
{
    g_autofree char *name = words_domain(state->domain->name, state->domain->uuid);

    return g_strdup_printf(_("virsh shutdown %s, and when it is off: virsh start %s"), name, name);
}

static char *
command(const char *what, const DomainState *state, const char *option)
{
    g_autofree char *name = words_domain(state->domain->name, state->domain->uuid);

    return g_strdup_printf("%s %s%s", what, name, option);
}

/* ---- QEMU ---- */

static void
judge_bad_qemu(DomainState *state)
{
    g_autofree char *labels = confinement_describe(state->qemu);
    g_autofree char *again = domain_state_restart(state);

    if (!state->domain->label && !state->domain->label_type)
        finding_add(state->findings, FINDING_UNCONFINED, "qemu-label", again,
                    _("QEMU (process %d) is not confined but has the label %s, and libvirt knows "
                      "of no label: it was started while libvirt did not use AppArmor"),
                    state->qemu->pid, labels);
    else
        finding_add(state->findings, FINDING_UNCONFINED, "qemu-label", again,
                    _("QEMU (process %d) is not confined by its profile but has the label %s"),
                    state->qemu->pid, labels);
}

static void
judge_missing_qemu(const HostState *host, DomainState *state)
{
    finding_add(state->findings, FINDING_UNKNOWN, "qemu-label", NULL,
                host->processes ? _("QEMU's process is not found, neither by libvirt's pid file "
                                    "nor by its label")
                                : _("the label of QEMU is not known"));
}

static void
judge_qemu(const HostState *host, DomainState *state)
{
    g_autofree char *remedy = NULL;

    if (!state->qemu) {
        judge_missing_qemu(host, state);
        return;
    }
    switch (state->confinement) {
    case CONFINEMENT_ENFORCED:
    case CONFINEMENT_STARTING:
    case CONFINEMENT_NONE:
        break;
    case CONFINEMENT_UNKNOWN:
        finding_add(state->findings, FINDING_UNKNOWN, "qemu-label", host_state_remedy(),
                    _("%s: the label of QEMU (process %d)"), host_state_unknown(),
                    state->qemu->pid);
        break;
    case CONFINEMENT_COMPLAIN:
        remedy = command("virt-aa-ctl enforce", state, "");
        finding_add(state->findings, FINDING_UNCONFINED, "qemu-complain", remedy,
                    _("QEMU (process %d) is in complain mode: what its profile does not allow is "
                      "logged, and allowed"),
                    state->qemu->pid);
        break;
    case CONFINEMENT_UNCONFINED:
        judge_bad_qemu(state);
        break;
    }
}

/* A definition may ask for no label, or for one whose profile is the administrator's: libvirt runs no
 * virt-aa-helper for either, and the launcher has no profile to put virtiofsd under. */
static void
judge_exempt(const HostState *host, DomainState *state)
{
    const gboolean is_none = g_strcmp0(state->domain->label_type, "none") == 0;
    g_autofree char *labels = state->qemu ? confinement_describe(state->qemu) : NULL;

    if (is_none) {
        finding_add(state->findings, FINDING_NOTE, "seclabel", NULL,
                    _("nothing of it is confined, because its definition says <seclabel "
                      "type='none'/>"));
    } else if (state->qemu && (state->confinement == CONFINEMENT_UNCONFINED ||
                               state->confinement == CONFINEMENT_COMPLAIN)) {
        finding_add(state->findings, FINDING_UNCONFINED, "seclabel", NULL,
                    _("QEMU (process %d) has the label %s, and not the static label of its "
                      "definition in enforce mode: %s"),
                    state->qemu->pid, labels, state->domain->label ? state->domain->label : "?");
    } else if (state->confinement != CONFINEMENT_ENFORCED) {
        judge_qemu(host, state);
    } else {
        finding_add(state->findings, FINDING_NOTE, "seclabel", NULL,
                    _("its definition has a static label: the profile is the administrator's, and "
                      "its virtiofsds have none of this program's"));
    }
}

/* ---- virtiofsds ---- */

/* Whether the administrator's configuration lets libvirtd run this program itself. */
static gboolean
is_allowed(const HostState *host, const ShareState *share)
{
    const char *program = share->process->exe;

    return host->request && program && settings_allows_unconfined(host->request->settings, program);
}

static void
judge_bad_virtiofsd(const HostState *host, DomainState *state, const ShareState *share)
{
    g_autofree char *labels = confinement_describe(share->process);
    g_autofree char *again = domain_state_restart(state);
    g_autofree char *edit = command("virsh edit", state, "");

    if (is_allowed(host, share))
        finding_add(state->findings, FINDING_NOTE, "virtiofsd-label", NULL,
                    _("share '%s': virtiofsd (process %d) is not confined, as allow-unconfined "
                      "lets libvirtd run %s"),
                    share->alias, share->process->pid, share->process->exe);
    else if (share->binary)
        finding_add(state->findings, FINDING_UNCONFINED, "virtiofsd-label", edit,
                    _("share '%s': virtiofsd (process %d) is not confined but has the label %s: "
                      "the definition names %s, which libvirtd runs itself: remove <binary path=…> "
                      "and start the domain again"),
                    share->alias, share->process->pid, labels, share->binary);
    else if (!share->recorded && !share->records_unseen)
        finding_add(state->findings, FINDING_UNCONFINED, "virtiofsd-label", again,
                    _("share '%s': virtiofsd (process %d) is not confined but has the label %s: "
                      "libvirtd runs it itself, as it does where a VM was started before the "
                      "launcher was switched on"),
                    share->alias, share->process->pid, labels);
    else
        finding_add(state->findings, FINDING_UNCONFINED, "virtiofsd-label", again,
                    _("share '%s': virtiofsd (process %d) is not confined but has the label %s"),
                    share->alias, share->process->pid, labels);
}

static void
judge_missing_virtiofsd(DomainState *state, const ShareState *share)
{
    g_autofree char *why = command("virt-aa-ctl why", state, "");

    finding_add(state->findings, FINDING_NOTE, "virtiofsd-missing", why,
                share->pid_file == PID_FILE_LEFT
                    ? _("share '%s': its virtiofsd has ended: libvirt's pid file was left")
                    : _("share '%s': it has no virtiofsd"),
                share->alias);
}

static void
judge_share(const HostState *host, DomainState *state, const ShareState *share)
{
    g_autofree char *remedy = NULL;

    if (share->external) {
        finding_add(state->findings, FINDING_NOTE, "virtiofsd-external", NULL,
                    _("share '%s': its definition names a socket: somebody else than libvirt runs "
                      "its virtiofsd, and nobody confines it here"),
                    share->alias);
        return;
    }
    switch (share->confinement) {
    case CONFINEMENT_ENFORCED:
        break;
    case CONFINEMENT_STARTING:
        finding_add(state->findings, FINDING_NOTE, "virtiofsd-starting", NULL,
                    _("share '%s': the launcher (process %d) is about to become its virtiofsd"),
                    share->alias, share->process->pid);
        break;
    case CONFINEMENT_NONE:
        judge_missing_virtiofsd(state, share);
        break;
    case CONFINEMENT_UNKNOWN:
        finding_add(state->findings, FINDING_UNKNOWN, "virtiofsd-label", host_state_remedy(),
                    _("%s: which process is the virtiofsd of the share '%s', or its label"),
                    host_state_unknown(), share->alias);
        break;
    case CONFINEMENT_COMPLAIN:
        remedy = command("virt-aa-ctl enforce", state, " --virtiofsd");
        finding_add(state->findings, FINDING_UNCONFINED, "virtiofsd-complain", remedy,
                    _("share '%s': virtiofsd (process %d) is in complain mode: what its profile "
                      "does not allow is logged, and allowed"),
                    share->alias, share->process->pid);
        break;
    case CONFINEMENT_UNCONFINED:
        judge_bad_virtiofsd(host, state, share);
        break;
    }
}

/* One that has the label, though libvirt's pid files do not name it: of a share that was detached, or a
 * second process of one. */
static void
judge_more(DomainState *state, const CtlProcess *process)
{
    const Confinement confinement = confinement_of(process, state->virtiofsd_profile);
    g_autofree char *labels = confinement_describe(process);

    if (confinement == CONFINEMENT_ENFORCED)
        return;
    if (confinement == CONFINEMENT_STARTING)
        finding_add(state->findings, FINDING_NOTE, "virtiofsd-starting", NULL,
                    _("the launcher (process %d) is about to become a virtiofsd of it"),
                    process->pid);
    else
        finding_add(state->findings,
                    confinement == CONFINEMENT_UNKNOWN ? FINDING_UNKNOWN : FINDING_UNCONFINED,
                    "virtiofsd-label", NULL,
                    _("the process %d, which libvirt's pid files do not name, has the label %s"),
                    process->pid, labels);
}

/* ---- all of it ---- */

static void
judge_off(const HostState *host, DomainState *state)
{
    GPtrArray *qemus = host_state_users(host, state->profile);

    for (guint i = 0; qemus && i < qemus->len; i++) {
        const CtlProcess *process = g_ptr_array_index(qemus, i);

        finding_add(state->findings, FINDING_NOTE, "left", NULL,
                    _("libvirt says that it is off, and the process %d of it runs on"),
                    process->pid);
    }
    for (guint i = 0; i < state->more->len; i++) {
        const CtlProcess *process = g_ptr_array_index(state->more, i);

        finding_add(state->findings, FINDING_NOTE, "left", NULL,
                    _("libvirt says that it is off, and a virtiofsd of it (process %d) runs on"),
                    process->pid);
        judge_more(state, process);
    }
}

void
domain_state_judge(const Ctl *ctl, const HostState *host, DomainState *state)
{
    if (!state->domain->running) {
        judge_off(host, state);
        return;
    }
    if (state->exempt) {
        judge_exempt(host, state);
        return;
    }
    judge_qemu(host, state);
    for (guint i = 0; i < state->shares->len; i++)
        judge_share(host, state, g_ptr_array_index(state->shares, i));
    for (guint i = 0; i < state->more->len; i++)
        judge_more(state, g_ptr_array_index(state->more, i));
    domain_state_judge_profiles(ctl, host, state);
}
