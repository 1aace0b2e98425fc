/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Every path that a compiled policy allows, for tests: the programs ask of one path. */

#include "kernel/dfa-private.h"

#include "base/error.h"

#define PATH_MAX_BYTES 65536

typedef struct {
    const Machine *machine;
    guint32 mask;
    guint max;
    guint8 *alive; /* per state: something is accepted here or further on */
    GByteArray *path;
    GPtrArray *found;
} Search;

static gboolean
accepts(const Search *search, gsize state)
{
    if (state == DFA_TABLE_NO_MATCH)
        return FALSE;
    return ((machine_answer(search->machine, state, TRUE).allow |
             machine_answer(search->machine, state, FALSE).allow) &
            search->mask) != 0;
}

/* Marks the states from which an accepting one can be reached, without the NUL of a link's pair. */
static void
mark_alive(Search *search)
{
    const DfaTable *table = &search->machine->table;
    gboolean changed = TRUE;

    search->alive = g_new0(guint8, table->states);
    for (gsize state = 1; state < table->states; state++)
        search->alive[state] = accepts(search, state);
    while (changed) {
        changed = FALSE;
        for (gsize state = table->states - 1; state > 0; state--) {
            for (guint byte = 1; byte < 256 && !search->alive[state]; byte++) {
                if (search->alive[dfa_table_step(table, state, (guint8)byte)])
                    search->alive[state] = changed = TRUE;
            }
        }
    }
}

static gboolean
collect(Search *search, gsize state, GError **error)
{
    if (accepts(search, state)) {
        if (search->found->len == search->max)
            return base_set_error(error, BASE_ERROR_LIMIT,
                                  "compiled policy: more than %u paths are allowed", search->max);
        g_ptr_array_add(search->found, g_bytes_new(search->path->data, search->path->len));
    }
    /* A way back to an earlier state means paths without end. */
    if (search->path->len > MIN(PATH_MAX_BYTES, search->machine->table.states))
        return base_set_error(error, BASE_ERROR_LIMIT,
                              "compiled policy: paths without end are allowed");

    for (guint byte = 1; byte < 256; byte++) {
        gsize next = dfa_table_step(&search->machine->table, state, (guint8)byte);
        guint8 b = (guint8)byte;

        if (!search->alive[next])
            continue;
        g_byte_array_append(search->path, &b, 1);
        if (!collect(search, next, error))
            return FALSE;
        g_byte_array_set_size(search->path, search->path->len - 1);
    }
    return TRUE;
}

GPtrArray *
dfa_policy_paths(DfaPolicy *policy, const char *profile, guint32 mask, guint max, GError **error)
{
    const Profile *p = find_profile(policy, profile, error);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GByteArray) path = g_byte_array_new();
    g_autofree guint8 *alive = NULL;
    Search search = {.mask = mask, .max = max, .path = path, .found = found};
    gsize start;

    if (!p)
        return NULL;
    search.machine = file_machine(p, &start);
    if (search.machine) {
        mark_alive(&search);
        alive = search.alive;
        if (!collect(&search, start, error))
            return NULL;
    }
    return g_steal_pointer(&found);
}
