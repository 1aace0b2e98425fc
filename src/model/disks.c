/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "host/chain.h"
#include "model/paths.h"

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

/* QEMU's block layer hands SCSI's reservations to a helper, by its socket (scsi/pr-manager-helper.c). */
static gboolean
add_reservations(Builder *builder, const DomainSource *source, GError **error)
{
    return !source->reservations ||
           builder_path(builder, source->reservations, PERM_R | PERM_W, ADD_OPTIONAL, error);
}

gboolean
model_add_source(Builder *builder, const DomainSource *source, GError **error)
{
    guint depth = 0;

    for (; source; source = source->backing, depth++) {
        if (!add_layer(builder, source, depth, error) || !add_reservations(builder, source, error))
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

/* "s001" of split images, "f001" of those that are split and flat. */
static gboolean
is_number_of_part(const char *text, gsize len)
{
    return len > 3 && (*text == 's' || *text == 'f') && strspn(text + 1, "0123456789") == len - 1;
}

/*
 * Whether the file @name is called as all tools call a part of @image: "disk-flat.vmdk" of "disk.vmdk". More is
 * not to be believed: beside it may lie "disk.qcow2" or "disk-2.vmdk", another VM's.
 */
static gboolean
is_called_after(const char *name, const char *image)
{
    static const char *const kinds[] = {"flat", "delta", "sesparse", "rdm", "rdmp", "pt"};
    g_autofree char *base = g_path_get_basename(image);
    const char *dot = strrchr(base, '.');
    const char *ending = dot ? dot : "";
    gsize stem = strlen(base) - strlen(ending);
    gsize len;

    if (stem == 0 || strncmp(name, base, stem) != 0 || name[stem] != '-' ||
        !g_str_has_suffix(name + stem, ending))
        return FALSE;
    name += stem + 1;
    len = strlen(name) - strlen(ending);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strlen(kinds[i]) == len && strncmp(name, kinds[i], len) == 0)
            return TRUE;
    return is_number_of_part(name, len);
}

/* Whether the file @real is a part of the VMDK image @image by where it is and what it is called. */
static gboolean
is_part_of(Host *host, const char *real, const char *image)
{
    g_autofree char *dir = g_path_get_dirname(image);
    g_autofree char *image_dir = host_realpath(host, dir);
    g_autofree char *real_image = host_realpath(host, image);
    g_autofree char *real_dir = g_path_get_dirname(real);
    g_autofree char *name = g_path_get_basename(real);

    if (!image_dir || g_str_equal(image_dir, "/") || !g_str_equal(real_dir, image_dir))
        return FALSE;
    return is_called_after(name, image) || (real_image && is_called_after(name, real_image));
}

/*
 * The text that names the parts of an image may be anybody's, and the guest writes to what it names. So
 * another file, which may be another VM's disk, is for the administrator to allow.
 */
static gboolean
add_part(Builder *builder, const ChainLink *link, Perms perms, GError **error)
{
    g_autofree char *real = host_realpath(builder->host, link->path);
    g_autofree char *advice = NULL;
    gboolean writes = (perms & PERM_W) != 0;

    if (!real) {
        builder_warn(builder, g_strdup_printf(_("%s, which is a part of %s, does not exist"),
                                              link->path, link->part_of));
        return TRUE;
    }
    if (is_part_of(builder->host, real, link->part_of) ||
        (writes ? settings_allows_write(builder->settings, real)
                : settings_allows_read(builder->settings, real)))
        return builder_path(builder, link->path, perms, ADD_OPTIONAL, error);
    advice =
        settings_advice(builder->settings, real,
                        writes ? SETTINGS_ALLOW_WRITE : SETTINGS_ALLOW_READ, MODEL_SETTINGS_FILE);
    builder_warn(builder, g_strdup_printf(_("%s, which %s names as its part, is not in the same "
                                            "directory and called after it, and gets no rule; %s"),
                                          link->path, link->part_of, advice));
    return TRUE;
}

/* Whether @path, which need not exist, lies beside the image @image, or beside what that leads to. */
static gboolean
is_beside(Host *host, const char *path, const char *image)
{
    g_autofree char *dir = g_path_get_dirname(path);
    g_autofree char *image_dir = g_path_get_dirname(image);
    g_autofree char *real_dir = host_realpath(host, image_dir);
    g_autofree char *real_image = host_realpath(host, image);
    g_autofree char *other_dir = real_image ? g_path_get_dirname(real_image) : NULL;

    return !g_str_equal(dir, "/") &&
           (g_strcmp0(dir, real_dir) == 0 || g_strcmp0(dir, other_dir) == 0);
}

/*
 * libvirtd writes the data files that it finds into the XML (since 10.10). One that is named by a header alone may be
 * anybody's as well, and the guest writes to it: beside the image, where who makes the two has them, it gets the rule
 * that libvirt's helper has for it, and elsewhere, where it may be a device or another VM's, it is to be named.
 */
static gboolean
add_data_file(Builder *builder, const ChainLink *link, Perms perms, GError **error)
{
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;
    g_autofree char *advice = NULL;
    gboolean writes = (perms & PERM_W) != 0;

    if (*link->path != '/' || !path_resolve(builder->host, link->path, &existing, &rest, NULL))
        return builder_path(builder, link->path, perms, ADD_PLAIN, error);
    whole = g_strconcat(existing, rest, NULL);
    if (is_beside(builder->host, whole, link->part_of) || path_is_restricted(whole, writes) ||
        (writes ? settings_allows_write(builder->settings, whole)
                : settings_allows_read(builder->settings, whole)))
        return builder_path(builder, link->path, perms, ADD_PLAIN, error);
    advice =
        settings_advice(builder->settings, whole,
                        writes ? SETTINGS_ALLOW_WRITE : SETTINGS_ALLOW_READ, MODEL_SETTINGS_FILE);
    builder_warn(builder,
                 g_strdup_printf(_("%s, which %s names as its data file, is not in the same "
                                   "directory and gets no rule; name it with <dataStore> "
                                   "in the domain, or %s"),
                                 link->path, link->part_of, advice));
    return TRUE;
}

static gboolean
add_link(Builder *builder, const ChainLink *link, gboolean writable, GError **error)
{
    Perms perms = writable && link->depth == 0 ? PERM_R | PERM_W | PERM_K : PERM_R | PERM_K;

    if (link->data_file)
        return add_data_file(builder, link, perms, error);
    return link->part_of ? add_part(builder, link, perms, error)
                         : builder_path(builder, link->path, perms, ADD_PLAIN, error);
}

/*
 * What the image of @layer says, @depth layers below the disk's own: its data file and parts, and where the
 * XML does not say what lies below it, all of that. A qcow2 image that has another below it is not opened:
 * after each snapshot the XML has it so, and AppArmor may keep the helper from a file with such a name.
 */
static gboolean
add_from_image(Builder *builder, const DomainSource *layer, guint depth, GError **error)
{
    gboolean is_open = !layer->backing && !layer->is_last;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) links = NULL;
    g_autofree char *path = has_image(layer) ? model_source_path(builder, layer, FALSE) : NULL;
    ChainTop top = {
        .path = path, .encryption = layer->encryption, .has_data_store = layer->data_file != NULL};

    if (layer->has_fdgroup || !path || *path != '/')
        return TRUE;
    top.format = declared_format(builder, layer);
    if (layer->backing && top.format != IMAGE_FORMAT_VMDK)
        return TRUE;
    links = host_chain_read(builder->host, &top, is_open ? LIMIT_CHAIN_DEPTH - depth : 1,
                            is_open ? builder->chains : NULL, is_open ? warnings : NULL);
    for (guint i = 0; i < warnings->len; i++)
        builder_warn(builder, g_strdup(g_ptr_array_index(warnings, i)));
    for (guint i = 0; i < links->len; i++)
        if (!add_link(builder, g_ptr_array_index(links, i), depth == 0 && !layer->readonly, error))
            return FALSE;
    return TRUE;
}

gboolean
model_add_chain(Builder *builder, const DomainSource *source, GError **error)
{
    guint depth = 0;

    for (const DomainSource *layer = source; layer; layer = layer->backing, depth++)
        if (!add_from_image(builder, layer, depth, error))
            return FALSE;
    return TRUE;
}

gboolean
model_add_disk(Builder *builder, gconstpointer device, GError **error)
{
    const DomainDisk *disk = device;

    builder_at(builder, g_strdup_printf(_("disk '%s'"), disk->target ? disk->target : "?"),
               disk->device.line);
    /* an empty drive */
    if (has_image(disk->source) && !disk->source->path && !disk->source->volume)
        return TRUE;
    if (!model_add_source(builder, disk->source, error))
        return FALSE;
    return model_add_chain(builder, disk->source, error);
}
