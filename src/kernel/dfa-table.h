/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One state machine of a compiled policy: flex-like tables in network byte order, as the kernel's
 * security/apparmor/match.c takes them. Everything is checked when the tables are taken, as the
 * kernel checks it, so that a step cannot leave them.
 */

#include <glib.h>

#define DFA_TABLE_NO_MATCH 0 /* the state that nothing leaves and nothing accepts */
#define DFA_TABLE_START    1

typedef struct {
    const guint8 *data;
    gsize entries;
    guint width; /* bytes of an entry; 0: there is no such table */
} DfaColumn;

typedef struct {
    DfaColumn columns[8]; /* by the kernel's YYTD_ID */
    gsize states;
} DfaTable;

/**
 * dfa_table_init:
 * @bytes: what the policy stream names "aadfa", from its magic number on; must outlive @table
 * @packed: whether ACCEPT holds permissions and needs ACCEPT2 beside it; else it holds an index
 */
gboolean
dfa_table_init(DfaTable *table, const guint8 *bytes, gsize len, gboolean packed, GError **error);

/** dfa_table_step: Returns: where @state goes on @byte */
gsize dfa_table_step(const DfaTable *table, gsize state, guint8 byte);

/** dfa_table_walk: Returns: where @state goes on the @len bytes of @text */
gsize dfa_table_walk(const DfaTable *table, gsize state, const char *text, gsize len);

/**
 * dfa_table_accept, dfa_table_accept2:
 * Returns: the entry of @state in the table of that name: see dfa_table_init(); 0 where there is no ACCEPT2
 */
guint32 dfa_table_accept(const DfaTable *table, gsize state);
guint32 dfa_table_accept2(const DfaTable *table, gsize state);
