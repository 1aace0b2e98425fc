/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/modcaps.h"

#include <string.h>

#include "virtiofsd/option.h"

typedef struct {
    GPtrArray *others; /* the arguments without --modcaps */
    GString *changes;  /* "+a:-b" */
    guint found;
    gboolean in_compat;
} Merge;

static void
add_changes(Merge *merge, const char *changes, gsize length)
{
    if (merge->found++)
        g_string_append_c(merge->changes, ':');
    g_string_append_len(merge->changes, changes, (gssize)length);
}

/* What is left of the value of one "-o", or NULL for nothing. */
static char *
without_changes(Merge *merge, const char *list)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    OptionPart part;

    while (option_next_part(&list, false, &part)) {
        if (part.kind == OPTION_MODCAPS && part.value) {
            add_changes(merge, part.value, part.value_length);
            merge->in_compat = TRUE;
            continue;
        }
        if (rest->len)
            g_string_append_c(rest, ',');
        g_string_append_len(rest, part.text, (gssize)part.length);
    }
    return rest->len ? g_string_free(g_steal_pointer(&rest), FALSE) : NULL;
}

static void
sort_out(Merge *merge, GPtrArray *options, guint at, const Occurrence *found)
{
    if (found->kind == OPTION_MODCAPS && found->value) {
        add_changes(merge, found->value, strlen(found->value));
    } else if (found->kind == OPTION_COMPAT && found->value) {
        char *rest = without_changes(merge, found->value);

        if (!rest)
            return;
        g_ptr_array_add(merge->others, g_strdup("-o"));
        g_ptr_array_add(merge->others, rest);
    } else {
        for (guint i = 0; i < (guint)found->used; i++)
            g_ptr_array_add(merge->others, g_strdup(g_ptr_array_index(options, at + i)));
    }
}

void
modcaps_merge(GPtrArray *options)
{
    g_autoptr(GPtrArray) others = g_ptr_array_new_null_terminated(0, g_free, TRUE);
    g_autoptr(GString) changes = g_string_new(NULL);
    Merge merge = {.others = others, .changes = changes};

    for (guint at = 0; at < options->len;) {
        Occurrence found = option_read((int)options->len, (char *const *)options->pdata, (int)at);

        sort_out(&merge, options, at, &found);
        at += (guint)found.used;
    }
    /* what need not be touched stays as it was written */
    if (merge.found < 2)
        return;
    if (merge.in_compat) {
        g_ptr_array_add(others, g_strdup("-o"));
        g_ptr_array_add(others, g_strconcat("modcaps=", changes->str, NULL));
    } else {
        g_ptr_array_add(others, g_strconcat("--modcaps=", changes->str, NULL));
    }
    g_ptr_array_set_size(options, 0);
    g_ptr_array_extend_and_steal(options, g_steal_pointer(&others));
}
