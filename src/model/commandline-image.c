/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "host/chain.h"
#include "image/image.h"
#include "model/commandline.h"
#include "qemu/pairs.h"

/*
 * Images of disks by their names: their files, and what these lie upon, as for the disks of the XML. As there,
 * only a format that is given leads on: a guest can write a header into a raw image that names any file of
 * the host.
 */

gboolean
commandline_snapshot(CommandLine *line, GError **error)
{
    g_autofree char *names = g_build_filename(line->temp_dir, "vl.", NULL);

    return builder_path(line->builder, names, PERM_R | PERM_W | PERM_K, ADD_NAMES, error);
}

gboolean
commandline_file(CommandLine *line, const char *path, const char *format, gboolean readonly,
                 gboolean below, GError **error)
{
    g_autofree char *own_path = g_strdup(path);
    g_autofree char *own_format = g_strdup(format);
    DomainSource source = {
        .type = DOMAIN_SOURCE_FILE, .path = own_path, .format = own_format, .readonly = readonly};
    ImageFormat known;

    if (!model_add_source(line->builder, &source, error))
        return FALSE;
    if (!below || *path != '/')
        return TRUE;
    if (!format && host_chain_is_layered(line->builder->host, path))
        builder_warn(line->builder, g_strdup_printf(_("%s lies upon another image, which gets no "
                                                      "rule: give its format"),
                                                    path));
    /* what is a format to QEMU only lies upon nothing */
    return !format || !image_format_from_string(format, &known) ||
           model_add_chain(line->builder, &source, error);
}

gboolean
commandline_fat(CommandLine *line, const char *dir, gboolean writes, GError **error)
{
    return builder_path(line->builder, dir, writes ? PERM_R | PERM_W : PERM_R, ADD_TREE, error) &&
           (!writes || commandline_snapshot(line, error));
}

/* fat:[TYPE:][floppy:][rw:]DIR */
static gboolean
add_fat(CommandLine *line, const char *name, GError **error)
{
    return commandline_fat(line, strrchr(name, ':') + 1, strstr(name, ":rw:") != NULL, error);
}

/* nbd:unix:PATH[:exportname=NAME], nbd+unix:///NAME?socket=PATH */
static gboolean
add_nbd(CommandLine *line, const char *name, GError **error)
{
    const char *at =
        g_str_has_prefix(name, "nbd:unix:") ? name + strlen("nbd:unix:") : strstr(name, "socket=");
    g_autofree char *part = NULL;
    g_autofree char *path = NULL;

    if (!at)
        return TRUE;
    if (g_str_has_prefix(name, "nbd:unix:")) {
        path = g_strndup(at, strcspn(at, ":"));
    } else {
        at += strlen("socket=");
        part = g_strndup(at, strcspn(at, "&#"));
        path = g_uri_unescape_string(part, NULL);
    }
    if (path)
        return builder_path(line->builder, path, PERM_R | PERM_W, ADD_PLAIN, error);
    commandline_warn(line, name);
    return TRUE;
}

static gboolean
add_json(CommandLine *line, const char *text, gboolean readonly, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GPtrArray) pairs = qemu_pairs_parse(text, NULL, &wrong);
    CommandLine inner = *line;

    if (!pairs) {
        builder_warn(line->builder, g_strdup(wrong->message));
        return TRUE;
    }
    inner.pairs = pairs;
    /* what the outer option says of writing holds for all */
    if (readonly)
        qemu_pairs_add(pairs, "read-only", "on");
    return commandline_blockdev(&inner, error);
}

gboolean
commandline_name(CommandLine *line, const char *name, const char *format, gboolean readonly,
                 gboolean below, GError **error)
{
    static const char *const plain[] = {"file:", "host_device:", "host_cdrom:"};

    for (gsize i = 0; i < G_N_ELEMENTS(plain); i++)
        if (g_str_has_prefix(name, plain[i]) && !strstr(name, "://"))
            return commandline_file(line, name + strlen(plain[i]), format, readonly, below, error);
    if (g_str_has_prefix(name, "json:"))
        return add_json(line, name + strlen("json:"), readonly, error);
    if (g_str_has_prefix(name, "fat:"))
        return add_fat(line, name, error);
    if (g_str_has_prefix(name, "nbd:") || g_str_has_prefix(name, "nbd+unix:"))
        return add_nbd(line, name, error);
    if (name[strcspn(name, ":/")] != ':')
        return commandline_file(line, name, format, readonly, below, error);
    if (!strstr(name, "://"))
        commandline_warn(line, name);
    else if (g_str_has_prefix(name, "nvme:"))
        line->builder->commandline_vfio = TRUE;
    return TRUE;
}

gboolean
commandline_image(CommandLine *line, const char *name, gboolean readonly, GError **error)
{
    if (*name == '\0')
        return TRUE;
    return commandline_name(line, name, NULL, readonly || line->snapshot, TRUE, error) &&
           (!line->snapshot || commandline_snapshot(line, error));
}
