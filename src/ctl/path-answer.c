/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/path-answer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/glob.h"
#include "ctl/path-remedy.h"
#include "ctl/profile-rules.h"
#include "kernel/dfa.h"
#include "model/paths.h"

/* A name that no file has and no single rule is about. */
#define PROBE "/.virt-aa-virtiofs-probe"

static void
rule_free(PathRule *rule)
{
    g_free(rule->text);
    g_free(rule->from);
    g_free(rule);
}

void
path_answer_free(PathAnswer *answer)
{
    if (!answer)
        return;
    for (gsize i = 0; i < START_SIDES; i++) {
        g_clear_pointer(&answer->sides[i].rules, g_ptr_array_unref);
        g_clear_pointer(&answer->sides[i].remedies, g_ptr_array_unref);
    }
    g_free(answer->asked);
    g_free(answer->path);
    g_free(answer);
}

guint32
path_answer_effective(const PathAnswer *answer, StartSide side)
{
    const PathSide *found = &answer->sides[side];

    return answer->is_dir ? found->below : found->allowed;
}

/* ---- the path ---- */

static gboolean
resolve(const Start *start, PathAnswer *answer, GError **error)
{
    Host *host = start->request->host;
    g_autofree char *absolute = g_canonicalize_filename(answer->asked, NULL);
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;

    if (!path_resolve(host, absolute, &existing, &rest, error))
        return FALSE;
    answer->path = g_strconcat(existing, rest, NULL);
    answer->exists = host_exists(host, answer->path);
    /* "DIR/" says that it is going to be one */
    answer->is_dir =
        answer->exists ? host_is_dir(host, answer->path) : g_str_has_suffix(answer->asked, "/");
    return TRUE;
}

/* (transfer full): as the kernel has it: a directory ends in a slash */
static char *
name_of(const PathAnswer *answer)
{
    const char *path = g_str_equal(answer->path, "/") ? "" : answer->path;

    return answer->is_dir ? g_strconcat(path, "/", NULL) : g_strdup(path);
}

static char *
name_below(const PathAnswer *answer)
{
    return g_strconcat(g_str_equal(answer->path, "/") ? "" : answer->path, PROBE, NULL);
}

/* ---- whether ---- */

static gboolean
ask_compiled(DfaPolicy *policy, const char *profile, const PathAnswer *answer, PathSide *side,
             GError **error)
{
    g_autofree char *name = name_of(answer);
    g_autofree char *probe = name_below(answer);
    DfaAnswer itself = {0};
    DfaAnswer below = {0};

    if (!dfa_policy_file(policy, profile, name, strlen(name), FALSE, &itself, error) ||
        !dfa_policy_file(policy, profile, probe, strlen(probe), FALSE, &below, error))
        return FALSE;
    side->planned = TRUE;
    side->allowed = itself.allow;
    side->below = below.allow;
    side->denied = answer->is_dir ? below.deny : itself.deny;
    return TRUE;
}

static void
ask_kernel(Kernel *kernel, const char *profile, const PathAnswer *answer, PathSide *side)
{
    g_autofree char *name = name_of(answer);
    g_autofree char *probe = name_below(answer);
    gboolean loaded = FALSE;

    if (!kernel_has_profile(kernel, profile, &loaded, NULL) || !loaded)
        return;
    side->loaded = kernel_query_file(kernel, profile, name, &side->kernel, NULL) &&
                   kernel_query_file(kernel, profile, probe, &side->kernel_below, NULL);
}

static gboolean
ask(const Start *start, Force *force, PathAnswer *answer, GError **error)
{
    g_autoptr(KernelPolicy) policy = force_compile(force, error);
    g_autoptr(DfaPolicy) compiled = NULL;
    GBytes *binary = policy ? kernel_policy_binary(policy) : NULL;

    if (!policy)
        return FALSE;
    if (!binary)
        return base_set_error(error, BASE_ERROR_FAILED, _("there is no compiled policy to ask"));
    compiled = dfa_policy_new(g_bytes_get_data(binary, NULL), g_bytes_get_size(binary), error);
    if (!compiled)
        return FALSE;
    for (gsize i = 0; i < START_SIDES; i++) {
        const PlannedProfile *planned = start_planned(start, (StartSide)i);

        if (planned && !ask_compiled(compiled, planned->profile, answer, &answer->sides[i], error))
            return FALSE;
        if (planned)
            ask_kernel(force->kernel, planned->profile, answer, &answer->sides[i]);
    }
    return TRUE;
}

/* ---- by which ---- */

static gboolean
grant_is_about(const Grant *grant, const char *name)
{
    g_autoptr(GHashTable) none = glob_variables_new();
    g_autoptr(GString) expression = g_string_new(NULL);

    if (grant->kind != GRANT_ALLOW && grant->kind != GRANT_DENY_WRITE)
        return FALSE;
    if (!glob_append(expression, grant->before, none))
        return FALSE;
    glob_append_literal(expression, grant->literal);
    return glob_append(expression, grant->after, none) && glob_matches(expression, name);
}

static void
add_rule(PathSide *side, const char *text, char *from, guint line, gboolean deny)
{
    PathRule *rule;

    for (guint i = 0; i < side->rules->len; i++) {
        const PathRule *old = g_ptr_array_index(side->rules, i);

        if (g_str_equal(old->text, text) && g_str_equal(old->from, from)) {
            g_free(from);
            return;
        }
    }
    rule = g_new0(PathRule, 1);
    rule->text = g_strdup(text);
    rule->from = from;
    rule->line = line;
    rule->deny = deny;
    g_ptr_array_add(side->rules, rule);
}

static void
find_grants(const Start *start, StartSide which, const char *name, PathSide *side)
{
    for (guint i = 0; i < start->rules[which]->len; i++) {
        const StartRule *rule = g_ptr_array_index(start->rules[which], i);

        if (!grant_is_about(rule->grant, name))
            continue;
        add_rule(side, rule->text,
                 rule->line ? g_strdup_printf(_("line %u: %s"), rule->line, rule->element)
                            : g_strdup(rule->element ? rule->element : rule->cause),
                 rule->line, rule->grant->kind == GRANT_DENY_WRITE);
    }
}

static void
find_lines(const Unit *unit, const char *include_dir, const char *name, PathSide *side)
{
    const char *file = unit->is_new ? unit->planned->template : unit->planned->profile;
    g_autofree char *path = g_build_filename(include_dir, "libvirt", file, NULL);
    g_autoptr(GPtrArray) rules =
        profile_rules_find(unit->text, path, include_dir, unit->planned->rules_path, name);

    for (guint i = 0; i < rules->len; i++) {
        const ProfileRule *rule = g_ptr_array_index(rules, i);

        add_rule(side, rule->text, g_strdup_printf(_("%s, line %u"), rule->file, rule->line), 0,
                 rule->deny);
    }
}

static void
find_rules(const Start *start, const Force *force, const char *include_dir, PathAnswer *answer)
{
    g_autofree char *name = name_of(answer);
    g_autofree char *probe = name_below(answer);
    const char *names[] = {name, answer->is_dir ? probe : NULL};

    for (gsize i = 0; i < force->batch.n; i++) {
        const Unit *unit = &force->batch.units[i];
        StartSide which =
            unit->planned == start_planned(start, START_QEMU) ? START_QEMU : START_VIRTIOFSD;

        for (gsize j = 0; j < G_N_ELEMENTS(names) && names[j]; j++) {
            find_grants(start, which, names[j], &answer->sides[which]);
            find_lines(unit, include_dir, names[j], &answer->sides[which]);
        }
    }
}

PathAnswer *
path_answer_new(const Start *start, Force *force, const char *include_dir, const char *path,
                GError **error)
{
    g_autoptr(PathAnswer) answer = g_new0(PathAnswer, 1);

    answer->asked = g_strdup(path);
    for (gsize i = 0; i < START_SIDES; i++) {
        answer->sides[i].rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
        answer->sides[i].remedies = g_ptr_array_new_with_free_func(g_free);
    }
    if (!resolve(start, answer, error) || !ask(start, force, answer, error))
        return NULL;
    find_rules(start, force, include_dir, answer);
    path_find_remedies(start, answer);
    return g_steal_pointer(&answer);
}
