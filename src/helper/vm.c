/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/vm.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "helper/plan.h"
#include "helper/report.h"
#include "policy/change.h"
#include "policy/records.h"

/* Whether @command ends a VM's policy: on a file system without room, or that is read-only, there is no
 * place for a lock, and what the VM had must go from the kernel all the same. */
static gboolean
is_stop(Command command)
{
    return command == COMMAND_REMOVE || command == COMMAND_DELETE;
}

static gboolean
open_records(Vm *vm, GError **error)
{
    const HelperConfig *config = vm->request->config;
    const Options *options = vm->request->options;
    /* a stop writes none, and has to tell where there never were any */
    gboolean make = !options->dry_run && !is_stop(options->command);

    if (!config->records)
        return base_set_error(error, BASE_ERROR_NOT_FOUND,
                              _("this build has no launcher, and keeps no records"));
    vm->sockets = records_open(config->records, RECORDS_SOCKETS, make, error);
    if (!vm->sockets)
        return FALSE;
    policy_dir_share(vm->sockets, options->profile);
    vm->vms = records_open(config->records, RECORDS_VMS, make, error);
    return vm->vms != NULL;
}

static void
read_leftovers(Vm *vm, const char *profile)
{
    g_autoptr(GPtrArray) texts = policy_read_leftovers(vm->vms, profile);

    for (guint i = 0; i < texts->len; i++) {
        VmRecord *record = vm_record_parse(g_ptr_array_index(texts, i), profile, NULL);

        if (record)
            g_ptr_array_add(vm->leftovers, record);
    }
}

/* A record that cannot be read says nothing, and the call that comes next with the whole XML makes it
 * anew; until then nobody knows what was attached. */
static void
read_record(Vm *vm, const char *profile)
{
    g_autoptr(GError) unread = NULL;
    g_autofree char *text = NULL;

    if (!vm->vms)
        return;
    read_leftovers(vm, profile);
    if (policy_read(vm->vms, profile, &text, &unread))
        vm->record = vm_record_parse(text, profile, &unread);
    vm->lost = unread && !g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    if (vm->lost)
        report_warning(_("what was recorded of %s is lost: %s"), profile, unread->message);
}

gboolean
vm_read_rules(const Vm *vm, const char *file, char **rules, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) unread = NULL;

    *rules = NULL;
    if (!vm->dir)
        return TRUE;
    if (!policy_read(vm->dir, file, &text, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND) ||
            g_error_matches(unread, BASE_ERROR, BASE_ERROR_DAMAGED))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    if (g_str_has_prefix(text, RULES_HEADER))
        *rules = g_steal_pointer(&text);
    return TRUE;
}

/* QEMU's rules, for a call that renders them: it says so where it makes them anew. */
static gboolean
read_qemu_rules(Vm *vm, GError **error)
{
    g_autofree char *file = g_strconcat(vm->request->options->profile, ".files", NULL);

    if (!vm_read_rules(vm, file, &vm->qemu_rules, error))
        return FALSE;
    if (vm->dir && !vm->qemu_rules && policy_exists(vm->dir, file))
        report_warning(_("%s/%s is empty or damaged; it is made anew from the XML"),
                       policy_dir_path(vm->dir), file);
    return TRUE;
}

/* Whether @options ask for rules that follow from the XML. The other calls take QEMU's rules as they are,
 * or away, whatever is in them. */
static gboolean
renders_qemu(const Options *options)
{
    return options->command == COMMAND_CREATE ||
           (options->command == COMMAND_REPLACE && !options->add_share);
}

static gboolean
lock(Vm *vm, GError **error)
{
    const Options *options = vm->request->options;
    g_autoptr(GError) unlocked = NULL;

    vm->lock = policy_lock(vm->dir, options->profile, LIMIT_LOCK_WAIT_MS, &unlocked);
    if (vm->lock)
        return TRUE;
    if (!is_stop(options->command) || g_error_matches(unlocked, BASE_ERROR, BASE_ERROR_BUSY)) {
        g_propagate_error(error, g_steal_pointer(&unlocked));
        return FALSE;
    }
    report_warning(_("%s; going on without the lock"), unlocked->message);
    return TRUE;
}

/* Where AppArmor or the file system keeps us from locking or recording, a dry run still has an answer. */
static gboolean
begin_for_real(Vm *vm, GError **error)
{
    const char *profile = vm->request->options->profile;

    vm->dir = policy_dir_open(vm->request->config->policy_dir, error);
    if (!vm->dir)
        return FALSE;
    if (!lock(vm, error))
        return FALSE;
    vm->dirty = policy_is_dirty(vm->dir, profile);
    return TRUE;
}

/*
 * Without records a VM that shares nothing does as well: where there never were any, or AppArmor keeps us
 * from all of them. Where they are only out of reach for now, what is in them would be older than the rules
 * that were made without them, and the next call would put back what it says.
 */
static gboolean
may_go_on(const Vm *vm, GError **error)
{
    const Options *options = vm->request->options;

    if (!vm->no_records || options->dry_run || is_stop(options->command) ||
        g_error_matches(vm->no_records, BASE_ERROR, BASE_ERROR_NOT_FOUND) ||
        g_error_matches(vm->no_records, BASE_ERROR, BASE_ERROR_DENIED))
        return TRUE;
    g_propagate_error(error, g_error_copy(vm->no_records));
    return FALSE;
}

Vm *
vm_open(const Request *request, GError **error)
{
    g_autoptr(Vm) vm = g_new0(Vm, 1);

    vm->request = request;
    vm->leftovers = g_ptr_array_new_with_free_func((GDestroyNotify)vm_record_free);
    if (request->options->dry_run)
        vm->dir = policy_dir_open(request->config->policy_dir, NULL);
    else if (!begin_for_real(vm, error))
        return NULL;
    open_records(vm, &vm->no_records);
    if (!may_go_on(vm, error))
        return NULL;
    read_record(vm, request->options->profile);
    if (renders_qemu(request->options) && !read_qemu_rules(vm, error))
        return NULL;
    return g_steal_pointer(&vm);
}

void
vm_close(Vm *vm)
{
    g_clear_pointer(&vm->lock, policy_unlock);
    g_clear_pointer(&vm->dir, policy_dir_free);
    g_clear_pointer(&vm->sockets, policy_dir_free);
    g_clear_pointer(&vm->vms, policy_dir_free);
    g_clear_pointer(&vm->record, vm_record_free);
    g_ptr_array_unref(vm->leftovers);
    g_clear_error(&vm->no_records);
    g_free(vm->qemu_rules);
    g_free(vm);
}

gboolean
vm_has_profile(const Vm *vm)
{
    return vm->dir && policy_exists(vm->dir, vm->request->options->profile);
}

gboolean
vm_has_served(const Vm *vm)
{
    g_autofree char *file = g_strconcat(vm->request->options->profile, ".virtiofsd", NULL);

    return vm->dir && policy_exists(vm->dir, file);
}
