/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/dfa-table.h"

#include "kernel/dfa-stream.h"

#define MAGIC            0x1b5e783du
#define HEADER_BYTES     12u /* of a table */
#define FLAG_DIFF_ENCODE 1u  /* of the header: some states are written as differences */
#define FLAG_OUT_OF_BAND 2u  /* of the header: some states have a 257th way out, not for paths */

#define BASE_INDEX       0x00ffffffu
#define BASE_DIFF_ENCODE 0x80000000u
#define BASE_OUT_OF_BAND 0x20000000u

enum { ACCEPT, BASE, CHK, DEF, EC, META, ACCEPT2, NXT, N_COLUMNS };

/* The widths that the kernel takes, as a set of bits; 0 where it takes no such table. */
static const guint8 widths_allowed[N_COLUMNS] = {
    [ACCEPT] = 4, [BASE] = 4, [CHK] = 2 | 4, [DEF] = 2 | 4, [EC] = 1, [ACCEPT2] = 4, [NXT] = 2 | 4,
};

static guint
get_be16(const guint8 *p)
{
    return (guint)p[0] << 8 | p[1];
}

static guint32
get_be32(const guint8 *p)
{
    return (guint32)get_be16(p) << 16 | get_be16(p + 2);
}

static guint32
column_get(const DfaColumn *column, gsize index)
{
    const guint8 *p = column->data + index * column->width;

    g_assert(index < column->entries);
    switch (column->width) {
    case 1:
        return *p;
    case 2:
        return get_be16(p);
    default:
        return get_be32(p);
    }
}

/* Takes one table off the front of @bytes. */
static gboolean
take_column(DfaTable *table, const guint8 **bytes, gsize *len, GError **error)
{
    guint id, width;
    gsize entries, size;

    if (*len < HEADER_BYTES)
        return stream_bad(error, "a table's header is cut off");
    id = get_be16(*bytes) - 1; /* they count from 1 in the file */
    width = get_be16(*bytes + 2);
    entries = get_be32(*bytes + 8);
    if (id >= N_COLUMNS || (width != 1 && width != 2 && width != 4) ||
        !(widths_allowed[id] & width))
        return stream_bad(error, "a table of unknown kind or width");
    if (table->columns[id].width)
        return stream_bad(error, "a table is there twice");
    if (entries == 0 || entries > (*len - HEADER_BYTES) / width)
        return stream_bad(error, "a table is empty or cut off");

    table->columns[id] =
        (DfaColumn){.data = *bytes + HEADER_BYTES, .entries = entries, .width = width};
    size = (HEADER_BYTES + entries * width + 7) & ~(gsize)7;
    size = MIN(size, *len);
    *bytes += size;
    *len -= size;
    return TRUE;
}

static gboolean
check_sizes(DfaTable *table, gboolean packed, GError **error)
{
    const DfaColumn *c = table->columns;

    if (!c[BASE].width || !c[CHK].width || !c[DEF].width || !c[NXT].width || !c[ACCEPT].width ||
        (packed && !c[ACCEPT2].width))
        return stream_bad(error, "a table is missing");
    table->states = c[BASE].entries;
    if (table->states < 2 || c[DEF].entries != table->states ||
        c[ACCEPT].entries != table->states ||
        (c[ACCEPT2].width && c[ACCEPT2].entries != table->states))
        return stream_bad(error, "the tables of states differ in length");
    if (c[NXT].entries != c[CHK].entries)
        return stream_bad(error, "the tables of transitions differ in length");
    if (c[EC].width && c[EC].entries != 256)
        return stream_bad(error, "there are not 256 classes of bytes");
    return TRUE;
}

static gboolean
check_states(const DfaTable *table, guint flags, GError **error)
{
    const DfaColumn *c = table->columns;

    for (gsize i = 0; i < table->states; i++) {
        guint32 base = column_get(&c[BASE], i);

        if (column_get(&c[DEF], i) >= table->states)
            return stream_bad(error, "a default state is out of bounds");
        if (base & ~(BASE_INDEX | BASE_DIFF_ENCODE | BASE_OUT_OF_BAND))
            return stream_bad(error, "a state has unknown flags");
        if ((base & BASE_DIFF_ENCODE && !(flags & FLAG_DIFF_ENCODE)) ||
            (base & BASE_OUT_OF_BAND && !(flags & FLAG_OUT_OF_BAND)))
            return stream_bad(error, "a state has a flag that the header has not");
        if ((base & BASE_INDEX) + 255 >= c[NXT].entries)
            return stream_bad(error, "a state's transitions are out of bounds");
    }
    for (gsize i = 0; i < c[NXT].entries; i++) {
        if (column_get(&c[NXT], i) >= table->states || column_get(&c[CHK], i) >= table->states)
            return stream_bad(error, "a transition is out of bounds");
    }
    return TRUE;
}

/* A state that is a difference refers to its default state; that must end somewhere. */
static gboolean
check_chains(const DfaTable *table, GError **error)
{
    const DfaColumn *c = table->columns;
    g_autofree gsize *seen = g_new0(gsize, table->states); /* the walk + 1 that came by */

    for (gsize i = 0; i < table->states; i++) {
        for (gsize j = i; column_get(&c[BASE], j) & BASE_DIFF_ENCODE;) {
            if (seen[j] == i + 1)
                return stream_bad(error, "states are differences of each other");
            if (seen[j])
                break;
            seen[j] = i + 1;
            j = column_get(&c[DEF], j);
        }
    }
    return TRUE;
}

gboolean
dfa_table_init(DfaTable *table, const guint8 *bytes, gsize len, gboolean packed, GError **error)
{
    DfaTable t = {0};
    gsize header;
    guint flags;

    if (len < 16 || get_be32(bytes) != MAGIC)
        return stream_bad(error, "no state machine where one is announced");
    header = get_be32(bytes + 4);
    flags = get_be16(bytes + 12);
    if (header < 16 || header > len)
        return stream_bad(error, "a state machine's header is cut off");
    if (flags & ~(FLAG_DIFF_ENCODE | FLAG_OUT_OF_BAND))
        return stream_bad(error, "a state machine has unknown flags");
    bytes += header;
    len -= header;

    while (len > 0) {
        if (!take_column(&t, &bytes, &len, error))
            return FALSE;
    }
    if (!check_sizes(&t, packed, error) || !check_states(&t, flags, error) ||
        !check_chains(&t, error))
        return FALSE;
    *table = t;
    return TRUE;
}

gsize
dfa_table_step(const DfaTable *table, gsize state, guint8 byte)
{
    const DfaColumn *c = table->columns;
    guint32 class = c[EC].width ? column_get(&c[EC], byte) : byte;

    for (;;) {
        guint32 base = column_get(&c[BASE], state);
        gsize at = (base & BASE_INDEX) + class;

        if (column_get(&c[CHK], at) == state)
            return column_get(&c[NXT], at);
        state = column_get(&c[DEF], state);
        if (!(base & BASE_DIFF_ENCODE))
            return state;
    }
}

gsize
dfa_table_walk(const DfaTable *table, gsize state, const char *text, gsize len)
{
    for (gsize i = 0; i < len; i++)
        state = dfa_table_step(table, state, (guint8)text[i]);
    return state;
}

guint32
dfa_table_accept(const DfaTable *table, gsize state)
{
    return column_get(&table->columns[ACCEPT], state);
}

guint32
dfa_table_accept2(const DfaTable *table, gsize state)
{
    return table->columns[ACCEPT2].width ? column_get(&table->columns[ACCEPT2], state) : 0;
}
