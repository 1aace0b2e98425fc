/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The stream of items that a compiled policy is: numbers, strings and blobs in structures, each
 * with a name or without. Little-endian, as the kernel's security/apparmor/policy_unpack.c reads
 * it. No item reaches over the end.
 */

#include <glib.h>

/* The codes of the stream, policy_unpack.h's enum aa_code. */
typedef enum {
    CODE_U8,
    CODE_U16,
    CODE_U32,
    CODE_U64,
    CODE_NAME,
    CODE_STRING,
    CODE_BLOB,
    CODE_STRUCT,
    CODE_STRUCT_END,
    CODE_LIST,
    CODE_LIST_END,
    CODE_ARRAY,
    CODE_ARRAY_END,
    N_CODES,
} Code;

typedef struct {
    const guint8 *start;
    const guint8 *at;
    const guint8 *end;
} Stream;

typedef struct {
    Code code;
    const char *name;   /* "" if it has none */
    guint64 number;     /* of U8 to U64; how many of ARRAY */
    const guint8 *data; /* of STRING, which ends in NUL, and BLOB */
    gsize len;
} Item;

/** stream_bad: sets "compiled policy: WHAT" as BASE_ERROR_FAILED. Always returns FALSE. */
gboolean stream_bad(GError **error, const char *what);

/** stream_next: takes the next item, of whatever code. */
gboolean stream_next(Stream *s, Item *item, GError **error);

/** stream_skip: goes on to the end of the structure that the last item has opened. */
gboolean stream_skip(Stream *s, GError **error);

/** item_opens, item_closes: whether a struct, list or array begins, or ends, with @item. */
gboolean item_opens(const Item *item);
gboolean item_closes(const Item *item);
