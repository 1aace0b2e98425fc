/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "image/json-flat.h"

#include <string.h>

/* Objects and arrays within each other: no block driver's options nest a third as deep. It bounds the
 * recursion. */
#define FLAT_DEPTH 32

/* Bytes of a dotted path: several times QEMU's longest. Without it, many members below a long key
 * would take memory by the square of the text's length. */
#define FLAT_PATH_BYTES 256

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JsonReader, json_close)

static void
member_free(gpointer data)
{
    FlatMember *member = data;

    g_free(member->text);
    g_free(member);
}

/* @text: (nullable) */
static gboolean
file_member(GHashTable *members, const char *path, JsonToken type, const char *text)
{
    FlatMember *member;

    if (g_hash_table_contains(members, path))
        return FALSE;
    member = g_new0(FlatMember, 1);
    member->type = type;
    member->text = g_strdup(text);
    g_hash_table_insert(members, g_strdup(path), member);
    return TRUE;
}

/* Files the objects that the dots in @path from @from on stand for, where they are not there yet. */
static gboolean
file_parents(GHashTable *members, const char *path, gsize from)
{
    for (const char *dot = strchr(path + from, '.'); dot; dot = strchr(dot + 1, '.')) {
        g_autofree char *parent = g_strndup(path, (gsize)(dot - path));
        const FlatMember *member = g_hash_table_lookup(members, parent);

        if (member ? member->type != JSON_OBJECT : !file_member(members, parent, JSON_OBJECT, NULL))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_object(JsonReader *reader, GHashTable *members, const char *path);

static gboolean
read_value(JsonReader *reader, GHashTable *members, const char *path)
{
    JsonToken token = json_next(reader);

    switch (token) {
    case JSON_OBJECT:
        return file_member(members, path, token, NULL) && read_object(reader, members, path);
    case JSON_ARRAY:
        return file_member(members, path, token, NULL) && json_skip(reader, token);
    case JSON_STRING:
    case JSON_NUMBER:
    case JSON_WORD:
        return file_member(members, path, token, reader->text);
    case JSON_INVALID:
    case JSON_END:
    case JSON_OBJECT_END:
    case JSON_KEY:
    case JSON_ARRAY_END:
        break;
    }
    return FALSE;
}

/* Behind the "{" of the object at @path ("" is the outermost). */
static gboolean
read_object(JsonReader *reader, GHashTable *members, const char *path)
{
    gsize from = *path ? strlen(path) + 1 : 0;
    JsonToken token;

    while ((token = json_next(reader)) == JSON_KEY) {
        g_autofree char *member =
            *path ? g_strdup_printf("%s.%s", path, reader->text) : g_strdup(reader->text);

        if (strlen(member) > FLAT_PATH_BYTES || !file_parents(members, member, from) ||
            !read_value(reader, members, member))
            return FALSE;
    }
    return token == JSON_OBJECT_END;
}

GHashTable *
flat_read(const char *text)
{
    g_autoptr(GHashTable) members =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, member_free);
    g_auto(JsonReader) reader = {.text = NULL};

    if (!json_open(&reader, text, strlen(text), FLAT_DEPTH) || json_next(&reader) != JSON_OBJECT ||
        !read_object(&reader, members, "") || json_next(&reader) != JSON_END)
        return NULL;
    return g_steal_pointer(&members);
}

const FlatMember *
flat_get(GHashTable *members, const char *path, const char *name, JsonToken type)
{
    g_autofree char *full = *path ? g_strdup_printf("%s.%s", path, name) : g_strdup(name);
    const FlatMember *member = g_hash_table_lookup(members, full);

    return member && member->type == type ? member : NULL;
}
