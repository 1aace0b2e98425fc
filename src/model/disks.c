/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/grants.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/limits.h"
#include "host/chain.h"

/*
 * Disks: the top image read-write unless the XML says otherwise, everything below it read-only. There
 * are no deny rules: one for a backing file would win over the grant that blockcommit gets later.
 */

static gboolean
add_layer(Builder *builder, Origin origin, const DomainSource *source, guint depth, GError **error)
{
    Perms perms = depth == 0 && !source->readonly ? PERM_R | PERM_W | PERM_K : PERM_R | PERM_K;

    if (source->type == DOMAIN_SOURCE_OTHER || !source->path)
        return TRUE;
    return grant_path(builder, builder->model->grants, origin, source->path, perms, ADD_PLAIN,
                      error);
}

/* What the XML says of a source and of all below it. */
static gboolean
add_source(Builder *builder, Origin origin, const DomainSource *source, GError **error)
{
    guint depth = 0;

    for (; source; source = source->backing, depth++) {
        if (!add_layer(builder, origin, source, depth, error))
            return FALSE;
        if (source->data_file && !add_layer(builder, origin, source->data_file, depth, error))
            return FALSE;
    }
    return TRUE;
}

/* What no format means, and libvirt's other name for raw. */
static ImageFormat
declared_format(Builder *builder, Origin origin, const DomainSource *top)
{
    ImageFormat format = IMAGE_FORMAT_RAW;

    if (!top->format || g_str_equal(top->format, "aio"))
        return IMAGE_FORMAT_RAW;
    if (!image_format_from_string(top->format, &format))
        model_warn(
            builder, origin,
            g_strdup_printf(_("the format '%s' is not known; the image is not read"), top->format));
    return format;
}

/* What the images say, where the XML does not. */
static gboolean
add_chain(Builder *builder, Origin origin, const DomainSource *source, GError **error)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) links = NULL;
    ChainTop top = {.path = source->path,
                    .format = declared_format(builder, origin, source),
                    .encryption = source->encryption,
                    .has_data_store = source->data_file != NULL};

    if ((source->type != DOMAIN_SOURCE_FILE && source->type != DOMAIN_SOURCE_BLOCK) ||
        source->has_fdgroup || *source->path != '/')
        return TRUE;
    links = host_chain_read(builder->host, &top, LIMIT_CHAIN_DEPTH, warnings);
    for (guint i = 0; i < warnings->len; i++)
        model_warn(builder, origin, g_strdup(g_ptr_array_index(warnings, i)));
    for (guint i = 0; i < links->len; i++) {
        const ChainLink *link = g_ptr_array_index(links, i);
        Perms perms =
            link->depth == 0 && !source->readonly ? PERM_R | PERM_W | PERM_K : PERM_R | PERM_K;

        if (!grant_path(builder, builder->model->grants, origin, link->path, perms, ADD_PLAIN,
                        error))
            return FALSE;
    }
    return TRUE;
}

gboolean
model_add_disks(Builder *builder, GError **error)
{
    GPtrArray *disks = builder->domain->disks;

    for (guint i = 0; i < disks->len; i++) {
        const DomainDisk *disk = g_ptr_array_index(disks, i);
        g_autofree char *element =
            g_strdup_printf(_("disk '%s'"), disk->target ? disk->target : "?");
        Origin origin = {element, disk->line};

        /* an empty drive */
        if (disk->source->type != DOMAIN_SOURCE_OTHER && !disk->source->path)
            continue;
        if (!add_source(builder, origin, disk->source, error))
            return FALSE;
        if (disk->source->path && !disk->source->has_backing &&
            !add_chain(builder, origin, disk->source, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_boot_path(Builder *builder, const DomainPath *path, Perms perms, AddFlags flags, GError **error)
{
    g_autofree char *element = g_strdup_printf("<%s>", path->element);
    Origin origin = {element, path->line};

    if (!path->path)
        return TRUE;
    return grant_path(builder, builder->model->grants, origin, path->path, perms, flags, error);
}

gboolean
model_add_boot(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;
    const DomainPath *read_only[] = {&domain->kernel, &domain->initrd, &domain->shim, &domain->dtb};
    Origin nvram = {"<nvram>", domain->nvram ? domain->nvram->line : 0};

    for (gsize i = 0; i < G_N_ELEMENTS(read_only); i++)
        if (!add_boot_path(builder, read_only[i], PERM_R, ADD_QUIET, error))
            return FALSE;
    for (guint i = 0; i < domain->acpi_tables->len; i++)
        if (!add_boot_path(builder, g_ptr_array_index(domain->acpi_tables, i), PERM_R, ADD_QUIET,
                           error))
            return FALSE;
    if (!add_boot_path(builder, &domain->pstore, PERM_R | PERM_W, ADD_PLAIN, error) ||
        !add_boot_path(builder, &domain->loader,
                       domain->loader_readonly ? PERM_R | PERM_K : PERM_R | PERM_W | PERM_K,
                       ADD_QUIET, error) ||
        !add_source(builder, nvram, domain->nvram, error))
        return FALSE;
    return !domain->has_loader ||
           add_boot_path(builder, &domain->varstore, PERM_R | PERM_W, ADD_PLAIN, error);
}
