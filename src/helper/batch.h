/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Profiles on their way into the kernel: a planned profile's text, and all of them compiled as one. */

#include "helper/plan.h"
#include "helper/vm.h"
#include "kernel/kernel.h"
#include "policy/own.h"

typedef struct {
    const PlannedProfile *planned;
    gboolean is_new; /* the text is not what is on disk */
    char *text;      /* of the profile, which includes its rules */
    Own own;         /* what the administrator has decided for it */
    char *mark;      /* by which the kernel's policy is known again, once it is ready; else NULL */
    char *included;  /* a mark of what it includes besides; NULL: not known */
} Unit;

/* Those that are loaded together. */
typedef struct {
    Unit units[2]; /* QEMU's and virtiofsd's */
    gsize n;
} Batch;

void unit_clear(Unit *unit);
void batch_clear(Batch *batch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Batch, batch_clear)

/** batch_kernel: Returns: (transfer full): the kernel that this call is about */
Kernel *batch_kernel(const Vm *vm);

/** batch_apparmor_dir: Returns: (transfer full): the directory that has the administrator's own files */
char *batch_apparmor_dir(const Vm *vm);

/**
 * batch_ready:
 * @unit: of which only what is planned is set
 * @error: also what is wrong with the administrator's own rules for the profile
 * Reads the profile, or makes it from its template where there is none of that name or the plan says so;
 * while there are own rules it includes them. A dry run looks in --policy-dir first.
 */
gboolean batch_ready(const Vm *vm, Unit *unit, GError **error);

/**
 * batch_ready_without_own:
 * The same for a profile that is to allow nothing any more: own rules and complain mode do not count, whatever
 * is wrong with them.
 */
gboolean batch_ready_without_own(const Vm *vm, Unit *unit, GError **error);

/**
 * batch_ready_as_is:
 * @planned: whose rules are what is on disk afterwards; none where there is no file, as after --delete
 * @unit: likewise, with the profile, which has to be there; without own rules
 * @error: rules that are there and cannot be read; BASE_ERROR_NOT_FOUND: no profile
 */
gboolean batch_ready_as_is(const Vm *vm, PlannedProfile *planned, Unit *unit, GError **error);

/**
 * batch_ready_undone:
 * A call that did not end may have left the kernel without what is on disk of each of the VM's profiles: one
 * that this call leaves as it is comes into @batch as it is, where it is loaded; or after this call nobody
 * would know.
 */
gboolean batch_ready_undone(const Vm *vm, Kernel *kernel, PlannedProfile *planned, Batch *batch,
                            GError **error);

/** batch_read_own: has the own rules and the mode that are on disk count for @unit, which is ready. */
gboolean batch_read_own(const Vm *vm, Unit *unit, GError **error);

/**
 * batch_own:
 * @own: (transfer full): counts for @unit, which is ready, in place of what is on disk
 */
gboolean batch_own(const Vm *vm, Unit *unit, Own *own, GError **error);

/**
 * batch_text:
 * @text: of the profile @profile
 * @rules_path: as it includes its rules
 * @rules: what is in that file
 * @own: what the administrator has decided for it
 * Returns: (transfer full): what is compiled of them: the profile with all its rules in it
 */
char *batch_text(const char *text, const char *profile, const char *rules_path, const char *rules,
                 const Own *own);

/** batch_mark: Returns: (transfer full): the mark that all this is loaded with, for kernel_has_policy() */
char *batch_mark(const char *text, const char *profile, const char *rules_path, const char *rules,
                 const Own *own);

/**
 * batch_compile:
 * @batch: whose units are ready
 * @policy: (out) (transfer full) (nullable): all of @batch, which the kernel takes or refuses as a
 *   whole; NULL without error if there is nothing to load
 * @error: BASE_ERROR_POLICY with the compiler's words; where it is the own rules that do not compile, their
 *   file and line. What it says of what it accepts is reported
 */
gboolean batch_compile(Kernel *kernel, Batch *batch, KernelPolicy **policy, GError **error);
