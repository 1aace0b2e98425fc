/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A start's profiles beside what is on disk and in the kernel. */

#include "ctl/start.h"
#include "helper/batch.h"

/* What the kernel has of a profile. */
typedef enum {
    FORCE_UNKNOWN, /* nobody lets us ask */
    FORCE_NOTHING, /* no profile of that name */
    FORCE_OTHER,   /* another policy under the name, as far as can be told */
    FORCE_SAME,    /* the very policy */
} ForceKernel;

/* Opened for one start. */
typedef struct {
    Vm *vm;
    Kernel *kernel;
    Batch batch; /* of START_SIDES profiles, or less, with their texts */
} Force;

/**
 * force_open:
 * @start: with a plan; must outlive this
 * @sides: bits 1 << StartSide
 * @error: a template that is missing, say
 */
Force *force_open(const Start *start, guint sides, GError **error);
void force_close(Force *force);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Force, force_close)

/** force_compile: Returns: (transfer full): all of it, compiled; NULL with @error set where it does not */
KernelPolicy *force_compile(Force *force, GError **error);

/** force_rules_on_disk: Returns: (transfer full) (nullable): the rules file as it is; NULL: there is none */
char *force_rules_on_disk(const Force *force, const PlannedProfile *planned);

/**
 * force_kernel:
 * @profile: its name
 * @text: its text, which includes @rules_path
 * @rules: what is in that
 * @own: what the administrator has decided for it
 * What @kernel has under the name @profile, beside the policy of @text with @rules and @own. What they include
 * besides is not looked at.
 */
ForceKernel force_kernel(Kernel *kernel, const char *profile, const char *text,
                         const char *rules_path, const char *rules, const Own *own);
