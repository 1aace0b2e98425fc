/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What was found of one link of the chain, from libvirtd's call to a virtiofsd's label, and what to do. */

#include "ctl/ctl.h"

typedef enum {
    FINDING_GOOD,
    FINDING_NOTE,       /* worth a line, nothing to worry about */
    FINDING_UNKNOWN,    /* could not be seen */
    FINDING_STALE,      /* not what is installed or on disk */
    FINDING_UNCONFINED, /* something is not confined, or does not start */
} FindingVerdict;

typedef struct {
    FindingVerdict verdict;
    char *
        link; /* which one: a word for programs, "helper", "launcher-profile"; documented in virt-aa-ctl(8) */
    char *text;   /* a sentence, without its full stop */
    char *remedy; /* (nullable): a command, or what to change */
} Finding;

void finding_free(Finding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Finding, finding_free)

/** finding_word: Returns: (transfer static): the verdict for programs, not translated: "good", "unconfined" */
const char *finding_word(const Finding *finding);

/** findings_new: Returns: (transfer full) (element-type Finding) */
GPtrArray *findings_new(void);

/**
 * finding_add:
 * @link: an interned word
 * @remedy: (nullable)
 */
void finding_add(GPtrArray *findings, FindingVerdict verdict, const char *link, const char *remedy,
                 const char *format, ...) G_GNUC_PRINTF(5, 6);

/** findings_print: one line each, and one for each remedy; findings_print_indented: with @indent before each. */
void findings_print(Output *output, GPtrArray *findings);
void findings_print_indented(Output *output, GPtrArray *findings, const char *indent);

/** findings_status: the worst of all. */
CtlStatus findings_status(GPtrArray *findings);
