/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Profiles that go, and the mode that loads them again as they are. */

#include "helper/plan.h"
#include "helper/vm.h"

/**
 * end_of_sharing:
 * The VM shares nothing any more, and runs on: virtiofsd's profile is unloaded and its files go. While a
 * process runs under it, it stays, with no right to any share: without it that would be unconfined.
 */
gboolean end_of_sharing(const Vm *vm, const Plan *plan, GError **error);

/**
 * end_of_vm:
 * @delete: --delete: the rules and records go as well
 * Unloads both. All that can go goes, even if a part of it cannot; the first failure is reported.
 */
gboolean end_of_vm(const Vm *vm, const Plan *plan, gboolean delete, GError **error);

/** end_undone: --add: loads the profiles as they are on disk; an error if one of them is loaded. */
gboolean end_undone(const Vm *vm, Plan *plan, GError **error);
