/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the real kernel room and the fake have in common; not for other rooms. */

#include "kernel/kernel.h"

struct _KernelPolicy {
    char *text;
    char **profiles; /* their names */
    char *names;     /* the same, for a message */
    GBytes *binary;  /* NULL only in a fake without a parser */
};

/**
 * kernel_policy_new:
 * @binary: (transfer full) (nullable): what @text was compiled to
 * Returns: (transfer full): the policy, or NULL where a profile of @text is not in @binary
 */
KernelPolicy *kernel_policy_new(const char *text, gsize len, GBytes *binary, GError **error);

/**
 * kernel_control:
 * @mark: of kernel_mark()
 * Returns: (transfer full): a path that no text has for its mark, and that every pattern of a rule matches which
 *   matches @mark: a profile that lets it be read says nothing by letting @mark be
 */
char *kernel_control(const char *mark);

/** kernel_check_name: whether @profile is a name that can be written without any quoting. */
gboolean kernel_check_name(const char *profile, GError **error);

typedef enum { KERNEL_REFUSED_ADD, KERNEL_REFUSED_REPLACE, KERNEL_REFUSED_REMOVE } KernelRefused;

/**
 * kernel_set_refusal:
 * Says that the kernel refused, which profiles it was about, why, and what to do. Always FALSE.
 * @errnum: the kernel's errno, or 0 if it was not the kernel
 * @detail: (nullable): what apparmor_parser said
 */
gboolean kernel_set_refusal(GError **error, KernelRefused what, const char *names, int errnum,
                            const char *detail);
