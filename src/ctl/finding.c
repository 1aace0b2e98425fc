/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/finding.h"

#include <glib/gi18n-lib.h>

/* What each verdict is to a program, a terminal and the exit status. */
static const struct {
    const char *word;
    Colour colour;
    CtlStatus status;
} verdicts[] = {
    [FINDING_GOOD] = {"good", COLOUR_GOOD, CTL_GOOD},
    [FINDING_NOTE] = {"note", COLOUR_PLAIN, CTL_GOOD},
    [FINDING_UNKNOWN] = {"unknown", COLOUR_NOTE, CTL_UNKNOWN},
    [FINDING_STALE] = {"stale", COLOUR_NOTE, CTL_STALE},
    [FINDING_UNCONFINED] = {"unconfined", COLOUR_BAD, CTL_UNCONFINED},
};

void
finding_free(Finding *finding)
{
    if (!finding)
        return;
    g_free(finding->link);
    g_free(finding->text);
    g_free(finding->remedy);
    g_free(finding);
}

const char *
finding_word(const Finding *finding)
{
    return verdicts[finding->verdict].word;
}

GPtrArray *
findings_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
}

void
finding_add(GPtrArray *findings, FindingVerdict verdict, const char *link, const char *remedy,
            const char *format, ...)
{
    Finding *finding = g_new0(Finding, 1);
    va_list arguments;

    va_start(arguments, format);
    finding->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    finding->verdict = verdict;
    finding->link = g_strdup(link);
    finding->remedy = g_strdup(remedy);
    g_ptr_array_add(findings, finding);
}

void
findings_print(Output *output, GPtrArray *findings)
{
    findings_print_indented(output, findings, "");
}

void
findings_print_indented(Output *output, GPtrArray *findings, const char *indent)
{
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);

        output_line(output, verdicts[finding->verdict].colour, "%s%-10s %s", indent,
                    verdicts[finding->verdict].word, finding->text);
        if (finding->remedy)
            output_line(output, COLOUR_PLAIN, "%s           -> %s", indent, finding->remedy);
    }
}

CtlStatus
findings_status(GPtrArray *findings)
{
    CtlStatus status = CTL_GOOD;

    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);

        status = ctl_worse(status, verdicts[finding->verdict].status);
    }
    return status;
}
