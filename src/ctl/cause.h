/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Why a start or an attach ends: what the last message of the helper or the launcher stands for, and what to
 * do. A cause has a remedy of its own words; nothing of a message gets into it, for a message may come out of
 * a log that a guest can write, and an administrator does what this program says.
 */

#include <glib.h>

/* Each has a row of causes[] in cause.c. */
typedef enum {
    CAUSE_NONE,
    CAUSE_UNKNOWN, /* a message that is in no row */
    CAUSE_RESTRICTED,
    CAUSE_RESTRICTED_FILE,
    CAUSE_DIRECTORY,
    CAUSE_SHARE_MOVED,
    CAUSE_IDMAP,
    CAUSE_FOREIGN_BINARY,
    CAUSE_NO_LABEL,
    CAUSE_UNCONFINED,
    CAUSE_COMPLAIN,
    CAUSE_CONFIGURATION,
    CAUSE_POLICY,
    CAUSE_OWN_RULES,
    CAUSE_TEMPLATE,
    CAUSE_STATE,
    CAUSE_RECORD,
    CAUSE_DEFINITION,
    CAUSE_IMAGE,
    CAUSE_DEVICE,
    CAUSE_TOO_MANY_RULES,
    CAUSE_COMPILER,
    CAUSE_KERNEL,
    CAUSE_KERNEL_FEATURE,
    CAUSE_LAUNCHER_PROFILE,
    CAUSE_VIRTIOFSD,
    CAUSE_HELPER,
    CAUSE_BUSY,
    CAUSE_DISK,
    CAUSE_HOST,
    CAUSE_CALL,
    N_CAUSES,
} CauseId;

typedef struct {
    const char *word;   /* for programs; documented in virt-aa-ctl(8) */
    const char *text;   /* N_(): a sentence without its full stop */
    const char *remedy; /* (nullable) N_(): with DOMAIN where the domain's name goes */
} Cause;

/**
 * cause_of:
 * @message: of the helper or the launcher, as it was printed, in English or in our own language
 * Returns: CAUSE_NONE where it ends no call, CAUSE_UNKNOWN where nothing is known of it
 */
CauseId cause_of(const char *message);

/** cause_get: Returns: (transfer none): never for CAUSE_NONE */
const Cause *cause_get(CauseId id);

/** cause_remedy: Returns: (transfer full) (nullable): translated, with @domain (words_domain()) in it */
char *cause_remedy(CauseId id, const char *domain);
