/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Reads a compiled policy: its profiles, and of each the state machines and tables of permissions. */

#include "kernel/dfa-private.h"

#include "kernel/dfa-stream.h"

#define PERMS_VERSION   1
#define PERMS_ENTRY_LEN 14 /* numbers of one entry: a filler, then struct aa_perms */

/* The table of permissions, after its struct was opened. */
static gboolean
take_permissions(Stream *s, Machine *m, GError **error)
{
    g_autoptr(GArray) perms = g_array_new(FALSE, TRUE, sizeof(DfaAnswer));
    Item item, array;

    if (!stream_next(s, &item, error))
        return FALSE;
    if (item.code != CODE_U32 || !g_str_equal(item.name, "version") || item.number != PERMS_VERSION)
        return stream_bad(error, "a table of permissions of an unknown version");
    if (!stream_next(s, &array, error))
        return FALSE;
    if (array.code != CODE_ARRAY)
        return stream_bad(error, "a table of permissions without entries");
    for (guint64 i = 0; i < array.number; i++) {
        guint32 n[PERMS_ENTRY_LEN];
        DfaAnswer answer;

        for (gsize k = 0; k < PERMS_ENTRY_LEN; k++) {
            if (!stream_next(s, &item, error))
                return FALSE;
            if (item.code != CODE_U32)
                return stream_bad(error, "an entry of permissions that is not of numbers");
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
            return stream_bad(error, "a table of permissions that does not end");
    }
    g_clear_pointer(&m->perms, g_array_unref);
    m->perms = g_steal_pointer(&perms);
    return TRUE;
}

static gboolean
take_machine(Stream *s, const Item *item, Machine *m, GError **error)
{
    /* The tables begin at a multiple of 8 from the start of the stream that the parser wrote: the
     * kernel's unpack_dfa(), where profiles follow each other at any offset. */
    gsize offset = (gsize)(item->data - s->start);
    gsize rest = (gsize)(s->at - s->start) & 7;
    gsize pad = (8 - ((offset - rest) & 7)) & 7;

    if (pad > item->len)
        return stream_bad(error, "a state machine is cut off");
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
            return stream_bad(error, "a start state is out of bounds");
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
    g_clear_pointer(&profile->targets, g_hash_table_unref);
    machine_clear(&profile->file);
    machine_clear(&profile->policy);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Profile, profile_clear)

/* The kernel's unpack_trans_table(), after its struct was opened. A parser of version 4 has a place in it for each
 * kind of permission, most of them empty. */
static gboolean
take_targets(Stream *s, Profile *p, GError **error)
{
    for (;;) {
        Item item;

        if (!stream_next(s, &item, error))
            return FALSE;
        if (item.code == CODE_STRUCT_END)
            return TRUE;
        if (item.code == CODE_STRING && item.len > 1)
            g_hash_table_add(p->targets, g_bytes_new(item.data, item.len));
    }
}

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
    if (item->code == CODE_STRUCT && g_str_equal(item->name, "xtable"))
        return take_targets(s, p, error);
    if (item_opens(item) && !stream_skip(s, error))
        return FALSE;
    g_byte_array_append(p->rest, from, (guint)(s->at - from));
    return TRUE;
}

/* A profile, after its struct was opened. */
static gboolean
take_profile(Stream *s, DfaPolicy *policy, GError **error)
{
    g_auto(Profile) p = {
        .rest = g_byte_array_new(),
        .targets =
            g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL),
    };
    gboolean caps = TRUE; /* not yet */
    Item item;

    if (!stream_next(s, &item, error))
        return FALSE;
    if (item.code != CODE_STRING)
        return stream_bad(error, "a profile without a name");
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
            stream_bad(error,
                       "something between the profiles"); /* a version and a name space may be */
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
