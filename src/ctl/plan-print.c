/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/plan.h"

/* Where the origin of a rule begins, if the rule leaves room. */
#define ORIGIN_COLUMN 56

static const char *
name_of(StartSide side)
{
    switch (side) {
    case START_QEMU:
        return "QEMU";
    case START_VIRTIOFSD:
        return "virtiofsd";
    }
    g_assert_not_reached();
}

static void
print_head(Output *output, const PlanShown *shown)
{
    const Start *start = shown->start;
    const Domain *domain = start->request->domain;

    output_line(output, COLOUR_BOLD, "%s (%s)", domain ? domain->name : shown->source,
                start->options.profile);
    if (start->id_assumed && domain)
        output_line(output, COLOUR_PLAIN,
                    _("It is off: its next start is shown with the id %d, which libvirtd chooses "
                      "(--id)"),
                    domain->id);
}

static void
print_calls(Output *output, const Start *start)
{
    if (start->calls->len == 0)
        return;
    output_line(output, COLOUR_PLAIN, "%s", "");
    output_line(output, COLOUR_BOLD, "%s", _("What libvirtd runs virt-aa-helper for"));
    for (guint i = 0; i < start->calls->len; i++) {
        const StartCall *call = g_ptr_array_index(start->calls, i);

        if (!call->argument)
            output_line(output, COLOUR_PLAIN, "  %s",
                        start->options.command == COMMAND_CREATE ? "-c" : "-r");
        else
            output_line(output, COLOUR_PLAIN, "  -r -F %-44s %s", call->argument,
                        call->foreseen ? _("(granted before)") : _("(compiled and loaded)"));
    }
}

static void
print_rule(Output *output, const StartRule *rule)
{
    if (rule->line)
        output_line(output, COLOUR_PLAIN, _("  %-*s # line %u: %s"), ORIGIN_COLUMN, rule->text,
                    rule->line, rule->element);
    else
        output_line(output, COLOUR_PLAIN, "  %-*s # %s", ORIGIN_COLUMN, rule->text,
                    rule->element ? rule->element : rule->cause);
}

static void
print_rules(Output *output, const PlanShown *shown, StartSide side)
{
    const PlannedProfile *planned = start_planned(shown->start, side);
    GPtrArray *rules = shown->start->rules[side];

    if (!(shown->sides & 1U << side) || !shown->start->plan)
        return;
    output_line(output, COLOUR_PLAIN, "%s", "");
    if (!planned) {
        output_line(output, COLOUR_BOLD, _("%s: no share, so no profile"), name_of(side));
        return;
    }
    output_line(output, COLOUR_BOLD, _("%s: %s, %s and these rules"), name_of(side),
                planned->profile, planned->template);
    for (guint i = 0; i < rules->len; i++)
        print_rule(output, g_ptr_array_index(rules, i));
}

static const char *
kernel_words(ForceKernel kernel)
{
    switch (kernel) {
    case FORCE_UNKNOWN:
        return _("kernel: unknown: needs root");
    case FORCE_NOTHING:
        return _("kernel: not loaded");
    case FORCE_OTHER:
        return _("kernel: another policy is loaded, or one that was loaded by hand");
    case FORCE_SAME:
        return _("kernel: the same");
    }
    g_assert_not_reached();
}

static void
print_lines(Output *output, GPtrArray *lines, Colour colour, const char *sign)
{
    for (guint i = 0; i < lines->len; i++)
        output_line(output, colour, "%s %s", sign, (const char *)g_ptr_array_index(lines, i));
}

static void
print_diff(Output *output, const PlanShown *shown, const PlanDiff *diff)
{
    const PlannedProfile *planned = start_planned(shown->start, diff->side);
    gboolean same = diff->gone->len + diff->added->len == 0;

    output_line(output, COLOUR_PLAIN, "%s", "");
    output_line(output, COLOUR_BOLD, "%s: %s", name_of(diff->side), planned->rules_file);
    if (!diff->there)
        output_line(output, COLOUR_PLAIN, "%s", _("disk: no rules; a start makes them"));
    else
        output_line(output, COLOUR_PLAIN, "%s",
                    same ? _("disk: the same") : _("disk: differs (-: on disk, +: planned)"));
    if (diff->there) {
        print_lines(output, diff->gone, COLOUR_BAD, "-");
        print_lines(output, diff->added, COLOUR_GOOD, "+");
    }
    output_line(output, COLOUR_PLAIN, "%s", kernel_words(diff->kernel));
}

static void
print_warnings(Output *output, const Start *start)
{
    for (guint i = 0; i < start->request->warnings->len; i++)
        output_line(output, COLOUR_NOTE, _("warning    %s"),
                    (const char *)g_ptr_array_index(start->request->warnings, i));
}

void
plan_print(Output *output, const PlanShown *shown)
{
    const Start *start = shown->start;

    print_head(output, shown);
    if (shown->path) {
        path_answer_print(output, shown->path, shown->sides);
    } else if (shown->diffs) {
        for (guint i = 0; i < shown->diffs->len; i++)
            print_diff(output, shown, g_ptr_array_index(shown->diffs, i));
    } else {
        print_calls(output, start);
        print_rules(output, shown, START_QEMU);
        print_rules(output, shown, START_VIRTIOFSD);
    }
    output_line(output, COLOUR_PLAIN, "%s", "");
    if (!shown->path && !shown->diffs)
        print_warnings(output, start);
    findings_print(output, shown->findings);
}
