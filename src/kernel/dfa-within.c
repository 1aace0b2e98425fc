/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/dfa-within.h"

#include <string.h>

#include "kernel/dfa-private.h"

#define MAX_FOUND 8

/* In the packed form: of the word, besides files' permissions, to change the profile. */
#define CHANGE_BITS 0xf0000000u

/* ---- names: a tree of bytes ---- */

#define NOWHERE 0u /* no name begins like this */
#define TOP     1u

typedef struct {
    guint32 next[256]; /* NOWHERE, or an index */
    guint32 mask;      /* of the name that ends here, or 0 */
} Node;

struct _DfaNames {
    GArray *nodes;
};

DfaNames *
dfa_names_new(void)
{
    DfaNames *names = g_new0(DfaNames, 1);

    names->nodes = g_array_new(FALSE, TRUE, sizeof(Node));
    g_array_set_size(names->nodes, TOP + 1);
    return names;
}

void
dfa_names_free(DfaNames *names)
{
    g_array_unref(names->nodes);
    g_free(names);
}

static const Node *
node_at(const DfaNames *names, guint32 at)
{
    return &g_array_index(names->nodes, Node, at);
}

void
dfa_names_add(DfaNames *names, const char *path, guint32 mask)
{
    guint32 at = TOP;

    /* below "/" is all */
    for (const guint8 *p = (const guint8 *)(strcmp(path, "/") == 0 ? "" : path); *p; p++) {
        guint32 next = node_at(names, at)->next[*p];

        if (next == NOWHERE) {
            next = names->nodes->len;
            g_array_set_size(names->nodes, next + 1);
            g_array_index(names->nodes, Node, at).next[*p] = next;
        }
        at = next;
    }
    g_array_index(names->nodes, Node, at).mask |= mask;
}

/* ---- both state machines at the same time ---- */

/* Where one and the same name leads to. */
typedef struct {
    guint32 inner;
    guint32 outer;
    guint32 node;
    guint32 below; /* what is allowed because a name is above this one */
} Place;

typedef struct {
    Place place;
    guint from; /* the step before */
    guint8 byte;
} Step;

typedef struct {
    const Machine *inner;
    const Machine *outer; /* NULL: nothing is allowed */
    const DfaNames *names;
    gboolean files;
    const char *what;
    GArray *steps; /* all that were made, in their order */
    GHashTable *seen;
    GPtrArray *found;
} Walk;

static guint
place_hash(gconstpointer p)
{
    const Place *place = p;

    return ((place->inner * 31u + place->outer) * 31u + place->node) * 31u + place->below;
}

static gboolean
place_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(Place)) == 0;
}

static void
go(Walk *walk, const Place *place, guint from, guint8 byte)
{
    Step step = {.place = *place, .from = from, .byte = byte};

    if (place->inner == DFA_TABLE_NO_MATCH || g_hash_table_contains(walk->seen, place))
        return;
    g_hash_table_add(walk->seen, g_memdup2(place, sizeof(*place)));
    g_array_append_val(walk->steps, step);
}

static char *
name_of(const Walk *walk, guint at)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (; at > 0; at = g_array_index(walk->steps, Step, at).from)
        g_string_prepend_c(name, (char)g_array_index(walk->steps, Step, at).byte);
    return g_strescape(name->str, NULL);
}

/* What is allowed at @place and must not be. */
static guint32
excess(const Walk *walk, const Place *place, gboolean owner)
{
    const DfaAnswer none = {0};
    DfaAnswer inner = machine_answer(walk->inner, place->inner, owner);
    DfaAnswer outer = walk->outer ? machine_answer(walk->outer, place->outer, owner) : none;
    guint32 named = place->below | node_at(walk->names, place->node)->mask;

    if (!walk->files)
        return inner.all & ~outer.all;
    /* executed as what the other policy says, or as a name says */
    if (inner.allow & outer.allow & DFA_EXEC && inner.xindex != outer.xindex)
        outer.allow &= ~(guint32)DFA_EXEC;
    if (!walk->inner->perms && inner.all & ~outer.all & CHANGE_BITS)
        return CHANGE_BITS;
    return inner.allow & ~outer.allow & ~named;
}

static void
look(Walk *walk, guint at)
{
    Place place = g_array_index(walk->steps, Step, at).place;
    guint32 more = excess(walk, &place, TRUE) | excess(walk, &place, FALSE);

    if (more && walk->found->len < MAX_FOUND) {
        g_autofree char *name = name_of(walk, at);
        g_autofree char *letters = dfa_letters(more);

        g_ptr_array_add(walk->found,
                        g_strdup_printf("%s '%s' %s (%#x)", walk->what, name, letters, more));
    }
    /* a link's second name, after a NUL, is for dfa_policy_link(): what rules of ours say, "subset" */
    for (guint byte = walk->files ? 1 : 0; byte < 256; byte++) {
        const Node *node = node_at(walk->names, place.node);
        Place next = {
            .inner = (guint32)dfa_table_step(&walk->inner->table, place.inner, (guint8)byte),
            .outer = walk->outer
                         ? (guint32)dfa_table_step(&walk->outer->table, place.outer, (guint8)byte)
                         : DFA_TABLE_NO_MATCH,
            .node = node->next[byte],
            .below = place.below | (byte == '/' ? node->mask : 0),
        };

        go(walk, &next, at, (guint8)byte);
    }
}

static void
walk_machines(Walk *walk, gsize inner, gsize outer)
{
    Place start = {
        .inner = (guint32)inner, .outer = (guint32)outer, .node = walk->files ? TOP : NOWHERE};

    walk->steps = g_array_new(FALSE, FALSE, sizeof(Step));
    walk->seen = g_hash_table_new_full(place_hash, place_equal, g_free, NULL);
    go(walk, &start, 0, 0);
    for (guint at = 0; at < walk->steps->len; at++)
        look(walk, at);
    g_array_unref(walk->steps);
    g_hash_table_unref(walk->seen);
}

static void
walk_classes(Walk *walk, const Profile *inner, const Profile *outer)
{
    walk->inner = &inner->policy;
    walk->outer = outer->policy.there ? &outer->policy : NULL;
    for (guint class = 0; class < 256 && inner->policy.there; class ++) {
        g_autofree char *what = g_strdup_printf("class %u", class);

        walk->what = what;
        if (class != CLASS_FILE)
            walk_machines(walk,
                          dfa_table_step(&walk->inner->table, walk->inner->start, (guint8) class),
                          walk->outer ? dfa_table_step(&walk->outer->table, walk->outer->start,
                                                       (guint8) class)
                                      : DFA_TABLE_NO_MATCH);
    }
}

static gboolean
is_subset(GHashTable *inner, GHashTable *outer)
{
    GHashTableIter at;
    gpointer key;

    g_hash_table_iter_init(&at, inner);
    while (g_hash_table_iter_next(&at, &key, NULL))
        if (!g_hash_table_contains(outer, key))
            return FALSE;
    return TRUE;
}

GPtrArray *
dfa_policy_within(DfaPolicy *inner, DfaPolicy *outer, const char *profile, const DfaNames *names,
                  GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    const Profile *in = find_profile(inner, profile, error);
    const Profile *out = in ? find_profile(outer, profile, error) : NULL;
    Walk walk = {.names = names, .files = TRUE, .what = "file", .found = found};
    gsize in_start = 0;
    gsize out_start = DFA_TABLE_NO_MATCH;

    if (!out)
        return NULL;
    walk.inner = file_machine(in, &in_start);
    walk.outer = file_machine(out, &out_start);
    if (walk.inner)
        walk_machines(&walk, in_start, out_start);
    walk.files = FALSE;
    walk_classes(&walk, in, out);
    if (in->capabilities & ~out->capabilities)
        g_ptr_array_add(found, g_strdup_printf("capabilities %#" G_GINT64_MODIFIER "x",
                                               in->capabilities & ~out->capabilities));
    if (!is_subset(in->targets, out->targets))
        g_ptr_array_add(found, g_strdup("profiles for programs"));
    if (in->rest->len != out->rest->len ||
        memcmp(in->rest->data, out->rest->data, in->rest->len) != 0)
        g_ptr_array_add(found, g_strdup("flags, limits or networks"));
    return g_steal_pointer(&found);
}
