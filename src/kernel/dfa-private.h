/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a compiled policy was read into, for the files that answer questions about it. */

#include "kernel/dfa-table.h"
#include "kernel/dfa.h"

#define CLASS_FILE 2 /* AA_CLASS_FILE */

/* A state machine with what belongs to it. */
typedef struct {
    gboolean there;
    DfaTable table;
    GArray *perms; /* DfaAnswer, or NULL if the state machine holds them */
    gsize start;
} Machine;

typedef struct {
    const char *name;     /* in the stream */
    guint64 capabilities; /* a bit each, by number */
    GByteArray *rest;     /* of the stream: flags, limits, networks and so on */
    GHashTable *targets;  /* of GBytes: the profiles that its rules for programs name */
    Machine file;         /* the rules for files */
    Machine policy;       /* all others, and in the newest form also those for files */
} Profile;

struct _DfaPolicy {
    guint8 *bytes;
    GArray *profiles; /* Profile */
    GPtrArray *names;
};

/** machine_answer: what @state of @m allows, which nothing leads to (DFA_TABLE_NO_MATCH) or something. */
DfaAnswer machine_answer(const Machine *m, gsize state, gboolean owner);

/** find_profile: Returns: (transfer none): the profile, or NULL with BASE_ERROR_NOT_FOUND */
const Profile *find_profile(DfaPolicy *policy, const char *name, GError **error);

/**
 * file_machine:
 * @start: (out): where it begins
 * Returns: (nullable) (transfer none): the state machine that has the rules for files; NULL: there are none
 */
const Machine *file_machine(const Profile *p, gsize *start);
