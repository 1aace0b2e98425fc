/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

/* What a VM starts from: kernel, firmware and its variables, and what the firmware gets to see. */

static gboolean
add_boot_path(Builder *builder, const DomainPath *path, Perms perms, AddFlags flags, GError **error)
{
    if (!path->path)
        return TRUE;
    builder_at(builder, g_strdup_printf("<%s>", path->element), path->line);
    return builder_path(builder, path->path, perms, flags, error);
}

static gboolean
add_all(Builder *builder, GPtrArray *paths, GError **error)
{
    for (guint i = 0; i < paths->len; i++)
        if (!add_boot_path(builder, g_ptr_array_index(paths, i), PERM_R, ADD_QUIET, error))
            return FALSE;
    return TRUE;
}

static gboolean
add_firmware(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;
    Perms loader = domain->loader_readonly ? PERM_R | PERM_K : PERM_R | PERM_W | PERM_K;

    if (!add_boot_path(builder, &domain->loader, loader, ADD_QUIET, error))
        return FALSE;
    if (domain->nvram) {
        builder_at(builder, g_strdup("<nvram>"), domain->nvram->line);
        if (!model_add_source(builder, domain->nvram, error))
            return FALSE;
    }
    /* without <loader> libvirt does not look at it */
    return !domain->has_loader ||
           add_boot_path(builder, &domain->varstore, PERM_R | PERM_W, ADD_PLAIN, error);
}

gboolean
model_add_boot(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;
    const DomainPath *read_only[] = {&domain->kernel, &domain->initrd, &domain->shim, &domain->dtb};

    for (gsize i = 0; i < G_N_ELEMENTS(read_only); i++)
        if (!add_boot_path(builder, read_only[i], PERM_R, ADD_QUIET, error))
            return FALSE;
    return add_all(builder, domain->acpi_tables, error) &&
           add_boot_path(builder, &domain->pstore, PERM_R | PERM_W, ADD_PLAIN, error) &&
           add_firmware(builder, error);
}

gboolean
model_add_firmware_files(Builder *builder, GError **error)
{
    return add_all(builder, builder->domain->firmware_files, error);
}
