/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/status.h"

/* What the words of domain_state_word() are to a person. */
static const struct {
    const char *word;
    const char *text;
    Colour colour;
} words[] = {
    {"confined", N_("confined"), COLOUR_GOOD},    {"exempt", N_("exempt"), COLOUR_NOTE},
    {"stale", N_("stale"), COLOUR_NOTE},          {"unknown", N_("unknown"), COLOUR_NOTE},
    {"unconfined", N_("unconfined"), COLOUR_BAD}, {"off", N_("off"), COLOUR_PLAIN},
};

/* Characters: of the widest word in the language of the caller. */
static glong
words_width(void)
{
    glong width = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        width = MAX(width, g_utf8_strlen(_(words[i].text), -1));
    return width;
}

static void
print_heading(Output *output, const DomainState *state)
{
    const char *word = domain_state_word(state);

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *text = _(words[i].text);

        if (g_str_equal(words[i].word, word))
            output_line(output, words[i].colour, "%s%*s %s%s", text,
                        (int)(words_width() - g_utf8_strlen(text, -1)), "", state->domain->name,
                        state->own_rules ? _(" (has own rules)") : "");
    }
}

static void
print_process(Output *output, const char *what, const CtlProcess *process)
{
    g_autofree char *labels = confinement_describe(process);

    output_line(output, COLOUR_PLAIN, "  %-9s %7d %s", what, process->pid, labels);
}

static void
print_share(Output *output, const ShareState *share)
{
    output_line(output, COLOUR_PLAIN, _("  share     %s -> %s (%s%s)"),
                share->directory ? share->directory : "?", share->target ? share->target : "?",
                share->alias, share->readonly ? _(", read-only") : "");
    if (share->process)
        print_process(output, "virtiofsd", share->process);
}

static void
print_domain(Output *output, const DomainState *state)
{
    print_heading(output, state);
    if (state->qemu)
        print_process(output, "QEMU", state->qemu);
    for (guint i = 0; i < state->shares->len; i++)
        print_share(output, g_ptr_array_index(state->shares, i));
    for (guint i = 0; i < state->more->len; i++)
        print_process(output, "virtiofsd", g_ptr_array_index(state->more, i));
    findings_print_indented(output, state->findings, "  ");
}

/* Those that run, or of which something is to be said. */
static void
print_domains(Output *output, GPtrArray *states, gboolean all)
{
    for (guint i = 0; i < states->len; i++) {
        const DomainState *state = g_ptr_array_index(states, i);

        if (all || state->domain->running || state->findings->len > 0)
            print_domain(output, state);
    }
}

static void
print_strays(Output *output, GPtrArray *strays)
{
    if (strays->len > 0)
        output_line(output, COLOUR_BOLD, "%s", _("of no domain of libvirt's:"));
    for (guint i = 0; i < strays->len; i++) {
        const Stray *stray = g_ptr_array_index(strays, i);

        print_process(output, stray->is_qemu ? "QEMU" : "virtiofsd", stray->process);
    }
}

/* Of the chain what is not good, and how much of it is. */
static void
print_chain(Output *output, GPtrArray *chain)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    guint good = 0;

    for (guint i = 0; i < chain->len; i++) {
        Finding *finding = g_ptr_array_index(chain, i);

        if (finding->verdict == FINDING_GOOD)
            good++;
        else
            g_ptr_array_add(rest, finding);
    }
    findings_print(output, rest);
    if (good > 0)
        output_line(
            output, COLOUR_PLAIN,
            ngettext("%u link of the chain is good", "%u links of the chain are good", good), good);
}

static void
print_counts(Output *output, const StatusCounts *counts)
{
    output_line(output, COLOUR_BOLD,
                _("domains: %u confined, %u exempt, %u stale, %u unconfined, %u unknown, %u off"),
                counts->confined, counts->exempt, counts->stale, counts->unconfined,
                counts->unknown, counts->off);
}

void
status_print(Output *output, const Status *status)
{
    if (status->chain)
        print_chain(output, status->chain);
    print_domains(output, status->states, !status->strays);
    if (status->strays)
        print_strays(output, status->strays);
    findings_print(output, status->findings);
    if (status->domains && status->strays)
        print_counts(output, &status->counts);
}
