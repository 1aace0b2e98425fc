/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * dfa-within: whether a compiled policy allows nothing but what another one allows, and files at or below
 * names that are given as they are, without a pattern or a quote that could mean something else. Both state
 * machines are walked at the same time, over every name there is.
 */

#include "kernel/dfa.h"

typedef struct _DfaNames DfaNames;

/** dfa_names_new: no names yet. */
DfaNames *dfa_names_new(void);
void dfa_names_free(DfaNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DfaNames, dfa_names_free)

/**
 * dfa_names_add:
 * @path: of a file or, with all below it, a directory
 * @mask: DfaPermission: what may be allowed there
 */
void dfa_names_add(DfaNames *names, const char *path, guint32 mask);

/**
 * dfa_policy_within:
 * @outer: has a profile of the same name
 * Returns: (transfer full) (element-type utf8): what @profile of @inner allows besides, the shortest names
 *   first, escaped; NULL with an error where one of them has no such profile
 */
GPtrArray *dfa_policy_within(DfaPolicy *inner, DfaPolicy *outer, const char *profile,
                             const DfaNames *names, GError **error);
