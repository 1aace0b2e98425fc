/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/end.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/limits.h"
#include "helper/batch.h"
#include "helper/report.h"
#include "helper/update.h"
#include "policy/records.h"

/* Milliseconds between two looks at a virtiofsd that is ending. */
#define LOOK_MS 20

static void
add_named(const Vm *vm, GPtrArray *names)
{
    for (guint i = 0; vm->record && i < vm->record->sockets->len; i++) {
        char *name = records_name(g_ptr_array_index(vm->record->sockets, i), NULL);

        if (name)
            g_ptr_array_add(names, name);
    }
}

/* The records that a launcher of this VM may have: those that say so themselves, for the VM's own record may be lost,
 * now or before an earlier call, and what it names be another VM's by now. FALSE: nobody knows.
 * @names: (element-type utf8): to which theirs are added */
static gboolean
find_records(const Vm *vm, GPtrArray *names)
{
    g_autoptr(GError) unknown = NULL;

    /* one that is not to be understood no launcher takes */
    if (records_find(vm->sockets, vm->request->options->profile, names, &unknown) ||
        g_error_matches(unknown, BASE_ERROR, BASE_ERROR_DAMAGED))
        return TRUE;
    if (!g_error_matches(unknown, BASE_ERROR, BASE_ERROR_DENIED))
        return FALSE;
    g_ptr_array_set_size(names, 0);
    add_named(vm, names);
    return TRUE;
}

/* One try; @outcome is KERNEL_STAYS as well where a launcher is on its way to the label.
 * @names: of the records that it would have; NULL: there are none */
static gboolean
try_unload(const Vm *vm, Kernel *kernel, const char *profile, GPtrArray *names,
           KernelUnload *outcome, GError **error)
{
    g_autoptr(RecordsHeld) held = names ? records_hold(vm->sockets, names) : NULL;

    *outcome = KERNEL_STAYS;
    if (names && !held)
        return TRUE;
    return kernel_unload(kernel, profile, outcome, error);
}

/* Unloads @profile when nobody runs under it; waits a little for those who are ending. */
static gboolean
unload_unused(const Vm *vm, Kernel *kernel, const char *profile, KernelUnload *outcome,
              GError **error)
{
    g_autoptr(GPtrArray) names = vm->sockets ? g_ptr_array_new_with_free_func(g_free) : NULL;

    *outcome = KERNEL_STAYS;
    if (names && !find_records(vm, names))
        return TRUE;
    for (guint waited = 0;; waited += LOOK_MS) {
        if (!try_unload(vm, kernel, profile, names, outcome, error))
            return FALSE;
        if (*outcome != KERNEL_STAYS || waited >= LIMIT_ENDING_MS)
            return TRUE;
        g_usleep(LOOK_MS * 1000);
    }
}

/* The profile of a virtiofsd that runs on although nothing is shared any more: it keeps its label, which
 * to remove would be to unconfine it, and has no right to any share. */
static gboolean
shut(const Vm *vm, Kernel *kernel, const PlannedProfile *planned, GError **error)
{
    g_autofree char *rules = g_strdup(RULES_HEADER);
    PlannedProfile empty = *planned;
    g_auto(Batch) batch = {.units = {{.planned = &empty}}, .n = 1};
    g_autoptr(KernelPolicy) policy = NULL;

    empty.rules = rules;
    if (!batch_ready_without_own(vm, &batch.units[0], error) ||
        !batch_compile(kernel, &batch, &policy, error) ||
        !kernel_commit(kernel, policy, KERNEL_REPLACE, error))
        return FALSE;
    report_warning(_("%s stays loaded, with no right to any share: a virtiofsd is running "
                     "under it"),
                   empty.profile);
    return TRUE;
}

/* Whether there is a profile of virtiofsd's to unload. Its files may have been lost while it is loaded, so
 * that the kernel is asked where they are not there; where it does not answer, no files is no profile, as
 * for every VM that shares nothing. */
static gboolean
has_virtiofsd(const Vm *vm, Kernel *kernel, const PlannedProfile *planned)
{
    gboolean loaded = FALSE;

    return policy_exists(vm->dir, planned->profile) ||
           policy_exists(vm->dir, planned->rules_file) ||
           (kernel_has_profile(kernel, planned->profile, &loaded, NULL) && loaded);
}

/* @gone: (out): whether the kernel does not have it any more */
static gboolean
unload_virtiofsd(const Vm *vm, const Plan *plan, gboolean *gone, GError **error)
{
    const PlannedProfile *planned = &plan->virtiofsd;
    g_autoptr(Kernel) kernel = batch_kernel(vm);
    g_autoptr(GError) unknown = NULL;
    KernelUnload outcome = KERNEL_STAYS;

    *gone = TRUE;
    if (!has_virtiofsd(vm, kernel, planned))
        return TRUE;
    if (unload_unused(vm, kernel, planned->profile, &outcome, &unknown) && outcome != KERNEL_STAYS)
        return TRUE;
    *gone = FALSE;
    if (unknown)
        report_warning(_("%s is not unloaded: %s"), planned->profile, unknown->message);
    return shut(vm, kernel, planned, error);
}

/* The VM shares nothing any more, and runs on. */
gboolean
end_of_sharing(const Vm *vm, const Plan *plan, GError **error)
{
    gboolean gone;

    return unload_virtiofsd(vm, plan, &gone, error) &&
           policy_unlink(vm->dir, plan->virtiofsd.rules_file, error) &&
           (!gone || policy_unlink(vm->dir, plan->virtiofsd.profile, error));
}

/* ---- the modes without XML ---- */

/* What is on disk. */
static gboolean
ready_as_is(const Vm *vm, PlannedProfile *planned, Batch *batch, GError **error)
{
    Unit *unit = &batch->units[batch->n++];

    return batch_ready_as_is(vm, planned, unit, error) && batch_read_own(vm, unit, error);
}

gboolean
end_undone(const Vm *vm, Plan *plan, GError **error)
{
    g_autoptr(Kernel) kernel = batch_kernel(vm);
    g_autoptr(KernelPolicy) policy = NULL;
    g_auto(Batch) batch = {0};

    if (!ready_as_is(vm, &plan->qemu, &batch, error) ||
        (policy_exists(vm->dir, plan->virtiofsd.rules_file) &&
         policy_exists(vm->dir, plan->virtiofsd.profile) &&
         !ready_as_is(vm, &plan->virtiofsd, &batch, error)))
        return FALSE;
    return batch_compile(kernel, &batch, &policy, error) &&
           kernel_commit(kernel, policy, KERNEL_ADD, error) && update_settled(vm, plan, error);
}

static gboolean
unload_qemu(const Vm *vm, const char *profile, GError **error)
{
    g_autoptr(Kernel) kernel = batch_kernel(vm);
    gboolean was_loaded = FALSE;

    if (!kernel_remove(kernel, profile, &was_loaded, error))
        return FALSE;
    if (!was_loaded)
        report_warning(_("unable to unload already unloaded profile"));
    return TRUE;
}

gboolean
end_of_vm(const Vm *vm, const Plan *plan, gboolean delete, GError **error)
{
    gboolean gone;
    gboolean done;

    if (!vm_has_profile(vm))
        return base_set_error(error, BASE_ERROR_FAILED, _("profile does not exist: %s/%s"),
                              policy_dir_path(vm->dir), plan->qemu.profile);
    /* the rules go even if the kernel keeps the profile: they are of a VM that is off */
    done = unload_qemu(vm, plan->qemu.profile, error);
    done = unload_virtiofsd(vm, plan, &gone, done ? error : NULL) && done;
    if (delete)
        return update_delete(vm, plan, done ? error : NULL) && done;
    return done && update_settled(vm, plan, error);
}
