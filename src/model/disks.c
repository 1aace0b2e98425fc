/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/limits.h"
#include "host/chain.h"

/*
 * Disks: the top image read-write unless the XML says otherwise, everything below it read-only. There
 * are no deny rules: one for a backing file would win over the grant that blockcommit gets later.
 */

/* A directory that QEMU shows to the guest as a FAT file system: it opens what is in there (block/vvfat.c). */
static gboolean
add_directory(Builder *builder, const DomainSource *source, Perms perms, GError **error)
{
    return !source->path ||
           builder_path(builder, source->path, perms & (PERM_R | PERM_W), ADD_TREE, error);
}

static gboolean
add_layer(Builder *builder, const DomainSource *source, guint depth, GError **error)
{
    Perms perms = depth == 0 && !source->readonly ? PERM_R | PERM_W | PERM_K : PERM_R | PERM_K;
    g_autofree char *path = model_source_path(builder, source, TRUE);

    switch (source->type) {
    case DOMAIN_SOURCE_FILE:
    case DOMAIN_SOURCE_BLOCK:
    case DOMAIN_SOURCE_VOLUME:
        return !path || builder_path(builder, path, perms, ADD_PLAIN, error);
    case DOMAIN_SOURCE_DIR:
        return add_directory(builder, source, perms, error);
    case DOMAIN_SOURCE_VHOST_USER:
    case DOMAIN_SOURCE_VDPA:
        /* QEMU connects to the socket; of the device libvirtd passes a descriptor, which QEMU writes to */
        return !path || builder_path(builder, path, PERM_R | PERM_W, ADD_OPTIONAL, error);
    case DOMAIN_SOURCE_OTHER:
        return model_add_network_source(builder, source, error);
    case DOMAIN_SOURCE_NVME:
        /* by VFIO: see model_add_implied() */
        return TRUE;
    }
    g_assert_not_reached();
}

gboolean
model_add_source(Builder *builder, const DomainSource *source, GError **error)
{
    guint depth = 0;

    for (; source; source = source->backing, depth++) {
        if (!add_layer(builder, source, depth, error))
            return FALSE;
        if (source->data_file && !add_layer(builder, source->data_file, depth, error))
            return FALSE;
    }
    return TRUE;
}

/* What no format means, and libvirt's other name for raw. */
static ImageFormat
declared_format(Builder *builder, const DomainSource *top)
{
    ImageFormat format = IMAGE_FORMAT_RAW;

    if (!top->format || g_str_equal(top->format, "aio"))
        return IMAGE_FORMAT_RAW;
    if (!image_format_from_string(top->format, &format))
        builder_warn(
            builder,
            g_strdup_printf(_("the format '%s' is not known; the image is not read"), top->format));
    return format;
}

/* Whether the path of @source is that of an image. */
static gboolean
has_image(const DomainSource *source)
{
    return source->type == DOMAIN_SOURCE_FILE || source->type == DOMAIN_SOURCE_BLOCK ||
           source->type == DOMAIN_SOURCE_VOLUME;
}

/* What the images say, where the XML does not. */
static gboolean
add_chain(Builder *builder, const DomainSource *source, GError **error)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) links = NULL;
    g_autofree char *path = model_source_path(builder, source, FALSE);
    ChainTop top = {.path = path,
                    .format = declared_format(builder, source),
                    .encryption = source->encryption,
                    .has_data_store = source->data_file != NULL};

    if (!has_image(source) || source->has_fdgroup || !path || *path != '/')
        return TRUE;
    links = host_chain_read(builder->host, &top, LIMIT_CHAIN_DEPTH, warnings);
    for (guint i = 0; i < warnings->len; i++)
        builder_warn(builder, g_strdup(g_ptr_array_index(warnings, i)));
    for (guint i = 0; i < links->len; i++) {
        const ChainLink *link = g_ptr_array_index(links, i);
        Perms perms =
            link->depth == 0 && !source->readonly ? PERM_R | PERM_W | PERM_K : PERM_R | PERM_K;

        if (!builder_path(builder, link->path, perms, ADD_PLAIN, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
model_add_disk(Builder *builder, gconstpointer device, GError **error)
{
    const DomainDisk *disk = device;
    const DomainSource *source = disk->source;

    builder_at(builder, g_strdup_printf(_("disk '%s'"), disk->target ? disk->target : "?"),
               disk->device.line);
    /* an empty drive */
    if (has_image(source) && !source->path && !source->volume)
        return TRUE;
    if (!model_add_source(builder, source, error))
        return FALSE;
    return source->has_backing || add_chain(builder, source, error);
}
