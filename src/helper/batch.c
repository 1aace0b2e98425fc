/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/batch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "helper/report.h"
#include "policy/includes.h"
#include "policy/profile.h"
#include "rules/rules.h"

void
unit_clear(Unit *unit)
{
    g_clear_pointer(&unit->text, g_free);
    g_clear_pointer(&unit->mark, g_free);
    g_clear_pointer(&unit->included, g_free);
    own_clear(&unit->own);
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
    g_autoptr(GError) unread = NULL;

    if (!read_policy(vm, planned->template, &template, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            g_prefix_error(&unread, "%s: ", _("template does not exist"));
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    unit->is_new = TRUE;
    unit->text = profile_from_template(template, planned->template, planned->profile,
                                       planned->has_rules ? planned->rules_path : NULL, error);
    return unit->text != NULL;
}

char *
batch_apparmor_dir(const Vm *vm)
{
    return g_path_get_dirname(vm->request->config->policy_dir);
}

/* Always in place of the include, so that the compiler never opens a file that nobody has looked at. */
char *
batch_text(const char *text, const char *profile, const char *rules_path, const char *rules,
           const Own *own)
{
    g_autofree char *include = own_include(profile);
    g_autofree char *with_rules = profile_inline_rules(text, rules_path, rules);

    return profile_inline_rules(with_rules, include, own->rules ? own->rules : "");
}

static char *
whole_text(const Unit *unit, const char *rules)
{
    return batch_text(unit->text, unit->planned->profile, unit->planned->rules_path, rules,
                      &unit->own);
}

/* The mode makes another policy of the same text. */
char *
batch_mark(const char *text, const char *profile, const char *rules_path, const char *rules,
           const Own *own)
{
    g_autofree char *whole = batch_text(text, profile, rules_path, rules, own);
    g_autofree char *marked = g_strconcat(whole, own->complain ? "\ncomplain" : NULL, NULL);

    return kernel_mark(marked);
}

static void
set_mark(Unit *unit)
{
    const PlannedProfile *planned = unit->planned;

    g_free(unit->mark);
    unit->mark =
        batch_mark(unit->text, planned->profile, planned->rules_path, planned->rules, &unit->own);
}

/* Not in the generated rules, which include nothing. */
static void
set_included(const Vm *vm, Unit *unit)
{
    const HelperConfig *config = vm->request->config;
    const PlannedProfile *planned = unit->planned;
    const char *dirs[] = {APPARMOR_DIR, config->include_dir, NULL};
    g_autofree char *text =
        batch_text(unit->text, planned->profile, planned->rules_path, "", &unit->own);
    const IncludesParser parser = {config->parser, INCLUDES_PARSER_CONFIGURATION};
    g_autofree char *digest = includes_digest(text, dirs, &parser);

    g_free(unit->included);
    unit->included = digest ? kernel_mark(digest) : NULL;
}

gboolean
batch_own(const Vm *vm, Unit *unit, Own *own, GError **error)
{
    const char *profile = unit->planned->profile;
    g_autofree char *include = own_include(profile);
    char *text = own->rules ? profile_put_include(unit->text, include, profile, error)
                            : profile_take_include(unit->text, include);

    own_clear(&unit->own);
    unit->own = *own;
    *own = (Own){0};
    if (!text)
        return FALSE;
    unit->is_new = unit->is_new || !g_str_equal(text, unit->text);
    g_free(unit->text);
    unit->text = text;
    set_mark(unit);
    if (!vm->request->options->dry_run)
        set_included(vm, unit);
    return TRUE;
}

gboolean
batch_read_own(const Vm *vm, Unit *unit, GError **error)
{
    g_autofree char *dir = batch_apparmor_dir(vm);
    g_auto(Own) own = {0};

    return own_read(dir, unit->planned->profile, &own, error) && batch_own(vm, unit, &own, error);
}

gboolean
batch_ready_without_own(const Vm *vm, Unit *unit, GError **error)
{
    if (!read_profile(vm, unit, error) || (!unit->text && !make_profile(vm, unit, error)))
        return FALSE;
    set_mark(unit);
    return TRUE;
}

gboolean
batch_ready(const Vm *vm, Unit *unit, GError **error)
{
    return batch_ready_without_own(vm, unit, error) && batch_read_own(vm, unit, error);
}

gboolean
batch_ready_as_is(const Vm *vm, PlannedProfile *planned, Unit *unit, GError **error)
{
    g_autoptr(GError) unread = NULL;

    if (!policy_read(vm->dir, planned->profile, &unit->text, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            g_prefix_error(&unread, "%s: ", _("profile does not exist"));
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    unit->planned = planned;
    if (!vm_read_rules(vm, planned->rules_file, &planned->rules, error))
        return FALSE;
    if (!planned->rules && policy_exists(vm->dir, planned->rules_file))
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("%s/%s is damaged, and without it %s would be loaded without rules: "
              "--replace makes it anew"),
            policy_dir_path(vm->dir), planned->rules_file, planned->profile);
    if (!planned->rules)
        planned->rules = g_strdup("");
    set_mark(unit);
    return TRUE;
}

gboolean
batch_ready_undone(const Vm *vm, Kernel *kernel, PlannedProfile *planned, Batch *batch,
                   GError **error)
{
    Unit *unit = &batch->units[batch->n];
    gboolean loaded = FALSE;

    if (!vm->dirty || !policy_exists(vm->dir, planned->profile))
        return TRUE;
    if (!kernel_has_profile(kernel, planned->profile, &loaded, error))
        return FALSE;
    if (!loaded)
        return TRUE;
    g_clear_pointer(&planned->rules, g_free);
    batch->n++;
    return batch_ready_as_is(vm, planned, unit, error) && batch_read_own(vm, unit, error);
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

/* Own rules that alone keep the policy from compiling are named, with their line. */
static void
find_fault(Kernel *kernel, const Unit *unit, const char *rules, GError **error)
{
    const Unit without = {.planned = unit->planned, .text = unit->text};
    g_autofree char *include = own_include(unit->planned->profile);
    g_autofree char *text = NULL;
    g_autoptr(KernelPolicy) policy = NULL;

    if (!unit->own.rules || !g_error_matches(*error, BASE_ERROR, BASE_ERROR_POLICY))
        return;
    text = whole_text(&without, rules);
    policy = kernel_compile(kernel, text, strlen(text), NULL, NULL);
    if (!policy)
        return;
    g_clear_pointer(&text, g_free);
    text = profile_inline_rules(unit->text, unit->planned->rules_path, rules);
    own_blame(&unit->own, unit->planned->profile, profile_inlined_line(text, include), error);
}

/* The compiler reads @text, which is the file with all rules in it, and speaks of lines of that: those before the
 * rules are the file's. */
static void
add_place(const Unit *unit, const char *text, GError **error)
{
    const PlannedProfile *planned = unit->planned;
    const char *file = unit->is_new ? planned->template : planned->profile;
    const char *words = (*error)->message;
    guint line = own_said_line(&words);
    guint rules = profile_inlined_line(unit->text, planned->rules_path);
    g_auto(GStrv) lines = NULL;
    g_autofree char *place = NULL;
    char *whole;

    if (!g_error_matches(*error, BASE_ERROR, BASE_ERROR_POLICY) || line == 0)
        return;
    lines = g_strsplit(text, "\n", -1);
    if (line > g_strv_length(lines))
        return;
    g_strstrip(lines[line - 1]);
    place = rules == 0 || line < rules
                ? g_strdup_printf(_("%s, line %u: %s"), file, line, lines[line - 1])
                : g_strdup_printf(_("%s, with its rules: %s"), file, lines[line - 1]);
    whole = g_strconcat((*error)->message, "\n", place, NULL);
    g_free((*error)->message);
    (*error)->message = whole;
}

/* The compiler's limits are those of all rules. */
static gboolean
check_size(const Unit *unit, GError **error)
{
    const PlannedProfile *planned = unit->planned;
    g_autofree char *all = g_strconcat(planned->rules, unit->own.rules, NULL);

    if (rules_check_size(all, error))
        return TRUE;
    if (unit->own.rules) {
        g_autofree char *edit = own_edit_command(planned->profile);

        g_prefix_error(error, _("with those of %s (%s): "), unit->own.path, edit);
    }
    g_prefix_error(error, "%s: ", planned->profile);
    return FALSE;
}

/* The rules on disk do not have the marks: what somebody else compiles of them is not known again.
 * Returns: (transfer full) */
static char *
marked_rules(const Unit *unit)
{
    GString *rules = g_string_new(unit->planned->rules);

    g_string_append_printf(rules, "  \"%s\" r,\n", unit->mark);
    if (unit->included)
        g_string_append_printf(rules, "  \"%s\" r,\n", unit->included);
    return g_string_free(rules, FALSE);
}

static KernelPolicy *
compile(Kernel *kernel, const Unit *unit, GError **error)
{
    const KernelMode mode = unit->own.complain ? KERNEL_COMPLAIN : KERNEL_AS_IT_SAYS;
    g_autofree char *marked = marked_rules(unit);
    g_autofree char *text = whole_text(unit, marked);
    g_autofree char *said = NULL;
    GError *unfit = NULL;
    KernelPolicy *policy;

    if (!check_size(unit, error))
        return NULL;
    policy = kernel_compile_mode(kernel, text, strlen(text), mode, &said, &unfit);
    if (said && *said)
        report_text(said);
    if (policy)
        return policy;
    find_fault(kernel, unit, marked, &unfit);
    add_place(unit, text, &unfit);
    g_propagate_error(error, unfit);
    return NULL;
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
