/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/batch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "helper/report.h"
#include "policy/profile.h"
#include "rules/rules.h"

static void
unit_clear(Unit *unit)
{
    g_free(unit->text);
    g_free(unit->mark);
}

void
batch_clear(Batch *batch)
{
    for (gsize i = 0; i < batch->n; i++)
        unit_clear(&batch->units[i]);
}

/* A dry run looks in --policy-dir first, and then where the real thing is. */
static gboolean
read_policy(const Vm *vm, const char *name, char **text, GError **error)
{
    const char *other = vm->request->options->policy_dir;
    g_autoptr(PolicyDir) dir = other ? policy_dir_open(other, NULL) : NULL;

    if (dir && policy_read(dir, name, text, NULL))
        return TRUE;
    if (vm->dir)
        return policy_read(vm->dir, name, text, error);
    return base_set_error(error, BASE_ERROR_NOT_FOUND, "%s/%s",
                          other ? other : vm->request->config->policy_dir, name);
}

/* The profile's text as it is on disk, unless it is to be made anew or is no profile of that name. */
static gboolean
read_profile(const Vm *vm, Unit *unit, GError **error)
{
    const PlannedProfile *planned = unit->planned;
    g_autoptr(GError) unread = NULL;
    g_autofree char *text = NULL;

    if (planned->from_template)
        return TRUE;
    if (!read_policy(vm, planned->profile, &text, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            return TRUE;
        if (!g_error_matches(unread, BASE_ERROR, BASE_ERROR_DAMAGED)) {
            g_propagate_error(error, g_steal_pointer(&unread));
            return FALSE;
        }
    }
    if (text && profile_names(text, planned->profile))
        unit->text = g_steal_pointer(&text);
    else
        report_warning(_("%s/%s is empty or damaged; it is made anew from %s"),
                       vm->request->config->policy_dir, planned->profile, planned->template);
    return TRUE;
}

static gboolean
make_profile(const Vm *vm, Unit *unit, GError **error)
{
    const PlannedProfile *planned = unit->planned;
    g_autofree char *template = NULL;

    if (!read_policy(vm, planned->template, &template, error)) {
        g_prefix_error(error, "%s: ", _("template does not exist"));
        return FALSE;
    }
    unit->is_new = TRUE;
    unit->text = profile_from_template(template, planned->template, planned->profile,
                                       planned->has_rules ? planned->rules_path : NULL, error);
    return unit->text != NULL;
}

gboolean
batch_ready(const Vm *vm, Unit *unit, GError **error)
{
    return read_profile(vm, unit, error) && (unit->text || make_profile(vm, unit, error));
}

/* ---- the kernel ---- */

Kernel *
batch_kernel(const Vm *vm)
{
    const HelperConfig *config = vm->request->config;
    const char *other = vm->request->options->policy_dir;
    g_autofree char *above = other ? g_path_get_dirname(other) : g_strdup(config->include_dir);
    KernelOptions options = {
        .parser = config->parser, .include_dir = above, .apparmorfs = config->kernel_dir};

    return kernel_new(&options);
}

/* The rules on disk do not have the mark: what somebody else compiles of them is not known again. */
static KernelPolicy *
compile(Kernel *kernel, Unit *unit, GError **error)
{
    const PlannedProfile *planned = unit->planned;
    g_autofree char *whole = profile_inline_rules(unit->text, planned->rules_path, planned->rules);
    g_autofree char *mark = kernel_mark(whole);
    g_autofree char *marked = g_strdup_printf("%s  \"%s\" r,\n", planned->rules, mark);
    g_autofree char *text = profile_inline_rules(unit->text, planned->rules_path, marked);
    g_autofree char *said = NULL;
    KernelPolicy *policy;

    if (!rules_check_size(planned->rules, error)) {
        g_prefix_error(error, "%s: ", planned->profile);
        return NULL;
    }
    policy = kernel_compile(kernel, text, strlen(text), &said, error);
    if (said && *said)
        report_text(said);
    g_free(unit->mark);
    unit->mark = g_steal_pointer(&mark);
    return policy;
}

/* All of them as one policy, which the kernel takes or refuses as a whole; NULL without error if there is
 * nothing to load. */
gboolean
batch_compile(Kernel *kernel, Batch *batch, KernelPolicy **policy, GError **error)
{
    g_autoptr(KernelPolicy) all = NULL;

    for (gsize i = 0; i < batch->n; i++) {
        g_autoptr(KernelPolicy) one = compile(kernel, &batch->units[i], error);

        if (!one)
            return FALSE;
        if (all)
            kernel_policy_append(all, one);
        else
            all = g_steal_pointer(&one);
    }
    *policy = g_steal_pointer(&all);
    return TRUE;
}
