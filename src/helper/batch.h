/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Profiles on their way into the kernel: a planned profile's text, and all of them compiled as one. */

#include "helper/plan.h"
#include "helper/vm.h"
#include "kernel/kernel.h"

typedef struct {
    const PlannedProfile *planned;
    gboolean is_new; /* the text is not what is on disk */
    char *text;      /* of the profile, which includes its rules */
    char *mark; /* by which the kernel's policy is known again, once it is compiled; else NULL */
} Unit;

/* Those that are loaded together. */
typedef struct {
    Unit units[2]; /* QEMU's and virtiofsd's */
    gsize n;
} Batch;

void batch_clear(Batch *batch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Batch, batch_clear)

/** batch_kernel: Returns: (transfer full): the kernel that this call is about */
Kernel *batch_kernel(const Vm *vm);

/**
 * batch_ready:
 * @unit: of which only what is planned is set
 * Reads the profile, or makes it from its template where there is none of that name or the plan says so.
 * A dry run looks in --policy-dir first.
 */
gboolean batch_ready(const Vm *vm, Unit *unit, GError **error);

/**
 * batch_compile:
 * @batch: whose units get their marks
 * @policy: (out) (transfer full) (nullable): all of @batch, which the kernel takes or refuses as a
 *   whole; NULL without error if there is nothing to load
 * @error: BASE_ERROR_POLICY with the compiler's words. What it says of what it accepts is reported
 */
gboolean batch_compile(Kernel *kernel, Batch *batch, KernelPolicy **policy, GError **error);
