/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * dfa: asks a compiled policy what it allows, where there is no AppArmor kernel to ask.
 *
 * It reads what `apparmor_parser --stdout` writes, as the kernel's
 * security/apparmor/policy_unpack.c does, and evaluates the file rules as file.c does: both the
 * permissions packed into the state machine and the newer table of permissions, both the state
 * machine for files alone and the one where files are a class of the policy's. What it is asked are
 * names as the kernel would build them: a directory ends in '/'.
 *
 * An "audit deny" is, in the packed form, not to be told from a missing rule: only a deny that also
 * silences the log leaves a mark. Either way the permission is not in what is allowed.
 */

#include <glib.h>

/* The kernel's bits (include/perms.h), and the letters of apparmor.d(5). */
typedef enum {
    DFA_EXEC = 0x1,     /* x */
    DFA_WRITE = 0x2,    /* w */
    DFA_READ = 0x4,     /* r */
    DFA_APPEND = 0x8,   /* a */
    DFA_LOCK = 0x8000,  /* k */
    DFA_MMAP = 0x10000, /* m */
    DFA_LINK = 0x40000, /* l: the name may become a link; see dfa_policy_link() */
} DfaPermission;

#define DFA_ALL (DFA_EXEC | DFA_WRITE | DFA_READ | DFA_APPEND | DFA_LOCK | DFA_MMAP | DFA_LINK)

typedef struct {
    guint32 allow;  /* DfaPermission */
    guint32 deny;   /* refused by an explicit deny without audit */
    guint32 audit;  /* allowed and logged */
    guint32 xindex; /* how to choose the profile of what is executed */
    guint32 all; /* all that is allowed, as the policy has it: of other classes than files, too */
} DfaAnswer;

typedef struct _DfaPolicy DfaPolicy;

/**
 * dfa_policy_new:
 * @bytes: compiled policy of one or more profiles, copied
 */
DfaPolicy *dfa_policy_new(const void *bytes, gsize len, GError **error);
void dfa_policy_free(DfaPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DfaPolicy, dfa_policy_free)

/** dfa_policy_names: Returns: the names of the profiles in their order, NULL-terminated */
const char *const *dfa_policy_names(DfaPolicy *policy);

/**
 * dfa_policy_file:
 * @owner: whether the process owns the file
 *
 * Returns: FALSE if there is no profile @profile
 */
gboolean dfa_policy_file(DfaPolicy *policy, const char *profile, const char *path, gsize len,
                         gboolean owner, DfaAnswer *answer, GError **error);

/**
 * dfa_policy_link:
 * Whether link(2) may make @link another name of @target, which the process owns or not: the pair
 * must match a rule, and where the rule says "subset", as `l` by itself does, the new name must not
 * allow more than the old.
 */
gboolean dfa_policy_link(DfaPolicy *policy, const char *profile, const char *link, gsize link_len,
                         const char *target, gsize target_len, gboolean owner, gboolean *allowed,
                         GError **error);

/**
 * dfa_policy_paths:
 * @mask: DfaPermission, any of which counts, to the owner or to others
 * @max: how many paths to expect at most
 *
 * Lists every path there is that the profile allows, so that a test can show that a rule means its
 * path and no other, without guessing what else it might mean.
 *
 * Returns: (transfer full) (element-type GBytes): the paths in order of their bytes, or NULL with
 *   BASE_ERROR_LIMIT if there are more than @max
 */
GPtrArray *
dfa_policy_paths(DfaPolicy *policy, const char *profile, guint32 mask, guint max, GError **error);

/** dfa_letters: Returns: (transfer full): the letters of @mask, in the order "rwaxmkl" */
char *dfa_letters(guint32 mask);
