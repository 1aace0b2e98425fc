/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "qemu/pairs.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "basic/json.h"

/* Objects and arrays within each other: no option of QEMU's nests a third as deep. It bounds the
 * recursion. */
#define JSON_DEPTH 32

/* Bytes of a dotted key: several times QEMU's longest. Without it, many members below a long key would
 * take memory by the square of the text's length. */
#define KEY_BYTES 256

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JsonReader, json_close)

static void
pair_free(gpointer data)
{
    QemuPair *pair = data;

    g_free(pair->key);
    g_free(pair->value);
    g_free(pair);
}

GPtrArray *
qemu_pairs_new(void)
{
    return g_ptr_array_new_with_free_func(pair_free);
}

void
qemu_pairs_add(GPtrArray *pairs, const char *key, const char *value)
{
    QemuPair *pair = g_new0(QemuPair, 1);

    pair->key = g_strdup(key);
    pair->value = g_strdup(value);
    g_ptr_array_add(pairs, pair);
}

static gboolean
too_many(GError **error)
{
    return base_set_error(error, BASE_ERROR_LIMIT, _("more than %d keys in one argument"),
                          LIMIT_QEMU_PAIRS);
}

/* ---- key=value ---- */

/* Reads to the next comma that stands alone, and leaves @at on it or at the end. */
static char *
read_value(const char **at)
{
    g_autoptr(GString) value = g_string_new(NULL);
    const char *p = *at;

    for (; *p; p++) {
        if (*p == ',' && *++p != ',') {
            p--;
            break;
        }
        g_string_append_c(value, *p);
    }
    *at = p;
    return g_string_free(g_steal_pointer(&value), FALSE);
}

/* One of them, with the comma behind it. @implied: (nullable): what the first may leave out */
static void
read_pair(const char **at, const char *implied, GPtrArray *pairs)
{
    gsize len = strcspn(*at, "=,");
    g_autofree char *key = NULL;
    g_autofree char *value = NULL;

    if ((*at)[len] == '=') {
        key = g_strndup(*at, len);
        *at += len + 1;
        value = read_value(at);
    } else if (implied) {
        key = g_strdup(implied);
        value = read_value(at);
    } else {
        gboolean negated;

        key = read_value(at);
        /* "nowait" is an old way to write wait=off; "node-name" begins so as well, but has a value */
        negated = g_str_has_prefix(key, "no") && key[strlen("no")];
        value = g_strdup(negated ? "off" : "on");
        if (negated)
            memmove(key, key + strlen("no"), strlen(key) - strlen("no") + 1);
    }
    if (**at == ',')
        (*at)++;
    qemu_pairs_add(pairs, key, value);
}

static gboolean
read_pairs(const char *text, const char *implied, GPtrArray *pairs, GError **error)
{
    const char *at = text;

    while (*at) {
        if (pairs->len >= LIMIT_QEMU_PAIRS)
            return too_many(error);
        read_pair(&at, at == text ? implied : NULL, pairs);
    }
    return TRUE;
}

/* ---- JSON ---- */

static gboolean
not_json(GError **error)
{
    return base_set_error(error, BASE_ERROR_FAILED, _("this is not JSON that QEMU would take"));
}

static gboolean
read_json(JsonReader *reader, JsonToken token, const char *key, GPtrArray *pairs, GError **error);

static char *
key_below(const char *key, const char *name)
{
    return *key ? g_strdup_printf("%s.%s", key, name) : g_strdup(name);
}

static gboolean
read_members(JsonReader *reader, const char *key, GPtrArray *pairs, GError **error)
{
    JsonToken token;

    while ((token = json_next(reader)) == JSON_KEY) {
        g_autofree char *member = key_below(key, reader->text);

        if (!read_json(reader, json_next(reader), member, pairs, error))
            return FALSE;
    }
    return token == JSON_OBJECT_END || not_json(error);
}

static gboolean
read_elements(JsonReader *reader, const char *key, GPtrArray *pairs, GError **error)
{
    JsonToken token = json_next(reader);

    for (guint i = 0; token != JSON_ARRAY_END; i++, token = json_next(reader)) {
        g_autofree char *index = g_strdup_printf("%u", i);
        g_autofree char *member = key_below(key, index);

        if (!read_json(reader, token, member, pairs, error))
            return FALSE;
    }
    return TRUE;
}

static const char *
spelt_as_option(JsonToken token, const char *text)
{
    if (token == JSON_WORD && g_str_equal(text, "true"))
        return "on";
    if (token == JSON_WORD && g_str_equal(text, "false"))
        return "off";
    return text;
}

/* The value that @token begins. */
static gboolean
read_json(JsonReader *reader, JsonToken token, const char *key, GPtrArray *pairs, GError **error)
{
    if (strlen(key) > KEY_BYTES || pairs->len >= LIMIT_QEMU_PAIRS)
        return too_many(error);
    switch (token) {
    case JSON_OBJECT:
        return read_members(reader, key, pairs, error);
    case JSON_ARRAY:
        return read_elements(reader, key, pairs, error);
    case JSON_STRING:
    case JSON_NUMBER:
    case JSON_WORD:
        qemu_pairs_add(pairs, key, spelt_as_option(token, reader->text));
        return TRUE;
    case JSON_INVALID:
    case JSON_END:
    case JSON_OBJECT_END:
    case JSON_KEY:
    case JSON_ARRAY_END:
        break;
    }
    return not_json(error);
}

static gboolean
read_document(const char *text, GPtrArray *pairs, GError **error)
{
    g_auto(JsonReader) reader = {.text = NULL};

    if (!json_open(&reader, text, strlen(text), JSON_DEPTH))
        return not_json(error);
    reader.single_quotes = true;
    if (json_next(&reader) != JSON_OBJECT)
        return not_json(error);
    if (!read_members(&reader, "", pairs, error))
        return FALSE;
    return json_next(&reader) == JSON_END || not_json(error);
}

GPtrArray *
qemu_pairs_parse(const char *text, const char *implied, GError **error)
{
    g_autoptr(GPtrArray) pairs = qemu_pairs_new();
    gboolean ok =
        *text == '{' ? read_document(text, pairs, error) : read_pairs(text, implied, pairs, error);

    return ok ? g_steal_pointer(&pairs) : NULL;
}

const char *
qemu_pairs_get(GPtrArray *pairs, const char *key)
{
    for (guint i = pairs->len; i > 0; i--) {
        const QemuPair *pair = g_ptr_array_index(pairs, i - 1);

        if (g_str_equal(pair->key, key))
            return pair->value;
    }
    return NULL;
}

gboolean
qemu_pairs_is_on(GPtrArray *pairs, const char *key)
{
    static const char *const yes[] = {"on", "yes", "true", "y", NULL};
    const char *value = qemu_pairs_get(pairs, key);

    return value && g_strv_contains(yes, value);
}
