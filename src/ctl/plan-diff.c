/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/plan.h"

#include <string.h>

void
plan_diff_free(PlanDiff *diff)
{
    g_clear_pointer(&diff->gone, g_ptr_array_unref);
    g_clear_pointer(&diff->added, g_ptr_array_unref);
    g_free(diff);
}

/* (transfer full) (element-type utf8): the lines of @rules, but for comments and white space around them */
static GPtrArray *
lines_of(const char *rules)
{
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    GPtrArray *kept = g_ptr_array_new_with_free_func(g_free);

    for (char **line = lines; *line; line++) {
        const char *stripped = g_strstrip(*line);

        if (*stripped && *stripped != '#')
            g_ptr_array_add(kept, g_strdup(stripped));
    }
    return kept;
}

/* (transfer full) (element-type utf8): those of @lines that are not in @others */
static GPtrArray *
missing_from(GPtrArray *lines, GPtrArray *others)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *missing = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < others->len; i++)
        g_hash_table_add(seen, g_ptr_array_index(others, i));
    for (guint i = 0; i < lines->len; i++) {
        const char *line = g_ptr_array_index(lines, i);

        if (!g_hash_table_contains(seen, line))
            g_ptr_array_add(missing, g_strdup(line));
    }
    return missing;
}

PlanDiff *
plan_diff(const Force *force, StartSide side, const Unit *unit)
{
    const PlannedProfile *planned = unit->planned;
    PlanDiff *diff = g_new0(PlanDiff, 1);
    g_autofree char *disk = force_rules_on_disk(force, planned);
    g_autoptr(GPtrArray) old = lines_of(disk ? disk : "");
    g_autoptr(GPtrArray) new = lines_of(planned->rules);

    diff->side = side;
    diff->there = disk != NULL;
    diff->gone = missing_from(old, new);
    diff->added = missing_from(new, old);
    diff->kernel = force_kernel(force->kernel, planned->profile, unit->text, planned->rules_path,
                                planned->rules, &unit->own);
    /* the same rules in another order: a running domain's XML has its images in another one */
    if (diff->kernel == FORCE_OTHER && disk && diff->gone->len + diff->added->len == 0)
        diff->kernel = force_kernel(force->kernel, planned->profile, unit->text,
                                    planned->rules_path, disk, &unit->own);
    return diff;
}
