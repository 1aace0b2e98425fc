/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/modes.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/error.h"
#include "helper/end.h"
#include "helper/report.h"
#include "helper/unconfined.h"
#include "helper/update.h"

/* Reads the domain, and says what there is to say of it before anything is waited for. */
static gboolean
read_domain(Request *request, GError **error)
{
    gboolean ok;

    if (isatty(request->config->input_fd))
        report_note(_("waiting for the domain's XML, as of \"virsh dumpxml\", on standard input; "
                      "Ctrl-D ends it"));
    ok = request_read(request, error);
    report_warnings(request->warnings);
    return ok && unconfined_check(request, error);
}

static gboolean
need_profile(const Vm *vm, GError **error)
{
    const Request *request = vm->request;

    if (vm_has_profile(vm))
        return TRUE;
    return base_set_error(error, BASE_ERROR_NOT_FOUND, _("profile does not exist: %s/%s"),
                          request->config->policy_dir, request->options->profile);
}

static gboolean
need_no_profile(const Vm *vm, GError **error)
{
    const Request *request = vm->request;

    if (!vm_has_profile(vm))
        return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("profile exists: %s/%s (--replace changes it)"),
                          request->config->policy_dir, request->options->profile);
}

static gboolean
apply_domain(Vm *vm, const Request *request, GError **error)
{
    g_autoptr(Plan) plan =
        plan_domain(request, vm->record, vm->lost, vm->qemu_rules, vm_has_served(vm), error);

    return plan && update_apply(vm, plan, error) &&
           (request->options->dry_run || plan->virtiofsd.fate != FATE_RETIRE ||
            end_of_sharing(vm, plan, error));
}

gboolean
mode_create(Request *request, GError **error)
{
    g_autoptr(Vm) vm = NULL;

    if (!read_domain(request, error))
        return FALSE;
    vm = vm_open(request, error);
    return vm && need_no_profile(vm, error) && apply_domain(vm, request, error);
}

gboolean
mode_replace(Request *request, GError **error)
{
    g_autoptr(Vm) vm = NULL;

    if (!read_domain(request, error))
        return FALSE;
    vm = vm_open(request, error);
    return vm && (request->options->dry_run || need_profile(vm, error)) &&
           apply_domain(vm, request, error);
}

gboolean
mode_add_share(Request *request, GError **error)
{
    g_autoptr(Vm) vm = NULL;
    g_autoptr(Plan) plan = NULL;

    if (!request_check_settings(request, error))
        return FALSE;
    vm = vm_open(request, error);
    plan = vm ? plan_attached_share(request, vm->record, error) : NULL;
    report_warnings(request->warnings);
    return plan && update_apply(vm, plan, error);
}

/* ---- without XML ---- */

/* The dry run of these says in a line what would be done. */
static gboolean
say(const Request *request, const char *what, GError **error)
{
    g_autoptr(Vm) vm = vm_open(request, error);
    g_autofree char *line = g_strdup_printf("%s %s", what, request->options->profile);

    if (!vm || !need_profile(vm, error))
        return FALSE;
    report_text(line);
    return TRUE;
}

gboolean
mode_add(Request *request, GError **error)
{
    g_autoptr(Vm) vm = NULL;
    g_autoptr(Plan) plan = NULL;

    if (request->options->dry_run)
        return say(request, _("would load"), error);
    vm = vm_open(request, error);
    plan = vm ? plan_as_is(request, vm->record) : NULL;
    return plan && end_undone(vm, plan, error);
}

static gboolean
end(Request *request, gboolean delete, GError **error)
{
    g_autoptr(Vm) vm = vm_open(request, error);
    g_autoptr(Plan) plan = vm ? plan_end(request, vm->record) : NULL;

    return plan && end_of_vm(vm, plan, delete, error);
}

gboolean
mode_remove(Request *request, GError **error)
{
    if (request->options->dry_run)
        return say(request, _("would unload"), error);
    return end(request, FALSE, error);
}

gboolean
mode_delete(Request *request, GError **error)
{
    if (request->options->dry_run)
        return say(request, _("would unload and delete the rules of"), error);
    return end(request, TRUE, error);
}
