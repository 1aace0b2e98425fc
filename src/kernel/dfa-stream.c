/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/dfa-stream.h"

#include "base/error.h"

#define DEPTH_MAX 32 /* of structures in structures; the parser nests three */

gboolean
stream_bad(GError **error, const char *what)
{
    return base_set_error(error, BASE_ERROR_FAILED, "compiled policy: %s", what);
}

static gboolean
stream_number(Stream *s, gsize width, guint64 *number, GError **error)
{
    guint64 n = 0;

    if ((gsize)(s->end - s->at) < width)
        return stream_bad(error, "a number is cut off");
    for (gsize i = width; i > 0; i--)
        n = n << 8 | s->at[i - 1];
    s->at += width;
    *number = n;
    return TRUE;
}

static gboolean
stream_chunk(Stream *s, gsize width, const guint8 **data, gsize *len, GError **error)
{
    guint64 n = 0;

    if (!stream_number(s, width, &n, error))
        return FALSE;
    if (n > (guint64)(s->end - s->at))
        return stream_bad(error, "a string is cut off");
    *data = s->at;
    *len = n;
    s->at += n;
    return TRUE;
}

static gboolean
stream_code(Stream *s, Code *code, GError **error)
{
    guint64 n = 0;

    if (!stream_number(s, 1, &n, error))
        return FALSE;
    if (n >= N_CODES)
        return stream_bad(error, "an unknown code");
    *code = (Code)n;
    return TRUE;
}

static gboolean
stream_string(Stream *s, const guint8 **data, gsize *len, GError **error)
{
    if (!stream_chunk(s, 2, data, len, error))
        return FALSE;
    if (*len == 0 || (*data)[*len - 1] != '\0')
        return stream_bad(error, "a string does not end");
    return TRUE;
}

gboolean
stream_next(Stream *s, Item *item, GError **error)
{
    Item it = {.name = ""};

    if (!stream_code(s, &it.code, error))
        return FALSE;
    if (it.code == CODE_NAME) {
        const guint8 *data;
        gsize len;

        if (!stream_string(s, &data, &len, error) || !stream_code(s, &it.code, error))
            return FALSE;
        it.name = (const char *)data;
    }

    switch (it.code) {
    case CODE_U8:
    case CODE_U16:
    case CODE_U32:
    case CODE_U64:
        if (!stream_number(s, (gsize)1 << it.code, &it.number, error))
            return FALSE;
        break;
    case CODE_ARRAY:
        if (!stream_number(s, 2, &it.number, error))
            return FALSE;
        break;
    case CODE_STRING:
        if (!stream_string(s, &it.data, &it.len, error))
            return FALSE;
        break;
    case CODE_BLOB:
        if (!stream_chunk(s, 4, &it.data, &it.len, error))
            return FALSE;
        break;
    case CODE_STRUCT:
    case CODE_STRUCT_END:
    case CODE_LIST:
    case CODE_LIST_END:
    case CODE_ARRAY_END:
        break;
    case CODE_NAME:
    case N_CODES:
        return stream_bad(error, "a name of a name");
    }
    *item = it;
    return TRUE;
}

gboolean
item_opens(const Item *item)
{
    return item->code == CODE_STRUCT || item->code == CODE_LIST || item->code == CODE_ARRAY;
}

gboolean
item_closes(const Item *item)
{
    return item->code == CODE_STRUCT_END || item->code == CODE_LIST_END ||
           item->code == CODE_ARRAY_END;
}

gboolean
stream_skip(Stream *s, GError **error)
{
    guint depth = 1;

    while (depth > 0) {
        Item item;

        if (!stream_next(s, &item, error))
            return FALSE;
        if (item_opens(&item) && ++depth > DEPTH_MAX)
            return stream_bad(error, "structures nest too deeply");
        if (item_closes(&item))
            depth--;
    }
    return TRUE;
}
