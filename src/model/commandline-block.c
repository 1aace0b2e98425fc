/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/commandline.h"
#include "qemu/pairs.h"

/* Disks by -drive and -blockdev, whose keys are of a tree of nodes: a format's, and a protocol's with a file. */

/* "" of "driver", "file." of "file.driver" */
static char *
prefix_of(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot ? g_strndup(key, (gsize)(dot - key) + 1) : g_strdup("");
}

/* The prefix of the node above the one at @prefix, which is not "". @part: (out): what it is to that */
static char *
prefix_above(const char *prefix, char **part)
{
    g_autofree char *key = g_strndup(prefix, strlen(prefix) - 1);
    g_autofree char *above = prefix_of(key);

    *part = g_strdup(key + strlen(above));
    return g_steal_pointer(&above);
}

static const char *
get(CommandLine *line, const char *prefix, const char *name)
{
    g_autofree char *key = g_strconcat(prefix, name, NULL);

    return qemu_pairs_get(line->pairs, key);
}

static gboolean
is_on(CommandLine *line, const char *prefix, const char *name)
{
    g_autofree char *key = g_strconcat(prefix, name, NULL);

    return qemu_pairs_is_on(line->pairs, key);
}

/* Whether anything is said of the part @name of the node at @prefix. */
static gboolean
has_part(CommandLine *line, const char *prefix, const char *name)
{
    g_autofree char *key = g_strconcat(prefix, name, NULL);
    g_autofree char *inside = g_strconcat(key, ".", NULL);

    for (guint i = 0; i < line->pairs->len; i++) {
        const QemuPair *pair = g_ptr_array_index(line->pairs, i);

        if (g_str_equal(pair->key, key) || g_str_has_prefix(pair->key, inside))
            return TRUE;
    }
    return FALSE;
}

/* A node is what it says itself, or what the one above it is; what backs another is read. @all: whether
 * nothing of it is written to, whatever it says */
static gboolean
is_readonly(CommandLine *line, const char *prefix, gboolean all)
{
    g_autofree char *at = g_strdup(prefix);

    while (!all) {
        g_autofree char *part = NULL;
        char *above;

        if (get(line, at, "read-only") || get(line, at, "readonly"))
            return is_on(line, at, "read-only") || is_on(line, at, "readonly");
        if (*at == '\0')
            return FALSE;
        above = prefix_above(at, &part);
        g_free(at);
        at = above;
        if (g_str_equal(part, "backing"))
            return TRUE;
    }
    return TRUE;
}

/* A protocol's node: its file has the format of the node that it is the file of. */
static gboolean
add_filename(CommandLine *line, const char *prefix, const char *path, gboolean readonly,
             GError **error)
{
    g_autofree char *part = NULL;
    g_autofree char *above = NULL;
    const char *format = NULL;
    gboolean all = FALSE;

    if (*prefix) {
        above = prefix_above(prefix, &part);
        all = g_str_equal(part, "file") && !has_part(line, above, "backing");
        format = get(line, above, "driver");
        if (!format)
            format = get(line, above, "format");
    }
    return commandline_file(line, path, all ? format : NULL, is_readonly(line, prefix, readonly),
                            all, error);
}

/* file=NODE of a format's node: the other -blockdev has the path, and this one the format. */
static gboolean
add_reference(CommandLine *line, const char *prefix, const char *node, GError **error)
{
    const char *path = g_hash_table_lookup(line->nodes, node);
    const char *format = get(line, prefix, "driver");

    if (!path || !format || has_part(line, prefix, "backing"))
        return TRUE;
    return commandline_file(line, path, format, is_readonly(line, prefix, FALSE), TRUE, error);
}

/* Keys that name files, by the driver of the node that has them. */
static const struct {
    const char *drivers; /* see KeyRow */
    const char *key;
    Meaning meaning;
} node_keys[] = {
    {"vvfat", "dir", MEANS_TREE},
    {"nbd", "server.path", MEANS_WRITE},
    {"nbd", "path", MEANS_WRITE},
    {"rbd", "conf", MEANS_READ},
    {"blkdebug", "config", MEANS_READ},
    {"nvme", "device", MEANS_PCI},
    {"nvme-io_uring virtio-blk-*", "path", MEANS_WRITE},
    {"*", "server.path", MEANS_WRITE},
    /* of another host */
    {"ssh nfs gluster sheepdog iscsi rbd http https ftp ftps", "*", MEANS_NOTHING},
    {"*", "file", MEANS_NOTHING},
    {"*", "backing", MEANS_NOTHING},
};

/* @key without @prefix is @name */
static gboolean
add_node_key(CommandLine *line, const char *prefix, const char *name, const char *value,
             GError **error)
{
    const char *driver = get(line, prefix, "driver");

    for (gsize i = 0; i < G_N_ELEMENTS(node_keys); i++) {
        KeyRow row = {.key = name, .meaning = node_keys[i].meaning};

        if (!g_pattern_match_simple(node_keys[i].key, name) ||
            !commandline_kind_is(node_keys[i].drivers, driver ? driver : ""))
            continue;
        if (node_keys[i].meaning == MEANS_TREE)
            return commandline_fat(line, value, is_on(line, prefix, "rw"), error);
        return commandline_value(line, &row, value, error);
    }
    if (!commandline_text_key(name))
        commandline_warn(line, value);
    return TRUE;
}

/* The node that @key is of, where "server" is no node but a part of one. */
static char *
node_of(const char *key)
{
    char *prefix = prefix_of(key);

    if (g_str_equal(prefix, "server.") || g_str_has_suffix(prefix, ".server."))
        prefix[strlen(prefix) - strlen("server.")] = '\0';
    return prefix;
}

static gboolean
add_pair(CommandLine *line, const QemuPair *pair, gboolean readonly, GError **error)
{
    g_autofree char *prefix = node_of(pair->key);
    const char *name = pair->key + strlen(prefix);
    const char *driver = get(line, prefix, "driver");
    gboolean is_file = !driver || commandline_kind_is("file host_* raw", driver);

    if (g_str_equal(name, "filename") && is_file)
        return add_filename(line, prefix, pair->value, readonly, error);
    if (g_str_equal(name, "filename"))
        return commandline_name(line, pair->value, NULL, is_readonly(line, prefix, readonly), FALSE,
                                error);
    if (g_str_equal(name, "file") && line->nodes)
        return add_reference(line, prefix, pair->value, error);
    return add_node_key(line, prefix, name, pair->value, error);
}

static gboolean
add_pairs(CommandLine *line, gboolean readonly, GError **error)
{
    for (guint i = 0; i < line->pairs->len; i++)
        if (!add_pair(line, g_ptr_array_index(line->pairs, i), readonly, error))
            return FALSE;
    return TRUE;
}

/* Keeps the names of the nodes that have a file, for those that refer to them. */
static void
note_nodes(CommandLine *line)
{
    for (guint i = 0; i < line->pairs->len; i++) {
        const QemuPair *pair = g_ptr_array_index(line->pairs, i);
        g_autofree char *prefix = prefix_of(pair->key);
        const char *path = get(line, prefix, "filename");

        if (g_str_equal(pair->key + strlen(prefix), "node-name") && path)
            g_hash_table_insert(line->nodes, g_strdup(pair->value), g_strdup(path));
    }
}

gboolean
commandline_blockdev(CommandLine *line, GError **error)
{
    note_nodes(line);
    return add_pairs(line, FALSE, error);
}

gboolean
commandline_drive(CommandLine *line, GError **error)
{
    const char *name = qemu_pairs_get(line->pairs, "file");
    const char *format = qemu_pairs_get(line->pairs, "format");
    const char *media = qemu_pairs_get(line->pairs, "media");
    gboolean snapshot = line->snapshot || qemu_pairs_is_on(line->pairs, "snapshot");
    CommandLine drive = *line;
    gboolean readonly;

    /* to a drive, "file" is a file's name and no node's */
    drive.nodes = NULL;
    readonly = is_readonly(&drive, "", FALSE) || g_strcmp0(media, "cdrom") == 0 || snapshot;
    if (!format)
        format = qemu_pairs_get(line->pairs, "driver");
    if (name && *name &&
        !commandline_name(line, name, format, readonly, !has_part(&drive, "", "backing"), error))
        return FALSE;
    return add_pairs(&drive, readonly, error) && (!snapshot || commandline_snapshot(line, error));
}
