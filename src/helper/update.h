/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Carries a plan out: stage, compile, publish, load, or take all of it back; the VM's records are a part
 * of it. A dry run is the same with another end: what would have been published is printed.
 */

#include "helper/plan.h"
#include "helper/vm.h"

/**
 * update_apply:
 * @error: BASE_ERROR_POLICY: it does not compile. Whatever the reason, files, records and kernel are as
 *   they were
 * Puts in force what @plan loads; what it retires is left to end.h.
 */
gboolean update_apply(const Vm *vm, Plan *plan, GError **error);

/**
 * update_settled:
 * Leaves nothing of a call that crashed: no temporary, no mark. For --remove and --add, after which the
 * kernel has nothing of the VM, or what is on disk.
 */
gboolean update_settled(const Vm *vm, const Plan *plan, GError **error);

/** update_delete: removes the rules and records of a VM that is off. */
gboolean update_delete(const Vm *vm, const Plan *plan, GError **error);
