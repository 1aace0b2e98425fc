/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/dfa-private.h"

#include "base/error.h"
#include "kernel/dfa-stream.h"

#define PATH_MAX_BYTES  65536
#define PERMS_VERSION   1
#define PERMS_ENTRY_LEN 14 /* numbers of one entry: a filler, then struct aa_perms */

static gboolean
bad(GError **error, const char *what)
{
    return base_set_error(error, BASE_ERROR_FAILED, "compiled policy: %s", what);
}

/* ---- permissions ---- */

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

/* The table of permissions, after its struct was opened. */
static gboolean
take_permissions(Stream *s, Machine *m, GError **error)
{
    g_autoptr(GArray) perms = g_array_new(FALSE, TRUE, sizeof(DfaAnswer));
    Item item, array;

    if (!stream_next(s, &item, error))
        return FALSE;
    if (item.code != CODE_U32 || !g_str_equal(item.name, "version") || item.number != PERMS_VERSION)
        return bad(error, "a table of permissions of an unknown version");
    if (!stream_next(s, &array, error))
        return FALSE;
    if (array.code != CODE_ARRAY)
        return bad(error, "a table of permissions without entries");
    for (guint64 i = 0; i < array.number; i++) {
        guint32 n[PERMS_ENTRY_LEN];
        DfaAnswer answer;

        for (gsize k = 0; k < PERMS_ENTRY_LEN; k++) {
            if (!stream_next(s, &item, error))
                return FALSE;
            if (item.code != CODE_U32)
                return bad(error, "an entry of permissions that is not of numbers");
            n[k] = (guint32)item.number;
        }
        /* Whether a denied request is logged is for the log; refused it is in any case. */
        answer = (DfaAnswer){
            .all = n[1] & ~n[2],
            .allow = n[1] & ~n[2] & DFA_ALL,
            .deny = (n[2] | n[9]) & DFA_ALL,
            .audit = n[8] & DFA_ALL,
            .xindex = n[11],
        };
        g_array_append_val(perms, answer);
    }
    for (guint i = 0; i < 2; i++) { /* of the array, of the struct */
        if (!stream_next(s, &item, error))
            return FALSE;
        if (!item_closes(&item))
            return bad(error, "a table of permissions that does not end");
    }
    g_clear_pointer(&m->perms, g_array_unref);
    m->perms = g_steal_pointer(&perms);
    return TRUE;
}

/* ---- profiles ---- */

static gboolean
take_machine(Stream *s, const Item *item, Machine *m, GError **error)
{
    /* The tables begin at a multiple of 8 from the start of the stream that the parser wrote: the
     * kernel's unpack_dfa(), where profiles follow each other at any offset. */
    gsize offset = (gsize)(item->data - s->start);
    gsize rest = (gsize)(s->at - s->start) & 7;
    gsize pad = (8 - ((offset - rest) & 7)) & 7;

    if (pad > item->len)
        return bad(error, "a state machine is cut off");
    m->start = DFA_TABLE_START;
    m->there = TRUE;
    return dfa_table_init(&m->table, item->data + pad, item->len - pad, m->perms == NULL, error);
}

/* What a Machine is made of; @taken says whether @item was such a thing. @start_name: what its
 * start state is called. */
static gboolean
take_part(Stream *s, const Item *item, Machine *m, const char *start_name, gboolean *taken,
          GError **error)
{
    *taken = TRUE;
    if (item->code == CODE_STRUCT && g_str_equal(item->name, "perms"))
        return take_permissions(s, m, error);
    if (item->code == CODE_BLOB && g_str_equal(item->name, "aadfa"))
        return take_machine(s, item, m, error);
    if (item->code == CODE_U32 && g_str_equal(item->name, start_name)) {
        if (!m->there || item->number >= m->table.states)
            return bad(error, "a start state is out of bounds");
        m->start = item->number;
        return TRUE;
    }
    *taken = FALSE;
    return TRUE;
}

/* The rules that are not for files, after their struct was opened. */
static gboolean
take_policydb(Stream *s, Machine *m, GError **error)
{
    for (;;) {
        gboolean taken;
        Item item;

        if (!stream_next(s, &item, error) || !take_part(s, &item, m, "start", &taken, error))
            return FALSE;
        if (taken)
            continue;
        if (item_closes(&item))
            return TRUE;
        if (item_opens(&item) && !stream_skip(s, error))
            return FALSE;
    }
}

static void
machine_clear(Machine *m)
{
    g_clear_pointer(&m->perms, g_array_unref);
    *m = (Machine){0};
}

static void
profile_clear(Profile *profile)
{
    g_clear_pointer(&profile->rest, g_byte_array_unref);
    machine_clear(&profile->file);
    machine_clear(&profile->policy);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Profile, profile_clear)

/* What is neither name nor state machine: the first number without a name is that of the capabilities, the
 * others of them follow in a struct, and the rest is the same in profiles that allow the same. */
static gboolean
take_rest(Stream *s, Profile *p, const Item *item, const guint8 *from, gboolean *caps,
          GError **error)
{
    if (item->code == CODE_U32 && !*item->name && !*caps) {
        p->capabilities = item->number;
        *caps = TRUE;
        return TRUE;
    }
    if (item->code == CODE_STRUCT && g_str_equal(item->name, "caps64")) {
        Item high;

        if (!stream_next(s, &high, error))
            return FALSE;
        p->capabilities |= high.number << 32;
        return stream_skip(s, error);
    }
    if (item_opens(item) && !stream_skip(s, error))
        return FALSE;
    g_byte_array_append(p->rest, from, (guint)(s->at - from));
    return TRUE;
}

/* A profile, after its struct was opened. */
static gboolean
take_profile(Stream *s, DfaPolicy *policy, GError **error)
{
    g_auto(Profile) p = {.rest = g_byte_array_new()};
    gboolean caps = TRUE; /* not yet */
    Item item;

    if (!stream_next(s, &item, error))
        return FALSE;
    if (item.code != CODE_STRING)
        return bad(error, "a profile without a name");
    p.name = (const char *)item.data;

    for (;;) {
        const guint8 *from = s->at;
        gboolean taken;

        if (!stream_next(s, &item, error))
            return FALSE;
        if (item_closes(&item))
            break;
        if (item.code == CODE_STRUCT && g_str_equal(item.name, "flags")) {
            /* What came before it says which programs the profile is for. */
            machine_clear(&p.file);
            caps = FALSE;
        } else if (item.code == CODE_STRUCT && g_str_equal(item.name, "policydb")) {
            if (!take_policydb(s, &p.policy, error))
                return FALSE;
            continue;
        }
        if (!take_part(s, &item, &p.file, "dfa_start", &taken, error))
            return FALSE;
        if (!taken && !take_rest(s, &p, &item, from, &caps, error))
            return FALSE;
    }
    g_array_append_val(policy->profiles, p);
    g_ptr_array_add(policy->names, (gpointer)p.name);
    p = (Profile){0}; /* the array has it now */
    return TRUE;
}

DfaPolicy *
dfa_policy_new(const void *bytes, gsize len, GError **error)
{
    g_autoptr(DfaPolicy) policy = g_new0(DfaPolicy, 1);
    Stream s;

    policy->bytes = g_memdup2(bytes, len);
    policy->profiles = g_array_new(FALSE, TRUE, sizeof(Profile));
    g_array_set_clear_func(policy->profiles, (GDestroyNotify)profile_clear);
    policy->names = g_ptr_array_new();

    s = (Stream){.start = policy->bytes, .at = policy->bytes, .end = policy->bytes + len};
    while (s.at < s.end) {
        Item item;

        if (!stream_next(&s, &item, error))
            return NULL;
        if (item.code == CODE_STRUCT && g_str_equal(item.name, "profile")) {
            if (!take_profile(&s, policy, error))
                return NULL;
        } else if (item.code != CODE_U32 && item.code != CODE_STRING) {
            bad(error, "something between the profiles"); /* a version and a name space may be */
            return NULL;
        }
    }
    g_ptr_array_add(policy->names, NULL);
    return g_steal_pointer(&policy);
}

void
dfa_policy_free(DfaPolicy *policy)
{
    g_array_unref(policy->profiles);
    g_ptr_array_unref(policy->names);
    g_free(policy->bytes);
    g_free(policy);
}

const char *const *
dfa_policy_names(DfaPolicy *policy)
{
    return (const char *const *)policy->names->pdata;
}

/* ---- questions ---- */

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

/* ---- every path ---- */

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
