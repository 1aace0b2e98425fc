/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/commandline.h"
#include "qemu/pairs.h"

/* Keys and values, by the rows of the table. */

static gboolean
is_set(GPtrArray *pairs, const char *key)
{
    const char *value = key ? qemu_pairs_get(pairs, key) : NULL;

    return value && !g_str_equal(value, "off");
}

static gboolean
add_pair(CommandLine *line, const QemuPair *pair, GError **error)
{
    const KeyRow *row = commandline_key(line->option->name, line->kind, pair->key);

    if (row)
        return is_set(line->pairs, row->unless) || commandline_value(line, row, pair->value, error);
    /* what says the kind of a thing is no path */
    if (!line->option->rest_is_text && !commandline_text_key(pair->key) &&
        g_strcmp0(pair->key, line->option->implied) != 0)
        commandline_warn(line, pair->value);
    return TRUE;
}

/* What a thing of this kind has without being told. */
static gboolean
add_defaults(CommandLine *line, GError **error)
{
    for (const KeyRow *row = commandline_keys; row->option; row++) {
        if (!row->path || row->meaning == MEANS_SWITCH || !line->kind ||
            !g_str_equal(row->option, line->option->name) ||
            !commandline_kind_is(row->kinds, line->kind) || is_set(line->pairs, row->unless) ||
            (row->key && qemu_pairs_get(line->pairs, row->key)))
            continue;
        if (!commandline_value(line, row, NULL, error))
            return FALSE;
    }
    return TRUE;
}

/* {"backend": {"type": "file", "data": {"out": "/a"}}}, with which QMP has come to the command line */
static GPtrArray *
flatten_chardev(GPtrArray *pairs)
{
    static const char *const wrappers[] = {"backend.", "data.", "addr."};
    GPtrArray *flat = qemu_pairs_new();

    for (guint i = 0; i < pairs->len; i++) {
        const QemuPair *pair = g_ptr_array_index(pairs, i);
        const char *key = pair->key;

        for (gsize w = 0; w < G_N_ELEMENTS(wrappers);) {
            gboolean found = g_str_has_prefix(key, wrappers[w]);

            key += found ? strlen(wrappers[w]) : 0;
            w = found ? 0 : w + 1;
        }
        qemu_pairs_add(flat, g_str_equal(pair->key, "backend.type") ? "backend" : key, pair->value);
    }
    return flat;
}

gboolean
commandline_pairs(CommandLine *line, const OptionRow *row, GPtrArray *pairs, gboolean whole,
                  GError **error)
{
    g_autoptr(GPtrArray) flat =
        qemu_pairs_get(pairs, "backend.type") ? flatten_chardev(pairs) : NULL;

    line->option = row;
    line->pairs = flat ? flat : pairs;
    line->kind = whole && row->implied ? qemu_pairs_get(line->pairs, row->implied) : NULL;
    for (guint i = 0; i < line->pairs->len; i++)
        if (!add_pair(line, g_ptr_array_index(line->pairs, i), error))
            return FALSE;
    return !whole || add_defaults(line, error);
}

/* An option or group that is not known: what has a path is said. */
static void
warn_of_all(CommandLine *line, GPtrArray *pairs)
{
    for (guint i = 0; i < pairs->len; i++) {
        const QemuPair *pair = g_ptr_array_index(pairs, i);

        if (!commandline_text_key(pair->key))
            commandline_warn(line, pair->value);
    }
}

gboolean
commandline_by_row(CommandLine *line, const OptionRow *row, GPtrArray *pairs, gboolean whole,
                   GError **error)
{
    if (!row) {
        warn_of_all(line, pairs);
        return TRUE;
    }
    if (row->reading != READ_DRIVE && row->reading != READ_BLOCKDEV)
        return row->reading == READ_TEXT || commandline_pairs(line, row, pairs, whole, error);
    line->option = row;
    line->pairs = pairs;
    return row->reading == READ_DRIVE ? commandline_drive(line, error)
                                      : commandline_blockdev(line, error);
}
