/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/dfa-private.h"

#include "base/error.h"

/* One class (owner or others) of the packed form: kernel policy_compat.c, map_old_perms(), but for
 * what "w" and "r" imply, which nobody asks for. */
static guint32
unpack_permissions(guint32 packed)
{
    guint32 mask = packed & (guint32)(DFA_EXEC | DFA_WRITE | DFA_READ | DFA_APPEND);

    if (packed & 0x10)
        mask |= DFA_LINK;
    if (packed & 0x20)
        mask |= DFA_LOCK;
    if (packed & 0x40)
        mask |= DFA_MMAP;
    return mask;
}

DfaAnswer
machine_answer(const Machine *m, gsize state, gboolean owner)
{
    guint32 accept = dfa_table_accept(&m->table, state);
    guint32 accept2 = dfa_table_accept2(&m->table, state);
    guint shift = owner ? 0 : 14;

    if (m->perms) {
        guint32 index = accept + (owner ? 0 : 1);

        /* State 0 says "no match", and so must an index that leads nowhere. */
        if (state == DFA_TABLE_NO_MATCH || index >= m->perms->len)
            return (DfaAnswer){0};
        return g_array_index(m->perms, DfaAnswer, index);
    }
    return (DfaAnswer){
        .all = accept,
        .allow = unpack_permissions(accept >> shift & 0x7f),
        .deny = unpack_permissions(accept2 >> (shift + 7) & 0x7f),
        .audit = unpack_permissions(accept2 >> shift & 0x7f),
        .xindex = accept >> (shift + 7) & 0x7f,
    };
}

const Profile *
find_profile(DfaPolicy *policy, const char *name, GError **error)
{
    for (guint i = 0; i < policy->profiles->len; i++) {
        const Profile *p = &g_array_index(policy->profiles, Profile, i);

        if (g_str_equal(p->name, name))
            return p;
    }
    base_set_error(error, BASE_ERROR_NOT_FOUND, "compiled policy: no profile %s", name);
    return NULL;
}

const Machine *
file_machine(const Profile *p, gsize *start)
{
    if (p->file.there) {
        *start = p->file.start;
        return &p->file;
    }
    if (p->policy.there) {
        *start = dfa_table_step(&p->policy.table, p->policy.start, CLASS_FILE);
        return &p->policy;
    }
    return NULL;
}

gboolean
dfa_policy_file(DfaPolicy *policy, const char *profile, const char *path, gsize len, gboolean owner,
                DfaAnswer *answer, GError **error)
{
    const Profile *p = find_profile(policy, profile, error);
    const Machine *m;
    gsize state;

    if (!p)
        return FALSE;
    m = file_machine(p, &state);
    if (!m) {
        *answer = (DfaAnswer){0};
        return TRUE;
    }
    state = dfa_table_walk(&m->table, state, path, len);
    *answer = machine_answer(m, state, owner);
    return TRUE;
}

/* As the kernel's profile_path_link(). */
gboolean
dfa_policy_link(DfaPolicy *policy, const char *profile, const char *link, gsize link_len,
                const char *target, gsize target_len, gboolean owner, gboolean *allowed,
                GError **error)
{
    const Profile *p = find_profile(policy, profile, error);
    const guint32 subset_mask = DFA_ALL & ~(guint32)DFA_LINK;
    const guint32 x_unsafe = 2; /* of the seven bits about execution */
    DfaAnswer link_answer, pair, target_answer;
    const Machine *m;
    gsize start, state;

    if (!p)
        return FALSE;
    *allowed = FALSE;
    m = file_machine(p, &start);
    if (!m)
        return TRUE;

    state = dfa_table_walk(&m->table, start, link, link_len);
    link_answer = machine_answer(m, state, owner);
    if (!(link_answer.allow & DFA_LINK))
        return TRUE;

    /* The target is matched from where the link's name ended, over a NUL. */
    state = dfa_table_step(&m->table, state, 0);
    pair = machine_answer(m, dfa_table_walk(&m->table, state, target, target_len), owner);
    if (!(pair.allow & DFA_LINK))
        return TRUE;
    if (!(pair.allow & DFA_LOCK)) { /* in a pair the bit means "subset" */
        *allowed = TRUE;
        return TRUE;
    }

    state = dfa_table_walk(&m->table, start, target, target_len);
    target_answer = machine_answer(m, state, owner);
    if (link_answer.allow & subset_mask & ~target_answer.allow)
        return TRUE;
    if (link_answer.allow & DFA_EXEC && !m->perms &&
        ((link_answer.xindex ^ target_answer.xindex) & ~x_unsafe ||
         (link_answer.xindex & ~target_answer.xindex & x_unsafe)))
        return TRUE;
    if (link_answer.allow & DFA_EXEC && m->perms && link_answer.xindex != target_answer.xindex)
        return TRUE;
    *allowed = TRUE;
    return TRUE;
}

char *
dfa_letters(guint32 mask)
{
    static const struct {
        guint32 bit;
        char letter;
    } table[] = {{DFA_READ, 'r'}, {DFA_WRITE, 'w'}, {DFA_APPEND, 'a'}, {DFA_EXEC, 'x'},
                 {DFA_MMAP, 'm'}, {DFA_LOCK, 'k'},  {DFA_LINK, 'l'}};
    GString *letters = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        if (mask & table[i].bit)
            g_string_append_c(letters, table[i].letter);
    }
    return g_string_free(letters, FALSE);
}
