/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "ctl/definition.h"
#include "ctl/output-json.h"
#include "ctl/plan.h"
#include "ctl/verbs.h"
#include "helper/report.h"

/* What the command line asks for. */
typedef struct {
    gboolean qemu;
    gboolean virtiofsd;
    gboolean diff;
    gboolean check;
    int id;
    char *path;
} Asked;

static void
asked_clear(Asked *asked)
{
    g_free(asked->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

static gboolean
parse(Ctl *ctl, int *argc, char ***argv, Asked *asked, GError **error)
{
    const GOptionEntry entries[] = {
        {"qemu", 0, 0, G_OPTION_ARG_NONE, &asked->qemu, N_("only what is QEMU's"), NULL},
        {"virtiofsd", 0, 0, G_OPTION_ARG_NONE, &asked->virtiofsd, N_("only what is virtiofsd's"),
         NULL},
        {"diff", 0, 0, G_OPTION_ARG_NONE, &asked->diff,
         N_("what differs on disk and in the kernel"), NULL},
        {"check", 0, 0, G_OPTION_ARG_NONE, &asked->check, N_("compile it"), NULL},
        {"path", 0, 0, G_OPTION_ARG_FILENAME, &asked->path, N_("whether PATH is allowed, and why"),
         N_("PATH")},
        {"id", 0, 0, G_OPTION_ARG_INT, &asked->id, N_("the id that its next start gets"),
         N_("NUMBER")},
        {0},
    };

    if (!ctl_parse(ctl, &verb_plan, entries, argc, argv, 1, 1, error))
        return FALSE;
    if (asked->id < -1 || asked->id == 0)
        return base_set_error(error, BASE_ERROR_FAILED, _("--id is a number from 1 on"));
    if (asked->path && (asked->diff || asked->check))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("--path goes with neither --diff nor --check"));
    return TRUE;
}

static guint
sides_of(const Asked *asked)
{
    guint sides =
        (asked->qemu ? 1U << START_QEMU : 0) | (asked->virtiofsd ? 1U << START_VIRTIOFSD : 0);

    return sides ? sides : 1U << START_QEMU | 1U << START_VIRTIOFSD;
}

static void
copy_findings(GPtrArray *to, GPtrArray *from)
{
    for (guint i = 0; i < from->len; i++) {
        const Finding *finding = g_ptr_array_index(from, i);

        finding_add(to, finding->verdict, finding->link, finding->remedy, "%s", finding->text);
    }
}

static void
find_diff(PlanShown *shown, const Force *force)
{
    gboolean differs = FALSE;

    shown->diffs = g_ptr_array_new_with_free_func((GDestroyNotify)plan_diff_free);
    for (gsize i = 0; i < force->batch.n; i++) {
        const Unit *unit = &force->batch.units[i];
        StartSide side =
            unit->planned == start_planned(shown->start, START_QEMU) ? START_QEMU : START_VIRTIOFSD;
        PlanDiff *diff = plan_diff(force, side, unit);

        g_ptr_array_add(shown->diffs, diff);
        if (diff->there && diff->gone->len + diff->added->len > 0)
            differs = TRUE;
        if (diff->there && diff->kernel == FORCE_UNKNOWN)
            finding_add(shown->findings, FINDING_UNKNOWN, "kernel", NULL,
                        _("what the kernel has of %s is unknown: needs root"),
                        unit->planned->profile);
        else if (diff->there && diff->kernel != FORCE_SAME)
            differs = TRUE;
    }
    if (differs)
        finding_add(shown->findings, FINDING_STALE, "diff", NULL,
                    _("what is on disk or in the kernel is not what a start would bring"));
}

/* A policy that does not compile is a finding: the parser's words are its text. */
static gboolean
check(PlanShown *shown, Force *force, GError **error)
{
    g_autoptr(GError) refused = NULL;
    g_autoptr(KernelPolicy) policy = force_compile(force, &refused);

    if (policy || force->batch.n == 0) {
        finding_add(shown->findings, FINDING_GOOD, "compile", NULL, _("the policy compiles"));
        return TRUE;
    }
    if (!g_error_matches(refused, BASE_ERROR, BASE_ERROR_POLICY) &&
        !g_error_matches(refused, BASE_ERROR, BASE_ERROR_LIMIT)) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    finding_add(shown->findings, FINDING_UNCONFINED, "compile", NULL,
                _("the policy does not compile: %s"), refused->message);
    return TRUE;
}

/* What takes the policy directory, the parser or the kernel to answer. */
static gboolean
find_out(Ctl *ctl, const Asked *asked, PlanShown *shown, GError **error)
{
    guint both = 1U << START_QEMU | 1U << START_VIRTIOFSD;
    g_autoptr(Force) force = NULL;
    g_autoptr(GError) unready = NULL;

    if (!shown->start->plan || !(asked->diff || asked->check || asked->path))
        return TRUE;
    force = force_open(shown->start, asked->path ? both : shown->sides, &unready);
    /* a template that is missing was said: it is why the domain does not start */
    if (!force && (asked->path || shown->start->refusals->len == 0)) {
        g_propagate_error(error, g_steal_pointer(&unready));
        return FALSE;
    }
    if (!force)
        return TRUE;
    if (asked->diff)
        find_diff(shown, force);
    if (asked->check && !check(shown, force, error))
        return FALSE;
    if (asked->path)
        shown->path =
            path_answer_new(shown->start, force, ctl->config->apparmor_dir, asked->path, error);
    return !asked->path || shown->path;
}

/* libvirt asks nobody for a policy of a domain that it does not confine, or by another profile. */
static void
find_seclabel(const Definition *definition, GPtrArray *findings)
{
    const CtlDomain *domain = definition->domain;

    if (!domain || !ctl_domain_is_exempt(domain))
        return;
    if (g_strcmp0(domain->label_type, "none") == 0)
        finding_add(
            findings, FINDING_UNCONFINED, "seclabel", NULL,
            _("the definition has <seclabel type='none'>: libvirt confines neither QEMU nor "
              "virtiofsd, and none of this is going to be in force"));
    else
        finding_add(
            findings, FINDING_NOTE, "seclabel", NULL,
            _("the definition has a static label: its profile is the one that is named there, and "
              "none of this is going to be in force"));
}

static CtlStatus
show(Ctl *ctl, const Asked *asked, const Definition *definition, const Start *start, GError **error)
{
    g_autoptr(GPtrArray) findings = findings_new();
    PlanShown shown = {
        .start = start, .sides = sides_of(asked), .source = definition->from, .findings = findings};
    CtlStatus status = CTL_FAILED;

    find_seclabel(definition, findings);
    copy_findings(findings, start->refusals);
    if (find_out(ctl, asked, &shown, error)) {
        plan_print(ctl->output, &shown);
        output_json(ctl->output, plan_to_json(&shown));
        status = findings_status(findings);
    }
    g_clear_pointer(&shown.diffs, g_ptr_array_unref);
    path_answer_free(shown.path);
    return status;
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_auto(Asked) asked = {.id = -1};
    g_autoptr(Definition) definition = NULL;
    g_autoptr(Start) start = NULL;

    if (!parse(ctl, &argc, &argv, &asked, error))
        return CTL_FAILED;
    report_init("virt-aa-ctl", NULL);
    definition = definition_read(ctl->uri, argv[1], ctl->config->helper.input_fd, error);
    if (!definition)
        return CTL_FAILED;
    start = start_new(&ctl->config->helper, definition->xml, definition->len, asked.id, error);
    if (!start) {
        g_prefix_error(error, "%s: ", definition->from);
        return CTL_FAILED;
    }
    return show(ctl, &asked, definition, start, error);
}

const CtlVerb verb_plan = {"plan", N_("DOMAIN|FILE|-"),
                           N_("show what the start of a domain would bring"), run};
