/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/update.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "helper/batch.h"
#include "helper/report.h"
#include "policy/change.h"
#include "policy/profile.h"
#include "policy/records.h"

#define POLICY_MODE 0644

/* ---- stage, publish, load ---- */

static gboolean
stage_unit(const Vm *vm, PolicyChange *change, const Unit *unit, GError **error)
{
    const PlannedProfile *planned = unit->planned;
    g_autofree char *before = NULL;

    policy_read(vm->dir, planned->rules_file, &before, NULL);
    if (planned->has_rules && g_strcmp0(before, planned->rules) != 0 &&
        !policy_change_write(change, vm->dir, planned->rules_file, planned->rules, POLICY_MODE,
                             error))
        return FALSE;
    return !unit->is_new ||
           policy_change_write(change, vm->dir, planned->profile, unit->text, POLICY_MODE, error);
}

/* The record of a socket goes only if it is this VM's: two VMs may be called alike to 20 characters, and
 * the one that runs now has taken the name over. What cannot be held is left to the VM's end. */
static gboolean
stage_old_sockets(const Vm *vm, PolicyChange *change, RecordsHeld *held, const Plan *plan,
                  GError **error)
{
    for (guint i = 0; i < plan->old_sockets->len; i++) {
        const char *socket = g_ptr_array_index(plan->old_sockets, i);
        g_autofree char *name = records_name(socket, NULL);
        g_autoptr(GError) unknown = NULL;
        gboolean own;

        if (!name || g_strcmp0(socket, plan->socket) == 0)
            continue;
        if (!records_keep(held, vm->sockets, name, plan->qemu.profile, &own, &unknown) &&
            !g_error_matches(unknown, BASE_ERROR, BASE_ERROR_BUSY)) {
            g_propagate_error(error, g_steal_pointer(&unknown));
            return FALSE;
        }
        if (own)
            policy_change_remove(change, vm->sockets, name);
    }
    return TRUE;
}

/* What is recorded of a VM without shares saves work only. There is no place for it where nobody has
 * allowed it, as under the distribution's own profile for virt-aa-helper. */
static gboolean
stage_vm_record(const Vm *vm, PolicyChange *change, const Plan *plan, GError **error)
{
    gboolean shares = plan->socket || plan->virtiofsd.fate == FATE_LOAD;
    g_autofree char *text = NULL;
    g_autoptr(GError) unwritten = NULL;

    if (!vm->vms && !shares)
        return TRUE;
    if (!vm->vms) {
        g_propagate_error(error, g_error_copy(vm->no_records));
        g_prefix_error(error, "%s: ", _("cannot record what the VM shares"));
        return FALSE;
    }
    text = vm_record_format(plan->record, error);
    if (!text)
        return FALSE;
    if (records_stage(change, vm->vms, plan->qemu.profile, text, &unwritten) ||
        (!shares && !policy_exists(vm->vms, plan->qemu.profile) &&
         g_error_matches(unwritten, BASE_ERROR, BASE_ERROR_DENIED)))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&unwritten));
    return FALSE;
}

/* @held: what nobody else may replace or remove until the change is kept or taken back */
static gboolean
stage_records(const Vm *vm, PolicyChange *change, RecordsHeld *held, const Plan *plan,
              GError **error)
{
    g_autofree char *name = NULL;

    if (!stage_vm_record(vm, change, plan, error))
        return FALSE;
    if (!vm->vms)
        return TRUE;
    if (plan->socket) {
        name = records_name(plan->socket, error);
        if (!name || !records_claim(held, vm->sockets, name, plan->qemu.profile, error) ||
            !records_stage(change, vm->sockets, name, plan->socket_text, error))
            return FALSE;
    }
    return stage_old_sockets(vm, change, held, plan, error);
}

static void
clear_leftovers_of_sockets(const Vm *vm, GPtrArray *sockets)
{
    for (guint i = 0; i < sockets->len; i++) {
        g_autofree char *name = records_name(g_ptr_array_index(sockets, i), NULL);

        if (name)
            policy_clear_leftovers(vm->sockets, name);
    }
}

/* No temporary of a call that crashed outlives one that went well. Whether or not there is a mark: it is
 * set after they are written. A socket's is written after the VM's, which names it. */
static void
clear_leftovers(const Vm *vm, const Plan *plan)
{
    const char *names[] = {plan->qemu.profile, plan->qemu.rules_file, plan->virtiofsd.profile,
                           plan->virtiofsd.rules_file};
    GPtrArray *sockets = plan->record ? plan->record->sockets : plan->old_sockets;

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        policy_clear_leftovers(vm->dir, names[i]);
    if (!vm->vms)
        return;
    policy_clear_leftovers(vm->vms, plan->qemu.profile);
    clear_leftovers_of_sockets(vm, sockets);
    for (guint i = 0; i < vm->leftovers->len; i++) {
        const VmRecord *leftover = g_ptr_array_index(vm->leftovers, i);

        clear_leftovers_of_sockets(vm, leftover->sockets);
    }
}

static gboolean
put_in_force(const Vm *vm, const Plan *plan, Kernel *kernel, const Batch *batch,
             const KernelPolicy *policy, GError **error)
{
    g_autoptr(RecordsHeld) held = records_held_new(); /* longer than the change is open */
    g_autoptr(PolicyChange) change = policy_change_new(vm->dir, plan->qemu.profile);

    for (gsize i = 0; i < batch->n; i++)
        if (!stage_unit(vm, change, &batch->units[i], error))
            return FALSE;
    if (!stage_records(vm, change, held, plan, error) || !policy_change_publish(change, error))
        return FALSE;
    if (policy && !kernel_commit(kernel, policy, KERNEL_REPLACE, error))
        return policy_change_fail(change, error);
    policy_change_keep(change);
    clear_leftovers(vm, plan);
    return TRUE;
}

/* ---- what need not be done ---- */

/* Where the record has the mark of what @planned's profile was loaded as; NULL: there is no record. */
static char **
loaded_of(const Plan *plan, const PlannedProfile *planned)
{
    if (!plan->record)
        return NULL;
    return planned == &plan->qemu ? &plan->record->qemu_loaded : &plan->record->virtiofsd_loaded;
}

/* Whether @unit is what is loaded already: on disk, put there by a call that ended, and the kernel has
 * the very policy that was compiled of it, of the administrator's own rules and mode, and of what is included
 * now. What cannot be told is not so. */
static gboolean
is_in_force(const Vm *vm, const Plan *plan, Kernel *kernel, const Unit *unit)
{
    const PlannedProfile *planned = unit->planned;
    char **loaded = loaded_of(plan, planned);
    g_autofree char *before = NULL;

    if (!plan->append || vm->dirty || unit->is_new || !loaded ||
        g_strcmp0(*loaded, unit->mark) != 0 || !unit->included)
        return FALSE;
    /* rules that are kept as text may have been edited since, and are the same as what is planned anyway */
    if (planned == &plan->qemu && !plan->record->qemu_known)
        return FALSE;
    policy_read(vm->dir, planned->rules_file, &before, NULL);
    if (g_strcmp0(before, planned->rules) != 0 ||
        !kernel_has_policy(kernel, planned->profile, *loaded) ||
        !kernel_has_policy(kernel, planned->profile, unit->included))
        return FALSE;
    report_debug("%s: the kernel has this policy already, nothing is compiled", planned->profile);
    return TRUE;
}

/* By what the next call is going to know the policy again. */
static void
note_loaded(const Plan *plan, Batch *batch)
{
    for (gsize i = 0; i < batch->n; i++) {
        char **loaded = loaded_of(plan, batch->units[i].planned);

        if (!loaded)
            continue;
        g_free(*loaded);
        *loaded = g_steal_pointer(&batch->units[i].mark);
    }
}

/* ---- the two ends ---- */

/* --dryrun: the layout is libvirt's, each file's name and then its content. */
static void
print_file(const Vm *vm, const char *name, const char *content)
{
    g_autofree char *file = g_build_filename(vm->request->config->policy_dir, name, NULL);

    report_text(file);
    report_text(content);
}

static void
print_batch(const Vm *vm, const Batch *batch)
{
    for (gsize i = 0; i < batch->n; i++) {
        const PlannedProfile *planned = batch->units[i].planned;
        g_autofree char *include = profile_include_line(planned->rules_path);

        print_file(vm, planned->rules_file,
                   planned->added ? planned->added : planned->rules + strlen(RULES_HEADER));
        if (vm->request->options->command != COMMAND_CREATE)
            continue;
        print_file(vm, planned->profile, planned->profile);
        report_text(include);
    }
}

static void
print_verdicts(const Batch *batch)
{
    for (gsize i = 0; i < batch->n; i++) {
        g_autofree char *verdict = g_strdup_printf(_("The parser accepts the policy of %s."),
                                                   batch->units[i].planned->profile);

        report_text(verdict);
    }
}

/* What of the plan is to be loaded, with the text of each profile where it is going to be compiled. */
static gboolean
fill_batch(const Vm *vm, Plan *plan, Kernel *kernel, Batch *batch, GError **error)
{
    PlannedProfile *both[] = {&plan->qemu, &plan->virtiofsd};
    const Options *options = vm->request->options;

    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        Unit *unit = &batch->units[batch->n];

        if (both[i]->fate == FATE_KEEP && !options->dry_run &&
            !batch_ready_undone(vm, kernel, both[i], batch, error))
            return FALSE;
        if (both[i]->fate != FATE_LOAD)
            continue;
        unit->planned = both[i];
        batch->n++;
        /* what is only printed needs no template, and an ordinary user may have none */
        if (options->dry_run && !options->check)
            continue;
        if (!batch_ready(vm, unit, error))
            return FALSE;
        if (options->dry_run || !is_in_force(vm, plan, kernel, unit))
            continue;
        batch->n--;
        unit_clear(unit);
        *unit = (Unit){0};
    }
    return TRUE;
}

gboolean
update_apply(const Vm *vm, Plan *plan, GError **error)
{
    const Options *options = vm->request->options;
    g_autoptr(Kernel) kernel = batch_kernel(vm);
    g_autoptr(KernelPolicy) policy = NULL;
    g_auto(Batch) batch = {0};

    if (!fill_batch(vm, plan, kernel, &batch, error))
        return FALSE;
    if (options->dry_run)
        print_batch(vm, &batch);
    if (options->dry_run && !options->check)
        return TRUE;
    if (!batch_compile(kernel, &batch, &policy, error))
        return FALSE;
    if (options->dry_run) {
        print_verdicts(&batch);
        return TRUE;
    }
    note_loaded(plan, &batch);
    return put_in_force(vm, plan, kernel, &batch, policy, error);
}

/* Without a mark nothing is written: the file system may be read-only. */
gboolean
update_settled(const Vm *vm, const Plan *plan, GError **error)
{
    clear_leftovers(vm, plan);
    return !vm->dirty || policy_set_clean(vm->dir, plan->qemu.profile, error);
}

/* @gone: what was removed so far; the first failure is reported. */
static gboolean
remove_file(const PolicyDir *dir, const char *name, gboolean gone, GError **error)
{
    return policy_unlink(dir, name, gone ? error : NULL) && gone;
}

static gboolean
remove_sockets(const Vm *vm, RecordsHeld *held, const Plan *plan, gboolean gone, GError **error)
{
    for (guint i = 0; i < plan->old_sockets->len; i++) {
        g_autofree char *name = records_name(g_ptr_array_index(plan->old_sockets, i), NULL);

        if (name)
            gone =
                records_remove(held, vm->sockets, name, plan->qemu.profile, gone ? error : NULL) &&
                gone;
    }
    return gone;
}

/* Whether the VM's own record named all of its sockets is not known where it was lost, now or in an earlier
 * call: those that are this VM's say so themselves. While it is there, what is not to be understood is
 * another VM's. */
static gboolean
remove_unnamed_sockets(const Vm *vm, RecordsHeld *held, const Plan *plan, gboolean gone,
                       GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) unknown = NULL;

    if (!records_find(vm->sockets, plan->qemu.profile, names, &unknown) && !vm->record &&
        (vm->lost || !g_error_matches(unknown, BASE_ERROR, BASE_ERROR_DENIED))) {
        g_propagate_error(gone ? error : NULL, g_steal_pointer(&unknown));
        gone = FALSE;
    }
    for (guint i = 0; i < names->len; i++)
        gone = records_remove(held, vm->sockets, g_ptr_array_index(names, i), plan->qemu.profile,
                              gone ? error : NULL) &&
               gone;
    return gone;
}

/* Where there is no place for records, or nobody has allowed it, there are none. */
static gboolean
remove_records(const Vm *vm, const Plan *plan, gboolean gone, GError **error)
{
    if (vm->no_records && !g_error_matches(vm->no_records, BASE_ERROR, BASE_ERROR_NOT_FOUND) &&
        !g_error_matches(vm->no_records, BASE_ERROR, BASE_ERROR_DENIED)) {
        g_propagate_error(gone ? error : NULL, g_error_copy(vm->no_records));
        gone = FALSE;
    }
    if (vm->sockets) {
        g_autoptr(RecordsHeld) held = records_held_new();

        gone = remove_sockets(vm, held, plan, gone, error);
        gone = remove_unnamed_sockets(vm, held, plan, gone, error);
    }
    /* last: the next call knows from it what else is left */
    return !vm->vms ? gone : gone && policy_unlink(vm->vms, plan->qemu.profile, error);
}

/* One by one, and not as a change: that needs room for its mark, and there may be none. What is left of
 * it grants nothing, as nothing of it is loaded. */
gboolean
update_delete(const Vm *vm, const Plan *plan, GError **error)
{
    gboolean gone = remove_file(vm->dir, plan->qemu.rules_file, TRUE, error);

    gone = remove_file(vm->dir, plan->virtiofsd.rules_file, gone, error);
    gone = remove_records(vm, plan, gone, error);
    clear_leftovers(vm, plan);
    return gone && policy_set_clean(vm->dir, plan->qemu.profile, error);
}
